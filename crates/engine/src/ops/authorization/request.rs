//! POST /api/{serviceId}/auth/authorization

use std::sync::Arc;

use placet_api::Reason;
use placet_api::types::AuthorizationRequest;
use placet_base::RecordNumber;
use placet_base::registry::Prompt;
use placet_store::Loaded;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::credential_offer::Offer;
use crate::flow::discovered_clients::Discovery;
use crate::flow::refusal::Refusal;
use crate::flow::{assemble, clients, credential_offer, deliver, grants, sub_mapping};
use crate::records::grant::Grant;
use crate::records::pushed::Pushed;
use crate::records::ticket::{LIFETIME, Ticket};
use crate::rules::authorization::AuthzRequest;
use crate::rules::params::{Params, Request};
use crate::tenant::Client;

/// A valid request, and the ticket that continues it.
pub struct Interaction {
    pub ticket: String,
    pub request: AuthzRequest,
    pub client: Arc<Client>,
    pub alias_used: bool,
    pub payload: Option<String>,
    /// The grant that the request is about.
    pub grant: Option<Grant>,
    /// The credential offer that the wallet follows.
    pub offer: Option<Offer>,
}

impl Interaction {
    /// OpenID Connect Core §3.1.2.1: `prompt=none` asks that no page be shown.
    pub fn is_silent(&self) -> bool {
        self.request.login.prompts.contains(&Prompt::None)
    }
}

pub async fn request(cx: &mut Cx<'_>, call: &AuthorizationRequest) -> Result<Interaction, Refusal> {
    match decide(cx, call).await {
        Ok(interaction) => Ok(interaction),
        Err(refusal) => Err(deliver::refusal(cx, refusal).await),
    }
}

async fn decide(cx: &mut Cx<'_>, call: &AuthorizationRequest) -> Result<Interaction, Refusal> {
    let text = call.parameters.as_deref().ok_or(Reason::AuthorizationParametersMissing {})?;
    let params = Params::parse(Request::Authorization, text)?;
    let identifier = params.one("client_id")?.ok_or(Reason::ClientIdMissing {})?;
    let discovery = Discovery::by(call.cimd_options.as_ref()).with_objects();
    let named = clients::of_request(cx, identifier, (discovery, &params)).await?;
    let named = named.ok_or(Reason::AuthorizationClientUnknown {})?;
    let (client, alias_used) = (named.client, named.alias_used);
    if client.locked {
        return Err(Reason::AuthorizationClientLocked {}.into());
    }

    let (asked, pushed) = assemble::authorization(cx, &client, params).await?;
    let (required, destination) = assemble::required(cx, &asked, &client)?;
    let refuse = |fault| Refusal::send(&destination, &client, alias_used, fault);
    let request = AuthzRequest::build(&asked, &cx.tenant, &client, required, cx.now).map_err(refuse)?;
    let request = about_whom(cx, &client, request).await.map_err(refuse)?;
    let grant = grants::named(cx, &client, request.grant.as_ref()).await.map_err(refuse)?;

    let offer = credential_offer::named(cx, &asked.params).await.map_err(refuse)?;

    let number = cx.number();
    let ticket = cx.handle::<Ticket>((), number, 0);
    let context = match &call.context {
        Some(context) => Some(cx.seal(context, &Ticket::place(&ticket.hash()))?),
        None => None,
    };
    let record = Ticket {
        hash: ticket.hash(),
        client: client.id,
        alias_used,
        request: request.clone(),
        payload: asked.payload.clone(),
        destination,
        pushed: visit(cx, pushed),
        context,
        expires_at: cx.now + LIFETIME,
    };
    cx.write.insert(cx.tenant.id, &number, &record);
    let (ticket, payload) = (ticket.into_value(), asked.payload);
    Ok(Interaction { ticket, request, client, alias_used, payload, grant, offer })
}

/// The request with the one subject that will do, as the authorization server knows it.
async fn about_whom(cx: &Cx<'_>, client: &Client, mut request: AuthzRequest) -> Result<AuthzRequest, Fault> {
    if let Some(sub) = request.login.subject.take() {
        request.login.subject = Some(sub_mapping::subject_of(cx, client, sub).await?);
    }
    Ok(request)
}

/// Keeps a pushed request for as long as the tickets that its visits make. It is for one use (RFC 9126
/// §7.3), and that use is the answer: the page may be loaded again before.
fn visit(cx: &mut Cx<'_>, pushed: Option<Loaded<Pushed>>) -> Option<RecordNumber> {
    let pushed = pushed?;
    let number = *pushed.id();
    if pushed.kept_until.is_none() {
        cx.write.transition(pushed, Pushed::visited);
    }
    Some(number)
}
