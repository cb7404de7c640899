//! OpenID for Verifiable Credential Issuance 1.0 §12.2 – the service as an issuer of credentials.

use std::sync::Arc;

use placet_api::types::{CredentialIssuerMetadata, Service};
use placet_base::Ttl;
use placet_base::registry::{JweAlg, JweEnc};
use placet_jose::dpop::Nonces;
use placet_jose::{Certificate, JwkSet};
use serde_json::Value;

use super::credential_configuration::{CredentialConfigurations, NoConfigurations};
use super::credential_keys::CredentialKeys;
use super::settings::{given, on, roots};
use super::{HardwareKey, Keys, credential_metadata};
use crate::budgets::TRANSACTION_CODE;

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
    /// A response may be compressed (`zip` is DEF, the one that there is).
    pub compressed: bool,
    pub response_required: bool,
    /// What requests are opened with.
    pub request: Option<Keys>,
    pub request_encs: Vec<JweEnc>,
    /// A request may be.
    pub request_compressed: bool,
    pub request_required: bool,
}

impl Encryption {
    fn compile(metadata: &CredentialIssuerMetadata, hardware: &[Arc<HardwareKey>]) -> Result<Self, String> {
        let keys = given(&metadata.credential_request_encryption_jwks).map(|text| JwkSet::parse(&text));
        let keys = keys.transpose().map_err(|e| format!("credentialRequestEncryptionJwks: {e:?}"))?;
        // A key in hardware is one of these where its public half stands among them.
        let keys = keys.map(|set| {
            let shown = |key: &&Arc<HardwareKey>| set.keys().iter().any(|jwk| key.opens_for(jwk));
            let hardware = hardware.iter().filter(shown).cloned().collect();
            Keys::opening(set, hardware)
        });
        // COMPAT: the published description has texts; published clients read them as the API's names, and write them so.
        let algs = metadata.credential_response_encryption_alg_values_supported.iter().flatten();
        let encs = |list: &Option<Vec<String>>| {
            list.iter().flatten().filter_map(|name| JweEnc::named(name)).collect()
        };
        let some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
        Ok(Self {
            algs: algs.filter_map(|name| JweAlg::named(name)).collect(),
            encs: encs(&metadata.credential_response_encryption_enc_values_supported),
            compressed: some(&metadata.credential_response_encryption_zip_values_supported),
            response_required: on(metadata.require_credential_response_encryption),
            request: keys,
            request_encs: encs(&metadata.credential_request_encryption_enc_values_supported),
            request_compressed: some(&metadata.credential_request_encryption_zip_values_supported),
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
            encryption: Encryption::compile(&metadata, hardware)?,
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

pub(super) fn configurations(
    metadata: &CredentialIssuerMetadata,
) -> Result<CredentialConfigurations, NoConfigurations> {
    match given(&metadata.credentials_supported) {
        Some(text) => CredentialConfigurations::parse(&text),
        None => Ok(CredentialConfigurations::default()),
    }
}

/// What is drawn is neither guessed in a few attempts nor longer than what may be chosen. 0 is none.
pub(super) fn length(length: i32) -> Option<usize> {
    usize::try_from(length).ok().filter(|length| (SHORTEST..=TRANSACTION_CODE).contains(length))
}
