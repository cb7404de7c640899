//! OpenID for Verifiable Credential Issuance 1.0 §12.2 – which settings of an issuer of credentials cannot be used.

use std::sync::Arc;

use placet_api::types::{CredentialIssuerMetadata, Service};
use placet_base::registry::{JweAlg, JweEnc};
use placet_base::url::Issuer;
use placet_jose::{JWE_ALGS, JwkSet};
use placet_vc::sd_jwt::Typ;
use serde_json::Value;

use super::HardwareKey;
use super::credential_configuration::CredentialFormat;
use super::credential_issuer::{Oid4vciVersion, configurations, length};
use super::credential_keys::{CredentialKeys, are_told_apart, is_certified, open_requests};
use super::federation_settings::is_endpoint;
use super::settings::{given, on};
use crate::budgets::CREDENTIAL_BATCH;

/// §12.2.4: an endpoint is an https URL, which may have a query.
fn unreachable_endpoint(metadata: &CredentialIssuerMetadata) -> bool {
    let endpoints = [
        &metadata.credential_endpoint,
        &metadata.batch_credential_endpoint,
        &metadata.deferred_credential_endpoint,
        &metadata.nonce_endpoint,
        &metadata.notification_endpoint,
    ];
    endpoints.into_iter().filter_map(given).any(|url| !is_endpoint(&url))
}

/// What is advertised, and nothing here does.
fn unknown_encryption(metadata: &CredentialIssuerMetadata) -> bool {
    let algs = metadata.credential_response_encryption_alg_values_supported.iter().flatten();
    let encs = [
        &metadata.credential_response_encryption_enc_values_supported,
        &metadata.credential_request_encryption_enc_values_supported,
    ];
    let zips = [
        &metadata.credential_response_encryption_zip_values_supported,
        &metadata.credential_request_encryption_zip_values_supported,
    ];
    algs.map(|name| JweAlg::named(name)).any(|alg| alg.is_none_or(|alg| !JWE_ALGS.contains(&alg)))
        || encs.into_iter().flatten().flatten().any(|name| JweEnc::named(name).is_none())
        || zips.into_iter().flatten().flatten().any(|name| name != "DEF")
}

/// What is demanded of wallets, and they are not told how.
fn impossible_encryption(metadata: &CredentialIssuerMetadata) -> bool {
    let none = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    let (algs, encs) = (
        none(&metadata.credential_response_encryption_alg_values_supported),
        none(&metadata.credential_response_encryption_enc_values_supported),
    );
    let response = algs || encs;
    let keys = given(&metadata.credential_request_encryption_jwks);
    let keys = keys.and_then(|text| JwkSet::parse(&text).ok()).is_some_and(|set| !set.keys().is_empty());
    let request = none(&metadata.credential_request_encryption_enc_values_supported) || !keys;
    // One without the other could not be used either.
    algs != encs
        || on(metadata.require_credential_response_encryption) && response
        || on(metadata.require_credential_request_encryption) && request
}

/// What nothing could be issued of: formats of the draft alone, and such that no key signs.
fn unissuable(document: &Service, metadata: &CredentialIssuerMetadata) -> bool {
    let Ok(configurations) = configurations(metadata) else { return true };
    let of_final = Oid4vciVersion::parse(document.oid4vci_version.as_deref()) == Some(Oid4vciVersion::Final);
    let is_former =
        |format: &CredentialFormat| matches!(format, CredentialFormat::SdJwtVc { typ: Typ::VcSdJwt, .. });
    // Keys in hardware are made and destroyed while the service stands, and those of the set may come after the metadata.
    let set = given(&document.credential_jwks).and_then(|text| JwkSet::parse(&text).ok());
    let set = set.filter(|set| !set.keys().is_empty() && !on(document.hsm_enabled));
    let keys = set.map(|set| CredentialKeys::new(Some(set), &[]));
    configurations.iter().any(|(_, one)| {
        of_final && is_former(&one.format)
            || keys.as_ref().is_some_and(|keys| keys.signing(one.algs, None).is_none())
    })
}

/// §12.2.4: more than one, and as many as one request may cost.
fn batch(size: i64) -> bool {
    usize::try_from(size).is_ok_and(|size| (2..=CREDENTIAL_BATCH).contains(&size))
}

/// Attesters are trusted through the roots of the service alone; a service that says otherwise would have what it says
/// without effect.
fn trusted_elsewhere(document: &Service) -> Option<&'static str> {
    [
        (
            "clientAttesterRootsOnly",
            document.client_attester_roots_enabled,
            document.client_attester_roots_only,
        ),
        ("keyAttesterRootsOnly", document.key_attester_roots_enabled, document.key_attester_roots_only),
    ]
    .into_iter()
    .find(|(_, enabled, only)| on(*enabled) && *only == Some(false))
    .map(|(property, ..)| property)
}

/// The first setting of a credential issuer that cannot be used.
pub(super) fn unusable(document: &Service) -> Option<&'static str> {
    if Oid4vciVersion::parse(document.oid4vci_version.as_deref()).is_none() {
        return Some("oid4vciVersion");
    }
    let keys = given(&document.credential_jwks).and_then(|text| JwkSet::parse(&text).ok());
    if !keys.iter().all(are_told_apart) || !keys.iter().flat_map(JwkSet::keys).all(is_certified) {
        return Some("credentialJwks");
    }
    if document.user_pin_length.is_some_and(|pin| pin != 0 && length(pin).is_none()) {
        return Some("userPinLength");
    }
    // Whoever has a certificate of an authority that the machine trusts would be an attester.
    if let Some(property) = trusted_elsewhere(document) {
        return Some(property);
    }
    // What follows is a number, behind a slash; otherwise it is like an issuer identifier of OpenID Connect.
    if given(&document.credential_status_list_uri).is_some_and(|uri| Issuer::parse(&uri).is_err()) {
        return Some("credentialStatusListUri");
    }
    let metadata = document.credential_issuer_metadata.as_ref()?;
    let hardware: Vec<_> = match on(document.hsm_enabled) {
        true => document.hsks.iter().flatten().filter_map(HardwareKey::of).map(Arc::new).collect(),
        false => Vec::new(),
    };
    let json = |text: &Option<String>| given(text).map(|text| serde_json::from_str::<Value>(&text));
    // §12.2.1: like an issuer identifier of OpenID Connect.
    let wrong = given(&metadata.credential_issuer).is_some_and(|issuer| Issuer::parse(&issuer).is_err())
        || unissuable(document, metadata)
        || json(&metadata.display).is_some_and(|display| {
            !display.is_ok_and(|display| display.as_array().is_some_and(|all| !all.is_empty()))
        })
        || given(&metadata.credential_request_encryption_jwks)
            .is_some_and(|keys| !JwkSet::parse(&keys).is_ok_and(|set| open_requests(&set, &hardware)))
        || unknown_encryption(metadata)
        || impossible_encryption(metadata)
        || unreachable_endpoint(metadata)
        || metadata.authorization_servers.iter().flatten().any(|server| Issuer::parse(server).is_err())
        || metadata.batch_size.is_some_and(|size| size != 0 && !batch(size));
    wrong.then_some("credentialIssuerMetadata")
}
