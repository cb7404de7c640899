//! What is asked of AWS KMS: its API in terms of RFC 7518.

use aws_lc_rs::digest::digest;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeyAgreementAlgorithmSpec, MessageType};
use placet_base::Secret;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::{Destroyed, HsmError, KeyId, NewKey};
use placet_jose::{Asked, Jwk};

use crate::errors::Failure;
use crate::{der, names};

/// The shortest time that AWS KMS keeps a key which is to be destroyed; until then its operator can have it back. It does
/// nothing any more from the first moment.
const PENDING_DAYS: i32 = 7;

#[derive(Clone)]
pub(crate) struct Keys(pub(crate) Client);

fn alias(id: KeyId) -> String {
    format!("alias/placet-{}", id.handle())
}

fn unsupported(what: &str) -> HsmError {
    HsmError::Unsupported(what.to_owned())
}

fn unreadable(what: &str) -> HsmError {
    HsmError::Refused(format!("AWS KMS gives {what} that cannot be read"))
}

impl Keys {
    /// Makes a key pair. What an attempt that was cut off may have left goes first.
    pub(crate) async fn generate(&self, key: &NewKey) -> Result<Jwk, HsmError> {
        let (spec, usage) = names::key(key.alg).ok_or_else(|| unsupported(key.alg.name()))?;
        let Destroyed = self.destroy(key.id).await?;
        let made = self.0.create_key().key_spec(spec).key_usage(usage).description(&key.label).send().await;
        let made = made.map_err(Failure::from)?;
        let arn = made.key_metadata().map(|made| made.key_id()).ok_or_else(|| unreadable("a key"))?;
        match self.named(arn, key.id).await {
            Ok(public) => Ok(public),
            Err(error) => {
                self.scheduled(arn).await?;
                Err(error)
            }
        }
    }

    /// Gives a key its name, and says what its public half is.
    async fn named(&self, arn: &str, id: KeyId) -> Result<Jwk, HsmError> {
        let shown = self.0.get_public_key().key_id(arn).send().await.map_err(Failure::from)?;
        let public = shown.public_key().and_then(|blob| der::jwk(blob.as_ref()));
        let public = public.ok_or_else(|| unreadable("a public key"))?;
        let named = self.0.create_alias().alias_name(alias(id)).target_key_id(arn).send().await;
        named.map_err(Failure::from)?;
        Ok(public)
    }

    /// A signature over a digest: messages themselves have a limit of 4 KiB there.
    pub(crate) async fn sign(&self, id: KeyId, alg: JwsAlg, message: &[u8]) -> Result<Vec<u8>, HsmError> {
        let (spec, hash) = names::signing(alg).ok_or_else(|| unsupported(alg.protocol_name()))?;
        let call = self.0.sign().key_id(alias(id)).signing_algorithm(spec).message_type(MessageType::Digest);
        let signed = call.message(Blob::new(digest(hash, message).as_ref())).send().await;
        let signed = signed.map_err(Failure::from)?.signature.map(Blob::into_inner);
        let signature = signed.and_then(|signature| match names::ecdsa_size(alg) {
            Some(size) => der::ecdsa(&signature, size),
            None => Some(signature),
        });
        signature.ok_or_else(|| unreadable("a signature"))
    }

    /// RFC 7518 §4.3, §4.6. What cannot be decrypted is no error of the service's (RFC 7516 §11.5).
    pub(crate) async fn answer(
        &self,
        id: KeyId,
        alg: JweAlg,
        asked: Asked,
    ) -> Result<Option<Vec<u8>>, HsmError> {
        let given = match asked {
            Asked::Decryption(encrypted) => self.decrypted(id, alg, encrypted).await,
            Asked::Agreement(peer) => self.agreed(id, &peer).await,
        };
        match given {
            Ok(given) => Ok(Some(given)),
            Err(Failure::Data) => Ok(None),
            Err(Failure::Other(error)) => Err(error),
        }
    }

    async fn decrypted(&self, id: KeyId, alg: JweAlg, encrypted: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let oaep = names::oaep(alg).ok_or_else(|| Failure::Other(unsupported(alg.protocol_name())))?;
        let call = self.0.decrypt().key_id(alias(id)).encryption_algorithm(oaep);
        let decrypted = call.ciphertext_blob(Blob::new(encrypted)).send().await?;
        decrypted.plaintext.map(Blob::into_inner).ok_or(Failure::Data)
    }

    pub(crate) async fn opened(&self, encrypted: Vec<u8>) -> Result<Secret<Vec<u8>>, HsmError> {
        let decrypted = self.0.decrypt().ciphertext_blob(Blob::new(encrypted)).send().await;
        let plain = decrypted.map_err(Failure::from)?.plaintext.map(Blob::into_inner);
        plain.map(Secret::new).ok_or_else(|| unreadable("a key"))
    }

    async fn agreed(&self, id: KeyId, peer: &[u8]) -> Result<Vec<u8>, Failure> {
        let peer = der::p256(peer).ok_or(Failure::Data)?;
        let ecdh = KeyAgreementAlgorithmSpec::Ecdh;
        let call = self.0.derive_shared_secret().key_id(alias(id)).key_agreement_algorithm(ecdh);
        let agreed = call.public_key(Blob::new(peer)).send().await?;
        agreed.shared_secret.map(Blob::into_inner).ok_or(Failure::Data)
    }

    /// The key first, its name after that: what is cut off in between can be done again.
    pub(crate) async fn destroy(&self, id: KeyId) -> Result<Destroyed, HsmError> {
        let found = match self.0.describe_key().key_id(alias(id)).send().await.map_err(Failure::from) {
            Err(Failure::Other(HsmError::NoKey)) => return Ok(Destroyed),
            found => found.map_err(HsmError::from)?,
        };
        if let Some(key) = found.key_metadata()
            && key.deletion_date().is_none()
        {
            self.scheduled(key.key_id()).await?;
        }
        match self.0.delete_alias().alias_name(alias(id)).send().await.map_err(Failure::from) {
            Ok(_) | Err(Failure::Other(HsmError::NoKey)) => Ok(Destroyed),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn scheduled(&self, arn: &str) -> Result<(), HsmError> {
        let call = self.0.schedule_key_deletion().key_id(arn).pending_window_in_days(PENDING_DAYS);
        call.send().await.map_err(Failure::from)?;
        Ok(())
    }
}
