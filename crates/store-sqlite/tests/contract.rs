//! The store contract, and what only a durable backend owes.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::path::PathBuf;

use placet_store::contract::{CHECKS, wait};
use placet_store::{Change, Id, Key, Kind, Store};
use placet_store_sqlite::{OpenError, Sqlite};

/// A fresh directory that is removed with the value.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("placet-sqlite-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn open(&self) -> Result<Sqlite, OpenError> {
        Sqlite::open(&self.0.join("store.db"))
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn keeps_the_contract() {
    for (number, (name, check)) in CHECKS.iter().enumerate() {
        println!("{name}");
        let dir = Dir::new(&format!("contract-{number}"));
        check(&dir.open().unwrap());
    }
}

fn insert(number: i64) -> Change {
    let key = Key { kind: Kind::log("log"), service: 1, id: Id::Number(number) };
    Change::Insert { key, body: number.to_string().into_bytes(), indexes: vec![], expires_at: None }
}

#[test]
fn rows_are_there_after_reopening() {
    let dir = Dir::new("reopen");
    wait(dir.open().unwrap().commit(vec![insert(1), insert(2)])).unwrap();
    let store = dir.open().unwrap();
    let key = insert(2).key().clone();
    assert_eq!(wait(store.get(&key)).unwrap().unwrap().body.as_ref(), b"2");
}

#[test]
fn a_second_process_is_refused() {
    let dir = Dir::new("lock");
    let _first = dir.open().unwrap();
    assert!(matches!(dir.open(), Err(OpenError::InUse(_))));
}

#[test]
fn a_conflict_spares_the_rest_of_its_group() {
    let dir = Dir::new("group");
    let store = dir.open().unwrap();
    wait(store.commit(vec![insert(1)])).unwrap();
    // Both are queued before either is awaited, so that they may share a transaction.
    let conflicting = store.commit(vec![insert(2), insert(1)]);
    let fine = store.commit(vec![insert(3)]);
    assert!(wait(conflicting).is_err());
    wait(fine).unwrap();
    assert!(wait(store.get(insert(2).key())).unwrap().is_none());
    assert!(wait(store.get(insert(3).key())).unwrap().is_some());
}

#[test]
fn a_changed_catalogue_row_is_seen_at_once() {
    let dir = Dir::new("cache");
    let store = dir.open().unwrap();
    let key = Key { kind: Kind::catalogue("client"), service: 1, id: Id::Name("a".into()) };
    wait(store.commit(vec![Change::Insert {
        key: key.clone(),
        body: vec![0],
        indexes: vec![],
        expires_at: None,
    }]))
    .unwrap();
    for version in 1..200i64 {
        assert_eq!(wait(store.get(&key)).unwrap().unwrap().version, version);
        let change =
            Change::Replace { key: key.clone(), version, body: vec![0], indexes: vec![], expires_at: None };
        wait(store.commit(vec![change])).unwrap();
    }
}

#[test]
fn the_log_does_not_grow_for_ever_beside_readers() {
    let dir = Dir::new("log");
    let store = dir.open().unwrap();
    let body = vec![b'x'; 64 * 1024];
    for number in 1..=2000i64 {
        let key = insert(number).key().clone();
        let change =
            Change::Insert { key: key.clone(), body: body.clone(), indexes: vec![], expires_at: None };
        wait(store.commit(vec![change])).unwrap();
        // A reader that is always at it.
        assert!(wait(store.get(&key)).unwrap().is_some());
    }
    let log = std::fs::metadata(dir.0.join("store.db-wal")).unwrap().len();
    assert!(log < 100 << 20, "128 MiB were written, and the log has {} MiB", log >> 20);
}

#[test]
fn requests_that_wait_share_a_sync() {
    let dir = Dir::new("shared");
    let store = dir.open().unwrap();
    let commits: Vec<_> = (1..=500).map(|number| store.commit(vec![insert(number)])).collect();
    for commit in commits {
        wait(commit).unwrap();
    }
    let transactions = store.transactions();
    assert!(transactions < 250, "500 commits took {transactions} transactions");
}
