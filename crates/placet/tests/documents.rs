//! Every documented property of services and clients is accepted, stored and given back as it came.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use common::{Dir, Placet};
use placet_api::types::{Client, Service};
use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value, json};

/// How many properties the published description and its newest clients have, and our own.
const SERVICE_PROPERTIES: usize = 208;
const CLIENT_PROPERTIES: usize = 109;

/// What the server assigns, and a request cannot.
const ASSIGNED: [&str; 25] = [
    "number",
    "apiKey",
    "apiSecret",
    "serviceOwnerNumber",
    "serviceNumber",
    "createdAt",
    "modifiedAt",
    "hsks",
    "clientId",
    "clientSecret",
    "derivedSectorIdentifier",
    "locked",
    "dynamicallyRegistered",
    "clientSource",
    "discoveredByMetadataDocument",
    "metadataDocumentLocation",
    "metadataDocumentExpiresAt",
    "metadataDocumentUpdatedAt",
    "automaticallyRegistered",
    "explicitlyRegistered",
    "entityId",
    "trustAnchorId",
    "trustChain",
    "trustChainExpiresAt",
    "trustChainUpdatedAt",
];

/// What means nothing alone.
const PAIRED: [&str; 9] = [
    "supportedSnses",
    "supportedDeveloperSnses",
    "trustMarks",
    "txnTokenSignAlg",
    "trustDomain",
    "formerIntrospectionEndpoint",
    "formerIntrospectionClientId",
    "formerIntrospectionClientSecret",
    "formerTokensUntil",
];

/// A value of each property's type.
fn sample<T: JsonSchema>() -> Map<String, Value> {
    let schema = schema_for!(T).to_value();
    let properties = schema["properties"].as_object().unwrap().clone();
    properties.iter().map(|(name, property)| (name.clone(), value(name, property, &schema))).collect()
}

fn value(name: &str, schema: &Value, root: &Value) -> Value {
    if ["idJagSignAlg", "txnTokenSignAlg", "accessTokenSignAlg"].contains(&name) {
        return "ES256".into();
    }
    // Nothing is compressed here.
    if name.ends_with("ZipValuesSupported") {
        return json!([]);
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return value(name, root.pointer(&reference[1..]).unwrap(), root);
    }
    for key in ["anyOf", "allOf", "oneOf"] {
        if let Some(first) = schema[key].as_array().and_then(|list| list.first()) {
            return value(name, first, root);
        }
    }
    if let Some(constant) = schema["enum"].as_array().and_then(|list| list.iter().find(|v| !v.is_null())) {
        return constant.clone();
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    let kind = schema["type"].as_array().map_or(&schema["type"], |kinds| &kinds[0]);
    match kind.as_str().unwrap() {
        "string" => text(name).into(),
        "boolean" => true.into(),
        "integer" => 7.into(),
        "array" => json!([value(name, &schema["items"], root)]),
        "object" => {
            let members = schema["properties"].as_object().cloned().unwrap_or_default();
            let members = members.iter().map(|(n, s)| (n.clone(), value(n, s, root)));
            Value::Object(members.collect())
        }
        other => panic!("{name}: {other}"),
    }
}

/// Properties whose texts are looked at have texts that can be used.
fn text(name: &str) -> &str {
    match name {
        "issuer" => "https://as.example",
        // A trust mark about that issuer.
        "trustMarks" => {
            "eyJ0eXAiOiJ0cnVzdC1tYXJrK2p3dCIsImFsZyI6IkVTMjU2In0.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSIsInN1YiI6Imh0dHBzOi8vYXMuZXhhbXBsZSIsInRydXN0X21hcmtfdHlwZSI6Imh0dHBzOi8vYS5leGFtcGxlL2dvb2QiLCJpYXQiOjF9.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        }
        "authenticationCallbackEndpoint"
        | "developerAuthenticationCallbackEndpoint"
        | "formerIntrospectionEndpoint" => "https://callback.example",
        "oid4vciVersion" => "1.0",
        "credentialIssuer" => "https://issuer.example",
        "credentialsSupported" => r#"{"id":{"format":"dc+sd-jwt","vct":"a"}}"#,
        "display" => "[{}]",
        "credentialEndpoint"
        | "batchCredentialEndpoint"
        | "deferredCredentialEndpoint"
        | "nonceEndpoint"
        | "notificationEndpoint"
        | "authorizationServers" => "https://issuer.example/endpoint",
        "credentialJwks" | "federationJwks" => "{\"keys\":[]}",
        // That of a trust anchor too, which has keys.
        "jwks" => r#"{"keys":[{"kty":"oct","kid":"s","k":"c2VjcmV0IG9mIHRoaXJ0eS10d28gYnl0ZXMhISEhISE"}]}"#,
        "authorityHints" | "entityId" => "https://anchor.example",
        "signedJwksUri" | "federationRegistrationEndpoint" => "https://as.example/endpoint",
        "haipVersion" => "1.0",
        // Requests are demanded to be encrypted, so that there is a key that opens them.
        "credentialRequestEncryptionJwks" => {
            r#"{"keys":[{"kty":"EC","crv":"P-256","x":"APp90jUyMrdCRl1yLxl1roEbvMcwfkvswnW8zifjnyE","y":"9-BPjQb7EywYQw3Eh8igXlYKAlo9ATh-8CPFVk2Kdhc","d":"tI1hQ1T0YdlqUJbau-KQItZ10cFjZs-vRfRQZSwcecQ","use":"enc","alg":"ECDH-ES","kid":"e"}]}"#
        }
        "predefinedTransformedClaims" | "cimdMetadataPolicy" => "{}",
        "credentialResponseEncryptionAlgValuesSupported" => "ECDH-ES",
        "credentialRequestEncryptionEncValuesSupported"
        | "credentialResponseEncryptionEncValuesSupported" => "A128GCM",
        "trustedRootCertificates" | "clientAttesterRoots" | "keyAttesterRoots" => {
            include_str!("../../../interop/certificate.pem")
        }
        "digestAlgorithm" => "sha-256",
        "credentialStatusListUri" => "https://issuer.example/status",
        "spiffeId" => "spiffe://example.org/shop",
        "tlsClientAuthSubjectDn" => "CN=client",
        "tlsClientAuthSanDns" => "client.example",
        "tlsClientAuthSanUri" => "https://client.example",
        "tlsClientAuthSanIp" => "192.0.2.1",
        "tlsClientAuthSanEmail" => "client@client.example",
        // A name that the service supports.
        "customMetadata" => r#"{"supportedCustomClientMetadata":1}"#,
        "redirectUris" => "https://client.example/cb",
        other => other,
    }
}

fn same_but_for_assigned(sent: &Map<String, Value>, answered: &Value) {
    let answered = answered.as_object().unwrap();
    for (name, value) in sent.iter().filter(|(name, _)| !ASSIGNED.contains(&name.as_str())) {
        assert_eq!(answered.get(name), Some(value), "{name}");
    }
    let unknown: Vec<_> = answered.keys().filter(|name| !sent.contains_key(*name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn services_and_clients_come_back_as_they_went_in() {
    let dir = Dir::new("documents");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    let owner = placet.value("AUTHLETE_ORG_TOKEN");

    let service = sample::<Service>();
    assert_eq!(service.len(), SERVICE_PROPERTIES);
    for (name, value) in &service {
        let alone = connection.post("/api/service/create", owner, &json!({ name: value }));
        assert_eq!(alone.status == 200, !PAIRED.contains(&name.as_str()), "{name}: {}", alone.body);
    }
    let created = connection.post("/api/service/create", owner, &Value::Object(service.clone()));
    assert_eq!(created.status, 200, "{}", created.body);
    same_but_for_assigned(&service, &created.json());
    let id = created.json()["apiKey"].as_i64().unwrap();
    let bearer = format!("Authorization: Bearer {owner}\r\n");
    let read = connection.send("GET", &format!("/api/{id}/service/get"), &bearer, b"").unwrap();
    same_but_for_assigned(&service, &read.json());

    let client = sample::<Client>();
    assert_eq!(client.len(), CLIENT_PROPERTIES);
    let created = connection.post(&format!("/api/{id}/client/create"), owner, &Value::Object(client.clone()));
    assert_eq!(created.status, 200, "{}", created.body);
    same_but_for_assigned(&client, &created.json());
    let path = format!("/api/{id}/client/get/{}", created.json()["clientId"]);
    let read = connection.send("GET", &path, &bearer, b"").unwrap();
    same_but_for_assigned(&client, &read.json());

    // Null and absent are the same, and neither comes back.
    let nulls: Map<_, _> = service.keys().map(|name| (name.clone(), Value::Null)).collect();
    let created = connection.post("/api/service/create", owner, &Value::Object(nulls));
    assert_eq!(created.status, 200, "{}", created.body);
    assert!(!created.body.contains("null"), "{}", created.body);
}
