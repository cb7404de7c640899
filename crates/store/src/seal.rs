//! Encryption of secret fields and whole rows, before they reach a backend, bound to the place where they belong. The keys
//! that do it are in the store's keyring ([`crate::keyring`]), wrapped by a master key.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use data_encoding::BASE64URL_NOPAD;
use placet_base::Secret;
use serde::{Deserialize, Serialize};

use crate::keyring::Contents;
use crate::master::MasterKeys;

/// A sealed text, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// The number of the key that the text was sealed with.
    pub fn key(&self) -> Option<u16> {
        self.0.split_once('.')?.0.parse().ok()
    }
}

/// The value was not sealed by this installation for this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealError;

/// How long ago something began, by a clock that only goes forward.
pub type Ticks = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The number of the first key.
pub(crate) const FIRST: u16 = 1;

/// The keys of an installation. What is sealed says the number of its key: several may be known, one of which seals.
pub struct Seal {
    ring: RwLock<Arc<Ring>>,
    /// Nothing where the keys are those of a test, in no store.
    pub(crate) kept: Option<Kept>,
}

/// How a seal follows the keyring of its store.
pub(crate) struct Kept {
    pub(crate) masters: RwLock<Arc<MasterKeys>>,
    ticks: Ticks,
    /// When the keyring was last looked at, in milliseconds of the ticks.
    looked: AtomicU64,
}

/// For so long a look at the keyring counts: who has not looked since looks before reading or writing anything, so that a
/// node which was cut off does not seal with a key that is gone.
pub(crate) const LEASE: Duration = Duration::from_secs(5);

impl Kept {
    pub(crate) fn new(masters: MasterKeys, ticks: Ticks) -> Self {
        let looked = AtomicU64::new(millis(ticks()));
        Self { masters: RwLock::new(Arc::new(masters)), ticks, looked }
    }

    pub(crate) fn masters(&self) -> Arc<MasterKeys> {
        self.masters.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn now(&self) -> u64 {
        millis((self.ticks)())
    }

    /// A look has begun at that time.
    pub(crate) fn looked(&self, at: u64) {
        self.looked.fetch_max(at, Ordering::AcqRel);
    }

    fn is_lapsed(&self) -> bool {
        self.now().saturating_sub(self.looked.load(Ordering::Acquire)) > millis(LEASE)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The keys as they were read at one moment.
pub(crate) struct Ring {
    /// The text that they were unwrapped from: it is another whenever they are.
    pub(crate) wrapped: String,
    /// What other keys are derived from: it stays, as tokens that are out and names that users have at clients do.
    root: Salt,
    keys: Vec<DataKey>,
    present: u16,
}

struct DataKey {
    number: u16,
    texts: LessSafeKey,
    /// For rows, whose nonces follow from their places: nothing random is at hand where they are sealed.
    rows: LessSafeKey,
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

impl Ring {
    pub(crate) fn new(contents: &Contents, wrapped: String) -> Result<Self, SealError> {
        let keys = contents.keys.iter().map(|(number, secret)| DataKey::new(*number, secret.expose()));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let root = Salt::new(HKDF_SHA256, contents.root.expose());
        let ring = Self { wrapped, root, keys, present: contents.present };
        ring.key(ring.present).map(|_| ()).ok_or(SealError)?;
        Ok(ring)
    }

    fn key(&self, number: u16) -> Option<&DataKey> {
        self.keys.iter().find(|key| key.number == number)
    }

    fn sealing(&self) -> Result<&DataKey, SealError> {
        self.key(self.present).ok_or(SealError)
    }
}

impl DataKey {
    fn new(number: u16, secret: &[u8; 32]) -> Result<Self, SealError> {
        let key = |algorithm, purpose| {
            let key = derived(secret, &[purpose])?;
            UnboundKey::new(algorithm, key.expose()).map(LessSafeKey::new).map_err(|_| SealError)
        };
        Ok(Self { number, texts: key(&AES_256_GCM, "seal")?, rows: key(&AES_256_GCM_SIV, "rows")? })
    }
}

impl Seal {
    /// Keys that are in no store: everything derives from `master`, as it did before there were keyrings.
    ///
    /// # Errors
    /// When nothing can be derived from it.
    pub fn new(master: &[u8; 32]) -> Result<Self, SealError> {
        Ok(Self::of(Ring::new(&Contents::from_master(master), String::new())?, None))
    }

    pub(crate) fn of(ring: Ring, kept: Option<Kept>) -> Self {
        Self { ring: RwLock::new(Arc::new(ring)), kept }
    }

    pub(crate) fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn take(&self, ring: Ring) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// The time, by the clock of the leases; nought where there is none.
    pub(crate) fn ticks(&self) -> Duration {
        self.kept.as_ref().map_or(Duration::ZERO, |kept| (kept.ticks)())
    }

    /// Whether the keyring has to be looked at before anything is read or written.
    pub(crate) fn is_lapsed(&self) -> bool {
        self.kept.as_ref().is_some_and(Kept::is_lapsed)
    }

    /// Other master keys are known from now on.
    pub fn learn(&self, masters: MasterKeys) {
        if let Some(kept) = &self.kept {
            *kept.masters.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(masters);
        }
    }

    /// The number of the key that seals now.
    pub fn present(&self) -> u16 {
        self.ring().present
    }

    pub(crate) fn knows(&self, number: u16) -> bool {
        self.ring().key(number).is_some()
    }

    /// A 256-bit key for another purpose, named by `info`. It stays the same when keys that seal are replaced.
    ///
    /// # Errors
    /// When there is too much of it.
    pub fn derive(&self, info: &[&str]) -> Result<[u8; 32], SealError> {
        derive(&self.ring().root, info)
    }

    /// Seals `text` for `place`; only the same place opens it. `nonce` must be random.
    ///
    /// # Errors
    /// When the text is too long.
    pub fn seal(&self, text: &str, place: &str, nonce: [u8; NONCE_LEN]) -> Result<Sealed, SealError> {
        let ring = self.ring();
        let key = ring.sealing()?;
        let mut bytes = text.as_bytes().to_vec();
        key.texts
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut bytes)
            .map_err(|_| SealError)?;
        Ok(Sealed(format!("{}.{}", key.number, BASE64URL_NOPAD.encode(&[&nonce[..], &bytes].concat()))))
    }

    /// # Errors
    /// When no key that is known has sealed it for this place.
    pub fn open(&self, sealed: &Sealed, place: &str) -> Result<Secret, SealError> {
        let (number, text) = sealed.0.split_once('.').ok_or(SealError)?;
        let ring = self.ring();
        let key = number.parse().ok().and_then(|number| ring.key(number)).ok_or(SealError)?;
        let mut bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| SealError)?;
        let (nonce, content) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(SealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let plain = key.texts.open_in_place(nonce, Aad::from(place), content).map_err(|_| SealError)?;
        String::from_utf8(plain.to_vec()).map(Secret::new).map_err(|_| SealError)
    }
}

/// Rows: a head that names the key and the nonce, then what AES-256-GCM-SIV makes of the body (RFC 8452).
impl Seal {
    pub(crate) fn sealed_row(
        &self,
        body: &[u8],
        place: &[u8],
        nonce: [u8; NONCE_LEN],
    ) -> Result<Vec<u8>, SealError> {
        let ring = self.ring();
        let key = ring.sealing()?;
        let mut row = Vec::with_capacity(LONGEST_HEAD + body.len() + TAG);
        match key.number {
            FIRST => row.push(BY_FIRST),
            number => {
                row.push(BY_NUMBER);
                row.extend_from_slice(&number.to_be_bytes());
            }
        }
        row.extend_from_slice(&nonce);
        let head = row.len();
        row.extend_from_slice(body);
        let content = row.get_mut(head..).ok_or(SealError)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = key.rows.seal_in_place_separate_tag(nonce, Aad::from(place), content);
        row.extend_from_slice(tag.map_err(|_| SealError)?.as_ref());
        Ok(row)
    }

    /// Opens what was sealed so; nothing but it is left of the row. One that was never sealed stays as it is.
    pub(crate) fn open_row(&self, row: &mut Vec<u8>, place: &[u8]) -> Result<(), SealError> {
        let Some((number, head)) = row_key(row) else { return Ok(()) };
        let nonce = row.get(head..).and_then(|rest| rest.first_chunk().copied()).ok_or(SealError)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let ring = self.ring();
        let key = ring.key(number).ok_or(SealError)?;
        let content = head + NONCE_LEN..;
        let opened = key.rows.open_within(nonce, Aad::from(place), row, content);
        let length = opened.map_err(|_| SealError)?.len();
        row.truncate(length);
        Ok(())
    }
}

/// What a row begins with that the first key has sealed; what another one has is followed by its number. A body that was
/// never sealed begins with a brace, or as compact ones do ([`crate::record`]).
const BY_FIRST: u8 = 1;
const BY_NUMBER: u8 = 3;
const LONGEST_HEAD: usize = 3 + NONCE_LEN;
const TAG: usize = 16;

/// Which key has sealed a row, and where what follows begins; nothing where none has.
pub(crate) fn row_key(row: &[u8]) -> Option<(u16, usize)> {
    match row {
        [BY_FIRST, ..] => Some((FIRST, 1)),
        [BY_NUMBER, high, low, ..] => Some((u16::from_be_bytes([*high, *low]), 3)),
        _ => None,
    }
}

pub(crate) fn derived(master: &[u8; 32], info: &[&str]) -> Result<Secret<[u8; 32]>, SealError> {
    derive(&Salt::new(HKDF_SHA256, master), info).map(Secret::new)
}

fn derive(root: &Salt, info: &[&str]) -> Result<[u8; 32], SealError> {
    let parts: Vec<&[u8]> = info.iter().map(|part| part.as_bytes()).collect();
    let prk = root.extract(b"placet");
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

    fn with(keys: &[(u16, u8)], present: u16) -> Seal {
        let keys = keys.iter().map(|(number, byte)| (*number, Secret::new([*byte; 32]))).collect();
        let contents = Contents { root: Secret::new([9; 32]), keys, present };
        Seal::of(Ring::new(&contents, String::new()).unwrap(), None)
    }

    #[test]
    fn what_a_former_key_has_sealed_is_opened_as_long_as_it_is_known() {
        let (former, both, present) =
            (with(&[(1, 1)], 1), with(&[(1, 1), (300, 2)], 300), with(&[(300, 2)], 300));
        let text = former.seal("text", "place", [1; NONCE_LEN]).unwrap();
        assert_eq!((text.key(), both.open(&text, "place").unwrap().expose().as_str()), (Some(1), "text"));
        assert!(present.open(&text, "place").is_err());
        let anew = both.seal("text", "place", [1; NONCE_LEN]).unwrap();
        assert_eq!((anew.key(), present.open(&anew, "place").is_ok()), (Some(300), true));
        assert!(former.open(&anew, "place").is_err());
        let opened = |seal: &Seal, mut row: Vec<u8>| seal.open_row(&mut row, b"place").map(|()| row);
        for (sealing, number) in [(&former, 1), (&both, 300)] {
            let row = sealing.sealed_row(b"body", b"place", [2; NONCE_LEN]).unwrap();
            assert_eq!(row_key(&row).map(|(key, _)| key), Some(number));
            assert_eq!(opened(&both, row.clone()), Ok(b"body".to_vec()));
            let other = if number == 1 { &present } else { &former };
            assert_eq!(opened(other, row.clone()), Err(SealError));
            // A key of the same number that is another.
            let forged = with(&[(number, 77)], number);
            assert_eq!(opened(&forged, row), Err(SealError));
        }
        // What is derived is the same throughout.
        assert_eq!(former.derive(&["handle"]), present.derive(&["handle"]));
    }

    #[test]
    fn a_ring_has_the_key_that_seals() {
        let contents = Contents { root: Secret::new([9; 32]), keys: Vec::new(), present: 1 };
        assert!(Ring::new(&contents, String::new()).is_err());
    }
}
