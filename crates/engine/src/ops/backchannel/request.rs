//! POST /api/{serviceId}/backchannel/authentication

use std::sync::Arc;

use placet_api::Reason;
use placet_api::types::BackchannelAuthenticationRequest;
use placet_base::Ttl;
use placet_base::registry::{DeliveryMode, GrantType};

use crate::cx::{Cx, KeySet};
use crate::fault::Fault;
use crate::flow::clients::Proving as _;
use crate::flow::{clients, grants, opening, sub_mapping};
use crate::records::backchannel::{Backchannel, RequestValue, State};
use crate::records::decision::Pace;
use crate::records::grant::Grant;
use crate::rules::admission::admitted;
use crate::rules::ciba::{self, BackchannelRequest};
use crate::rules::params::{Params, Request};
use crate::rules::scope;
use crate::tenant::Client;

/// How long the authorization server may take to find the user.
const LIFETIME: Ttl = Ttl::secs(10 * 60);

/// A valid request, and the ticket that continues it.
pub struct Identification {
    pub ticket: String,
    pub client: Arc<Client>,
    pub alias_used: bool,
    pub mode: DeliveryMode,
    pub request: BackchannelRequest,
    pub grant: Option<Grant>,
}

pub async fn request(
    cx: &mut Cx<'_>,
    call: &BackchannelAuthenticationRequest,
) -> Result<Identification, Fault> {
    let text = call.parameters.as_deref().ok_or(Reason::BackchannelParametersMissing {})?;
    let params = Params::parse(Request::Backchannel, text)?;
    params.each_once()?;
    let credentials = call.credentials(&params)?;
    let tenant = cx.tenant.clone();
    let (client, alias_used) =
        clients::authenticated(cx, (&credentials, call.discovery()), &tenant.token_auth_methods).await?;
    let client = client.shared();

    let general = *client.general();
    let mode = ciba::delivery(&tenant, &client, &general)?;
    let keys = match params.one("request")? {
        Some(signed) => cx.keys_for(&client, signed).await?,
        None => KeySet::None,
    };
    let mut gathered = ciba::gathered(params, &tenant, &client, &general, keys.get(), cx.now)?;
    if let Some(signed) = &gathered.signed {
        let owner = client.id.to_string();
        if !cx.first_use("backchannel", &owner, &signed.jti, signed.until).await? {
            return Err(Reason::BackchannelRequestReplayed {}.into());
        }
    }
    let requested = scope::requested(&gathered.params, &tenant, &client)?;
    let admitted = admitted(&client, GrantType::Ciba, tenant.policy(&client, &requested.all()))?;
    let policy = admitted.policy();
    ciba::delivery(&tenant, &client, policy)?;
    if policy.backchannel.signed && gathered.signed.is_none() {
        return Err(Reason::BackchannelUnsigned {}.into());
    }
    gathered.hint = opening::hint(cx, &client, &gathered.params).await?;
    let request = BackchannelRequest::build(&gathered, &tenant, &client, &admitted, requested)?;
    let sub = match request.sub.clone() {
        Some(sub) => Some(sub_mapping::subject_of(cx, &client, sub).await?),
        None => None,
    };
    let request = BackchannelRequest { sub, ..request };
    let grant = grants::named(cx, &client, request.access.grant.as_ref()).await?;

    let number = cx.number_above(&client, None).await?;
    let ticket = cx.handle::<Backchannel>(RequestValue::Ticket, number, 0);
    let record = Backchannel {
        ticket: ticket.hash(),
        auth_req_id: None,
        sealed_id: None,
        client: client.id,
        alias_used,
        mode,
        request: request.clone(),
        state: State::Opened,
        pace: Pace::new(tenant.backchannel.interval, cx.now),
        expires_at: cx.now + LIFETIME,
    };
    cx.write.insert(cx.tenant.id, &number, &record);
    Ok(Identification { ticket: ticket.into_value(), client, alias_used, mode, request, grant })
}
