//! OpenID Connect Core §3.1.2.1 – `id_token_hint`

use placet_api::Reason;
use placet_base::registry::JwsAlg;
use placet_jose::{Parsed, VerifyingKey};
use serde_json::Value;

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// The user that an earlier ID token of this service was about, as the token names them. Its expiry does
/// not matter (§3.1.2.1).
pub fn id_token_hint(params: &Params, tenant: &Tenant, client: &Client) -> Result<Option<String>, Fault> {
    let Some(hint) = params.one("id_token_hint")? else { return Ok(None) };
    subject(hint, tenant, client).map(Some).ok_or_else(|| Reason::IdTokenHintInvalid {}.into())
}

/// The `sub` of a token that this service has signed for this client.
pub fn subject(hint: &str, tenant: &Tenant, client: &Client) -> Option<String> {
    let parsed = Parsed::parse(hint).ok()?;
    // The algorithm is the one that this client's ID tokens have, whatever the header says; a token that
    // nobody has signed says nothing.
    let alg = client.id_token.alg.filter(|alg| *alg == parsed.alg() && *alg != JwsAlg::None)?;
    let secret = client.secret().and_then(|secret| VerifyingKey::from_secret(secret.expose(), alg));
    let kid = parsed.kid().map(str::to_owned);
    let keys = secret.into_iter().chain(tenant.keys.verifying(alg, kid.as_deref()));
    let claims = parsed.verified_by_any(keys).ok()?;
    let for_client = match claims.get("aud")? {
        Value::String(audience) => client.names(audience),
        Value::Array(audiences) => audiences.iter().any(|a| a.as_str().is_some_and(|a| client.names(a))),
        _ => false,
    };
    if !for_client || claims.get("iss")?.as_str()? != tenant.issuer {
        return None;
    }
    Some(claims.get("sub")?.as_str()?.to_owned()).filter(|sub| !sub.is_empty())
}
