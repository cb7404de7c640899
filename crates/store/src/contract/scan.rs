//! What going through all rows owes.

use placet_base::Timestamp;

use super::{CATALOGUE, LOG, OTHER_LOG, commit, expiring, insert, key, replace, shared, wait};
use crate::Store;
use crate::row::{Change, Id, IndexKey, Key, Layout, Page, Scanned};

/// Every key of a layout, `max` at a time.
fn scanned(store: &dyn Store, layout: Layout, max: usize) -> Vec<Scanned> {
    let mut all: Vec<Scanned> = Vec::new();
    loop {
        let after = all.last().map(|last| last.key.clone());
        let some = wait(store.scan(layout, after.as_ref(), max)).unwrap_or_else(|e| panic!("{e}"));
        assert!(some.len() <= max);
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

pub(super) fn comes_by_every_row(store: &dyn Store) {
    let named = |kind, service, name: &str| Key { kind, service, id: Id::Name(name.to_owned()) };
    let logs = [key(LOG, 1, 1), key(LOG, 1, 3), key(LOG, 2, 2), key(OTHER_LOG, 1, 4), key(LOG, 0, 5)];
    let others = [
        key(CATALOGUE, 1, 1),
        key(CATALOGUE, 1, 2),
        named(CATALOGUE, 1, "a"),
        named(CATALOGUE, 1, "b"),
        key(CATALOGUE, 0, 1),
    ];
    commit(store, logs.iter().chain(&others).map(|key| insert(key, "body")).collect());
    commit(store, vec![expiring(9, Some(5_000)), shared(10, &[("name", "value")])]);
    commit(store, vec![replace(&logs[0], 1, "next")]);
    for max in [1, 2, 100] {
        for (layout, expected) in [(Layout::Log, &logs), (Layout::Catalogue, &others)] {
            let all = scanned(store, layout, max);
            for key in expected {
                assert_eq!(all.iter().filter(|scanned| scanned.key == *key).count(), 1, "{key:?}");
            }
            let more = if layout == Layout::Log { 2 } else { 0 };
            assert_eq!(all.len(), expected.len() + more, "{layout:?}");
        }
    }
    let all = scanned(store, Layout::Log, 3);
    let first =
        all.iter().find(|scanned| scanned.key == logs[0]).unwrap_or_else(|| panic!("it is not there"));
    assert_eq!((first.row.version, first.row.body.as_ref()), (2, b"next".as_slice()));
    let expires = all
        .iter()
        .find(|scanned| scanned.key.id == Id::Number(9))
        .unwrap_or_else(|| panic!("it is not there"));
    assert_eq!(expires.expires_at, Some(Timestamp(5_000)));
    // As it was come by, a row can be replaced; its names stay.
    let Scanned { key, row, expires_at } = all
        .iter()
        .find(|one| one.key.id == Id::Number(10))
        .unwrap_or_else(|| panic!("it is not there"))
        .clone();
    let next =
        Change::Replace { key, version: row.version, body: b"x".to_vec(), indexes: vec![], expires_at };
    commit(store, vec![next]);
    let index = IndexKey { kind: LOG, service: 1, entry: Some(("name", "value".to_owned())), from: 0 };
    let named = wait(store.find(&index, Page::count(9)));
    assert_eq!(named.map(|rows| rows.total), Ok(1));
}
