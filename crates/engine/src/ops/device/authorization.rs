//! POST /api/{serviceId}/device/authorization

use std::sync::Arc;

use placet_api::Reason;
use placet_api::types::DeviceAuthorizationRequest;
use placet_base::registry::GrantType;
use serde_json::json;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::clients::Proving as _;
use crate::flow::{clients, grants};
use crate::records::decision::Pace;
use crate::records::device::{Device, State};
use crate::records::grant::Grant;
use crate::rules::admission::admitted;
use crate::rules::params::{Params, Request};
use crate::rules::requested_access::RequestedAccess;
use crate::rules::scope;
use crate::rules::user_code::UserCode;
use crate::tenant::{Client, Tenant};

/// Codes that are drawn before the service counts as having none left.
const DRAWS: usize = 8;

/// The codes, and what they are for.
pub struct Codes {
    pub content: String,
    pub client: Arc<Client>,
    pub alias_used: bool,
    pub access: RequestedAccess,
    pub grant: Option<Grant>,
    pub device_code: String,
    pub user_code: String,
    pub verification_uri: String,
    pub verification_uri_complete: Option<String>,
    /// Seconds.
    pub expires_in: i64,
    pub interval: i64,
}

pub async fn authorize(cx: &mut Cx<'_>, call: &DeviceAuthorizationRequest) -> Result<Codes, Fault> {
    let text = call.parameters.as_deref().ok_or(Reason::DeviceParametersMissing {})?;
    let params = Params::parse(Request::Device, text)?;
    let params = params.each_once()?;
    let credentials = call.credentials(params)?;
    let tenant = cx.tenant.clone();
    let (client, alias_used) =
        clients::authenticated(cx, (&credentials, call.discovery()), &tenant.token_auth_methods).await?;
    let client = client.shared();
    allowed(&tenant, &client)?;
    let verification_uri = tenant.device.verification_uri.clone();
    let verification_uri = verification_uri.ok_or(Reason::DeviceVerificationUriMissing {})?;

    let requested = scope::requested(params, &tenant, &client)?;
    let admitted = admitted(&client, GrantType::DeviceCode, tenant.policy(&client, &requested.all()))?;
    let policy = admitted.policy();
    let access = RequestedAccess::build(params, &tenant, &client, policy, requested)?;
    scope::sufficient(access.asked(), policy.request.scope, Reason::DeviceScopeMissing {})?;
    let grant = grants::named(cx, &client, access.grant.as_ref()).await?;

    let user_code = free_code(cx).await?;
    let number = cx.number_above(&client, None).await?;
    let device_code = cx.handle::<Device>((), number, 0);
    let record = Device {
        device_code: device_code.hash(),
        user_code: user_code.mark(&tenant.secrets.user_code),
        client: client.id,
        alias_used,
        access: access.clone(),
        state: State::Pending,
        pace: Pace::new(tenant.device.interval, cx.now),
        expires_at: cx.now + tenant.device.code,
    };
    cx.write.insert(tenant.id, &number, &record);
    let user_code = user_code.into_text();
    let codes = Codes {
        content: String::new(),
        client,
        alias_used,
        access,
        grant,
        device_code: device_code.into_value(),
        verification_uri,
        verification_uri_complete: tenant.device.uri_with(&user_code),
        user_code,
        expires_in: tenant.device.code.as_secs(),
        interval: tenant.device.interval,
    };
    Ok(Codes { content: content(&codes), ..codes })
}

/// RFC 8628 §3.2
fn content(codes: &Codes) -> String {
    let mut content = json!({
        "device_code": codes.device_code,
        "user_code": codes.user_code,
        "verification_uri": codes.verification_uri,
        "expires_in": codes.expires_in,
        "interval": codes.interval,
    });
    if let Some(uri) = &codes.verification_uri_complete {
        content["verification_uri_complete"] = uri.as_str().into();
    }
    content.to_string()
}

struct Allowed;

fn allowed(tenant: &Tenant, client: &Client) -> Result<Allowed, Fault> {
    let grant = GrantType::DeviceCode;
    let both = tenant.grant_types.contains(&grant) && client.grant_types.contains(&grant);
    if both { Ok(Allowed) } else { Err(Reason::DeviceNotAllowed {}.into()) }
}

/// A code that no other request has.
async fn free_code(cx: &mut Cx<'_>) -> Result<UserCode, Fault> {
    let codes = cx.tenant.device.user_codes;
    for _ in 0..DRAWS {
        let code = codes.draw(|| cx.random());
        let mark = code.mark(&cx.tenant.secrets.user_code);
        if cx.read.find_one::<Device>(Device::USER_CODE, &mark).await?.is_none() {
            return Ok(code);
        }
    }
    Err(Reason::UserCodesExhausted {}.into())
}
