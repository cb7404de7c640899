//! The keys that a service signs credentials with, each with what vouches for it.

use std::collections::HashSet;
use std::sync::Arc;

use data_encoding::BASE64;
use placet_base::Timestamp;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_base::set::Set;
use placet_jose::{Certificate, JWE_ALGS, Jwk, JwkSet};
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
    /// When its certificate is valid, if it has one.
    pub valid: Option<(Timestamp, Timestamp)>,
}

impl CredentialKeys {
    /// Keys of the set go before those in hardware, as with the other keys of a service.
    pub(super) fn new(set: Option<JwkSet>, hardware: &[Arc<HardwareKey>]) -> Self {
        let software = set.iter().flat_map(JwkSet::keys).flat_map(CredentialKey::of);
        let shown = |key: &Arc<HardwareKey>| {
            let mut keys = set.iter().flat_map(JwkSet::keys);
            keys.find(|jwk| jwk.certificate().is_some() && key.is_shown_by(jwk))
        };
        let in_hardware = hardware.iter().filter_map(|key| CredentialKey::in_hardware(key, shown(key)));
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
        let keys = JwsAlg::ALL.iter().filter(|alg| alg.is_asymmetric());
        let signers = keys.filter_map(|alg| jwk.signing_key(*alg)).map(|key| Signer::Software(Arc::new(key)));
        signers.map(|key| Self::certified(key, Some(jwk)))
    }

    /// `shown`: its public half with its certificates, if the set has it.
    fn in_hardware(key: &Arc<HardwareKey>, shown: Option<&Jwk>) -> Option<Self> {
        Some(Self::certified(Signer::in_hardware(key)?, shown))
    }

    fn certified(key: Signer, jwk: Option<&Jwk>) -> Self {
        let chain = below_root(jwk.and_then(Jwk::certificates).unwrap_or_default());
        let valid = jwk.and_then(Jwk::certificate).as_ref().and_then(Certificate::validity);
        let x5c = chain.iter().map(|der| BASE64.encode(der)).collect::<Vec<_>>();
        let x5c = (!x5c.is_empty()).then(|| Value::from(x5c));
        Self { key, chain, x5c, valid }
    }
}

/// High Assurance Interoperability Profile 1.0 §6.1.1, ISO/IEC 18013-5 §9.1.3.5: whoever verifies has the root, and takes it from
/// nobody else.
fn below_root(mut chain: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let root = |der: &Vec<u8>| Certificate::from_der(der.clone()).is_some_and(|link| link.is_self_issued());
    if chain.len() > 1 && chain.last().is_some_and(root) {
        chain.pop();
    }
    chain
}

/// Whether no two keys have one name: who verifies would take the other.
pub(super) fn are_told_apart(set: &JwkSet) -> bool {
    let mut seen = HashSet::new();
    set.keys().iter().filter_map(Jwk::kid).all(|kid| seen.insert(kid))
}

/// §12.2.4 of OpenID4VCI 1.0: whether all requests can be opened that are encrypted as wallets read it there. Each key has a name
/// and says its algorithm (§10), and its private part is here, or in hardware.
pub(super) fn open_requests(set: &JwkSet, hardware: &[Arc<HardwareKey>]) -> bool {
    let opens = |jwk: &Jwk| {
        let alg = jwk.alg().and_then(JweAlg::from_protocol).filter(|alg| JWE_ALGS.contains(alg));
        alg.is_some_and(|alg| jwk.decryption_key(alg).is_some())
            || hardware.iter().any(|key| key.opens_for(jwk))
    };
    set.has_distinct_ids() && set.keys().iter().all(opens)
}

/// Whether credentials that the key signs could be verified: where it has certificates, the first is its own (RFC 7517
/// §4.7). A public key is that of a key in hardware, or of one that has signed before.
pub(super) fn is_certified(jwk: &Jwk) -> bool {
    if jwk.public().get("x5c").is_none() {
        return true;
    }
    let Some(own) = jwk.certificates().and_then(|chain| chain.into_iter().next()) else { return false };
    let certificate = Certificate::from_der(own);
    if !jwk.is_private() {
        return certificate.is_some_and(|certificate| certificate.is_about(jwk));
    }
    let signs = |alg: &JwsAlg| {
        let key = jwk.signing_key(*alg)?;
        let signature = key.sign(b"placet")?;
        Some(certificate.as_ref()?.verifying_key(*alg)?.verifies(b"placet", &signature))
    };
    JwsAlg::ALL.iter().find_map(signs) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    // shows HAIP 6.1.1/anchor
    #[test]
    fn the_root_is_left_out_of_a_chain_and_never_the_key_itself() {
        let root = Certificate::parse(include_str!("../../../../interop/certificate.pem")).unwrap();
        assert!(root.is_self_issued());
        let der = root.into_der();
        assert_eq!(below_root(vec![der.clone(), der.clone()]).len(), 1);
        assert_eq!(below_root(vec![der]).len(), 1);
        assert!(below_root(Vec::new()).is_empty());
    }
}
