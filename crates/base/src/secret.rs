//! Values that must not be printed, and the hashes that stand for them at rest.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroize;

/// A secret text. It has neither `Debug` nor `Display`, is overwritten when dropped, and compares in
/// constant time.
pub struct Secret<T: Zeroize = String>(T);

impl<T: Zeroize> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the one place that must use it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Secret<String> {
    /// Compares with a candidate from outside. Both sides are hashed first, so that neither the
    /// position of the first difference nor the length can be measured.
    pub fn matches(&self, candidate: &str) -> bool {
        TokenHash::of(&self.0) == TokenHash::of(candidate)
    }
}

/// SHA-256 of a token or secret: what the store keeps in its place.
#[expect(clippy::derived_hash_with_manual_eq, reason = "equality is the same, only its time is constant")]
#[derive(Clone, Copy, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    pub fn of(value: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, value.as_bytes()).as_ref());
        Self(hash)
    }

    /// The form in which the API shows hashes: base64url without padding, 43 characters.
    pub fn encoded(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    pub fn parse(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        BASE64URL_NOPAD.decode_len(text.len()).ok().filter(|length| *length == hash.len())?;
        BASE64URL_NOPAD.decode_mut(text.as_bytes(), &mut hash).ok()?;
        Some(Self(hash))
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.encoded())
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Encoded)
    }
}

/// Reads the encoded form wherever the text lies, without copying it.
struct Encoded;

impl de::Visitor<'_> for Encoded {
    type Value = TokenHash;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a hash, base64url")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<TokenHash, E> {
        TokenHash::parse(text).ok_or_else(|| E::custom("not a hash"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_round_trips_and_tells_values_apart() {
        let hash = TokenHash::of("a");
        assert_eq!(TokenHash::parse(&hash.encoded()), Some(hash));
        assert!(hash != TokenHash::of("b"));
        assert_eq!(TokenHash::parse("a"), None);
    }

    #[test]
    fn a_secret_matches_only_itself() {
        let secret = Secret::new("s3cret".to_owned());
        assert!(secret.matches("s3cret"));
        assert!(!secret.matches("s3cre"));
        assert!(!secret.matches(""));
    }
}
