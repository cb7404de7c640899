//! OpenID Connect Native SSO for Mobile Apps 1.0 – applications of one device that share a session

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::ResponseType;
use placet_jose::jwt::Verified;

use crate::fault::Fault;
use crate::rules::scope;
use crate::tenant::{Client, Tenant};

/// §3.1: the scope that asks for a shared session.
const DEVICE_SSO: &str = "device_sso";
/// §3.3: the claim that ties an ID token to the secret of its device.
const DS_HASH: &str = "ds_hash";

/// §3.1: whether a request asks for a session that other applications may share. What it asks for comes with the tokens
/// of its code.
pub fn requested(tenant: &Tenant, scopes: &Scopes, response_type: ResponseType) -> bool {
    response_type.has_code() && covers(tenant, scopes)
}

fn covers(tenant: &Tenant, scopes: &Scopes) -> bool {
    tenant.tokens.native_sso && scopes.contains(Scopes::OPENID) && scopes.contains(DEVICE_SSO)
}

/// The session that tokens of these scopes share with other applications.
pub fn shared<'a>(tenant: &Tenant, scopes: &Scopes, session: Option<&'a str>) -> Option<&'a str> {
    session.filter(|_| covers(tenant, scopes))
}

/// Whom an exchange may be for: the user of an ID token that belongs to a shared session (§4.3).
pub struct SharedSession {
    pub sub: String,
    /// The clients that the ID token is for.
    pub audiences: Vec<String>,
    pub session: String,
    /// What the secret of the device is held against, by the authorization server.
    pub secret_hash: String,
    pub acr: Option<String>,
    /// Seconds since the epoch.
    pub auth_time: Option<i64>,
}

/// §4.3: the session that a verified ID token of this service belongs to, for a client that may share one.
pub fn session_of(
    token: &Verified,
    tenant: &Tenant,
    client: &Client,
    audiences: &[String],
) -> Result<SharedSession, Fault> {
    if !scope::allowed(DEVICE_SSO, tenant, client) {
        return Err(Reason::NativeSsoNotAllowed {}.into());
    }
    // §4.3: the exchange is with this server, and says so.
    if audiences.is_empty() || audiences.iter().any(|audience| *audience != tenant.issuer) {
        return Err(Reason::NativeSsoAudience {}.into());
    }
    let claim = |name: &'static str| {
        let missing = |_| Reason::ExchangeTokenClaim { token: "subject_token".into(), claim: name.into() };
        token.required(name).map(str::to_owned).map_err(missing)
    };
    Ok(SharedSession {
        sub: claim("sub")?,
        audiences: token.audiences().to_vec(),
        session: claim("sid")?,
        secret_hash: claim(DS_HASH)?,
        acr: token.text("acr").ok().flatten().map(str::to_owned),
        auth_time: token.claims().get("auth_time").and_then(serde_json::Value::as_i64),
    })
}

/// The claim for an ID token of a shared session.
pub fn secret_claim(hash: String) -> (String, serde_json::Value) {
    (DS_HASH.to_owned(), hash.into())
}
