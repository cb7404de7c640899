//! OpenID Connect Core §3.1.2.1 – `id_token_hint`

use placet_api::Reason;
use placet_base::Subject;
use placet_jose::{Parsed, VerifyingKey};
use serde_json::Value;

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// The user that an earlier ID token of this service was about. Its expiry does not matter (§3.1.2.1).
pub fn id_token_hint(params: &Params, tenant: &Tenant, client: &Client) -> Result<Option<Subject>, Fault> {
    let Some(hint) = params.one("id_token_hint")? else { return Ok(None) };
    subject(hint, tenant, client).map(Some).ok_or_else(|| Reason::IdTokenHintInvalid {}.into())
}

fn subject(hint: &str, tenant: &Tenant, client: &Client) -> Option<Subject> {
    let parsed = Parsed::parse(hint).ok()?;
    // The algorithm is the one that this client's ID tokens have, whatever the header says.
    if parsed.alg() != client.id_token_alg {
        return None;
    }
    let secret =
        client.secret().and_then(|secret| VerifyingKey::from_secret(secret.expose(), client.id_token_alg));
    let kid = parsed.kid().map(str::to_owned);
    let key = secret.into_iter().chain(tenant.keys.verifying(client.id_token_alg, kid.as_deref())).next()?;
    let claims = parsed.verified(&key).ok()?;
    let names = [client.identifier(false), client.identifier(true)];
    let for_client = match claims.get("aud")? {
        Value::String(audience) => names.contains(audience),
        Value::Array(audiences) => {
            audiences.iter().any(|a| a.as_str().is_some_and(|a| names.iter().any(|n| n == a)))
        }
        _ => false,
    };
    if !for_client || claims.get("iss")?.as_str()? != tenant.issuer {
        return None;
    }
    Subject::parse(claims.get("sub")?.as_str()?).ok()
}
