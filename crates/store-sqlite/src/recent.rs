//! Log rows that have just been written. Most of them are asked for once, in the next moment: a ticket when it is answered, a
//! code when it is redeemed, a token when it is first used. From the file that costs a new transaction each time, since something
//! has been committed in between, and with it every page that the reader had at hand.
//!
//! Only the writer leaves rows here, and only committed ones. Before a commit it takes away those that will change, so that they
//! are read from the file until it is over; those that have changed come back when readers begin new transactions. Whoever has
//! seen something of a commit therefore sees all of it, here and in the file, whichever comes first.

use std::collections::HashMap;

use placet_store::{Change, FIRST_VERSION, Key, Layout, Row};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Bytes that the rows may have together, with what it takes to keep them.
pub(crate) const ROOM: u64 = 8 << 20;

/// What a row takes besides its body, in bytes: its key, and its place among the others.
const ASIDE: usize = 160;

/// A row of the usual size: how many there may be is made out with it.
const USUAL: usize = 512;

#[derive(Clone)]
struct Kept {
    row: Row,
    /// Milliseconds since the epoch, as the file has it.
    expires_at: Option<i64>,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Kept> for Weight {
    fn weight(&self, _: &Key, kept: &Kept) -> u64 {
        u64::try_from(ASIDE + kept.row.body.len()).unwrap_or(u64::MAX)
    }
}

pub(crate) struct Recent(Cache<Key, Kept, Weight>);

impl Recent {
    /// `room`: in bytes.
    pub(crate) fn new(room: u64) -> Self {
        let rows = usize::try_from(room).unwrap_or(usize::MAX) / (ASIDE + USUAL);
        Self(Cache::with_weighter(rows, room, Weight))
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Row> {
        self.0.get(key).map(|kept| kept.row)
    }

    /// Takes away what is about to change; the writer does so before it commits.
    pub(crate) fn forget<'a>(&self, changes: impl Iterator<Item = &'a Change>) {
        for change in changes.filter(|change| !matches!(change, Change::Insert { .. })) {
            self.0.remove(change.key());
        }
    }

    /// The same for what is about to be swept: rows that ended at `before` or earlier, in milliseconds since the epoch.
    pub(crate) fn forget_ended(&self, before: i64) {
        self.0.retain(|_, kept| kept.expires_at.is_none_or(|at| at > before));
    }

    /// Keeps what has been committed together, in the order in which it was applied; the writer does so when readers have been told,
    /// and before it answers.
    pub(crate) fn remember(&self, changes: impl Iterator<Item = Change>) {
        // Of a row that has changed twice, nobody has ever seen what was in between.
        let mut last = HashMap::new();
        for change in changes.filter(|change| change.key().kind.layout == Layout::Log) {
            let (key, version, body, expires_at) = match change {
                Change::Insert { key, body, expires_at, .. } => (key, FIRST_VERSION, body, expires_at),
                Change::Replace { key, version, body, expires_at, .. } => {
                    (key, version.saturating_add(1), body, expires_at)
                }
                Change::Delete { key, .. } => {
                    last.insert(key, None);
                    continue;
                }
            };
            let kept =
                Kept { row: Row { version, body: body.into() }, expires_at: expires_at.map(|at| at.0) };
            last.insert(key, Some(kept));
        }
        for (key, kept) in last {
            if let Some(kept) = kept {
                self.0.insert(key, kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use placet_base::Timestamp;
    use placet_store::{Id, Kind};

    use super::*;

    const LOG: Kind = Kind::log("thing");

    fn key(number: i64) -> Key {
        Key { kind: LOG, service: 1, id: Id::Number(number) }
    }

    fn insert(number: i64, length: usize, expires_at: Option<i64>) -> Change {
        let expires_at = expires_at.map(Timestamp);
        Change::Insert { key: key(number), body: vec![7; length], indexes: Vec::new(), expires_at }
    }

    #[test]
    fn what_is_committed_is_kept_as_the_file_has_it() {
        let recent = Recent::new(ROOM);
        recent.remember([insert(1, 3, None)].into_iter());
        assert_eq!(recent.get(&key(1)), Some(Row { version: 1, body: vec![7; 3].into() }));
        let replace =
            Change::Replace { key: key(1), version: 1, body: vec![8], indexes: Vec::new(), expires_at: None };
        recent.forget([&replace].into_iter());
        assert_eq!(recent.get(&key(1)), None);
        recent.remember([replace].into_iter());
        assert_eq!(recent.get(&key(1)), Some(Row { version: 2, body: vec![8].into() }));
        let delete = Change::Delete { key: key(1), version: 2 };
        recent.forget([&delete].into_iter());
        recent.remember([delete].into_iter());
        assert_eq!(recent.get(&key(1)), None);
        let together = [insert(2, 1, None), Change::Delete { key: key(2), version: 1 }, insert(3, 1, None)];
        recent.remember(together.into_iter());
        assert!(recent.get(&key(2)).is_none() && recent.get(&key(3)).is_some());
    }

    #[test]
    fn what_is_swept_goes() {
        let recent = Recent::new(ROOM);
        recent.remember([insert(1, 1, Some(10)), insert(2, 1, Some(11)), insert(3, 1, None)].into_iter());
        recent.forget_ended(10);
        let left: Vec<_> = (1..4).filter(|number| recent.get(&key(*number)).is_some()).collect();
        assert_eq!(left, [2, 3]);
    }

    #[test]
    fn its_room_has_an_end() {
        let room: u64 = 64 << 10;
        let recent = Recent::new(room);
        (0..1000).for_each(|number| recent.remember([insert(number, 840, None)].into_iter()));
        let kept = (0..1000).filter(|number| recent.get(&key(*number)).is_some()).count();
        assert!((1..=65).contains(&kept), "{kept}");
        recent.remember([insert(2000, 1 << 20, None)].into_iter());
        assert_eq!(recent.get(&key(2000)), None);
    }
}
