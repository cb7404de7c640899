//! OpenID Connect Core §3.1.2.1 – `id_token_hint`

use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_jose::jwt::{
    self, Expected, Expired, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt, Verified,
};
use placet_jose::{DecryptionKey, Encrypted, VerifyingKey, is_encrypted, is_symmetric, opened};

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// The user that an earlier ID token of this service was about, as the token names them.
pub fn id_token_hint(
    params: &Params,
    tenant: &Tenant,
    client: &Client,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    let Some(hint) = params.one("id_token_hint")? else { return Ok(None) };
    subject(hint, tenant, client, now).map(Some).ok_or_else(|| Reason::IdTokenHintInvalid {}.into())
}

/// The `sub` of an ID token that this service has made for this client, with whichever algorithm it made
/// them then. Its end does not matter (§3.1.2.1). What else the service signs for the client is no ID token:
/// those have an `exp`, and name no event.
pub fn subject(hint: &str, tenant: &Tenant, client: &Client, now: Timestamp) -> Option<String> {
    let inner = match is_encrypted(hint) {
        true => Some(opened(hint, |jwe| key(tenant, client, jwe)).ok()?.0),
        false => None,
    };
    let token = read(inner.as_deref().unwrap_or(hint), tenant, client, now)?;
    let sub = token.required("sub").ok()?.to_owned();
    (!token.claims().contains_key("events")).then_some(sub)
}

fn read(text: &str, tenant: &Tenant, client: &Client, now: Timestamp) -> Option<Verified> {
    let from_us = |issuer: &str| issuer == tenant.issuer;
    let for_client = |audience: &str| client.names(audience);
    let expected = Expected {
        kind: Kind::IdToken,
        signature: Signature::Required,
        algs: JwsAlg::ALL.iter().copied().collect(),
        issuer: Party::Named(&from_us),
        audience: Party::Named(&for_client),
        timing: Timing {
            now,
            tolerance: tenant.tolerance,
            exp: Presence::Required,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired: Expired::Taken,
            longest: MaxLifetime::Unlimited,
        },
    };
    jwt::read(text, &expected, |found| verifying(tenant, client, found)).ok()
}

/// §10.1: the client's secret for HMAC, else the keys of the service.
fn verifying(tenant: &Tenant, client: &Client, found: &UnverifiedJwt<'_>) -> Vec<VerifyingKey> {
    match found.alg.is_symmetric() {
        true => {
            let secret =
                client.secret().and_then(|secret| VerifyingKey::from_secret(secret.expose(), found.alg));
            secret.into_iter().collect()
        }
        false => tenant.keys.verifying(found.alg, found.kid).collect(),
    }
}

/// §3.1.2.1: a client sends back what it could open in a form that the server can open, if it encrypts at all.
fn key(tenant: &Tenant, client: &Client, jwe: &Encrypted<'_>) -> Option<DecryptionKey> {
    match is_symmetric(jwe.alg()) {
        true => DecryptionKey::from_secret(client.secret()?.expose(), jwe.alg(), jwe.enc()),
        false => tenant.keys.decrypting(jwe.alg(), jwe.kid()),
    }
}
