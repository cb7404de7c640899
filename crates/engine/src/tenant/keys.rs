//! The keys of a service, ready for use.

use std::sync::Arc;

use placet_base::registry::{JweAlg, JwsAlg};
use placet_jose::{DecryptionKey, JwkSet, SigningKey, VerifyingKey};

#[derive(Default)]
pub struct Keys {
    /// `None` when the service has registered no key set.
    set: Option<JwkSet>,
    signing: Vec<Arc<SigningKey>>,
}

impl Keys {
    pub fn new(set: Option<JwkSet>) -> Self {
        let keys = set.iter().flat_map(JwkSet::keys);
        let signing = keys
            .flat_map(|jwk| JwsAlg::ALL.iter().filter_map(|alg| jwk.signing_key(*alg)))
            .map(Arc::new)
            .collect();
        Self { set, signing }
    }

    pub fn set(&self) -> Option<&JwkSet> {
        self.set.as_ref()
    }

    /// The key to sign with: the one called `kid` when that is set, else the first that fits.
    pub fn signing(&self, alg: JwsAlg, kid: Option<&str>) -> Option<Arc<SigningKey>> {
        let fits = |key: &&Arc<SigningKey>| key.alg() == alg && kid.is_none_or(|kid| key.kid() == Some(kid));
        self.signing.iter().find(fits).cloned()
    }

    /// The first key with a key id that proves who signed: the one called `kid` when that is set.
    pub fn proving(&self, kid: Option<&str>) -> Option<Arc<SigningKey>> {
        let fits = |key: &&Arc<SigningKey>| {
            let own = key.kid().filter(|own| !own.is_empty());
            key.alg().is_asymmetric() && own.is_some_and(|own| kid.is_none_or(|kid| kid == own))
        };
        self.signing.iter().find(fits).cloned()
    }

    /// The key to sign HTTP messages with: one that is bound to its algorithm.
    pub fn message_signing(&self, kid: Option<&str>) -> Option<Arc<SigningKey>> {
        let algs = [JwsAlg::Es256, JwsAlg::Ps256, JwsAlg::EdDsa];
        algs.into_iter().find_map(|alg| self.signing(alg, kid))
    }

    /// The key to decrypt with: the one called `kid` when that is set, else the first that fits.
    pub fn decrypting(&self, alg: JweAlg, kid: Option<&str>) -> Option<DecryptionKey> {
        let keys = self.set.iter().flat_map(JwkSet::keys);
        let mut named = keys.filter(|jwk| kid.is_none_or(|kid| jwk.kid() == Some(kid)));
        named.find_map(|jwk| jwk.decryption_key(alg))
    }

    /// The keys with which a token of this service may have been signed.
    pub fn verifying(&self, alg: JwsAlg, kid: Option<&str>) -> impl Iterator<Item = VerifyingKey> {
        let keys = self.set.iter().flat_map(JwkSet::keys);
        keys.filter(move |jwk| kid.is_none_or(|kid| jwk.kid() == Some(kid)))
            .filter_map(move |jwk| jwk.verifying_key(alg))
    }
}
