//! What told, before there were keyrings, whether a master key is the one that a store was made with.

use placet_base::Secret;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::keyring::INSTALLATION;
use crate::reader::{Loaded, Reader};
use crate::record::Record;
use crate::row::{Kind, Unavailable};
use crate::seal::{Seal, SealError, Sealed};

/// A text that was sealed when the store was first opened. The keyring takes its place.
#[derive(Serialize, Deserialize)]
pub(crate) struct Probe {
    sealed: Sealed,
}

impl Record for Probe {
    type Id = String;
    const KIND: Kind = Kind::catalogue("probe");
}

const PLACE: &str = "probe";

impl Probe {
    pub(crate) async fn read(store: &dyn Store) -> Result<Option<Loaded<Self>>, Unavailable> {
        Reader::new(store, INSTALLATION).get(&PLACE.to_owned()).await
    }

    pub(crate) fn opened(&self, seal: &Seal) -> Result<Secret, SealError> {
        seal.open(&self.sealed, PLACE)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::contract::wait;
    use crate::writes::Writes;

    /// Leaves a probe, as former releases did.
    pub(crate) fn leave(store: &dyn Store, master: u8) {
        let sealed = Seal::new(&[master; 32]).unwrap().seal("placet", PLACE, [2; 12]).unwrap();
        let mut writes = Writes::default();
        writes.insert(INSTALLATION, &PLACE.to_owned(), &Probe { sealed });
        wait(store.commit(writes.into_batch(true).unwrap())).unwrap();
    }

    /// A file of the first format is read for ever, and the seal in it opens.
    #[test]
    fn format_1_is_read_and_opens() {
        let body = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/probe.1.json")).unwrap();
        let probe: Box<Probe> = crate::record::decode(&body).unwrap();
        let seal = Seal::new(&[1; 32]).unwrap();
        assert_eq!(probe.opened(&seal).unwrap().expose(), "placet");
    }
}
