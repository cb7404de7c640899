//! Master keys: what the operator guards, and what wraps the keys that seal ([`crate::Seal`]).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use placet_base::Secret;
use serde::{Deserialize, Serialize};

use crate::seal::{SealError, derived};

/// What tells master keys apart, in rows and to the operator. It follows from the key, and says nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// 32 random bytes. It cannot be printed.
pub struct MasterKey {
    secret: Secret<[u8; 32]>,
    id: KeyId,
}

/// Bytes of an id.
const ID: usize = 8;

impl MasterKey {
    /// # Errors
    /// When nothing can be derived from it.
    pub fn new(secret: Secret<[u8; 32]>) -> Result<Self, SealError> {
        let id = derived(secret.expose(), &["master key id"])?;
        let id = KeyId(HEXLOWER.encode(id.expose().get(..ID).ok_or(SealError)?));
        Ok(Self { secret, id })
    }

    /// 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut secret = [0; 32];
        let digits = text.trim().as_bytes();
        HEXLOWER_PERMISSIVE.decode_len(digits.len()).ok().filter(|length| *length == secret.len())?;
        HEXLOWER_PERMISSIVE.decode_mut(digits, &mut secret).ok()?;
        Self::new(Secret::new(secret)).ok()
    }

    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// What everything was derived from in stores of before there were keyrings.
    pub(crate) fn secret(&self) -> &[u8; 32] {
        self.secret.expose()
    }

    fn key(&self) -> Result<LessSafeKey, SealError> {
        let key = derived(self.secret.expose(), &["wrap"])?;
        UnboundKey::new(&AES_256_GCM, key.expose()).map(LessSafeKey::new).map_err(|_| SealError)
    }

    pub(crate) fn wrap(
        &self,
        plain: &[u8],
        place: &str,
        nonce: [u8; NONCE_LEN],
    ) -> Result<String, SealError> {
        let mut bytes = plain.to_vec();
        let sealing = Nonce::assume_unique_for_key(nonce);
        self.key()?.seal_in_place_append_tag(sealing, Aad::from(place), &mut bytes).map_err(|_| SealError)?;
        Ok(BASE64URL_NOPAD.encode(&[&nonce[..], &bytes].concat()))
    }

    pub(crate) fn unwrap(&self, wrapped: &str, place: &str) -> Result<Secret<Vec<u8>>, SealError> {
        let mut bytes = BASE64URL_NOPAD.decode(wrapped.as_bytes()).map_err(|_| SealError)?;
        let nonce = bytes.get(..NONCE_LEN).ok_or(SealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let opened = self.key()?.open_within(nonce, Aad::from(place), &mut bytes, NONCE_LEN..);
        let length = opened.map_err(|_| SealError)?.len();
        let mut plain = bytes;
        plain.truncate(length);
        Ok(Secret::new(plain))
    }
}

/// The master keys that are known: the present one, and former ones, which what they have wrapped is opened with still.
pub struct MasterKeys(Vec<MasterKey>);

impl MasterKeys {
    pub fn new(present: MasterKey, former: Vec<MasterKey>) -> Self {
        let mut all = vec![present];
        all.extend(former);
        Self(all)
    }

    pub fn present(&self) -> Option<&MasterKey> {
        self.0.first()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &MasterKey> {
        self.0.iter()
    }

    pub(crate) fn by_id(&self, id: &KeyId) -> Option<&MasterKey> {
        self.0.iter().find(|key| key.id == *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> MasterKey {
        MasterKey::new(Secret::new([byte; 32])).unwrap()
    }

    #[test]
    fn what_one_key_has_wrapped_no_other_unwraps() {
        let wrapped = key(1).wrap(b"keys", "here", [3; NONCE_LEN]).unwrap();
        assert_eq!(
            key(1).unwrap(&wrapped, "here").ok().map(|plain| plain.expose().clone()),
            Some(b"keys".to_vec())
        );
        assert!(key(1).unwrap(&wrapped, "there").is_err() && key(2).unwrap(&wrapped, "here").is_err());
        assert!(key(1).unwrap("AAAA", "here").is_err() && key(1).unwrap("?", "here").is_err());
    }

    #[test]
    fn ids_tell_keys_apart_and_are_not_part_of_them() {
        let digits = "07".repeat(32);
        let parsed = MasterKey::parse(&format!("{digits}\n")).unwrap();
        assert_eq!(parsed.id(), key(7).id());
        assert_ne!(key(7).id(), key(8).id());
        assert!(!digits.contains(&parsed.id().to_string()));
        assert!(MasterKey::parse("07").is_none() && MasterKey::parse(&"xx".repeat(32)).is_none());
    }

    #[test]
    fn former_keys_are_known_behind_the_present_one() {
        let keys = MasterKeys::new(key(2), vec![key(1)]);
        assert_eq!(keys.present().map(MasterKey::id), Some(key(2).id()));
        assert!(keys.by_id(key(1).id()).is_some() && keys.by_id(key(3).id()).is_none());
    }
}
