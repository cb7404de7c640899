//! The modules of an installation, by their names.

use std::sync::Arc;

use placet_base::registry::{JweAlg, JweEnc, JwsAlg};
use placet_jose::{Asked, DecryptionKey, Encrypted, Header, Jwk, encrypt};

use crate::{Destroyed, Hsm, HsmError, KeyAlg, KeyId, NewKey};

/// A module, and the name that requests know it by.
pub type Named = (String, Arc<dyn Hsm>);

/// In the order of the configuration: the first is meant where none is named.
#[derive(Clone, Default)]
pub struct Hsms(Vec<Named>);

/// The public half of a key that has shown that it does what it is for.
pub struct Proven(pub Jwk);

impl Hsms {
    pub fn new(named: Vec<Named>) -> Self {
        Self(named)
    }

    /// The name of the module that is meant; `None` when there is none of that name.
    pub fn name(&self, wanted: Option<&str>) -> Option<&str> {
        let is_meant = |(name, _): &&Named| wanted.is_none_or(|wanted| wanted == name);
        self.0.iter().find(is_meant).map(|(name, _)| name.as_str())
    }

    /// # Errors
    /// When there is none of that name.
    pub fn module(&self, name: &str) -> Result<&dyn Hsm, HsmError> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, hsm)| &**hsm).ok_or(HsmError::Unknown)
    }

    /// Makes a key and has it prove itself: that a module makes keys of a kind does not say that it uses them. One
    /// that fails is destroyed.
    ///
    /// # Errors
    /// When the key cannot be made, or does not do what it is for.
    pub async fn generate(&self, name: &str, key: NewKey) -> Result<Proven, HsmError> {
        let (hsm, id, alg) = (self.module(name)?, key.id, key.alg);
        let public = hsm.generate(key).await?;
        match prove(hsm, id, alg, &public).await {
            Ok(public) => Ok(public),
            Err(error) => {
                hsm.destroy(id).await?;
                Err(error)
            }
        }
    }

    /// # Errors
    /// When the module does not make the signature.
    pub async fn sign(
        &self,
        name: &str,
        id: KeyId,
        alg: JwsAlg,
        message: Vec<u8>,
    ) -> Result<Vec<u8>, HsmError> {
        self.module(name)?.sign(id, alg, message).await
    }

    /// The key of one message, of which this was [asked](Encrypted::asked).
    ///
    /// # Errors
    /// When the module cannot be asked. What cannot be decrypted is none: the key then opens nothing.
    pub async fn decryption_key(
        &self,
        name: &str,
        id: KeyId,
        alg: JweAlg,
        asked: Asked,
    ) -> Result<DecryptionKey, HsmError> {
        let given = self.module(name)?.answer(id, alg, asked).await?;
        Ok(DecryptionKey::from_elsewhere(alg, given))
    }

    /// # Errors
    /// When the key may still be there.
    pub async fn destroy(&self, name: &str, id: KeyId) -> Result<Destroyed, HsmError> {
        self.module(name)?.destroy(id).await
    }
}

const PROBE: &[u8] = b"placet makes sure that a new key works";

async fn prove(hsm: &dyn Hsm, id: KeyId, alg: KeyAlg, public: &Jwk) -> Result<Proven, HsmError> {
    let works = match alg {
        KeyAlg::Signs(alg) => {
            let signature = hsm.sign(id, alg, PROBE.to_vec()).await?;
            public.verifying_key(alg).is_some_and(|key| key.verifies(PROBE, &signature))
        }
        KeyAlg::Decrypts(alg) => opens_probe(hsm, id, alg, public).await?,
    };
    let wrong = || HsmError::Unsupported(format!("what the key does is not {}", alg.name()));
    works.then(|| Proven(public.clone())).ok_or_else(wrong)
}

async fn opens_probe(hsm: &dyn Hsm, id: KeyId, alg: JweAlg, public: &Jwk) -> Result<bool, HsmError> {
    let key = public.encryption_key(alg);
    let probe = key.and_then(|key| encrypt(PROBE, Header::new(), &key, JweEnc::A256Gcm));
    let probe = probe.ok_or_else(|| HsmError::Unsupported("the public half is none".to_owned()))?;
    let Ok(jwe) = Encrypted::parse(&probe) else { return Ok(false) };
    let Some(asked) = jwe.asked(public) else { return Ok(false) };
    let given = hsm.answer(id, alg, asked).await?;
    Ok(jwe.decrypted(&DecryptionKey::from_elsewhere(alg, given)).is_ok_and(|plain| plain == PROBE))
}
