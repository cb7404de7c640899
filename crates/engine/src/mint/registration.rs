//! RFC 7591 §3.2.1, RFC 7592 §3 – what a client is told about its registration.

use serde_json::{Map, Value};

use crate::rules::registration::TABLE;

/// What only the answer knows.
pub struct Registered<'a> {
    pub client_id: &'a str,
    /// For confidential clients.
    pub client_secret: Option<&'a str>,
    /// Seconds since the epoch.
    pub issued_at: i64,
    /// The registration access token and where it is used.
    pub management: Option<(&'a str, &'a str)>,
}

/// The client information response.
pub fn information(properties: &Map<String, Value>, registered: &Registered<'_>) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("client_id".into(), registered.client_id.into());
    members.insert("client_id_issued_at".into(), registered.issued_at.into());
    if let Some(secret) = registered.client_secret {
        members.insert("client_secret".into(), secret.into());
        // RFC 7591 §3.2.1: 0 for one that does not expire.
        members.insert("client_secret_expires_at".into(), 0.into());
    }
    if let Some((token, uri)) = registered.management {
        members.insert("registration_access_token".into(), token.into());
        members.insert("registration_client_uri".into(), uri.into());
    }
    for (name, property, form) in TABLE {
        if let Some(value) = properties.get(*property).filter(|v| !v.is_null()).and_then(|v| form.write(v)) {
            members.insert((*name).to_owned(), value);
        }
        let tagged = form.localized().and_then(|property| properties.get(property)?.as_array());
        for one in tagged.into_iter().flatten() {
            if let (Some(tag), Some(value)) = (one["tag"].as_str(), one.get("value")) {
                members.insert(format!("{name}#{tag}"), value.clone());
            }
        }
    }
    let extension = properties.get("extension");
    if let Some(scopes) = extension.and_then(|e| e.get("requestableScopes")).and_then(Value::as_array) {
        let scopes: Vec<_> = scopes.iter().filter_map(Value::as_str).collect();
        members.insert("scope".into(), scopes.join(" ").into());
    }
    let custom = properties.get("customMetadata").and_then(Value::as_str);
    if let Some(Value::Object(custom)) = custom.and_then(|text| serde_json::from_str(text).ok()) {
        members.extend(custom);
    }
    members
}
