//! Which members are secrets, and how they are shown to whoever has not asked to see them.

use serde_json::{Map, Value};

/// What stands in the place of a secret.
pub(crate) const MASK: &str = "••••••";

/// Members of the API and of the protocol whose values are secrets.
const SECRET: &[&str] = &[
    "apiSecret",
    "assertion",
    "auth_req_id",
    "authReqId",
    "authorizationCode",
    "accessToken",
    "access_token",
    "clientSecret",
    "client_assertion",
    "client_secret",
    "client_secret_jwt",
    "code",
    "code_verifier",
    "credential",
    "developerAuthenticationCallbackApiSecret",
    "authenticationCallbackApiSecret",
    "deviceCode",
    "device_code",
    "deviceSecret",
    "device_secret",
    "id_token",
    "idToken",
    "formerIntrospectionClientSecret",
    "invitationCode",
    "jwtAccessToken",
    "newClientSecret",
    "oldClientSecret",
    "password",
    "preAuthorizedCode",
    "pre-authorized_code",
    "refreshToken",
    "refresh_token",
    "registrationAccessToken",
    "registration_access_token",
    "subject_token",
    "actor_token",
    "ticket",
    "token",
    "txCode",
    "tx_code",
];

/// Members of a JWK that are private (RFC 7518 §6).
const PRIVATE: &[&str] = &["d", "dp", "dq", "k", "oth", "p", "q", "qi"];

/// A copy in which no secret is left, at whatever depth.
pub(crate) fn masked(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            // A key (RFC 7517 §4) is shown by its public half, wherever it stands.
            let key = members.contains_key("kty").then(|| public(members));
            let members = key.as_ref().unwrap_or(members);
            let masked = members.iter().map(|(name, value)| (name.clone(), masked_member(name, value)));
            Value::Object(masked.collect())
        }
        Value::Array(values) => values.iter().map(masked).collect(),
        other => other.clone(),
    }
}

/// The value of one member, masked if it is a secret.
pub(crate) fn masked_member(name: &str, value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::String(_) if is_secret(name) => MASK.into(),
        Value::String(text) if holds_keys(name) => key_set(text),
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            match serde_json::from_str::<Value>(text) {
                // JSON in a text, as the API hands it on: what is within is masked like the rest.
                Ok(within) => masked(&within).to_string().into(),
                Err(_) => value.clone(),
            }
        }
        other => masked(other),
    }
}

/// Whether the value of a member of this name is a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    SECRET.contains(&name)
}

/// Whether a member of this name holds a JWK Set as a text.
fn holds_keys(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("jwks")
}

/// A JWK Set in which the public members are left.
fn key_set(text: &str) -> Value {
    let Ok(Value::Object(set)) = serde_json::from_str::<Value>(text) else { return MASK.into() };
    let keys = set.get("keys").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let keys = keys.iter().filter_map(Value::as_object).map(public).map(Value::Object);
    serde_json::json!({ "keys": keys.collect::<Vec<_>>() }).to_string().into()
}

pub(crate) fn public(key: &Map<String, Value>) -> Map<String, Value> {
    let shown = key.iter().filter(|(name, _)| !PRIVATE.contains(&name.as_str()));
    shown.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A secret by its first letters, for logs of flows.
pub(crate) fn shortened(secret: &str) -> String {
    let start: String = secret.chars().take(6).collect();
    match secret.chars().count() {
        0..=12 => MASK.to_owned(),
        length => format!("{start}… ({length} characters)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_secret_setting_is_masked() {
        use placet_api::settings::{CLIENT, SERVICE};
        for setting in SERVICE.iter().chain(CLIENT).filter(|setting| setting.is_secret) {
            // Accounts have their `apiSecret` inside.
            let accounts = ["snsCredentials", "developerSnsCredentials"].contains(&setting.member);
            let masked = is_secret(setting.member) || holds_keys(setting.member) || accounts;
            assert!(masked, "{}", setting.member);
        }
    }

    #[test]
    fn no_secret_is_left_at_any_depth() {
        let keys = json!({ "keys": [{ "kty": "EC", "kid": "1", "d": "PRIVATE" }] }).to_string();
        let content = json!({ "access_token": "SECRET", "scope": "a" }).to_string();
        let value = json!({
            "clients": [{ "clientSecret": "SECRET", "clientName": "n" }], "jwks": keys, "responseContent": content,
            "list": [{ "jwks": "no JSON: SECRET" }], "accessToken": null, "credentialRequestEncryptionJwks": keys,
            "key": { "kty": "oct", "k": "SECRET" },
        });
        let text = masked(&value).to_string();
        assert!(!text.contains("SECRET") && !text.contains("PRIVATE"), "{text}");
        assert!(text.contains("kid") && text.contains("scope") && text.contains("clientName"), "{text}");
    }
}
