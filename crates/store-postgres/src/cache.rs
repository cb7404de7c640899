//! Catalogue rows in memory. What this node changes is forgotten before the change is answered. What another node changes
//! is announced by it (`announce.rs`); while all of that is known to have arrived, rows are kept for some seconds, and
//! otherwise for a moment.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use placet_ambient::Stopwatch;
use placet_store::{Change, Key, Layout, Row};
use quick_cache::sync::Cache as Rows;

use crate::schema;

/// The most rows kept; some kilobytes each.
const CAPACITY: usize = 10_000;
/// How long a row counts as it was read, and how long what has been heard of other nodes counts as all that there is. A
/// change by another node is seen within this and the time of a read, whatever is lost on the way.
pub(crate) const FRESH: Duration = Duration::from_millis(500);
/// How long a row counts while every change is heard of. Those that nobody announces, made by hand in the tables, are
/// seen within this.
const KEPT: Duration = Duration::from_secs(10);

/// Changes are counted by place, not by row. Two rows at one place are forgotten together, and a list of all places is
/// still short enough to be announced (8,000 bytes).
const PLACES: usize = 1_024;

/// Where the changes of a row are counted. The same on every node: they tell each other of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place(usize);

impl Place {
    /// FNV-1a, which stays as it is from release to release.
    fn of(key: &Key) -> Self {
        let (number, name) = schema::id(&key.id);
        let (service, number) = (key.service.to_be_bytes(), number.to_be_bytes());
        let bytes = key.kind.name.bytes().chain([0]).chain(service).chain(number).chain(name.iter().copied());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(usize::try_from((hash ^ (hash >> 32)) % PLACES as u64).unwrap_or_default())
    }
}

/// What of a batch other nodes may keep as it was before: what is new, they have not.
pub(crate) fn announcement(batch: &[Change]) -> Option<String> {
    let changed = batch.iter().filter(|change| !matches!(change, Change::Insert { .. })).map(Change::key);
    let mut places: Vec<_> =
        changed.filter(|key| key.kind.layout == Layout::Catalogue).map(Place::of).collect();
    places.sort_unstable();
    places.dedup();
    let places: Vec<_> = places.iter().map(|place| place.0.to_string()).collect();
    (!places.is_empty()).then(|| places.join(" "))
}

pub(crate) struct Cache {
    rows: Rows<Key, (Row, Begun)>,
    /// How many changes of rows at a place this node knows of.
    changes: [AtomicU64; PLACES],
    started: Stopwatch,
    /// The time since the start, in milliseconds, before which every change by other nodes is known; nought where that
    /// cannot be said.
    heard: AtomicU64,
    /// Whether anybody has asked for a row that was there.
    wanted: AtomicBool,
}

/// When a read began, and of what.
#[derive(Clone, Copy)]
pub(crate) struct Begun {
    place: Place,
    changes: u64,
    at: Stopwatch,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self {
            rows: Rows::new(CAPACITY),
            changes: [const { AtomicU64::new(0) }; PLACES],
            started: Stopwatch::start(),
            heard: AtomicU64::new(0),
            wanted: AtomicBool::new(false),
        }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Row> {
        let (row, begun) = self.rows.get(key)?;
        if !self.wanted.load(Ordering::Relaxed) {
            self.wanted.store(true, Ordering::Relaxed);
        }
        let age = begun.at.elapsed();
        // Asked before the changes are: those of before the moment that it tells of have been counted.
        let counts = age < FRESH || (age < KEPT && self.hears());
        (counts && self.changes(begun.place) == begun.changes).then_some(row)
    }

    fn changes(&self, place: Place) -> u64 {
        self.changes.get(place.0).map_or(0, |changes| changes.load(Ordering::Acquire))
    }

    /// To be asked before a row is read that is to be kept.
    pub(crate) fn begin(&self, key: &Key) -> Begun {
        let place = Place::of(key);
        Begun { place, changes: self.changes(place), at: Stopwatch::start() }
    }

    /// Keeps what was read. If something at its place has changed since, it may be what was there before, and never counts.
    pub(crate) fn keep(&self, key: &Key, row: &Row, begun: Begun) {
        if self.changes(begun.place) == begun.changes {
            self.rows.insert(key.clone(), (row.clone(), begun));
        }
    }

    /// Forgets rows that a commit has changed, or has found changed; called before it is answered.
    pub(crate) fn forget<'a>(&self, keys: impl IntoIterator<Item = &'a Key>) {
        for key in keys {
            self.changed(Place::of(key));
        }
    }

    fn changed(&self, place: Place) {
        if let Some(changes) = self.changes.get(place.0) {
            changes.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Forgets what another node says that it has changed.
    pub(crate) fn told(&self, announcement: &str) {
        for place in announcement.split(' ').filter_map(|place| place.parse().ok()) {
            self.changed(Place(place));
        }
    }

    /// From now on changes are heard of; some may have been missed.
    pub(crate) fn forget_all(&self) {
        (0..PLACES).for_each(|place| self.changed(Place(place)));
    }

    /// All that others had changed before has been told.
    pub(crate) fn heard_all(&self, before: Stopwatch) {
        let since = self.now().saturating_sub(millis(before.elapsed()));
        self.heard.store(since, Ordering::Release);
    }

    /// Changes may be missed.
    pub(crate) fn is_deaf(&self) {
        self.heard.store(0, Ordering::Release);
    }

    /// Whether everything is heard that has happened until a moment ago.
    fn hears(&self) -> bool {
        let heard = self.heard.load(Ordering::Acquire);
        heard > 0 && self.now().saturating_sub(heard) < millis(FRESH)
    }

    /// Whether anybody has asked since the last time.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.swap(false, Ordering::Relaxed)
    }

    fn now(&self) -> u64 {
        // Never nought, which says something else.
        millis(self.started.elapsed()).saturating_add(1)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use placet_store::{Id, Kind};

    use super::*;

    fn key(number: i64) -> Key {
        Key { kind: Kind::catalogue("client"), service: 7, id: Id::Number(number) }
    }

    fn kept(cache: &Cache, key: &Key) {
        let row = Row { version: 1, body: b"{}".to_vec().into() };
        cache.keep(key, &row, cache.begin(key));
    }

    fn replaced(key: Key) -> Change {
        Change::Replace { key, version: 1, body: Vec::new(), indexes: Vec::new(), expires_at: None }
    }

    #[test]
    fn a_row_is_kept_for_a_moment_and_longer_where_all_is_heard() {
        let (cache, key) = (Cache::new(), key(1));
        kept(&cache, &key);
        assert!(!cache.is_wanted() && cache.get(&key).is_some());
        assert!(cache.is_wanted() && !cache.is_wanted());
        std::thread::sleep(FRESH);
        assert!(cache.get(&key).is_none());
        cache.heard_all(Stopwatch::start());
        assert!(cache.get(&key).is_some());
        cache.is_deaf();
        assert!(cache.get(&key).is_none());
        cache.heard_all(Stopwatch::start());
        assert!(cache.get(&key).is_some());
        // Nothing is heard any more.
        std::thread::sleep(FRESH);
        assert!(cache.get(&key).is_none());
    }

    #[test]
    fn what_another_node_tells_is_forgotten_and_nothing_else() {
        let (cache, one, other) = (Cache::new(), key(1), key(2));
        kept(&cache, &one);
        kept(&cache, &other);
        let begun = cache.begin(&one);
        cache.told(&announcement(&[replaced(one.clone())]).unwrap_or_default());
        assert!(cache.get(&one).is_none() && cache.get(&other).is_some());
        // A read that was under way then.
        cache.keep(&one, &Row { version: 1, body: b"{}".to_vec().into() }, begun);
        assert!(cache.get(&one).is_none());
        kept(&cache, &one);
        cache.told("nonsense 99999999 -1 ");
        assert!(cache.get(&one).is_some() && cache.get(&other).is_some());
        cache.forget_all();
        assert!(cache.get(&one).is_none() && cache.get(&other).is_none());
    }

    /// Nodes of other releases have to agree about it.
    #[test]
    fn a_place_stays_where_it_is() {
        assert_eq!(Place::of(&key(1)), Place(6));
        let named = Key { id: Id::Name("ä".to_owned()), ..key(1) };
        assert_eq!(Place::of(&named), Place(122));
    }

    #[test]
    fn an_announcement_is_short_whatever_has_changed() {
        let all: Vec<_> = (0..50_000).map(|number| replaced(key(number))).collect();
        let all = announcement(&all).unwrap_or_default();
        assert_eq!(all.split(' ').count(), PLACES);
        assert!(all.len() < 8_000, "{}", all.len());
        let new = Change::Insert { key: key(1), body: Vec::new(), indexes: Vec::new(), expires_at: None };
        assert_eq!(announcement(&[new]), None);
        let of_log = Key { kind: Kind::log("token"), ..key(1) };
        assert_eq!(announcement(&[Change::Delete { key: of_log, version: 1 }]), None);
    }
}
