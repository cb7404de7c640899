//! A service and a client that allow everything, for tests to change.

use std::sync::OnceLock;

use placet_base::registry::{JwsAlg, ResponseType};
use placet_jose::{KeyKind, generate, generate_for_encryption};
use serde_json::{Map, Value, json};

/// Every way in which a client may prove itself here.
const METHODS: [&str; 7] = [
    "NONE",
    "CLIENT_SECRET_BASIC",
    "CLIENT_SECRET_POST",
    "CLIENT_SECRET_JWT",
    "PRIVATE_KEY_JWT",
    "TLS_CLIENT_AUTH",
    "SELF_SIGNED_TLS_CLIENT_AUTH",
];

/// A service that allows everything that this release does, for cases to change.
pub(crate) fn service_document() -> Map<String, Value> {
    let scope = |name: &str, attributes: Value| json!({ "name": name, "attributes": attributes });
    let document = json!({
        "serviceName": "Test service",
        "issuer": "https://as.example",
        "authorizationEndpoint": "https://as.example/authorize",
        "tokenEndpoint": "https://as.example/token",
        "userInfoEndpoint": "https://as.example/userinfo",
        "pushedAuthReqEndpoint": "https://as.example/par",
        "backchannelAuthenticationEndpoint": "https://as.example/backchannel",
        "deviceAuthorizationEndpoint": "https://as.example/device",
        "deviceVerificationUri": "https://as.example/code",
        "deviceVerificationUriComplete": "https://as.example/code?user_code=USER_CODE",
        "registrationEndpoint": "https://as.example/register",
        "supportedGrantTypes": [
            "AUTHORIZATION_CODE", "IMPLICIT", "REFRESH_TOKEN", "CLIENT_CREDENTIALS", "PASSWORD", "CIBA",
            "DEVICE_CODE", "TOKEN_EXCHANGE", "JWT_BEARER", "PRE_AUTHORIZED_CODE",
        ],
        "supportedResponseTypes": ResponseType::ALL,
        "supportedTokenAuthMethods": METHODS,
        "supportedRevocationAuthMethods": METHODS,
        "supportedServiceProfiles": ["FAPI"],
        "supportedBackchannelTokenDeliveryModes": ["POLL", "PING", "PUSH"],
        "supportedAuthorizationDetailsTypes": ["payment", "account"],
        "tlsClientCertificateBoundAccessTokens": true,
        "mutualTlsValidatePkiCertChain": false,
        "supportedAcrs": ["gold", "silver"],
        "supportedUiLocales": ["en", "ja"],
        "supportedScopes": [
            scope("openid", json!([])),
            scope("profile", json!([])),
            scope("email", json!([])),
            scope("address", json!([])),
            scope("phone", json!([])),
            scope("offline_access", json!([])),
            scope("read", json!([])),
            scope("write", json!([])),
            scope("brief", json!([{ "key": "access_token.duration", "value": "60" }])),
            scope("consent", json!([{ "key": "regex", "value": "consent:[a-z0-9-]+" }])),
        ],
        "jwks": key_set(),
    });
    match document {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A confidential client that may do everything, for cases to change.
pub(crate) fn client_document(name: &str) -> Map<String, Value> {
    let document = json!({
        "clientName": name,
        "clientType": "CONFIDENTIAL",
        "grantTypes": [
            "AUTHORIZATION_CODE", "IMPLICIT", "REFRESH_TOKEN", "CLIENT_CREDENTIALS", "PASSWORD", "CIBA",
            "DEVICE_CODE", "TOKEN_EXCHANGE", "JWT_BEARER", "PRE_AUTHORIZED_CODE",
        ],
        "responseTypes": ResponseType::ALL,
        "bcDeliveryMode": "POLL",
        "authorizationDetailsTypes": ["payment"],
        "redirectUris": ["https://client.example/cb"],
        "idTokenSignAlg": "ES256",
    });
    match document {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Keys take a while to make; one set serves every test of a process.
fn key_set() -> &'static str {
    static KEYS: OnceLock<String> = OnceLock::new();
    KEYS.get_or_init(|| {
        let kinds = [JwsAlg::Es256, JwsAlg::Rs256, JwsAlg::EdDsa];
        let mut keys: Vec<_> = kinds
            .into_iter()
            .filter_map(|alg| {
                let mut key = generate(alg)?;
                // Without `alg` the RSA key serves PS256 too.
                key.as_object_mut()?.shift_remove("alg");
                Some(key)
            })
            .collect();
        keys.extend(generate_for_encryption(KeyKind::P256));
        json!({ "keys": keys }).to_string()
    })
}
