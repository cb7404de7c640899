//! The tests that any store of what is remembered must pass.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use super::{Kept, NEVER, Place, Shelf, StateStore};

fn place(shelf: Shelf, name: &str) -> Place {
    Place { shelf, name: name.to_owned() }
}

fn value(kept: Option<Kept>) -> Option<Vec<u8>> {
    kept.map(|kept| kept.value)
}

/// All of them, one after the other, on an empty store. `now`: in seconds since the epoch.
///
/// # Panics
/// Where the store does not do what it owes.
pub async fn keeps(store: Arc<dyn StateStore>, now: i64) {
    a_value_is_kept_and_changed_by_its_version(&*store, now + 1000).await;
    shelves_are_apart(&*store, now + 1000).await;
    the_end_is_what_was_said(&*store, now).await;
    what_is_large_or_has_an_odd_name_is_kept(&*store, now + 1000).await;
    of_many_who_change_a_version_one_does(store, now + 1000).await;
}

async fn a_value_is_kept_and_changed_by_its_version(store: &dyn StateStore, until: i64) {
    let at = place(Shelf::Logins, "a");
    assert_eq!(store.get(&at).await, Ok(None));
    assert_eq!(store.replace(&at, 1, b"0".to_vec(), until).await, Ok(None));
    assert_eq!(store.remove(&at, 1).await, Ok(false));
    let first = store.insert(&at, b"1".to_vec(), until).await.unwrap().unwrap();
    assert_eq!(store.insert(&at, b"2".to_vec(), until).await, Ok(None));
    assert_eq!(value(store.get(&at).await.unwrap()), Some(b"1".to_vec()));
    let second = store.replace(&at, first, b"2".to_vec(), until).await.unwrap().unwrap();
    assert_ne!(first, second);
    assert_eq!(store.replace(&at, first, b"3".to_vec(), until).await, Ok(None));
    let kept = store.get(&at).await.unwrap().unwrap();
    assert_eq!(kept, Kept { version: second, value: b"2".to_vec(), until });
    assert_eq!(store.remove(&at, first).await, Ok(false));
    assert_eq!(store.remove(&at, second).await, Ok(true));
    assert_eq!((store.get(&at).await, store.remove(&at, second).await), (Ok(None), Ok(false)));
    // The place is free.
    assert!(store.insert(&at, b"4".to_vec(), until).await.unwrap().is_some());
}

async fn shelves_are_apart(store: &dyn StateStore, until: i64) {
    for shelf in Shelf::ALL {
        let at = place(shelf, "one name");
        assert!(store.insert(&at, shelf.name().into(), until).await.unwrap().is_some(), "{shelf:?}");
    }
    for shelf in Shelf::ALL {
        assert_eq!(value(store.get(&place(shelf, "one name")).await.unwrap()), Some(shelf.name().into()));
    }
}

/// What has ended may be there still: whoever reads it sees that, and can put something else in its place.
async fn the_end_is_what_was_said(store: &dyn StateStore, now: i64) {
    for (name, until) in [("ended", now - 10), ("later", now + 10), ("never", NEVER)] {
        let at = place(Shelf::Guesses, name);
        let version = store.insert(&at, b"1".to_vec(), until).await.unwrap().unwrap();
        match store.get(&at).await.unwrap() {
            Some(kept) => assert_eq!((kept.version, kept.until), (version, until), "{name}"),
            None => assert_eq!(name, "ended"),
        }
    }
    let at = place(Shelf::Guesses, "later");
    let version = store.get(&at).await.unwrap().unwrap().version;
    store.replace(&at, version, b"1".to_vec(), now + 20).await.unwrap().unwrap();
    assert_eq!(store.get(&at).await.unwrap().unwrap().until, now + 20);
}

async fn what_is_large_or_has_an_odd_name_is_kept(store: &dyn StateStore, until: i64) {
    let large: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    for name in ["", "/", "ü 字", "a\0b", &"n".repeat(5000)] {
        let at = place(Shelf::OfUsers, name);
        assert!(store.insert(&at, large.clone(), until).await.unwrap().is_some(), "{name}");
        assert_eq!(value(store.get(&at).await.unwrap()), Some(large.clone()), "{name}");
    }
}

async fn of_many_who_change_a_version_one_does(store: Arc<dyn StateStore>, until: i64) {
    let at = place(Shelf::Strangers, "contended");
    let version = store.insert(&at, b"0".to_vec(), until).await.unwrap().unwrap();
    let all: Vec<_> = (0..16_u8)
        .map(|n| {
            let (store, at) = (store.clone(), at.clone());
            tokio::spawn(async move { store.replace(&at, version, vec![n], until).await.unwrap() })
        })
        .collect();
    let mut changed = 0;
    for one in all {
        changed += u32::from(one.await.unwrap().is_some());
    }
    assert_eq!(changed, 1);
}
