//! The tests that every backend must pass, as functions over an empty store. A backend runs them from
//! its own test module: `for (name, check) in CHECKS { check(&fresh_store()) }`.
//!
//! They panic on a breach, as tests do; nothing outside tests calls them.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use placet_base::Timestamp;

use crate::Store;
use crate::row::{Change, CommitError, Id, IndexEntry, IndexKey, Key, Kind, Page};

type Check = fn(&dyn Store);

/// Name and function of every check.
pub const CHECKS: &[(&str, Check)] = &[
    ("what was committed is read", what_was_committed_is_read),
    ("a key is inserted once", a_key_is_inserted_once),
    ("an old version overwrites nothing", an_old_version_overwrites_nothing),
    ("a deleted row stays deleted", a_deleted_row_stays_deleted),
    ("a batch is applied whole or not at all", a_batch_is_whole),
    ("a service does not see another's rows", services_are_apart),
    ("kinds are apart", kinds_are_apart),
    ("index entries are found, moved and removed", index_entries_follow_the_row),
    ("a unique entry is held once", a_unique_entry_is_held_once),
    ("a window carries the total", a_window_carries_the_total),
    ("log rows are found by the names they were inserted with", log_rows_keep_their_names),
    ("sweeping takes expired rows only", sweeping_takes_expired_rows),
    ("sweeping is paced and gets through", sweeping_is_paced),
    ("of competing replacements one wins", one_replacement_wins),
];

const LOG: Kind = Kind::log("log");
const OTHER_LOG: Kind = Kind::log("other");
const CATALOGUE: Kind = Kind::catalogue("catalogue");

/// Waits for a future on this thread. Backends may answer from another one.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::yield_now(),
        }
    }
}

fn key(kind: Kind, service: i64, number: i64) -> Key {
    Key { kind, service, id: Id::Number(number) }
}

fn insert(key: &Key, body: &str) -> Change {
    Change::Insert { key: key.clone(), body: body.into(), indexes: vec![], expires_at: None }
}

fn indexed(key: &Key, value: &str, unique: bool) -> Change {
    let indexes = vec![IndexEntry { name: "name", value: value.to_owned(), unique }];
    Change::Insert { key: key.clone(), body: b"{}".to_vec(), indexes, expires_at: None }
}

fn replace(key: &Key, version: i64, body: &str) -> Change {
    Change::Replace { key: key.clone(), version, body: body.into(), indexes: vec![], expires_at: None }
}

fn body(store: &dyn Store, key: &Key) -> Option<String> {
    let row = wait(store.get(key)).expect("the store answers")?;
    Some(String::from_utf8(row.body.to_vec()).expect("the body is the text that was stored"))
}

fn commit(store: &dyn Store, batch: Vec<Change>) {
    wait(store.commit(batch)).expect("the batch is applied");
}

fn conflicts(store: &dyn Store, batch: Vec<Change>) {
    assert_eq!(wait(store.commit(batch)), Err(CommitError::Conflict));
}

fn listed(
    store: &dyn Store,
    entry: Option<(&'static str, &str)>,
    start: usize,
    end: usize,
) -> (Vec<Id>, usize) {
    let entry = entry.map(|(name, value)| (name, value.to_owned()));
    let index = IndexKey { kind: CATALOGUE, service: 1, entry };
    let rows = wait(store.find(&index, Page { start, end })).expect("the store answers");
    (rows.rows.into_iter().map(|(id, _)| id).collect(), rows.total)
}

fn what_was_committed_is_read(store: &dyn Store) {
    for kind in [LOG, CATALOGUE] {
        let key = key(kind, 1, 7);
        assert_eq!(body(store, &key), None);
        commit(store, vec![insert(&key, "a")]);
        assert_eq!(body(store, &key).as_deref(), Some("a"));
        commit(store, vec![replace(&key, 1, "b")]);
        assert_eq!(body(store, &key).as_deref(), Some("b"));
        assert_eq!(wait(store.get(&key)).expect("answers").expect("is there").version, 2);
    }
}

fn a_key_is_inserted_once(store: &dyn Store) {
    for kind in [LOG, CATALOGUE] {
        let key = key(kind, 1, 7);
        commit(store, vec![insert(&key, "a")]);
        conflicts(store, vec![insert(&key, "b")]);
        assert_eq!(body(store, &key).as_deref(), Some("a"));
    }
}

fn an_old_version_overwrites_nothing(store: &dyn Store) {
    for kind in [LOG, CATALOGUE] {
        let key = key(kind, 1, 7);
        commit(store, vec![insert(&key, "a")]);
        commit(store, vec![replace(&key, 1, "b")]);
        conflicts(store, vec![replace(&key, 1, "c")]);
        conflicts(store, vec![Change::Delete { key: key.clone(), version: 1 }]);
        assert_eq!(body(store, &key).as_deref(), Some("b"));
    }
}

fn a_deleted_row_stays_deleted(store: &dyn Store) {
    for kind in [LOG, CATALOGUE] {
        let key = key(kind, 1, 7);
        commit(store, vec![insert(&key, "a")]);
        commit(store, vec![Change::Delete { key: key.clone(), version: 1 }]);
        assert_eq!(body(store, &key), None);
        conflicts(store, vec![replace(&key, 1, "b")]);
        conflicts(store, vec![Change::Delete { key: key.clone(), version: 1 }]);
    }
}

fn a_batch_is_whole(store: &dyn Store) {
    let (first, second, taken) = (key(LOG, 1, 1), key(CATALOGUE, 1, 2), key(LOG, 1, 3));
    commit(store, vec![insert(&taken, "taken")]);
    conflicts(store, vec![insert(&first, "a"), insert(&second, "b"), insert(&taken, "c")]);
    assert_eq!((body(store, &first), body(store, &second)), (None, None));
    commit(store, vec![insert(&first, "a"), insert(&second, "b"), replace(&taken, 1, "c")]);
    assert_eq!(body(store, &taken).as_deref(), Some("c"));
}

fn services_are_apart(store: &dyn Store) {
    for kind in [LOG, CATALOGUE] {
        commit(store, vec![insert(&key(kind, 1, 7), "a")]);
        assert_eq!(body(store, &key(kind, 2, 7)), None);
        conflicts(store, vec![replace(&key(kind, 2, 7), 1, "b")]);
        conflicts(store, vec![Change::Delete { key: key(kind, 2, 7), version: 1 }]);
        assert_eq!(body(store, &key(kind, 1, 7)).as_deref(), Some("a"));
    }
}

fn kinds_are_apart(store: &dyn Store) {
    commit(store, vec![insert(&key(LOG, 1, 7), "a")]);
    assert_eq!(body(store, &key(OTHER_LOG, 1, 7)), None);
    assert_eq!(body(store, &key(CATALOGUE, 1, 7)), None);
    conflicts(store, vec![replace(&key(OTHER_LOG, 1, 7), 1, "b")]);
}

fn index_entries_follow_the_row(store: &dyn Store) {
    let key = key(CATALOGUE, 1, 7);
    commit(store, vec![indexed(&key, "old", true)]);
    assert_eq!(listed(store, Some(("name", "old")), 0, 9), (vec![Id::Number(7)], 1));
    let moved = vec![IndexEntry { name: "name", value: "new".to_owned(), unique: true }];
    let change = Change::Replace {
        key: key.clone(),
        version: 1,
        body: b"{}".to_vec(),
        indexes: moved,
        expires_at: None,
    };
    commit(store, vec![change]);
    assert_eq!(listed(store, Some(("name", "old")), 0, 9).1, 0);
    assert_eq!(listed(store, Some(("name", "new")), 0, 9).1, 1);
    commit(store, vec![Change::Delete { key, version: 2 }]);
    assert_eq!(listed(store, Some(("name", "new")), 0, 9).1, 0);
}

fn a_unique_entry_is_held_once(store: &dyn Store) {
    commit(store, vec![indexed(&key(CATALOGUE, 1, 1), "a", true)]);
    conflicts(store, vec![indexed(&key(CATALOGUE, 1, 2), "a", true)]);
    commit(store, vec![indexed(&key(CATALOGUE, 2, 3), "a", true)]);
    commit(
        store,
        vec![indexed(&key(CATALOGUE, 1, 4), "b", false), indexed(&key(CATALOGUE, 1, 5), "b", false)],
    );
    assert_eq!(listed(store, Some(("name", "b")), 0, 9).1, 2);
}

fn a_window_carries_the_total(store: &dyn Store) {
    for number in [3, 1, 2, 11] {
        commit(store, vec![insert(&key(CATALOGUE, 1, number), "a")]);
    }
    commit(store, vec![insert(&key(CATALOGUE, 2, 9), "a")]);
    let numbers = |ids: &[i64]| ids.iter().map(|n| Id::Number(*n)).collect::<Vec<_>>();
    assert_eq!(listed(store, None, 0, 9), (numbers(&[1, 2, 3, 11]), 4));
    assert_eq!(listed(store, None, 1, 3), (numbers(&[2, 3]), 4));
    assert_eq!(listed(store, None, 3, 1), (vec![], 4));
}

fn log_rows_keep_their_names(store: &dyn Store) {
    let (one, two) = (key(LOG, 1, 5), key(LOG, 1, 6));
    assert_eq!(wait(store.commit(vec![indexed(&one, "shared", false)])), Ok(()));
    assert_eq!(wait(store.commit(vec![indexed(&two, "shared", false)])), Ok(()));
    let entry = |value: &str| Some(("name", value.to_owned()));
    let found = |value: Option<(&'static str, String)>| {
        let index = IndexKey { kind: LOG, service: 1, entry: value };
        wait(store.find(&index, Page { start: 0, end: 10 })).map(|rows| rows.total)
    };
    assert_eq!(found(entry("shared")), Ok(2));
    assert_eq!(found(None), Ok(2));
    let replaced = Change::Replace {
        key: one.clone(),
        version: 1,
        body: "next".into(),
        indexes: vec![IndexEntry { name: "name", value: "moved".to_owned(), unique: false }],
        expires_at: None,
    };
    assert_eq!(wait(store.commit(vec![replaced])), Ok(()));
    assert_eq!((found(entry("shared")), found(entry("moved"))), (Ok(2), Ok(0)));
    assert_eq!(wait(store.commit(vec![indexed(&key(LOG, 1, 7), "own", true)])), Ok(()));
    assert_eq!(wait(store.commit(vec![indexed(&key(LOG, 1, 8), "own", true)])), Err(CommitError::Conflict));
    assert_eq!(wait(store.commit(vec![Change::Delete { key: one, version: 2 }])), Ok(()));
    assert_eq!(found(entry("shared")), Ok(1));
}

fn expiring(number: i64, at: Option<i64>) -> Change {
    let key = key(LOG, 1, number);
    Change::Insert { key, body: b"{}".to_vec(), indexes: vec![], expires_at: at.map(Timestamp) }
}

fn sweeping_takes_expired_rows(store: &dyn Store) {
    commit(store, vec![expiring(1, Some(100)), expiring(2, Some(101)), expiring(3, None)]);
    assert_eq!(wait(store.sweep(Timestamp(100), 10)), Ok(1));
    assert_eq!(body(store, &key(LOG, 1, 1)), None);
    assert!(body(store, &key(LOG, 1, 2)).is_some());
    assert!(body(store, &key(LOG, 1, 3)).is_some());
}

fn sweeping_is_paced(store: &dyn Store) {
    commit(store, (1..=20).map(|number| expiring(number, Some(100))).collect());
    let mut deleted = 0;
    for _ in 0..10 {
        let batch = wait(store.sweep(Timestamp(100), 5)).expect("the store answers");
        assert!(batch <= 5);
        deleted += batch;
    }
    assert_eq!(deleted, 20);
}

fn one_replacement_wins(store: &dyn Store) {
    let key = key(LOG, 1, 7);
    commit(store, vec![insert(&key, "0")]);
    let wins = std::thread::scope(|scope| {
        let attempts: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn({
                    let key = &key;
                    move || wait(store.commit(vec![replace(key, 1, &n.to_string())]))
                })
            })
            .collect();
        attempts.into_iter().map(|a| a.join().expect("no panic")).filter(Result::is_ok).count()
    });
    assert_eq!(wins, 1);
    assert_eq!(wait(store.get(&key)).expect("answers").expect("is there").version, 2);
}
