//! RFC 9068 – JWT access tokens, unsigned. Their `jti` is the opaque value, which leads to the record.

use placet_base::Timestamp;
use placet_jose::Unsigned;
use serde_json::{Map, Value, json};

use crate::records::entitlement::Terms;

/// What is known only when the token is made.
pub struct IssuanceContext<'a> {
    pub issuer: &'a str,
    /// The client, as the token names it.
    pub client_id: &'a str,
    /// What the client knows the user by, if there is one.
    pub sub: Option<&'a str>,
    /// The opaque value.
    pub value: &'a str,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

/// Claims that only the engine may set.
const OWN: [&str; 8] = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "cnf"];

pub fn unsigned(entitlement: &Terms, on: &IssuanceContext<'_>) -> Unsigned {
    let mut claims = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            claims.insert(name.to_owned(), value);
        }
    };
    put("iss", Some(on.issuer).filter(|issuer| !issuer.is_empty()).map(Value::from));
    // RFC 9068 §2.2: without a user, the client is the subject.
    put("sub", Some(on.sub.unwrap_or(on.client_id).into()));
    put("aud", audience(entitlement, on));
    put("exp", Some(on.expires_at.as_secs().into()));
    put("iat", Some(on.now.as_secs().into()));
    put("jti", Some(on.value.into()));
    put("client_id", Some(on.client_id.into()));
    let scopes = entitlement.scopes.to_string();
    put("scope", Some(scopes).filter(|scope| !scope.is_empty()).map(Value::from));
    put("cnf", confirmation(entitlement));
    put("acr", entitlement.acr.clone().map(Value::from));
    put("auth_time", entitlement.auth_time.map(Value::from));
    put("authorization_details", (!entitlement.details.is_empty()).then(|| entitlement.details.json()));
    put("grant_id", entitlement.grant_id.clone().map(Value::from));
    put("grant_type", Some(entitlement.grant.protocol_name().into()));
    put("sid", entitlement.session.clone().map(Value::from));
    let properties = entitlement.properties.visible().map(|p| (p.key.clone(), p.value.clone().into()));
    let more = entitlement.jwt_claims.clone().into_iter().chain(properties);
    for (name, value) in more.filter(|(name, _)| !OWN.contains(&name.as_str())) {
        claims.entry(name).or_insert(value);
    }
    // RFC 9068 §2.1.
    Unsigned { header: Map::from_iter([("typ".to_owned(), "at+jwt".into())]), claims }
}

/// RFC 9068 §2.2, §3: the resources, or the issuer where none was named.
fn audience(entitlement: &Terms, on: &IssuanceContext<'_>) -> Option<Value> {
    match entitlement.audience() {
        [] => Some(on.issuer).filter(|issuer| !issuer.is_empty()).map(|issuer| json!([issuer])),
        resources => Some(resources.into()),
    }
}

/// RFC 7800 §3.1: the key that the token is bound to.
pub fn confirmation(entitlement: &Terms) -> Option<Value> {
    let binding = &entitlement.binding;
    let keys = [("jkt", &binding.jkt), ("x5t#S256", &binding.x5t)];
    let keys = keys.into_iter().filter_map(|(name, key)| Some((name.to_owned(), key.clone()?.into())));
    let keys: Map<_, _> = keys.collect();
    (!keys.is_empty()).then_some(keys.into())
}
