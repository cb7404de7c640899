//! Whether the master key is the one that the store was made with.

use placet_base::{Secret, ServiceId};
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::reader::Reader;
use crate::record::Record;
use crate::row::{CommitError, Kind, Unavailable};
use crate::seal::{Seal, Sealed};
use crate::writes::Writes;

/// A text that was sealed when the store was first opened.
#[derive(Serialize, Deserialize)]
struct Probe {
    sealed: Sealed,
}

impl Record for Probe {
    type Id = String;
    const KIND: Kind = Kind::catalogue("probe");
}

/// The installation itself, which the probe belongs to.
const INSTALLATION: ServiceId = ServiceId(0);
const PLACE: &str = "probe";
const TEXT: &str = "placet";

/// Whether a key has been tried on the store before.
///
/// # Errors
/// When the store does not answer.
pub async fn in_use(store: &dyn Store) -> Result<bool, Unavailable> {
    let probe = Reader::new(store, INSTALLATION).get::<Probe>(&PLACE.to_owned()).await?;
    Ok(probe.is_some())
}

/// Why a key is not used.
#[derive(Debug, PartialEq, Eq)]
pub enum KeyError {
    /// What the store holds was sealed with another key.
    Other,
    Unavailable(String),
}

impl From<Unavailable> for KeyError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable.to_string())
    }
}

/// A master key that opens what this store holds.
pub struct ProvenSeal(Seal);

impl ProvenSeal {
    pub fn into_inner(self) -> Seal {
        self.0
    }
}

impl Seal {
    /// Tries the key on the store's probe, or, when there is none yet, on whatever sealed value `any` finds (`None`
    /// when there is nothing); then leaves a probe.
    /// `nonce` must be random.
    ///
    /// # Errors
    /// [`KeyError::Other`] when the key opens neither.
    pub async fn tried(
        self,
        store: &dyn Store,
        nonce: [u8; 12],
        any: impl AsyncFnOnce(&Seal) -> Result<Option<Secret>, KeyError>,
    ) -> Result<ProvenSeal, KeyError> {
        if in_use(store).await? {
            self.fits(store).await?;
            return Ok(ProvenSeal(self));
        }
        any(&self).await?;
        let sealed = self.seal(TEXT, PLACE, nonce).map_err(|_| KeyError::Other)?;
        let mut writes = Writes::default();
        writes.insert(INSTALLATION, &PLACE.to_owned(), &Probe { sealed });
        let batch = writes.into_batch(true).map_err(KeyError::Unavailable)?;
        match store.commit(batch).await {
            Ok(()) => {}
            // Another node has come first: its probe decides.
            Err(CommitError::Conflict) => self.fits(store).await?,
            Err(CommitError::Unavailable(unavailable)) => return Err(unavailable.into()),
        }
        Ok(ProvenSeal(self))
    }

    /// Whether this still is the key of what the store holds: a database may be put back to what another installation wrote.
    ///
    /// # Errors
    /// [`KeyError::Other`] when the probe is gone, or does not open.
    pub async fn fits(&self, store: &dyn Store) -> Result<(), KeyError> {
        let probe = Reader::new(store, INSTALLATION).get::<Probe>(&PLACE.to_owned()).await?;
        let opened = probe.map(|probe| self.open(&probe.sealed, PLACE));
        opened.and_then(Result::ok).map(drop).ok_or(KeyError::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::wait;
    use crate::memory::Memory;

    /// Nodes that open an empty database at the same moment.
    #[test]
    fn of_two_who_come_first_the_other_is_held_against_the_one() {
        for (key, fits) in [(7, true), (8, false)] {
            let store = Memory::default();
            let between = async |_: &Seal| {
                let one = Seal::new(&[7; 32]).map_err(|_| KeyError::Other)?;
                one.tried(&store, [1; 12], async |_| Ok(None)).await.map(|_| None)
            };
            let other = Seal::new(&[key; 32]).unwrap();
            let tried = wait(other.tried(&store, [2; 12], between)).map(|_| ());
            assert_eq!(tried, if fits { Ok(()) } else { Err(KeyError::Other) });
        }
    }

    fn tried(store: &Memory, key: u8, holds: bool) -> Result<(), KeyError> {
        let seal = Seal::new(&[key; 32]).unwrap();
        let other = Seal::new(&[1; 32]).unwrap().seal("a secret", "somewhere", [3; 12]).unwrap();
        let any = async |seal: &Seal| {
            holds.then(|| seal.open(&other, "somewhere").map_err(|_| KeyError::Other)).transpose()
        };
        wait(seal.tried(store, [2; 12], any)).map(|_| ())
    }

    #[test]
    fn the_first_key_is_the_only_one() {
        let store = Memory::default();
        assert_eq!(tried(&store, 1, false), Ok(()));
        assert_eq!(tried(&store, 2, false), Err(KeyError::Other));
        assert_eq!(tried(&store, 1, false), Ok(()));
    }

    #[test]
    fn another_store_under_the_same_key_is_found_out() {
        let (store, seal) = (Memory::default(), |key| Seal::new(&[key; 32]).unwrap());
        assert_eq!(wait(seal(1).fits(&store)), Err(KeyError::Other));
        tried(&store, 1, false).unwrap();
        assert_eq!(wait(seal(1).fits(&store)), Ok(()));
        assert_eq!(wait(seal(2).fits(&store)), Err(KeyError::Other));
    }

    #[test]
    fn a_store_without_a_probe_is_asked_for_something_else() {
        let store = Memory::default();
        assert_eq!(tried(&store, 2, true), Err(KeyError::Other));
        assert_eq!(tried(&store, 1, true), Ok(()));
        assert_eq!(tried(&store, 2, true), Err(KeyError::Other));
    }

    /// A file of the first format is read for ever, and the seal in it opens.
    #[test]
    fn format_1_is_read_and_opens() {
        let body = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/probe.1.json")).unwrap();
        let probe: Box<Probe> = crate::record::decode(&body).unwrap();
        let seal = Seal::new(&[1; 32]).unwrap();
        assert_eq!(seal.open(&probe.sealed, PLACE).unwrap().expose(), TEXT);
    }
}
