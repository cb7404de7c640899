//! What is done with keys of the service, wherever they are.

use placet_api::Reason;
use placet_hsm::{Destroyed, HsmError, Hsms, KeyId, NewKey, Proven};
use placet_jose::{DecryptionKey, Encrypted, Unsigned};

use super::Cx;
use crate::fault::Fault;
use crate::tenant::{Decrypter, Keys, Signer};

/// What a failing module means to whoever waits for it: what passes is said in its own words; of the rest, `otherwise`.
fn hsm_fault(hsm: &str, error: HsmError, otherwise: impl FnOnce(String) -> Reason) -> Fault {
    let hsm = hsm.to_owned();
    let source = format!("hsm {hsm}: {error}");
    let reason = match error {
        HsmError::Away(_) => Reason::HsmAway { hsm },
        HsmError::Late => Reason::HsmLate { hsm },
        HsmError::Busy => Reason::HsmBusy { hsm },
        HsmError::Full => Reason::HsmFull { hsm },
        HsmError::Unknown | HsmError::NoKey | HsmError::Unsupported(_) | HsmError::Refused(_) => {
            otherwise(hsm)
        }
    };
    Fault::caused_by(reason, source)
}

impl Cx<'_> {
    fn hsms(&self) -> &Hsms {
        self.engine.outside.hsms()
    }

    /// The compact form of a token, signed.
    pub async fn signed(&self, unsigned: Unsigned, key: &Signer) -> Result<String, Fault> {
        let input = unsigned.signing_input_of(key.alg(), key.kid());
        let signature = self.signature(key, input.clone().into_bytes()).await?;
        Ok(Unsigned::compact(input, &signature))
    }

    /// A signature over bytes.
    pub async fn signature(&self, key: &Signer, message: Vec<u8>) -> Result<Vec<u8>, Fault> {
        match key {
            Signer::Software(key) => {
                let signature = self.engine.outside.sign(key.clone(), message).await;
                Ok(signature.ok_or(Reason::SigningFailed {})?)
            }
            Signer::Hardware(key, alg) => {
                let refused = |hsm| Reason::HsmDoesNotSign { hsm, kid: key.kid.clone() };
                let signature = self.hsms().sign(&key.hsm, key.id, *alg, message).await;
                signature.map_err(|error| hsm_fault(&key.hsm, error, refused))
            }
        }
    }

    /// The one of these keys of the service that opens a message; `None` when it has none. What it takes of a key in hardware is done
    /// here, so that whoever judges the message finds a key that is at hand.
    pub async fn decryption_key(
        &self,
        keys: &Keys,
        jwe: &Encrypted<'_>,
    ) -> Result<Option<DecryptionKey>, Fault> {
        let key = match keys.decrypting(jwe.alg(), jwe.kid()) {
            None => return Ok(None),
            Some(Decrypter::Software(key)) => return Ok(Some(key)),
            Some(Decrypter::Hardware(key)) => key,
        };
        let Some(asked) = jwe.asked(&key.public) else { return Ok(None) };
        let refused = |hsm| Reason::HsmDoesNotDecrypt { hsm, kid: key.kid.clone() };
        let opened = self.hsms().decryption_key(&key.hsm, key.id, jwe.alg(), asked).await;
        opened.map(Some).map_err(|error| hsm_fault(&key.hsm, error, refused))
    }

    /// Destroys a key in hardware; done again, it does nothing more. A module that this installation no longer has is
    /// not asked: what it holds is nobody's any more.
    pub async fn destroy_key(&self, hsm: &str, id: KeyId) -> Result<Destroyed, Fault> {
        match self.hsms().destroy(hsm, id).await {
            Ok(Destroyed) | Err(HsmError::Unknown) => Ok(Destroyed),
            Err(error) => Err(hsm_fault(hsm, error, |hsm| Reason::HsmDoesNotDestroy { hsm })),
        }
    }
}

/// Makes a key, once: nothing that runs again may do this.
pub async fn generate(hsms: &Hsms, hsm: &str, key: NewKey) -> Result<Proven, Fault> {
    let alg = key.alg.name().to_owned();
    let unsupported = |hsm| Reason::HskAlgUnsupportedByHsm { alg, hsm };
    hsms.generate(hsm, key).await.map_err(|error| match error {
        HsmError::Unsupported(_) => hsm_fault(hsm, error, unsupported),
        error => hsm_fault(hsm, error, |hsm| Reason::HskNotMade { hsm }),
    })
}
