//! The tests that every backend must pass, as functions over an empty store. A backend runs them from
//! its own test module: `for (name, check) in CHECKS { check(&fresh_store()) }`.
//!
//! They panic on a breach, as tests do; nothing outside tests calls them.

mod scan;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use placet_base::Timestamp;

use crate::Store;
use crate::row::{Change, CommitError, Id, IndexEntry, IndexKey, Key, Kind, Page, Swept};

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
    ("sweeping comes back for what expires later", sweeping_comes_back),
    ("a page of a log list is a window in a lasting order", log_pages),
    ("a unique entry leads to its row", a_unique_entry_leads_to_its_row),
    ("of competing replacements one wins", one_replacement_wins),
    ("going through the rows comes by every one", scan::comes_by_every_row),
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
    let index = IndexKey { kind: CATALOGUE, service: 1, entry, from: 0 };
    let rows = wait(store.find(&index, Page::rows(start, end).counted(9))).expect("the store answers");
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
    let index = IndexKey { kind: CATALOGUE, service: 1, entry: None, from: 0 };
    let total = |page: Page| wait(store.find(&index, page)).map(|found| (found.rows.len(), found.total));
    assert_eq!(total(Page::rows(0, 2)), Ok((2, 0)), "nobody asked how many there are");
    assert_eq!(total(Page::rows(0, 2).counted(3)), Ok((2, 3)), "counted as far as asked");
    assert_eq!((total(Page::count(3)), total(Page::count(9))), (Ok((0, 3)), Ok((0, 4))));
}

fn log_rows_keep_their_names(store: &dyn Store) {
    let (one, two) = (key(LOG, 1, 5), key(LOG, 1, 6));
    assert_eq!(wait(store.commit(vec![indexed(&one, "shared", false)])), Ok(()));
    assert_eq!(wait(store.commit(vec![indexed(&two, "shared", false)])), Ok(()));
    let entry = |value: &str| Some(("name", value.to_owned()));
    let found = |value: Option<(&'static str, String)>| {
        let index = IndexKey { kind: LOG, service: 1, entry: value, from: 0 };
        wait(store.find(&index, Page::count(10))).map(|rows| rows.total)
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

fn shared(number: i64, names: &[(&'static str, &str)]) -> Change {
    let entry =
        |(name, value): &(&'static str, &str)| IndexEntry { name, value: (*value).to_owned(), unique: false };
    let indexes = names.iter().map(entry).collect();
    Change::Insert { key: key(LOG, 1, number), body: b"{}".to_vec(), indexes, expires_at: None }
}

fn log_pages(store: &dyn Store) {
    for number in [12, 11, 13, 14] {
        commit(store, vec![shared(number, &[("client", "b"), ("user", "u")])]);
    }
    commit(store, vec![shared(20, &[("client", "a")]), insert(&key(LOG, 1, 1), "unnamed")]);
    commit(store, vec![insert(&key(LOG, 2, 3), "another's")]);
    let page = |entry: Option<(&'static str, &str)>, from: i64, start: usize, end: usize| {
        let entry = entry.map(|(name, value)| (name, value.to_owned()));
        let index = IndexKey { kind: LOG, service: 1, entry, from };
        let rows = wait(store.find(&index, Page::rows(start, end).counted(9))).expect("the store answers");
        let number = |(id, _): (Id, _)| match id {
            Id::Number(number) => number,
            Id::Name(name) => panic!("{name}"),
        };
        (rows.rows.into_iter().map(number).collect::<Vec<_>>(), rows.total)
    };
    assert_eq!(page(None, 0, 0, 9), (vec![20, 11, 12, 13, 14], 5));
    assert_eq!(page(None, 0, 1, 3), (vec![11, 12], 5));
    assert_eq!(page(Some(("client", "b")), 0, 0, 2), (vec![11, 12], 4));
    assert_eq!(page(Some(("client", "b")), 0, 2, 9), (vec![13, 14], 4));
    assert_eq!(page(Some(("user", "u")), 13, 0, 9), (vec![13, 14], 2));
    assert_eq!(page(Some(("user", "u")), 0, 9, 99), (vec![], 4));
    assert_eq!(page(Some(("user", "nobody")), 0, 0, 9), (vec![], 0));
}

fn a_unique_entry_leads_to_its_row(store: &dyn Store) {
    for kind in [LOG, CATALOGUE] {
        commit(store, vec![indexed(&key(kind, 1, 5), "own", true), indexed(&key(kind, 1, 6), "else", true)]);
        let found = |service: i64, value: &str| {
            let index = IndexKey { kind, service, entry: Some(("name", value.to_owned())), from: 0 };
            wait(store.find_one(&index)).expect("the store answers").map(|(id, _)| id)
        };
        assert_eq!(found(1, "own"), Some(Id::Number(5)));
        assert_eq!((found(1, "none"), found(2, "own")), (None, None));
    }
}

fn expiring(number: i64, at: Option<i64>) -> Change {
    let key = key(LOG, 1, number);
    Change::Insert { key, body: b"{}".to_vec(), indexes: vec![], expires_at: at.map(Timestamp) }
}

fn sweeping_takes_expired_rows(store: &dyn Store) {
    commit(store, vec![expiring(1, Some(100)), expiring(2, Some(101)), expiring(3, None)]);
    assert_eq!(wait(store.sweep(Timestamp(100), 10)), Ok(Swept { deleted: 1, more: false }));
    assert_eq!(body(store, &key(LOG, 1, 1)), None);
    assert!(body(store, &key(LOG, 1, 2)).is_some());
    assert!(body(store, &key(LOG, 1, 3)).is_some());
}

fn sweeping_is_paced(store: &dyn Store) {
    commit(store, (1..=20).map(|number| expiring(number, Some(100))).collect());
    let mut deleted = 0;
    loop {
        let step = wait(store.sweep(Timestamp(100), 5)).expect("the store answers");
        assert!(step.deleted <= 5);
        deleted += step.deleted;
        if !step.more {
            break;
        }
    }
    assert_eq!(deleted, 20);
    assert_eq!(wait(store.sweep(Timestamp(100), 5)), Ok(Swept { deleted: 0, more: false }));
}

fn sweeping_comes_back(store: &dyn Store) {
    let through = |at: i64| {
        let mut deleted = 0;
        // However it is paced, it comes to an end.
        for _ in 0..100 {
            let step = wait(store.sweep(Timestamp(at), 4)).expect("the store answers");
            deleted += step.deleted;
            if !step.more {
                break;
            }
        }
        deleted
    };
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let at = |number: i64| if number % 3 == 0 { DAY } else { 5 * DAY };
    commit(store, (1..=30).map(|number| expiring(number, Some(at(number)))).collect());
    assert_eq!(through(1), 0);
    // One that is written late, among numbers that have been looked at.
    commit(store, vec![expiring(100, Some(9 * DAY)), expiring(50, Some(2 * DAY))]);
    assert_eq!(through(DAY + DAY / 2), 10);
    assert_eq!(through(3 * DAY), 1);
    // One that lives longer than it was to.
    let longer = Change::Replace {
        key: key(LOG, 1, 1),
        version: 1,
        body: b"{}".to_vec(),
        indexes: vec![],
        expires_at: Some(Timestamp(7 * DAY)),
    };
    commit(store, vec![longer]);
    assert_eq!(through(6 * DAY), 19);
    assert!(body(store, &key(LOG, 1, 1)).is_some());
    assert_eq!((through(8 * DAY), through(10 * DAY), through(20 * DAY)), (1, 1, 0));
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
