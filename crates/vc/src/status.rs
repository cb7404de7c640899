//! Token Status List (draft-ietf-oauth-status-list-21) – whether credentials still count: a bit or a few for each, in one
//! compressed list.

mod cwt;
mod token;

use data_encoding::BASE64URL_NOPAD;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde_json::{Value, json};

use crate::budgets::STATUS_LIST;

pub use cwt::{Cwt, Signer};
pub use token::{Expected, Token, TokenError, Verified, verified};

/// §7.1: it counts.
pub const VALID: u8 = 0;
/// §7.1: it does not count any more.
pub const INVALID: u8 = 1;
/// §7.1: it does not count for now.
pub const SUSPENDED: u8 = 2;

/// §4.1: the highest level, because a list is made once and fetched often.
const COMPRESSION: u8 = 9;

/// What is wrong with a list, or what was to be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusError {
    /// More than [`STATUS_LIST`].
    TooLarge,
    /// Not an object with `bits` of 1, 2, 4 or 8 and `lst` of base64url (§4.2).
    Malformed,
    /// `lst` is no ZLIB, or unpacks to more than [`STATUS_LIST`].
    Compression,
    /// There is no such entry (§8.3).
    Beyond,
    /// The status needs more bits than an entry has.
    Status,
}

/// How many bits an entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// Valid or not.
    One,
    /// Also suspended, and one of the application's own.
    Two,
    /// Twelve of the application's own.
    Four,
    /// Whatever fits a byte.
    Eight,
}

impl Bits {
    /// As the claim has it.
    pub fn number(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// `None` for a number that is not allowed.
    pub fn of(number: u64) -> Option<Self> {
        [Self::One, Self::Two, Self::Four, Self::Eight]
            .into_iter()
            .find(|bits| bits.number() as u64 == number)
    }

    fn in_a_byte(self) -> usize {
        8 / self.number()
    }

    /// The bits of one entry, at the low end.
    fn mask(self) -> u8 {
        u8::MAX >> (8 - self.number())
    }
}

/// A list of statuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    bits: Bits,
    bytes: Vec<u8>,
}

impl StatusList {
    /// A list of so many entries at least, all of them [`VALID`].
    ///
    /// # Errors
    ///
    /// [`StatusError::TooLarge`].
    pub fn new(bits: Bits, entries: usize) -> Result<Self, StatusError> {
        let length = entries.div_ceil(bits.in_a_byte());
        if length > STATUS_LIST {
            Err(StatusError::TooLarge)
        } else {
            Ok(Self { bits, bytes: vec![0; length] })
        }
    }

    /// The list of these bytes, as [`StatusList::bytes`] gives them.
    ///
    /// # Errors
    ///
    /// [`StatusError::TooLarge`].
    pub fn of_bytes(bits: Bits, bytes: Vec<u8>) -> Result<Self, StatusError> {
        if bytes.len() > STATUS_LIST { Err(StatusError::TooLarge) } else { Ok(Self { bits, bytes }) }
    }

    /// The entries, packed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bits an entry has.
    pub fn bits(&self) -> Bits {
        self.bits
    }

    /// How many entries there are.
    pub fn entries(&self) -> usize {
        self.bytes.len() * self.bits.in_a_byte()
    }

    /// The byte of an entry, and how far from the low end it stands there (§4.1).
    fn place(&self, idx: usize) -> (usize, usize) {
        (idx / self.bits.in_a_byte(), idx % self.bits.in_a_byte() * self.bits.number())
    }

    /// The status of an entry; `None` where there is no such entry.
    pub fn get(&self, idx: usize) -> Option<u8> {
        let (byte, shift) = self.place(idx);
        self.bytes.get(byte).map(|byte| byte >> shift & self.bits.mask())
    }

    /// Writes the status of an entry.
    ///
    /// # Errors
    ///
    /// [`StatusError::Beyond`], [`StatusError::Status`].
    pub fn set(&mut self, idx: usize, status: u8) -> Result<(), StatusError> {
        let ((byte, shift), mask) = (self.place(idx), self.bits.mask());
        if status > mask {
            return Err(StatusError::Status);
        }
        let byte = self.bytes.get_mut(byte).ok_or(StatusError::Beyond)?;
        *byte = *byte & !(mask << shift) | status << shift;
        Ok(())
    }

    /// §4.2: the claim `status_list`. `aggregation_uri` is where all lists of an issuer are named (§9).
    pub fn claim(&self, aggregation_uri: Option<&str>) -> Value {
        let lst = BASE64URL_NOPAD.encode(&compress_to_vec_zlib(&self.bytes, COMPRESSION));
        let mut claim = json!({ "bits": self.bits.number(), "lst": lst });
        if let Some(uri) = aggregation_uri {
            claim["aggregation_uri"] = uri.into();
        }
        claim
    }

    /// Reads the claim. What it unpacks to is bounded while it is unpacked.
    ///
    /// # Errors
    ///
    /// [`StatusError::Malformed`], [`StatusError::Compression`].
    pub fn read(claim: &Value) -> Result<Self, StatusError> {
        let bits =
            claim.get("bits").and_then(Value::as_u64).and_then(Bits::of).ok_or(StatusError::Malformed)?;
        let lst = claim.get("lst").and_then(Value::as_str).ok_or(StatusError::Malformed)?;
        let lst = BASE64URL_NOPAD.decode(lst.as_bytes()).map_err(|_| StatusError::Malformed)?;
        let bytes = decompress_to_vec_zlib_with_limit(&lst, STATUS_LIST);
        Ok(Self { bits, bytes: bytes.map_err(|_| StatusError::Compression)? })
    }
}

/// §6.2: where the status of a credential is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its entry.
    pub idx: usize,
    /// The list.
    pub uri: String,
}

impl Reference {
    /// The claim `status` of a credential.
    pub fn claim(&self) -> Value {
        json!({ "status_list": { "idx": self.idx, "uri": self.uri } })
    }

    /// Reads the claim `status`; `None` where it says something else than a list.
    ///
    /// # Errors
    ///
    /// [`StatusError::Malformed`].
    pub fn read(status: &Value) -> Result<Option<Self>, StatusError> {
        let Some(list) = status.as_object().ok_or(StatusError::Malformed)?.get("status_list") else {
            return Ok(None);
        };
        let idx = list.get("idx").and_then(Value::as_u64).and_then(|idx| usize::try_from(idx).ok());
        let uri = list.get("uri").and_then(Value::as_str);
        let (idx, uri) = idx.zip(uri).ok_or(StatusError::Malformed)?;
        Ok(Some(Self { idx, uri: uri.to_owned() }))
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
