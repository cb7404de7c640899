//! The keyring: the keys that seal what a store holds, as one row of it, wrapped by a master key.
//!
//! So another master key takes one write, and keys that seal can be replaced while nodes serve: a node looks at the row
//! every second, and reads what a key has sealed that it has not seen by looking once more.

use placet_base::{Secret, ServiceId};
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::master::{KeyId, MasterKey, MasterKeys};
use crate::probe::Probe;
use crate::reader::{Loaded, Reader};
use crate::record::Record;
use crate::row::{CommitError, Kind, Unavailable};
use crate::seal::{FIRST, Kept, Ring, Seal, SealError, Ticks};
use crate::writes::Writes;

/// The row.
#[derive(Serialize, Deserialize)]
struct Keyring {
    /// Who has wrapped it.
    master: KeyId,
    keys: String,
}

impl Record for Keyring {
    type Id = String;
    const KIND: Kind = Kind::catalogue("keyring");
}

/// The installation itself, which the keyring belongs to.
pub(crate) const INSTALLATION: ServiceId = ServiceId(0);
const PLACE: &str = "keyring";
/// So often a change is tried again that another node was quicker with.
const ATTEMPTS: usize = 16;

/// Where random bytes come from.
pub type Random<'a> = &'a (dyn Fn(&mut [u8]) + Sync);

fn drawn<const N: usize>(random: Random<'_>) -> [u8; N] {
    let mut bytes = [0; N];
    random(&mut bytes);
    bytes
}

/// What is wrapped.
pub(crate) struct Contents {
    pub(crate) root: Secret<[u8; 32]>,
    pub(crate) keys: Vec<(u16, Secret<[u8; 32]>)>,
    /// The one that seals.
    pub(crate) present: u16,
}

/// What the contents begin with as bytes: the root, the number of the present key, then the keys behind their numbers.
const FORMAT: u8 = 1;
const NUMBERED: usize = 2 + 32;

impl Contents {
    /// As it was before there were keyrings: everything derives from the master key.
    pub(crate) fn from_master(master: &[u8; 32]) -> Self {
        let keys = vec![(FIRST, Secret::new(*master))];
        Self { root: Secret::new(*master), keys, present: FIRST }
    }

    fn fresh(random: Random<'_>) -> Self {
        let keys = vec![(FIRST, Secret::new(drawn(random)))];
        Self { root: Secret::new(drawn(random)), keys, present: FIRST }
    }

    /// With one more key, which does not seal yet; everybody has to know it first.
    pub(crate) fn announced(mut self, random: Random<'_>) -> Result<Self, SealError> {
        let last = self.keys.iter().map(|(number, _)| *number).max().ok_or(SealError)?;
        let next = last.checked_add(1).ok_or(SealError)?;
        self.keys.push((next, Secret::new(drawn(random))));
        Ok(self)
    }

    /// Sealing with the last key from now on.
    pub(crate) fn promoted(self) -> Self {
        let last = self.keys.iter().map(|(number, _)| *number).max();
        Self { present: last.unwrap_or(self.present), ..self }
    }

    /// Without those of before the one that seals.
    pub(crate) fn retired(mut self) -> Self {
        let present = self.present;
        self.keys.retain(|(number, _)| *number >= present);
        self
    }

    pub(crate) fn state(&self) -> RingState {
        let newest = self.keys.iter().map(|(number, _)| *number).max().unwrap_or(self.present);
        match self.keys.len() {
            0 | 1 => RingState::Settled,
            _ if self.present == newest => RingState::Replacing,
            _ => RingState::Announced,
        }
    }

    fn to_bytes(&self) -> Secret<Vec<u8>> {
        let mut bytes = Vec::with_capacity(3 + 32 + self.keys.len() * NUMBERED);
        bytes.push(FORMAT);
        bytes.extend_from_slice(self.root.expose());
        bytes.extend_from_slice(&self.present.to_be_bytes());
        for (number, key) in &self.keys {
            bytes.extend_from_slice(&number.to_be_bytes());
            bytes.extend_from_slice(key.expose());
        }
        Secret::new(bytes)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&FORMAT, rest) = bytes.split_first()? else { return None };
        let (root, rest) = rest.split_first_chunk::<32>()?;
        let (present, rest) = rest.split_first_chunk::<2>()?;
        let keys = rest.chunks(NUMBERED).map(|key| {
            let (number, key) = key.split_first_chunk::<2>()?;
            Some((u16::from_be_bytes(*number), Secret::new(<[u8; 32]>::try_from(key).ok()?)))
        });
        let present = u16::from_be_bytes(*present);
        Some(Self { root: Secret::new(*root), keys: keys.collect::<Option<_>>()?, present })
    }
}

/// How far the replacing of keys that seal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RingState {
    /// There is one key.
    Settled,
    /// There is a new key, which does not seal yet.
    Announced,
    /// It seals, and rows of the former one may be there.
    Replacing,
}

/// Why keys are not used.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyError {
    /// What the store holds was sealed, or wrapped, with another key.
    Other,
    Unavailable(String),
}

impl From<Unavailable> for KeyError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable.to_string())
    }
}

impl From<SealError> for KeyError {
    fn from(SealError: SealError) -> Self {
        Self::Other
    }
}

/// Whether keys have been used on the store before.
///
/// # Errors
/// When the store does not answer.
pub async fn in_use(store: &dyn Store) -> Result<bool, Unavailable> {
    let keyring = read(store).await?;
    Ok(keyring.is_some() || Probe::read(store).await?.is_some())
}

async fn read(store: &dyn Store) -> Result<Option<Loaded<Keyring>>, Unavailable> {
    Reader::new(store, INSTALLATION).get::<Keyring>(&PLACE.to_owned()).await
}

impl Keyring {
    fn wrapped(contents: &Contents, master: &MasterKey, random: Random<'_>) -> Result<Self, SealError> {
        let keys = master.wrap(contents.to_bytes().expose(), PLACE, drawn(random))?;
        Ok(Self { master: master.id().clone(), keys })
    }

    fn opened(&self, masters: &MasterKeys) -> Result<Contents, KeyError> {
        let master = masters.by_id(&self.master).ok_or(KeyError::Other)?;
        let plain = master.unwrap(&self.keys, PLACE)?;
        Contents::from_bytes(plain.expose()).ok_or(KeyError::Other)
    }

    fn ring(&self, masters: &MasterKeys) -> Result<Ring, KeyError> {
        Ok(Ring::new(&self.opened(masters)?, self.keys.clone())?)
    }
}

/// What it takes to open the keys of a store.
pub struct Opening<'a> {
    pub masters: MasterKeys,
    pub random: Random<'a>,
    pub ticks: Ticks,
}

impl Seal {
    /// Opens the keyring of a store. Where there is none yet, one is made: a new one for a store that is empty, and for one
    /// of before there were keyrings one that says what the store was sealed with. That is found by a probe, or by what `any`
    /// finds sealed (`None` when there is nothing).
    ///
    /// # Errors
    /// [`KeyError::Other`] when no master key that is known opens it.
    pub async fn opened(
        store: &dyn Store,
        opening: Opening<'_>,
        any: impl AsyncFn(&Self) -> Result<Option<Secret>, KeyError>,
    ) -> Result<Self, KeyError> {
        let Opening { masters, random, ticks } = opening;
        for _ in 0..ATTEMPTS {
            if let Some(keyring) = read(store).await? {
                let ring = keyring.ring(&masters)?;
                return Ok(Self::of(ring, Some(Kept::new(masters, ticks))));
            }
            let probe = Probe::read(store).await?;
            let first = first(&masters, probe.as_ref(), random, &any).await?;
            let mut writes = Writes::default();
            writes.insert(INSTALLATION, &PLACE.to_owned(), &first);
            if let Some(probe) = probe {
                writes.delete(probe);
            }
            committed(store, writes).await?;
        }
        Err(KeyError::Unavailable("the keyring changes all the time".to_owned()))
    }

    /// Looks at the keyring, and takes over what has changed. A database may be put back to what another installation wrote.
    ///
    /// # Errors
    /// [`KeyError::Other`] when the keyring is gone, or no master key that is known opens it.
    pub async fn fits(&self, store: &dyn Store) -> Result<(), KeyError> {
        let Some(kept) = &self.kept else { return Ok(()) };
        let now = kept.now();
        let keyring = read(store).await?.ok_or(KeyError::Other)?;
        if keyring.keys != self.ring().wrapped {
            self.take(keyring.ring(&kept.masters())?);
        }
        kept.looked(now);
        Ok(())
    }

    /// Changes what is in the keyring, and has the present master key wrap it; the state that came of it. Nothing is written
    /// where `turn` gives nothing, and that key has wrapped it already.
    pub(crate) async fn turned(
        &self,
        store: &dyn Store,
        random: Random<'_>,
        turn: impl Fn(Contents) -> Result<Turned, SealError>,
    ) -> Result<RingState, KeyError> {
        let masters = self.kept.as_ref().map(Kept::masters).ok_or(KeyError::Other)?;
        let present = masters.present().ok_or(KeyError::Other)?;
        for _ in 0..ATTEMPTS {
            let keyring = read(store).await?.ok_or(KeyError::Other)?;
            let turned = turn(keyring.opened(&masters)?)?;
            let (Turned::Changed(contents) | Turned::Same(contents)) = &turned;
            let state = contents.state();
            if matches!(turned, Turned::Same(_)) && keyring.master == *present.id() {
                self.fits(store).await?;
                return Ok(state);
            }
            let next = Keyring::wrapped(contents, present, random)?;
            let mut writes = Writes::default();
            writes.replace(keyring, &next);
            if committed(store, writes).await? {
                self.fits(store).await?;
                return Ok(state);
            }
        }
        Err(KeyError::Unavailable("the keyring changes all the time".to_owned()))
    }

    /// Who has wrapped the keyring, and the numbers of the keys in it, the one that seals last.
    ///
    /// # Errors
    /// As those of [`Seal::fits`].
    pub async fn told(&self, store: &dyn Store) -> Result<(KeyId, Vec<u16>), KeyError> {
        let masters = self.kept.as_ref().map(Kept::masters).ok_or(KeyError::Other)?;
        let keyring = read(store).await?.ok_or(KeyError::Other)?;
        let contents = keyring.opened(&masters)?;
        let mut numbers: Vec<_> = contents.keys.iter().map(|(number, _)| *number).collect();
        numbers.sort_by_key(|number| (*number == contents.present, *number));
        Ok((keyring.master.clone(), numbers))
    }
}

/// What becomes of the contents of a keyring.
pub(crate) enum Turned {
    Changed(Contents),
    Same(Contents),
}

/// The first keyring of a store. One of before there were keyrings is wrapped by the master key that it was made with.
async fn first(
    masters: &MasterKeys,
    probe: Option<&Loaded<Probe>>,
    random: Random<'_>,
    any: &impl AsyncFn(&Seal) -> Result<Option<Secret>, KeyError>,
) -> Result<Keyring, KeyError> {
    let mut refused = KeyError::Other;
    for master in masters.all() {
        let seal = Seal::new(master.secret())?;
        let found = match probe {
            Some(probe) => probe.opened(&seal).map(Some).map_err(KeyError::from),
            None => any(&seal).await,
        };
        match found {
            Ok(Some(_)) => {
                return Ok(Keyring::wrapped(&Contents::from_master(master.secret()), master, random)?);
            }
            Ok(None) => return Ok(Keyring::wrapped(&Contents::fresh(random), master, random)?),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// Whether nobody was quicker.
async fn committed(store: &dyn Store, writes: Writes) -> Result<bool, KeyError> {
    let batch = writes.into_batch(true).map_err(KeyError::Unavailable)?;
    match store.commit(batch).await {
        Ok(()) => Ok(true),
        Err(CommitError::Conflict) => Ok(false),
        Err(CommitError::Unavailable(unavailable)) => Err(unavailable.into()),
    }
}

/// Ticks that stand still, for tests.
#[cfg(test)]
pub(crate) fn stopped() -> Ticks {
    std::sync::Arc::new(std::time::Duration::default)
}

#[cfg(test)]
mod tests;
