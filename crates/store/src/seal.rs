//! Envelope encryption of secret fields, before they reach a backend: AES-256-GCM under a key of the
//! installation, bound to the place where the value belongs.

use aws_lc_rs::aead::{AES_256_GCM, AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use data_encoding::BASE64URL_NOPAD;
use placet_base::Secret;
use serde::{Deserialize, Serialize};

/// A sealed text, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

/// The value was not sealed by this installation for this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealError;

/// The installation's master key and what is derived from it. Sealed values start with the number of
/// the key they were made with, so that a later key can be told from this one.
pub struct Seal {
    master: Salt,
    key: LessSafeKey,
    /// For rows, whose nonces follow from their places: nothing random is at hand where they are sealed.
    rows: LessSafeKey,
}

const KEY_NUMBER: &str = "1";

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

impl Seal {
    /// `master`: 32 random bytes that the operator guards.
    pub fn new(master: &[u8; 32]) -> Result<Self, SealError> {
        let master = Salt::new(HKDF_SHA256, master);
        let key = UnboundKey::new(&AES_256_GCM, &derive(&master, &["seal"])?).map_err(|_| SealError)?;
        let rows = UnboundKey::new(&AES_256_GCM_SIV, &derive(&master, &["rows"])?).map_err(|_| SealError)?;
        Ok(Self { master, key: LessSafeKey::new(key), rows: LessSafeKey::new(rows) })
    }

    /// A 256-bit key for another purpose, named by `info`.
    pub fn derive(&self, info: &[&str]) -> Result<[u8; 32], SealError> {
        derive(&self.master, info)
    }

    /// Seals `text` for `place`; only the same place opens it. `nonce` must be random.
    pub fn seal(&self, text: &str, place: &str, nonce: [u8; NONCE_LEN]) -> Result<Sealed, SealError> {
        let mut bytes = text.as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut bytes)
            .map_err(|_| SealError)?;
        Ok(Sealed(format!("{KEY_NUMBER}.{}", BASE64URL_NOPAD.encode(&[&nonce[..], &bytes].concat()))))
    }

    /// Seals what follows after the first `head` bytes of a row for `place`, with AES-256-GCM-SIV (RFC 8452).
    pub(crate) fn seal_row(
        &self,
        row: &mut Vec<u8>,
        head: usize,
        place: &[u8],
        nonce: [u8; NONCE_LEN],
    ) -> Result<(), SealError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let body = row.get_mut(head..).ok_or(SealError)?;
        let tag = self.rows.seal_in_place_separate_tag(nonce, Aad::from(place), body);
        row.extend_from_slice(tag.map_err(|_| SealError)?.as_ref());
        Ok(())
    }

    /// Opens what was sealed so; nothing but it is left of the row.
    pub(crate) fn open_row(
        &self,
        row: &mut Vec<u8>,
        head: usize,
        place: &[u8],
        nonce: [u8; NONCE_LEN],
    ) -> Result<(), SealError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = self.rows.open_within(nonce, Aad::from(place), row, head..).map_err(|_| SealError)?;
        let length = opened.len();
        row.truncate(length);
        Ok(())
    }

    pub fn open(&self, sealed: &Sealed, place: &str) -> Result<Secret, SealError> {
        let (number, text) = sealed.0.split_once('.').ok_or(SealError)?;
        let mut bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| SealError)?;
        if number != KEY_NUMBER || bytes.len() < NONCE_LEN {
            return Err(SealError);
        }
        let (nonce, content) = bytes.split_at_mut(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let plain = self.key.open_in_place(nonce, Aad::from(place), content).map_err(|_| SealError)?;
        String::from_utf8(plain.to_vec()).map(Secret::new).map_err(|_| SealError)
    }
}

fn derive(master: &Salt, info: &[&str]) -> Result<[u8; 32], SealError> {
    let parts: Vec<&[u8]> = info.iter().map(|part| part.as_bytes()).collect();
    let prk = master.extract(b"placet");
    let mut key = [0; 32];
    prk.expand(&parts, Bytes(32)).and_then(|okm| okm.fill(&mut key)).map_err(|_| SealError)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_its_place_only() {
        let seal = Seal::new(&[7; 32]).unwrap();
        let sealed = seal.seal("s3cret", "client/1", [1; NONCE_LEN]).unwrap();
        assert_eq!(seal.open(&sealed, "client/1").unwrap().expose(), "s3cret");
        assert!(seal.open(&sealed, "client/2").is_err());
        assert!(Seal::new(&[8; 32]).unwrap().open(&sealed, "client/1").is_err());
        assert!(seal.open(&Sealed("1.AAAA".into()), "client/1").is_err());
        assert!(seal.open(&Sealed("nothing".into()), "client/1").is_err());
    }

    #[test]
    fn derived_keys_differ_by_purpose() {
        let seal = Seal::new(&[7; 32]).unwrap();
        assert_ne!(seal.derive(&["a"]).unwrap(), seal.derive(&["b"]).unwrap());
        assert_eq!(seal.derive(&["a"]).unwrap(), seal.derive(&["a"]).unwrap());
    }
}
