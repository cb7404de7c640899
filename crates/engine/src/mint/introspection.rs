//! RFC 7662 §2.2 – the introspection response.

use serde_json::{Map, Value, json};

use crate::records::token::{Token, Which};

/// Of a token that means nothing here, or no longer: nothing else is said about it (§2.2).
pub fn inactive() -> String {
    json!({ "active": false }).to_string()
}

/// What of the circumstances stands in the response.
pub struct Seen<'a> {
    pub which: Which,
    pub client_id: &'a str,
    pub issuer: &'a str,
    pub token_type: &'a str,
    /// Hidden properties are shown.
    pub hidden: bool,
}

pub fn active(token: &Token, seen: &Seen<'_>) -> String {
    let Seen { which, client_id, issuer, token_type, hidden } = *seen;
    let entitlement = &token.entitlement;
    let mut members = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    let (value, scopes) = match which {
        Which::Access => (Some(token.access), &entitlement.scopes),
        Which::Refresh => (token.refresh, entitlement.granted()),
    };
    put("active", Some(true.into()));
    put("iss", Some(issuer).filter(|issuer| !issuer.is_empty()).map(Value::from));
    put("sub", entitlement.subject.as_ref().map(|subject| subject.as_str().into()));
    put("client_id", Some(client_id.into()));
    put("scope", Some(scopes.to_string()).filter(|scope| !scope.is_empty()).map(Value::from));
    put("exp", value.map(|value| value.expires_at.as_secs().into()));
    put("iat", Some(token.issued_at.as_secs().into()));
    put("token_type", (which == Which::Access).then(|| token_type.into()));
    put("acr", entitlement.acr.clone().map(Value::from));
    put("auth_time", entitlement.auth_time.map(Value::from));
    for property in entitlement.properties.iter().filter(|property| hidden || !property.hidden) {
        members.entry(property.key.clone()).or_insert_with(|| property.value.clone().into());
    }
    Value::Object(members).to_string()
}
