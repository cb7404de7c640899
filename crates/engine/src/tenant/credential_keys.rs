//! The keys that a service signs credentials with, each with what vouches for it.

use std::sync::Arc;

use data_encoding::BASE64;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::{Certificate, Jwk, JwkSet};
use serde_json::Value;

use super::hardware::with_hardware;
use super::{HardwareKey, Signer};

/// The keys of a credential issuer.
#[derive(Default)]
pub struct CredentialKeys {
    /// `None` when the service has none.
    set: Option<JwkSet>,
    signing: Vec<CredentialKey>,
}

/// A key, as what signs and what shows who has signed.
pub struct CredentialKey {
    pub key: Signer,
    /// Its certificate and those above it, as DER; empty where there are none.
    pub chain: Vec<Vec<u8>>,
    /// The same for the header of a JWT (RFC 7515 §4.1.6).
    pub x5c: Option<Value>,
}

impl CredentialKeys {
    /// Keys of the set go before those in hardware, as with the other keys of a service.
    pub(super) fn new(set: Option<JwkSet>, hardware: &[Arc<HardwareKey>]) -> Self {
        let software = set.iter().flat_map(JwkSet::keys).flat_map(CredentialKey::of);
        let in_hardware = hardware.iter().filter_map(CredentialKey::in_hardware);
        let signing: Vec<_> = software.chain(in_hardware).collect();
        let signs = |key: &&Arc<HardwareKey>| Signer::in_hardware(key).is_some();
        Self { set: with_hardware(set, hardware.iter().filter(signs)), signing }
    }

    /// What credentials are verified with.
    pub fn published(&self) -> Option<Value> {
        self.set.as_ref().map(JwkSet::published)
    }

    /// The key called `kid` when that is set, else the first whose algorithm the credential may have.
    pub fn signing(&self, algs: Set<JwsAlg>, kid: Option<&str>) -> Option<&CredentialKey> {
        let fits = |one: &&CredentialKey| {
            algs.contains(one.key.alg()) && kid.is_none_or(|kid| one.key.kid() == Some(kid))
        };
        self.signing.iter().find(fits)
    }
}

impl CredentialKey {
    fn of(jwk: &Jwk) -> impl Iterator<Item = Self> {
        let chain = jwk.certificates().unwrap_or_default();
        let x5c = chain.iter().map(|der| BASE64.encode(der)).collect::<Vec<_>>();
        let x5c = (!x5c.is_empty()).then(|| Value::from(x5c));
        let keys = JwsAlg::ALL.iter().filter(|alg| alg.is_asymmetric());
        keys.filter_map(|alg| jwk.signing_key(*alg)).map(move |key| Self {
            key: Signer::Software(Arc::new(key)),
            chain: chain.clone(),
            x5c: x5c.clone(),
        })
    }

    /// A module has no certificates.
    fn in_hardware(key: &Arc<HardwareKey>) -> Option<Self> {
        Some(Self { key: Signer::in_hardware(key)?, chain: Vec::new(), x5c: None })
    }
}

/// Whether credentials that the key signs could be verified: where it has certificates, the first is its own (RFC 7517
/// §4.7).
pub(super) fn is_certified(jwk: &Jwk) -> bool {
    if jwk.public().get("x5c").is_none() {
        return true;
    }
    let Some(own) = jwk.certificates().and_then(|chain| chain.into_iter().next()) else { return false };
    let certificate = Certificate::from_der(own);
    let signs = |alg: &JwsAlg| {
        let key = jwk.signing_key(*alg)?;
        let signature = key.sign(b"placet")?;
        Some(certificate.as_ref()?.verifying_key(*alg)?.verifies(b"placet", &signature))
    };
    JwsAlg::ALL.iter().find_map(signs) == Some(true)
}
