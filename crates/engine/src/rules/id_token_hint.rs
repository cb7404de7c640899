//! OpenID Connect Core §3.1.2.1 – `id_token_hint`

use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_jose::jwt::{
    self, Expected, Expired, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt, Verified,
};
use placet_jose::{DecryptionKey, Encrypted, VerifyingKey};

use crate::fault::Fault;
use crate::rules::jar::AssembledRequest;
use crate::tenant::{Client, Tenant};

/// An ID token that a client has sent back, without the encryption that it may have come in (§3.1.2.1: in a form that the
/// server can open).
pub struct ReturnedToken(Option<String>);

impl ReturnedToken {
    pub fn plain(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }

    /// One that is no token in any form.
    pub fn unreadable() -> Self {
        Self(None)
    }

    /// What is inside, where `key` opens it.
    pub fn opened(jwe: Encrypted<'_>, key: Option<&DecryptionKey>) -> Self {
        Self(key.and_then(|key| String::from_utf8(jwe.decrypted(key).ok()?).ok()))
    }
}

/// The user that an earlier ID token of this service was about, as the token names them.
pub fn id_token_hint(
    asked: &AssembledRequest,
    tenant: &Tenant,
    client: &Client,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    if asked.params.one("id_token_hint")?.is_none() {
        return Ok(None);
    }
    let sub = asked.hint.as_ref().and_then(|hint| subject(hint, tenant, client, now));
    sub.map(Some).ok_or_else(|| Reason::IdTokenHintInvalid {}.into())
}

/// The `sub` of an ID token that this service has made for this client, with whichever algorithm it made
/// them then. Its end does not matter (§3.1.2.1). What else the service signs for the client is no ID token:
/// those have an `exp`, and name no event.
pub fn subject(hint: &ReturnedToken, tenant: &Tenant, client: &Client, now: Timestamp) -> Option<String> {
    let token = read(hint.0.as_deref()?, tenant, client, now)?;
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
