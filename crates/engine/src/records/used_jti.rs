//! An identifier that was used and must not be used again: of a client assertion, of a DPoP proof.

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use placet_base::{RecordNumber, Timestamp};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct UsedJti {
    pub mark: String,
    /// From when on whatever carries the identifier is refused for its age.
    pub expires_at: Timestamp,
}

impl UsedJti {
    pub const MARK: &'static str = "mark";

    pub fn mark(purpose: &str, owner: &str, value: &str) -> String {
        BASE64URL_NOPAD.encode(&Self::digest(&[purpose, owner, value]))
    }

    /// A hash in which no part can pass for a piece of its neighbour.
    pub fn digest(parts: &[&str]) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        bytes
    }
}

impl Record for UsedJti {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("used");

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry { name: Self::MARK, value: self.mark.clone(), unique: true }]
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
