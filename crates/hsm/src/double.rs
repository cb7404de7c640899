//! A double of a module, for tests: its keys are in memory, and it fails when it is told to.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use placet_base::registry::{JweAlg, JwsAlg};
use placet_jose::{Asked, Jwk, KeyKind, generate, generate_for_encryption};

use crate::{BoxFuture, Destroyed, Hsm, HsmError, KeyAlg, KeyId, NewKey};

#[derive(Default)]
struct State {
    keys: HashMap<KeyId, Jwk>,
    failing: Option<HsmError>,
}

/// It does what its `algs` are; every algorithm when there are none.
#[derive(Default)]
pub struct Double {
    state: Mutex<State>,
    algs: Vec<KeyAlg>,
}

impl Double {
    /// One that does nothing else.
    pub fn doing(algs: Vec<KeyAlg>) -> Self {
        Self { algs, ..Self::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on everything fails so; nothing any more with `None`.
    pub fn fail(&self, error: Option<HsmError>) {
        self.state().failing = error;
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.state().keys.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Loses every key, as a module does that somebody has reset.
    pub fn clear(&self) {
        self.state().keys.clear();
    }

    fn up(&self) -> Result<MutexGuard<'_, State>, HsmError> {
        let state = self.state();
        match &state.failing {
            Some(error) => Err(error.clone()),
            None => Ok(state),
        }
    }

    fn made(&self, key: &NewKey) -> Result<Jwk, HsmError> {
        let mut state = self.up()?;
        if !self.algs.is_empty() && !self.algs.contains(&key.alg) {
            return Err(HsmError::Unsupported(key.alg.name().to_owned()));
        }
        let private = match key.alg {
            KeyAlg::Signs(alg) => generate(alg),
            KeyAlg::Decrypts(alg) => KeyKind::decrypting(alg).and_then(generate_for_encryption),
        };
        let private = private.and_then(|key| Jwk::parse(&key)).ok_or(HsmError::Full)?;
        let public = Jwk::parse(&private.public()).ok_or(HsmError::Full)?;
        state.keys.insert(key.id, private);
        Ok(public)
    }

    fn signed(&self, id: KeyId, alg: JwsAlg, message: &[u8]) -> Result<Vec<u8>, HsmError> {
        let state = self.up()?;
        let key = state.keys.get(&id).ok_or(HsmError::NoKey)?;
        let signature = key.signing_key(alg).and_then(|key| key.sign(message));
        signature.ok_or_else(|| HsmError::Refused("the key is for something else".to_owned()))
    }

    fn answered(&self, id: KeyId, alg: JweAlg, asked: &Asked) -> Result<Option<Vec<u8>>, HsmError> {
        let state = self.up()?;
        let key = state.keys.get(&id).ok_or(HsmError::NoKey)?.decryption_key(alg);
        let key = key.ok_or_else(|| HsmError::Refused("the key is for something else".to_owned()))?;
        Ok(key.answer(asked))
    }
}

impl Hsm for Double {
    fn generate(&self, key: NewKey) -> BoxFuture<'_, Result<Jwk, HsmError>> {
        Box::pin(async move { self.made(&key) })
    }

    fn sign(&self, id: KeyId, alg: JwsAlg, message: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, HsmError>> {
        Box::pin(async move { self.signed(id, alg, &message) })
    }

    fn answer(
        &self,
        id: KeyId,
        alg: JweAlg,
        asked: Asked,
    ) -> BoxFuture<'_, Result<Option<Vec<u8>>, HsmError>> {
        Box::pin(async move { self.answered(id, alg, &asked) })
    }

    fn destroy(&self, id: KeyId) -> BoxFuture<'_, Result<Destroyed, HsmError>> {
        Box::pin(async move {
            self.up()?.keys.remove(&id);
            Ok(Destroyed)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Hsms;
    use crate::contract::{CHECKS, block_on};

    #[test]
    fn the_double_does_what_a_module_owes() {
        for (_, check) in CHECKS {
            check(&Double::default());
        }
    }

    #[test]
    fn a_key_that_does_not_work_is_not_kept() {
        let memory = Arc::new(Double::default());
        let hsms = Hsms::new(vec![("m".to_owned(), memory.clone() as Arc<dyn Hsm>)]);
        assert_eq!(hsms.name(None), Some("m"));
        assert_eq!(hsms.name(Some("other")), None);
        let key = |alg| NewKey { id: KeyId([1; 32]), alg, label: String::new() };
        let made = |alg| block_on(hsms.generate("m", key(alg)));
        assert!(made(KeyAlg::Signs(JwsAlg::Es256)).is_ok());
        assert!(made(KeyAlg::Decrypts(JweAlg::EcdhEs)).is_ok());
        assert!(memory.len() == 1 && !memory.is_empty());
        // The double makes a key for RSA1_5, and does not open with it.
        assert!(matches!(made(KeyAlg::Decrypts(JweAlg::Rsa15)), Err(HsmError::Refused(_))));
        assert!(memory.is_empty());
        memory.fail(Some(HsmError::Late));
        assert_eq!(made(KeyAlg::Signs(JwsAlg::Es256)).err(), Some(HsmError::Late));
        assert_eq!(block_on(hsms.destroy("other", KeyId([1; 32]))), Err(HsmError::Unknown));
    }
}
