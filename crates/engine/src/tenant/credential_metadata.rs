//! OpenID for Verifiable Credential Issuance 1.0 §12.2 – what a credential issuer tells about itself

use placet_api::types::CredentialIssuerMetadata;
use placet_base::registry::{JweAlg, JweEnc};
use placet_jose::JwkSet;
use serde_json::{Map, Value, json};

use super::credential_issuer::Oid4vciVersion;

type Members = Map<String, Value>;

/// `None` where something is missing without which there is no metadata (§12.2.4).
/// `aggregation`: where all status lists are named (Token Status List §9.1).
pub(super) fn document(
    settings: &CredentialIssuerMetadata,
    version: Oid4vciVersion,
    aggregation: Option<&str>,
) -> Option<Value> {
    let mut members = Map::new();
    members.insert("credential_issuer".to_owned(), text(&settings.credential_issuer)?.into());
    if let Some(servers) = settings.authorization_servers.as_ref().filter(|servers| !servers.is_empty()) {
        members.insert("authorization_servers".to_owned(), servers.clone().into());
    }
    members.insert("credential_endpoint".to_owned(), text(&settings.credential_endpoint)?.into());
    endpoints(settings, version, &mut members);
    encryption(settings, version, &mut members);
    if let Some(aggregation) = aggregation {
        members.insert("status_list_aggregation_endpoint".to_owned(), aggregation.into());
    }
    if let Some(display) = json(&settings.display) {
        members.insert("display".to_owned(), display);
    }
    let configurations = json(&settings.credentials_supported)?;
    members.insert("credential_configurations_supported".to_owned(), configurations);
    Some(members.into())
}

/// What the versions have beside the credential endpoint.
fn endpoints(settings: &CredentialIssuerMetadata, version: Oid4vciVersion, members: &mut Members) {
    let of_final = version == Oid4vciVersion::Final;
    let endpoints = [
        ("nonce_endpoint", text(&settings.nonce_endpoint).filter(|_| of_final)),
        ("batch_credential_endpoint", text(&settings.batch_credential_endpoint).filter(|_| !of_final)),
        ("deferred_credential_endpoint", text(&settings.deferred_credential_endpoint)),
        ("notification_endpoint", text(&settings.notification_endpoint)),
    ];
    for (name, endpoint) in endpoints {
        if let Some(endpoint) = endpoint {
            members.insert(name.to_owned(), endpoint.into());
        }
    }
    if let Some(size) = settings.batch_size.filter(|size| of_final && *size > 0) {
        members.insert("batch_credential_issuance".to_owned(), json!({ "batch_size": size }));
    }
}

/// §12.2.4: both directions; of requests the draft knows nothing.
fn encryption(settings: &CredentialIssuerMetadata, version: Oid4vciVersion, members: &mut Members) {
    let lists = |lists: [(&str, &Option<Vec<String>>); 3]| {
        let given = lists.into_iter().filter_map(|(name, values)| {
            let values = values.as_ref().filter(|values| !values.is_empty())?;
            Some((name.to_owned(), values.iter().map(|value| protocol_name(value)).collect()))
        });
        given.collect::<Members>()
    };
    let mut response = lists([
        ("alg_values_supported", &settings.credential_response_encryption_alg_values_supported),
        ("enc_values_supported", &settings.credential_response_encryption_enc_values_supported),
        ("zip_values_supported", &settings.credential_response_encryption_zip_values_supported),
    ]);
    if !response.is_empty() {
        let required = settings.require_credential_response_encryption == Some(true);
        response.insert("encryption_required".to_owned(), required.into());
        members.insert("credential_response_encryption".to_owned(), response.into());
    }
    let jwks = text(&settings.credential_request_encryption_jwks).and_then(|text| JwkSet::parse(text).ok());
    if let (Oid4vciVersion::Final, Some(jwks)) = (version, jwks.filter(|set| !set.keys().is_empty())) {
        let mut request = lists([
            ("enc_values_supported", &settings.credential_request_encryption_enc_values_supported),
            ("zip_values_supported", &settings.credential_request_encryption_zip_values_supported),
            ("", &None),
        ]);
        request.insert("jwks".to_owned(), jwks.published());
        let required = settings.require_credential_request_encryption == Some(true);
        request.insert("encryption_required".to_owned(), required.into());
        members.insert("credential_request_encryption".to_owned(), request.into());
    }
}

/// COMPAT: settings may have the names of the API.
fn protocol_name(value: &str) -> &str {
    let alg = JweAlg::named(value).map(JweAlg::protocol_name);
    alg.or_else(|| JweEnc::named(value).map(JweEnc::protocol_name)).unwrap_or(value)
}

fn text(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|text| !text.is_empty())
}

fn json(value: &Option<String>) -> Option<Value> {
    serde_json::from_str(text(value)?).ok()
}
