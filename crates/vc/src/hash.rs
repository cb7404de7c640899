//! The hash algorithms that SD-JWTs and mdocs name, each in its own words.

use aws_lc_rs::digest::{self, Algorithm};
use data_encoding::BASE64URL_NOPAD;

#[derive(Clone, Copy)]
pub(crate) struct Hash(&'static Algorithm);

impl Hash {
    /// What everything here is made with.
    pub(crate) const SHA256: Self = Self(&digest::SHA256);

    /// RFC 9901 §4.1.1: a name of the registry of named information hash algorithms.
    pub(crate) fn of_sd_alg(name: &str) -> Option<Self> {
        Some(Self(match name {
            "sha-256" => &digest::SHA256,
            "sha-384" => &digest::SHA384,
            "sha-512" => &digest::SHA512,
            _ => return None,
        }))
    }

    /// ISO/IEC 18013-5 §9.1.2.5: `digestAlgorithm`.
    pub(crate) fn of_mso(name: &str) -> Option<Self> {
        Some(Self(match name {
            "SHA-256" => &digest::SHA256,
            "SHA-384" => &digest::SHA384,
            "SHA-512" => &digest::SHA512,
            _ => return None,
        }))
    }

    pub(crate) fn of(self, bytes: &[u8]) -> Vec<u8> {
        digest::digest(self.0, bytes).as_ref().to_vec()
    }

    /// RFC 9901 §4.2.3: the hash of a text, base64url.
    pub(crate) fn of_text(self, text: &str) -> String {
        BASE64URL_NOPAD.encode(digest::digest(self.0, text.as_bytes()).as_ref())
    }
}
