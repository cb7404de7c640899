//! node-oidc-provider, by its configuration as JSON: `clients`, `jwks`, `scopes`, `ttl` and what else it says.

use serde_json::{Map, Value};

use super::{Moving, registered};
use crate::bundle::Bundle;
use crate::problem::Problem;

/// Lifetimes in seconds, where they are numbers.
const TTL: &[(&str, &str)] = &[
    ("AccessToken", "accessTokenDuration"),
    ("RefreshToken", "refreshTokenDuration"),
    ("IdToken", "idTokenDuration"),
    ("AuthorizationCode", "authorizationCodeDuration"),
    ("DeviceCode", "deviceFlowCodeDuration"),
    ("BackchannelAuthenticationRequest", "backchannelAuthReqIdDuration"),
    ("PushedAuthorizationRequest", "pushedAuthReqDuration"),
];

/// Reads the configuration, or a list of clients alone.
///
/// # Errors
/// It is no such JSON.
pub fn bundle(text: &str) -> Result<Bundle, Problem> {
    let value: Value = serde_json::from_str(text).map_err(|e| Problem::at("the configuration", e))?;
    let configuration = match value {
        Value::Array(clients) => [("clients".to_owned(), clients.into())].into_iter().collect(),
        Value::Object(members) => members,
        _ => return Err(Problem::at("the configuration", "expected an object, or a list of clients")),
    };
    let mut moving = Moving::default();
    moving.set("serviceName", "Moved from node-oidc-provider");
    moving.scope("openid", None);
    let mut members: Vec<(&String, &Value)> = configuration.iter().collect();
    // Clients take the defaults of the configuration.
    members.sort_by_key(|(name, _)| *name);
    let defaults =
        configuration.get("clientDefaults").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in members {
        setting(&mut moving, name, value, &defaults)?;
    }
    moving.not("issuer and endpoints", "they are those of the new server; set them with an overlay");
    moving.not(
        "grants and sessions",
        "they are in the adapter's store, which is not read; users are asked again",
    );
    Ok(moving.done())
}

fn setting(
    moving: &mut Moving,
    name: &str,
    value: &Value,
    defaults: &Map<String, Value>,
) -> Result<(), Problem> {
    match name {
        "clients" => {
            let clients = value.as_array().ok_or_else(|| Problem::at("clients", "expected a list"))?;
            for client in clients.iter().filter_map(Value::as_object) {
                let mut whole = defaults.clone();
                whole.extend(client.clone());
                with_defaults(&mut whole);
                registered::client(moving, &whole);
            }
        }
        "clientDefaults" => {}
        "jwks" => moving.set("jwks", value.to_string()),
        "scopes" => {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .for_each(|scope| moving.scope(scope, None));
        }
        "acrValues" => moving.set("supportedAcrs", value.clone()),
        "ttl" => ttl(moving, value),
        other => moving.not(other, "this setting is not read; see which of the service's says the same"),
    }
    Ok(())
}

/// What the library takes where a client says nothing.
fn with_defaults(client: &mut Map<String, Value>) {
    client.entry("grant_types").or_insert_with(|| serde_json::json!(["authorization_code"]));
    client.entry("response_types").or_insert_with(|| serde_json::json!(["code"]));
}

fn ttl(moving: &mut Moving, value: &Value) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let ours = TTL.iter().find(|(theirs, _)| theirs == name).map(|(_, ours)| *ours);
        match (ours, value.as_i64()) {
            (Some(ours), Some(seconds)) => moving.set(ours, seconds),
            (Some(_), None) => moving.not(format!("ttl.{name}"), "it is computed; set a number"),
            (None, _) => moving.not(format!("ttl.{name}"), "the service has no such lifetime"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_configuration_moves() {
        let text = json!({
            "clients": [
                { "client_id": "app", "client_secret": "s3cret", "redirect_uris": ["https://app.test/cb"] },
                { "client_id": "spa", "token_endpoint_auth_method": "none", "redirect_uris": ["https://spa.test/*"] },
                { "client_id": "odd", "client_secret": "with space", "grant_types": ["client_credentials", "new"] },
            ],
            "scopes": ["openid", "api"], "ttl": { "AccessToken": 600, "Session": 5 },
            "features": { "devInteractions": { "enabled": false } },
        });
        let bundle = bundle(&text.to_string()).unwrap();
        assert_eq!(bundle.tree.service["accessTokenDuration"], 600);
        assert_eq!(
            bundle.tree.service["supportedGrantTypes"],
            json!(["AUTHORIZATION_CODE", "CLIENT_CREDENTIALS"])
        );
        assert_eq!(bundle.tree.clients["app"]["grantTypes"], json!(["AUTHORIZATION_CODE"]));
        assert_eq!(bundle.tree.clients["spa"]["clientType"], "PUBLIC");
        let named: Vec<&str> = bundle.not_carried.iter().map(|one| one.what.as_str()).collect();
        for expected in [
            "clients.odd.clientSecret",
            "clients.odd grant_types new",
            "clients.spa redirect URI https://spa.test/*",
            "ttl.Session",
            "features",
        ] {
            assert!(named.contains(&expected), "{expected}: {named:?}");
        }
        let again = Bundle::parse("b", &bundle.written()).unwrap();
        assert_eq!(again.tree, bundle.tree);
        assert!(super::bundle("7").is_err());
    }
}
