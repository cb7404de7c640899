//! OpenID for Verifiable Credential Issuance 1.0 §12.2 – the service as an issuer of credentials.

use std::sync::Arc;

use placet_api::types::{CredentialIssuerMetadata, Service};
use placet_base::Ttl;
use placet_base::registry::{JweAlg, JweEnc};
use placet_base::url::Issuer;
use placet_jose::dpop::Nonces;
use placet_jose::{Certificate, JWE_ALGS, JwkSet};
use placet_vc::sd_jwt::Typ;
use serde_json::Value;

use super::credential_configuration::{CredentialConfigurations, CredentialFormat, NoConfigurations};
use super::credential_keys::{CredentialKeys, are_told_apart, is_certified, open_requests};
use super::settings::{given, on, roots};
use super::{HardwareKey, credential_metadata};
use crate::budgets::{CREDENTIAL_BATCH, TRANSACTION_CODE};

/// Lifetimes where the operator has set none.
const OFFER: Ttl = Ttl::secs(24 * 60 * 60);
/// How long a wallet may come for a credential that was deferred, where the operator has not said it.
const TRANSACTION: Ttl = Ttl::secs(24 * 60 * 60);
/// Characters of a transaction code that is drawn: wrong ones are bounded, and one of fewer would be guessed all the same.
const SHORTEST: usize = 4;
const NONCE: Ttl = Ttl::secs(5 * 60);
const STATUS_LIST: Ttl = Ttl::secs(60 * 60);

/// Which version of the specification the service speaks (`oid4vciVersion`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oid4vciVersion {
    /// The first implementer's draft, which is draft 13.
    ImplementersDraft1,
    /// 1.0
    Final,
}

impl Oid4vciVersion {
    /// COMPAT: without a version it is the draft.
    pub fn parse(text: Option<&str>) -> Option<Self> {
        match text.unwrap_or_default() {
            "" | "1.0-ID1" => Some(Self::ImplementersDraft1),
            "1.0" | "1.0-Final" => Some(Self::Final),
            _ => None,
        }
    }
}

/// A service that issues credentials.
pub struct CredentialIssuer {
    /// `credential_issuer`; `None` where the operator has not said it.
    pub identifier: Option<String>,
    pub version: Oid4vciVersion,
    /// What is published; `None` where something is missing without which there is no metadata.
    pub metadata: Option<Value>,
    pub configurations: CredentialConfigurations,
    /// What credentials are signed with.
    pub keys: CredentialKeys,
    /// What key proofs have to carry.
    pub nonces: Nonces,
    /// §7: an issuer with a nonce endpoint wants a nonce; in the draft it comes with the token.
    pub demands_nonce: bool,
    /// §11: wallets say what became of what was issued to them.
    pub notified: bool,
    pub status_lists: StatusLists,
    /// §6.1: a pre-authorized code is good without a client.
    pub anonymous: bool,
    /// How long a transaction code is that is drawn; `None` where none is.
    pub transaction_code: Option<usize>,
    /// How long an offer lasts.
    pub offer: Ttl,
    /// How long a credential that was deferred waits for its wallet.
    pub transaction: Ttl,
    /// How long a credential is valid, unless its order says otherwise; `None` for ever.
    pub credential: Option<Ttl>,
    pub encryption: Encryption,
    /// Who may vouch for keys of wallets; nobody, unless the service has switched its own roots on.
    pub attesters: Vec<Certificate>,
    /// Credentials that one request may ask for.
    pub most: usize,
}

/// Token Status List: where it can be seen whether credentials still count.
pub struct StatusLists {
    /// Below which URI; `None` where credentials do not say it.
    pub uri: Option<String>,
    /// How long a list may be kept before it is fetched anew.
    pub kept: Ttl,
}

impl StatusLists {
    /// Where all of them are named (§9): the lists themselves are found below.
    pub fn aggregation(&self) -> Option<&str> {
        self.uri.as_deref().map(|uri| uri.trim_end_matches('/'))
    }
}

/// §12.2.4: how requests and responses are encrypted.
pub struct Encryption {
    pub algs: Vec<JweAlg>,
    pub encs: Vec<JweEnc>,
    pub response_required: bool,
    /// What requests are opened with.
    pub request: Option<JwkSet>,
    pub request_encs: Vec<JweEnc>,
    pub request_required: bool,
}

impl Encryption {
    fn compile(metadata: &CredentialIssuerMetadata) -> Result<Self, String> {
        let keys = given(&metadata.credential_request_encryption_jwks).map(|text| JwkSet::parse(&text));
        let keys = keys.transpose().map_err(|e| format!("credentialRequestEncryptionJwks: {e:?}"))?;
        // COMPAT: the published description has texts; published clients read them as the API's names, and write them so.
        let algs = metadata.credential_response_encryption_alg_values_supported.iter().flatten();
        let encs = |list: &Option<Vec<String>>| {
            list.iter().flatten().filter_map(|name| JweEnc::named(name)).collect()
        };
        Ok(Self {
            algs: algs.filter_map(|name| JweAlg::named(name)).collect(),
            encs: encs(&metadata.credential_response_encryption_enc_values_supported),
            response_required: on(metadata.require_credential_response_encryption),
            request: keys,
            request_encs: encs(&metadata.credential_request_encryption_enc_values_supported),
            request_required: on(metadata.require_credential_request_encryption),
        })
    }
}

impl CredentialIssuer {
    /// `None` for a service that issues none. `key`: what nonces are made with.
    ///
    /// # Errors
    /// When a document that was accepted cannot be read any more.
    pub(super) fn compile(
        document: &Service,
        key: &[u8; 32],
        hardware: &[Arc<HardwareKey>],
    ) -> Result<Option<Self>, String> {
        if !on(document.verifiable_credentials_enabled) {
            return Ok(None);
        }
        let metadata = document.credential_issuer_metadata.clone().unwrap_or_default();
        let keys = given(&document.credential_jwks).map(|text| JwkSet::parse(&text)).transpose();
        let version = Oid4vciVersion::parse(document.oid4vci_version.as_deref()).ok_or("oid4vciVersion")?;
        let status_lists = StatusLists {
            uri: given(&document.credential_status_list_uri),
            kept: Ttl::specified(document.credential_status_list_duration).unwrap_or(STATUS_LIST),
        };
        Ok(Some(Self {
            identifier: given(&metadata.credential_issuer),
            version,
            metadata: credential_metadata::document(&metadata, version, status_lists.aggregation()),
            configurations: configurations(&metadata)
                .map_err(|NoConfigurations| "credentialIssuerMetadata.credentialsSupported")?,
            keys: CredentialKeys::new(keys.map_err(|e| format!("credentialJwks: {e:?}"))?, hardware),
            demands_nonce: version == Oid4vciVersion::ImplementersDraft1
                || given(&metadata.nonce_endpoint).is_some(),
            status_lists,
            anonymous: on(document.pre_authorized_grant_anonymous_access_supported),
            transaction_code: document.user_pin_length.and_then(length),
            notified: given(&metadata.notification_endpoint).is_some(),
            nonces: Nonces::new(key, Ttl::specified(document.cnonce_duration).unwrap_or(NONCE)),
            offer: Ttl::specified(document.credential_offer_duration).unwrap_or(OFFER),
            transaction: Ttl::specified(document.credential_transaction_duration).unwrap_or(TRANSACTION),
            credential: Ttl::specified(document.credential_duration),
            encryption: Encryption::compile(&metadata)?,
            attesters: roots(document.key_attester_roots.as_ref(), document.key_attester_roots_enabled),
            most: most(&metadata, version),
        }))
    }
}

/// `batch_credential_issuance`, which the draft does not have.
fn most(metadata: &CredentialIssuerMetadata, version: Oid4vciVersion) -> usize {
    let size = metadata.batch_size.filter(|_| version == Oid4vciVersion::Final);
    size.and_then(|size| usize::try_from(size).ok()).unwrap_or(1).max(1)
}

/// §12.2.4: an endpoint is an https URL, which may have a query.
fn unreachable_endpoint(metadata: &CredentialIssuerMetadata) -> bool {
    let endpoints = [
        &metadata.credential_endpoint,
        &metadata.batch_credential_endpoint,
        &metadata.deferred_credential_endpoint,
        &metadata.nonce_endpoint,
        &metadata.notification_endpoint,
    ];
    let without_query = |url: &String| url.split('?').next().is_some_and(|url| Issuer::parse(url).is_ok());
    endpoints.into_iter().filter_map(given).any(|url| url.contains('#') || !without_query(&url))
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
        || zips.into_iter().flatten().flatten().next().is_some()
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

fn configurations(metadata: &CredentialIssuerMetadata) -> Result<CredentialConfigurations, NoConfigurations> {
    match given(&metadata.credentials_supported) {
        Some(text) => CredentialConfigurations::parse(&text),
        None => Ok(CredentialConfigurations::default()),
    }
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

/// What is drawn is neither guessed in a few attempts nor longer than what may be chosen. 0 is none.
fn length(length: i32) -> Option<usize> {
    usize::try_from(length).ok().filter(|length| (SHORTEST..=TRANSACTION_CODE).contains(length))
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
    let json = |text: &Option<String>| given(text).map(|text| serde_json::from_str::<Value>(&text));
    // §12.2.1: like an issuer identifier of OpenID Connect.
    let wrong = given(&metadata.credential_issuer).is_some_and(|issuer| Issuer::parse(&issuer).is_err())
        || unissuable(document, metadata)
        || json(&metadata.display).is_some_and(|display| {
            !display.is_ok_and(|display| display.as_array().is_some_and(|all| !all.is_empty()))
        })
        || given(&metadata.credential_request_encryption_jwks)
            .is_some_and(|keys| !JwkSet::parse(&keys).is_ok_and(|set| open_requests(&set)))
        || unknown_encryption(metadata)
        || impossible_encryption(metadata)
        || unreachable_endpoint(metadata)
        || metadata.authorization_servers.iter().flatten().any(|server| Issuer::parse(server).is_err())
        || metadata.batch_size.is_some_and(|size| size != 0 && !batch(size));
    wrong.then_some("credentialIssuerMetadata")
}
