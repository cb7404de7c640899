//! POST /api/{serviceId}/auth/authorization

use std::sync::Arc;

use placet_api::Reason;
use placet_api::types::AuthorizationRequest;
use placet_base::registry::Prompt;
use placet_store::Id;

use super::Refusal;
use crate::cx::Cx;
use crate::ops::clients;
use crate::policy::Policy;
use crate::records::ticket::{LIFETIME, Ticket};
use crate::rules::authorization::AuthzRequest;
use crate::rules::params::{Params, Request};
use crate::rules::{redirect_uri, scope};
use crate::tenant::Client;

/// A valid request, and the ticket that continues it.
pub struct Interaction {
    pub ticket: String,
    pub request: AuthzRequest,
    pub client: Arc<Client>,
    pub alias_used: bool,
}

impl Interaction {
    /// OpenID Connect Core §3.1.2.1: `prompt=none` asks that no page be shown.
    pub fn is_silent(&self) -> bool {
        self.request.login.prompts.contains(&Prompt::None)
    }
}

pub async fn request(cx: &mut Cx<'_>, call: &AuthorizationRequest) -> Result<Interaction, Refusal> {
    let text = call.parameters.as_deref().ok_or(Reason::AuthorizationParametersMissing {})?;
    let params = Params::parse(Request::Authorization, text)?;
    let identifier = params.one("client_id")?.ok_or(Reason::ClientIdMissing {})?;
    let named = clients::named(cx, identifier).await?.ok_or(Reason::AuthorizationClientUnknown {})?;

    let destination = redirect_uri::destination(&params, &cx.tenant, &named.client)?;
    let request = build(cx, &params, &named.client).map_err(|fault| destination.refuse(fault))?;

    let number = cx.number();
    let ticket = cx.handle::<Ticket>((), number, 0);
    let context = match &call.context {
        Some(context) => Some(cx.seal(context, &Ticket::place(&ticket.hash()))?),
        None => None,
    };
    let record = Ticket {
        hash: ticket.hash(),
        client: named.client.id,
        alias_used: named.alias_used,
        request: request.clone(),
        destination,
        context,
        expires_at: cx.now + LIFETIME,
    };
    cx.write.insert(cx.tenant.id, Id::Number(number.0), &record);
    Ok(Interaction {
        ticket: ticket.into_value(),
        request,
        client: named.client,
        alias_used: named.alias_used,
    })
}

fn build(cx: &Cx<'_>, params: &Params, client: &Client) -> Result<AuthzRequest, crate::fault::Fault> {
    let scopes = scope::requested(params, &cx.tenant, client)?;
    let policy = Policy::resolve(&cx.tenant, client, &scopes)?;
    AuthzRequest::build(params, &cx.tenant, client, scopes, &policy)
}
