//! Records that hold a text which is sealed by itself, for whoever replaces the key that it is sealed with.

use placet_base::ServiceId;
use placet_store::{Key, Record, RecordId, Resealed, Seal, SealError, Sealed, decode, encode};

use super::backchannel::Backchannel;
use super::client::ClientRecord;
use super::service::ServiceRecord;
use super::ticket::Ticket;
use super::token::Token;

/// A record with such a text.
pub(crate) trait HoldsSealed: Record {
    /// The text, if it has one now, and the place that it is sealed for.
    fn sealed(&mut self, service: ServiceId, id: &Self::Id) -> Option<(String, &mut Sealed)>;
}

/// What [`placet_store::Texts`] wants to know, of every kind of record.
pub(crate) fn resealed(
    key: &Key,
    body: &[u8],
    seal: &Seal,
    nonce: [u8; 12],
) -> Result<Option<Resealed>, SealError> {
    match key.kind {
        kind if kind == ServiceRecord::KIND => anew::<ServiceRecord>(key, body, seal, nonce),
        kind if kind == ClientRecord::KIND => anew::<ClientRecord>(key, body, seal, nonce),
        kind if kind == Ticket::KIND => anew::<Ticket>(key, body, seal, nonce),
        kind if kind == Token::KIND => anew::<Token>(key, body, seal, nonce),
        kind if kind == Backchannel::KIND => anew::<Backchannel>(key, body, seal, nonce),
        _ => Ok(None),
    }
}

fn anew<T: HoldsSealed>(
    key: &Key,
    body: &[u8],
    seal: &Seal,
    nonce: [u8; 12],
) -> Result<Option<Resealed>, SealError> {
    let mut record = decode::<T>(body).map_err(|_| SealError)?;
    let id = T::Id::from_id(&key.id).ok_or(SealError)?;
    let Some((place, sealed)) = record.sealed(ServiceId(key.service), &id) else { return Ok(None) };
    if sealed.key() == Some(seal.present()) {
        return Ok(None);
    }
    let text = seal.open(sealed, &place)?;
    *sealed = seal.seal(text.expose(), &place, nonce)?;
    let body = encode(&*record).map_err(|_| SealError)?;
    Ok(Some(Resealed { body, indexes: record.indexes() }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use placet_base::{RecordNumber, Secret};
    use placet_store::contract::wait;
    use placet_store::{
        Around, BoxFuture, MasterKey, MasterKeys, Memory, Opening, Progress, Reader, SealedRows, Store,
        Writes,
    };

    use super::*;

    struct Here;

    impl Around for Here {
        fn random(&self, bytes: &mut [u8]) {
            bytes.fill(4);
        }

        fn pause(&self, _: Duration) -> BoxFuture<'_, ()> {
            Box::pin(async {})
        }

        fn is_alone(&self) -> bool {
            true
        }

        fn told(&self, _: Progress) {}
    }

    /// A record of the files that stand for its kind, one that has such a text.
    fn pinned<T: HoldsSealed>(id: &T::Id) -> T {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).unwrap();
        let of_kind = files.map(|entry| entry.unwrap().path()).filter(|path| {
            path.file_name().unwrap().to_str().unwrap().starts_with(&format!("{}.", T::KIND.name))
        });
        let mut records = of_kind.map(|path| *decode::<T>(&std::fs::read(path).unwrap()).unwrap());
        let found =
            records.find_map(|mut record| record.sealed(ServiceId(7), id).is_some().then_some(record));
        found.unwrap_or_else(|| panic!("no {} has such a text", T::KIND.name))
    }

    fn put<T: HoldsSealed>(rows: &SealedRows, seal: &Seal, id: &T::Id) {
        let mut record = pinned::<T>(id);
        let (place, sealed) = record.sealed(ServiceId(7), id).unwrap();
        *sealed = seal.seal("text", &place, [1; 12]).unwrap();
        let mut writes = Writes::default();
        writes.insert(ServiceId(7), id, &record);
        wait(rows.commit(writes.into_batch(true).unwrap())).unwrap();
    }

    fn opens<T: HoldsSealed>(rows: &SealedRows, seal: &Seal, id: &T::Id) {
        let read = wait(Reader::new(rows, ServiceId(7)).get::<T>(id)).unwrap().unwrap();
        assert_eq!(read.version(), 2, "{}", T::KIND.name);
        let mut record = read.into_value();
        let (place, sealed) = record.sealed(ServiceId(7), id).unwrap();
        assert_eq!(sealed.key(), Some(2), "{}", T::KIND.name);
        assert_eq!(seal.open(sealed, &place).unwrap().expose(), "text", "{}", T::KIND.name);
    }

    /// A record with such a text that is not known here would lose it with the key.
    #[test]
    fn whoever_holds_one_says_so() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/records")).unwrap();
        let sources = folder.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        let others = sources.filter(|source| !source.contains("trait HoldsSealed"));
        let holders: Vec<_> =
            others.filter(|source| source.contains(": Sealed,") || source.contains("<Sealed>,\n")).collect();
        assert_eq!(holders.len(), 5);
        assert!(holders.iter().all(|source| source.contains("impl HoldsSealed for ")));
    }

    #[test]
    fn every_text_that_is_sealed_by_itself_is_sealed_anew() {
        let store = Arc::new(Memory::default());
        let master = MasterKey::new(Secret::new([1; 32])).unwrap();
        let random = |bytes: &mut [u8]| bytes.fill(5);
        let masters = MasterKeys::new(master, Vec::new());
        let opening = Opening { masters, random: &random, ticks: Arc::new(Duration::default) };
        let seal = Arc::new(wait(Seal::opened(&*store, opening, async |_| Ok(None))).unwrap());
        let rows = SealedRows::new(store, seal.clone());
        let number = RecordNumber(3);
        put::<Ticket>(&rows, &seal, &number);
        put::<Token>(&rows, &seal, &number);
        put::<Backchannel>(&rows, &seal, &number);
        put::<ServiceRecord>(&rows, &seal, &ServiceId(5));
        put::<ClientRecord>(&rows, &seal, &placet_base::ClientId(6));
        let counted = wait(rows.rekey((&Here, &resealed), true)).unwrap();
        assert_eq!((counted.sealed_anew, counted.unreadable), (5, 0));
        opens::<Ticket>(&rows, &seal, &number);
        opens::<Token>(&rows, &seal, &number);
        opens::<Backchannel>(&rows, &seal, &number);
        opens::<ServiceRecord>(&rows, &seal, &ServiceId(5));
        opens::<ClientRecord>(&rows, &seal, &placet_base::ClientId(6));
    }
}
