//! RFC 7662 §2.2, RFC 9701 §5 – the introspection response.

use placet_base::Timestamp;
use placet_jose::Unsigned;
use serde_json::{Map, Value, json};

use super::access_token::confirmation;
use crate::records::token::{Token, TokenValue};

/// Of a token that means nothing here, or no longer: nothing else is said about it (§2.2).
pub fn inactive() -> Map<String, Value> {
    Map::from_iter([("active".to_owned(), false.into())])
}

/// What of the circumstances stands in the response.
pub struct IntrospectionContext<'a> {
    pub which: TokenValue,
    pub client_id: &'a str,
    pub issuer: &'a str,
    pub token_type: &'a str,
    /// Hidden properties are shown.
    pub hidden: bool,
}

pub fn active(token: &Token, seen: &IntrospectionContext<'_>) -> Map<String, Value> {
    let IntrospectionContext { which, client_id, issuer, token_type, hidden } = *seen;
    let entitlement = &token.entitlement;
    let mut members = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let (value, scopes, audience) = match which {
        TokenValue::Access => (Some(token.access), &entitlement.scopes, entitlement.audience()),
        TokenValue::Refresh => (token.refresh, entitlement.granted(), entitlement.resources.as_slice()),
    };
    let access = which == TokenValue::Access;
    put("active", Some(true.into()));
    put("iss", Some(issuer).filter(|issuer| !issuer.is_empty()).map(Value::from));
    put("sub", entitlement.subject.as_ref().map(|subject| subject.as_str().into()));
    put("aud", Some(audience).filter(|audience| !audience.is_empty()).map(Value::from));
    put("client_id", Some(client_id.into()));
    put("scope", Some(scopes.to_string()).filter(|scope| !scope.is_empty()).map(Value::from));
    put("exp", value.map(|value| value.expires_at.as_secs().into()));
    put("iat", Some(token.issued_at.as_secs().into()));
    put("token_type", access.then(|| entitlement.binding.token_type(token_type).into()));
    put("cnf", confirmation(entitlement));
    put("acr", entitlement.acr.clone().map(Value::from));
    put("auth_time", entitlement.auth_time.map(Value::from));
    put("authorization_details", (!entitlement.details.is_empty()).then(|| entitlement.details.json()));
    // RFC 8693 §4.1, §4.4: who acts for the subject, and who may, as the caller has said when it made the token.
    for claim in ["act", "may_act"] {
        put(claim, entitlement.jwt_claims.get(claim).cloned());
    }
    put("grant_id", entitlement.grant_id.clone().map(Value::from));
    for property in entitlement.properties.iter().filter(|property| hidden || !property.hidden) {
        members.entry(property.key.clone()).or_insert_with(|| property.value.clone().into());
    }
    members
}

/// What is left for a client that does not know its user by this name.
pub fn without_user(mut members: Map<String, Value>) -> Map<String, Value> {
    for name in ["sub", "username"] {
        members.shift_remove(name);
    }
    members
}

/// RFC 9701 §5: the response as a JWT for one resource server.
pub fn unsigned(issuer: &str, audience: &str, now: Timestamp, members: Map<String, Value>) -> Unsigned {
    let mut claims = Map::new();
    claims.insert("iss".into(), issuer.into());
    claims.insert("aud".into(), json!(audience));
    claims.insert("iat".into(), now.as_secs().into());
    claims.insert("token_introspection".into(), Value::Object(members));
    Unsigned { header: Map::from_iter([("typ".to_owned(), "token-introspection+jwt".into())]), claims }
}
