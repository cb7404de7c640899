//! What a realm says of itself.

use serde_json::{Value, json};

use super::super::{Moving, keys as private};
use super::attribute;

/// Lifetimes in seconds.
const DURATIONS: &[(&str, &str)] = &[
    ("accessTokenLifespan", "accessTokenDuration"),
    ("ssoSessionIdleTimeout", "refreshTokenDuration"),
    ("accessCodeLifespan", "authorizationCodeDuration"),
    ("oauth2DeviceCodeLifespan", "deviceFlowCodeDuration"),
    ("oauth2DevicePollingInterval", "deviceFlowPollingInterval"),
];

/// What a realm has besides clients, by its lists: named, not moved.
const LISTS: &[(&str, &str)] = &[
    ("users", "placet keeps no users; point its authorization server at where they are"),
    ("groups", "placet keeps no groups; they are claims of the users' source"),
    ("identityProviders", "sign-in is the authorization server's; configure providers there"),
    ("authenticationFlows", "sign-in is the authorization server's"),
    ("requiredActions", "sign-in is the authorization server's"),
];

pub(super) fn settings(moving: &mut Moving, realm: &Value) {
    let text = |name: &str| realm[name].as_str().filter(|text| !text.is_empty());
    moving.set("serviceName", text("displayName").or(text("realm")).unwrap_or_default());
    for (theirs, ours) in DURATIONS {
        if let Some(seconds) = realm[*theirs].as_i64().filter(|seconds| *seconds > 0) {
            moving.set(ours, seconds);
        }
    }
    // A realm that does not revoke refresh tokens keeps the one that there is.
    if realm["revokeRefreshToken"] == Value::Bool(false) {
        moving.set("refreshTokenKept", true);
    }
    if let Some(map) =
        attribute(realm, "acr.loa.map").and_then(|text| serde_json::from_str::<Value>(text).ok())
    {
        let acrs: Vec<Value> =
            map.as_object().into_iter().flatten().map(|(acr, _)| acr.as_str().into()).collect();
        if !acrs.is_empty() {
            moving.set("supportedAcrs", acrs);
        }
    }
    for (name, why) in LISTS {
        let count = realm[*name].as_array().map_or(0, Vec::len);
        if count > 0 {
            moving.not(format!("{count} {name}"), *why);
        }
    }
    if realm["roles"].is_object() {
        moving.not("roles", "placet has scopes; roles are claims of the users' source");
    }
    moving.not("issuer and endpoints", "they are those of the new server; set them with an overlay");
}

pub(super) fn scopes(moving: &mut Moving, realm: &Value) {
    moving.scope("openid", None);
    for scope in realm["clientScopes"].as_array().into_iter().flatten() {
        let Some(name) = scope["name"].as_str() else { continue };
        if scope["protocol"] != "openid-connect" {
            moving.not(format!("client scope {name}"), "it is of another protocol");
            continue;
        }
        moving.scope(name, scope["description"].as_str());
        let mappers = scope["protocolMappers"].as_array().map_or(0, Vec::len);
        if mappers > 0 {
            let why = "which claims a scope brings is the authorization server's to say";
            moving.not(format!("{mappers} mappers of client scope {name}"), why);
        }
    }
}

pub(super) fn keys(moving: &mut Moving, realm: &Value) {
    let components = &realm["components"]["org.keycloak.keys.KeyProvider"];
    let mut set = Vec::new();
    for component in components.as_array().into_iter().flatten() {
        let name = component["name"].as_str().unwrap_or_default();
        match key(component) {
            Some(key) => set.push(key),
            None => moving.not(format!("key provider {name}"), reason(component)),
        }
    }
    if set.is_empty() {
        let why = "no private key could be read; make new ones with `placet generate-keys`, or use an export of kc.sh";
        moving.not("service.jwks", why);
    } else {
        moving.set("jwks", json!({ "keys": set }).to_string());
    }
}

fn config<'a>(component: &'a Value, name: &str) -> Option<&'a str> {
    component["config"][name][0].as_str()
}

/// A key that goes on having the id that tokens name.
fn key(component: &Value) -> Option<Value> {
    let encrypts =
        config(component, "keyUse") == Some("ENC") || component["providerId"] == "rsa-enc-generated";
    let (mut key, alg) = match component["providerId"].as_str()? {
        "rsa-generated" | "rsa" => (private::rsa(config(component, "privateKey")?)?, "RS256"),
        "rsa-enc-generated" | "rsa-enc" => (private::rsa(config(component, "privateKey")?)?, "RSA-OAEP"),
        "ecdsa-generated" => {
            let (key, public) = (config(component, "ecdsaPrivateKey")?, config(component, "ecdsaPublicKey")?);
            let alg = match config(component, "ecdsaEllipticCurveKey") {
                Some("P-384") => "ES384",
                Some("P-521") => "ES512",
                _ => "ES256",
            };
            (private::ec(key, public)?, alg)
        }
        _ => return None,
    };
    key["kid"] = private::key_id(&key)?.into();
    key["alg"] = config(component, "algorithm").unwrap_or(alg).into();
    key["use"] = if encrypts { "enc" } else { "sig" }.into();
    Some(key)
}

fn reason(component: &Value) -> &'static str {
    match component["providerId"].as_str().unwrap_or_default() {
        "hmac-generated" | "aes-generated" => "it is for what the other server keeps to itself",
        _ => "its private key is not in what was read",
    }
}
