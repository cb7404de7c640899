//! draft-ietf-oauth-identity-assertion-authz-grant-04 §3 – Identity Assertion JWT Authorization Grants, unsigned.

use placet_base::{Scopes, Timestamp};
use placet_jose::Unsigned;
use serde_json::{Map, Value};

/// What such a grant says.
pub struct IdJag<'a> {
    pub issuer: &'a str,
    pub sub: &'a str,
    /// Issuer identifier of the authorization server that it is for.
    pub audience: &'a str,
    /// The client, as it is called there.
    pub client_id: &'a str,
    pub jti: &'a str,
    pub now: Timestamp,
    pub expires_at: Timestamp,
    pub scopes: &'a Scopes,
    pub resources: &'a [String],
    /// `auth_time`, `acr`, `amr`, `email` and the like.
    pub claims: Map<String, Value>,
}

/// Claims that only the engine may set.
pub const OWN: [&str; 11] =
    ["iss", "sub", "aud", "client_id", "jti", "exp", "iat", "nbf", "scope", "resource", "cnf"];

pub fn unsigned(grant: IdJag<'_>) -> Unsigned {
    let mut claims = grant.claims;
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", grant.issuer.into());
    put("sub", grant.sub.into());
    put("aud", grant.audience.into());
    put("client_id", grant.client_id.into());
    put("jti", grant.jti.into());
    put("iat", grant.now.as_secs().into());
    put("exp", grant.expires_at.as_secs().into());
    if !grant.scopes.is_empty() {
        put("scope", grant.scopes.to_string().into());
    }
    match grant.resources {
        [] => {}
        [one] => drop(put("resource", one.as_str().into())),
        several => drop(put("resource", several.into())),
    }
    Unsigned { header: Map::from_iter([("typ".to_owned(), "oauth-id-jag+jwt".into())]), claims }
}
