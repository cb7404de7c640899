//! Opaque values: tokens, codes and tickets.
//!
//! A value is 51 bytes, base64url: a key number, one AES block, 34 random bytes. The block holds what
//! the value is for, its generation and the number of its record, under a key of the service, so that a
//! value tells nothing about order or volume and a record is found without an index. The block proves
//! nothing by itself: the record's hash of the whole value does.

use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, EncryptingKey, UnboundCipherKey};
use data_encoding::BASE64URL_NOPAD;
use placet_base::{RecordNumber, TokenHash};
use placet_store::Record;

/// What a value is for; part of it, so that no value passes for one of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum HandleKind {
    Ticket = 1,
    PasswordTicket = 2,
    Code = 3,
    AccessToken = 4,
    RefreshToken = 5,
    Pushed = 6,
    BackchannelTicket = 7,
    AuthReqId = 8,
    /// The name of a token in lists, which is no secret.
    TokenName = 9,
    DeviceCode = 10,
    /// The name of a batch of tokens, which is no secret.
    TokenBatch = 11,
    CredentialOffer = 12,
    IssuerState = 13,
    PreAuthorizedCode = 14,
    CredentialRequest = 15,
    CredentialNotification = 16,
}

/// A record that is found by a value standing for it.
pub trait Bearer: Record<Id = RecordNumber> {
    /// Which of the record's values is meant.
    type Kind: Copy;
    fn tag(kind: Self::Kind) -> HandleKind;
    /// The hash of the value in force.
    fn hash(&self, kind: Self::Kind) -> Option<TokenHash>;
    /// How often the values have been replaced.
    fn generation(&self) -> u32 {
        0
    }
}

/// A new value, before it goes to whoever may hold it. Only its hash is kept.
pub struct Handle(String);

impl Handle {
    pub fn hash(&self) -> TokenHash {
        Self::hash_of(&self.0)
    }

    pub fn hash_of(value: &str) -> TokenHash {
        TokenHash::of(value)
    }

    pub fn into_value(self) -> String {
        self.0
    }
}

/// Where a value points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLocation {
    pub number: RecordNumber,
    pub generation: u32,
}

/// Characters of a value that hold the key number and the block, and nothing else that varies.
const NAME: usize = (1 + BLOCK).div_ceil(3) * 4;
const KEY_NUMBER: u8 = 1;
const BLOCK: usize = 16;
const RANDOM: usize = 34;
const BYTES: usize = 1 + BLOCK + RANDOM;
/// 51 bytes fill their characters entirely, so that each character matters.
const CHARACTERS: usize = BYTES / 3 * 4;

/// Makes and reads the values of one service.
pub struct Handles {
    encrypt: EncryptingKey,
    decrypt: DecryptingKey,
}

impl Handles {
    pub fn new(key: &[u8; 32]) -> Option<Self> {
        Some(Self {
            encrypt: EncryptingKey::ecb(UnboundCipherKey::new(&AES_256, key).ok()?).ok()?,
            decrypt: DecryptingKey::ecb(UnboundCipherKey::new(&AES_256, key).ok()?).ok()?,
        })
    }

    pub fn issue(
        &self,
        tag: HandleKind,
        number: RecordNumber,
        generation: u32,
        random: [u8; RANDOM],
    ) -> Handle {
        let mut bytes = [0; BYTES];
        bytes[0] = KEY_NUMBER;
        bytes[1] = tag as u8;
        bytes[2..6].copy_from_slice(&generation.to_be_bytes());
        bytes[9..17].copy_from_slice(&number.0.to_be_bytes());
        // One block, the length of the cipher's own: the library has no reason to refuse it, and if it
        // did, the value would be one that nobody can read back.
        if self.encrypt.encrypt(&mut bytes[1..=BLOCK]).is_err() {
            bytes[1..=BLOCK].fill(0);
        }
        bytes[1 + BLOCK..].copy_from_slice(&random);
        Handle(BASE64URL_NOPAD.encode(&bytes))
    }

    /// A name for a record: it leads there, and proves nothing.
    pub fn name(&self, tag: HandleKind, number: RecordNumber) -> String {
        let value = self.issue(tag, number, 0, [0; RANDOM]).into_value();
        value[..NAME].to_owned()
    }

    /// The record that a name is of.
    pub fn named(&self, tag: HandleKind, name: &str) -> Option<RecordNumber> {
        let value = format!("{name}{:A<1$}", "", CHARACTERS.checked_sub(name.len())?);
        let place = self.read(tag, &value)?;
        (self.name(tag, place.number) == name).then_some(place.number)
    }

    /// Length and characters are judged before anything is decrypted.
    pub fn read(&self, tag: HandleKind, value: &str) -> Option<RecordLocation> {
        if value.len() != CHARACTERS {
            return None;
        }
        let mut bytes = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        if bytes[0] != KEY_NUMBER {
            return None;
        }
        let block = self.decrypt.decrypt(&mut bytes[1..=BLOCK], DecryptionContext::None).ok()?;
        let (head, number) = block.split_at_checked(8)?;
        if head[0] != tag as u8 || head[5..] != [0; 3] {
            return None;
        }
        let number = i64::from_be_bytes(number.try_into().ok()?);
        let generation = u32::from_be_bytes(head[1..5].try_into().ok()?);
        (number > 0).then_some(RecordLocation { number: RecordNumber(number), generation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: RecordLocation =
        RecordLocation { number: RecordNumber(0x0123_4567_89ab_cdef), generation: 7 };

    fn value(handles: &Handles) -> String {
        handles.issue(HandleKind::Code, PLACE.number, PLACE.generation, [9; RANDOM]).into_value()
    }

    #[test]
    fn a_value_leads_to_its_record() {
        let handles = Handles::new(&[1; 32]).unwrap();
        assert_eq!(handles.read(HandleKind::Code, &value(&handles)), Some(PLACE));
    }

    #[test]
    fn a_value_of_another_kind_service_or_shape_leads_nowhere() {
        let handles = Handles::new(&[1; 32]).unwrap();
        let value = value(&handles);
        assert_eq!(handles.read(HandleKind::AccessToken, &value), None);
        assert_eq!(Handles::new(&[2; 32]).unwrap().read(HandleKind::Code, &value), None);
        for broken in
            [&value[1..], &format!("{value}A"), &value.replace('A', "+"), "", &"A".repeat(CHARACTERS)]
        {
            assert!(handles.read(HandleKind::Code, broken).is_none() || *broken == value, "{broken}");
        }
    }

    #[test]
    fn a_name_leads_to_its_record_and_is_no_value() {
        let handles = Handles::new(&[1; 32]).unwrap();
        let name = handles.name(HandleKind::TokenName, RecordNumber(77));
        assert_eq!(handles.named(HandleKind::TokenName, &name), Some(RecordNumber(77)));
        assert_eq!(handles.named(HandleKind::AccessToken, &name), None);
        assert_eq!(handles.read(HandleKind::TokenName, &name), None);
        assert_eq!(handles.named(HandleKind::TokenName, "short"), None);
        assert_eq!(handles.named(HandleKind::TokenName, &"x".repeat(100)), None);
    }

    #[test]
    fn neighbours_do_not_look_alike() {
        let handles = Handles::new(&[1; 32]).unwrap();
        let a = handles.issue(HandleKind::Code, RecordNumber(1), 0, [0; RANDOM]).into_value();
        let b = handles.issue(HandleKind::Code, RecordNumber(2), 0, [0; RANDOM]).into_value();
        let alike = a.bytes().zip(b.bytes()).take(22).filter(|(a, b)| a == b).count();
        assert!(alike < 12, "{a} {b}");
    }
}
