//! The keys of a service, ready for use.

use std::sync::Arc;

use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::KeyAlg;
use placet_jose::{DecryptionKey, Jwk, JwkSet, SigningKey, VerifyingKey};

use super::HardwareKey;
use super::hardware::with_hardware;

#[derive(Default)]
pub struct Keys {
    /// With the public halves of keys in hardware. `None` when the service has no key at all.
    set: Option<JwkSet>,
    signing: Vec<Signer>,
    hardware: Vec<Arc<HardwareKey>>,
}

/// A key to sign with, wherever it is.
#[derive(Clone)]
pub enum Signer {
    Software(Arc<SigningKey>),
    Hardware(Arc<HardwareKey>, JwsAlg),
}

impl Signer {
    /// `None` for a key that does something else.
    pub(super) fn in_hardware(key: &Arc<HardwareKey>) -> Option<Self> {
        match key.alg {
            KeyAlg::Signs(alg) => Some(Self::Hardware(key.clone(), alg)),
            KeyAlg::Decrypts(_) => None,
        }
    }

    pub fn alg(&self) -> JwsAlg {
        match self {
            Self::Software(key) => key.alg(),
            Self::Hardware(_, alg) => *alg,
        }
    }

    pub fn kid(&self) -> Option<&str> {
        match self {
            Self::Software(key) => key.kid(),
            Self::Hardware(key, _) => Some(&key.kid),
        }
    }
}

/// A key to decrypt with, wherever it is.
pub enum Decrypter {
    Software(DecryptionKey),
    Hardware(Arc<HardwareKey>),
}

impl Keys {
    /// Keys of the set go before those in hardware, so that a new key in hardware signs when it is named, or when it is
    /// the only one that fits.
    pub fn new(set: Option<JwkSet>, hardware: Vec<Arc<HardwareKey>>) -> Self {
        let keys = set.iter().flat_map(JwkSet::keys);
        let software = keys.flat_map(|jwk| JwsAlg::ALL.iter().filter_map(|alg| jwk.signing_key(*alg)));
        let in_hardware = hardware.iter().filter_map(Signer::in_hardware);
        let signing = software.map(|key| Signer::Software(Arc::new(key))).chain(in_hardware).collect();
        Self { set: with_hardware(set, hardware.iter()), signing, hardware }
    }

    /// Keys that open what is encrypted for them, and sign nothing; the set has the public halves of those in hardware.
    pub fn opening(set: JwkSet, hardware: Vec<Arc<HardwareKey>>) -> Self {
        Self { set: Some(set), signing: Vec::new(), hardware }
    }

    pub fn set(&self) -> Option<&JwkSet> {
        self.set.as_ref()
    }

    /// The public halves of the keys in hardware.
    pub fn in_hardware(&self) -> impl Iterator<Item = &Jwk> {
        self.hardware.iter().map(|key| &key.public)
    }

    /// The key to sign with: the one called `kid` when that is set, else the first that fits.
    pub fn signing(&self, alg: JwsAlg, kid: Option<&str>) -> Option<Signer> {
        let fits = |key: &&Signer| key.alg() == alg && kid.is_none_or(|kid| key.kid() == Some(kid));
        self.signing.iter().find(fits).cloned()
    }

    /// The first key with a key id that proves who signed: the one called `kid` when that is set.
    pub fn proving(&self, kid: Option<&str>) -> Option<Signer> {
        let fits = |key: &&Signer| {
            let own = key.kid().filter(|own| !own.is_empty());
            key.alg().is_asymmetric() && own.is_some_and(|own| kid.is_none_or(|kid| kid == own))
        };
        self.signing.iter().find(fits).cloned()
    }

    /// The key to sign HTTP messages with: one that is bound to its algorithm.
    pub fn message_signing(&self, kid: Option<&str>) -> Option<Signer> {
        let algs = [JwsAlg::Es256, JwsAlg::Ps256, JwsAlg::EdDsa];
        algs.into_iter().find_map(|alg| self.signing(alg, kid))
    }

    /// The key to decrypt with: the one called `kid` when that is set, else the first that fits.
    pub fn decrypting(&self, alg: JweAlg, kid: Option<&str>) -> Option<Decrypter> {
        let software = self.set.as_ref().and_then(|set| set.decrypting(alg, kid)).map(Decrypter::Software);
        let fits = |key: &&Arc<HardwareKey>| key.decrypts(alg) && kid.is_none_or(|kid| key.kid == kid);
        software.or_else(|| self.hardware.iter().find(fits).cloned().map(Decrypter::Hardware))
    }

    /// The keys with which a token of this service may have been signed.
    pub fn verifying(&self, alg: JwsAlg, kid: Option<&str>) -> impl Iterator<Item = VerifyingKey> {
        let keys = self.set.iter().flat_map(JwkSet::keys);
        keys.filter(move |jwk| kid.is_none_or(|kid| jwk.kid() == Some(kid)))
            .filter_map(move |jwk| jwk.verifying_key(alg))
    }
}
