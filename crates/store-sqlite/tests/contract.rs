//! The store contract, and what only a durable backend owes.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::path::PathBuf;

use placet_base::Timestamp;
use placet_store::contract::{CHECKS, wait};
use placet_store::{Change, Id, IndexEntry, IndexKey, Key, Kind, Page, Store};
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

/// Whatever is removed from the directory while the store is open.
#[test]
fn a_second_process_is_refused_for_as_long_as_the_first_lives() {
    let dir = Dir::new("unlinked");
    let first = dir.open().unwrap();
    for entry in std::fs::read_dir(&dir.0).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "db") {
            std::fs::remove_file(path).unwrap();
        }
    }
    assert!(matches!(dir.open(), Err(OpenError::InUse(_))));
    drop(first);
    assert!(dir.open().is_ok());
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new("modes");
    std::fs::set_permissions(&dir.0, std::fs::Permissions::from_mode(0o755)).unwrap();
    let modes = || {
        let files = std::fs::read_dir(&dir.0).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.metadata().unwrap().permissions().mode() & 0o777, path)).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        let store = dir.open().unwrap();
        let number = i64::try_from(modes().len()).unwrap();
        let _ = wait(store.commit(vec![insert(number)]));
        assert!(modes().len() >= 3, "{:?}", modes());
        assert!(modes().iter().all(|(mode, _)| *mode == 0o600), "{:?}", modes());
        // A store that was made by hand, or by a former release.
        for (_, path) in modes() {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
    }
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

const MANY: i64 = 60_000;

/// A store with a long list of rows, all of one client, that end one after the other.
fn long(dir: &Dir) -> Sqlite {
    let store = dir.open().unwrap();
    let named = |number: i64| Change::Insert {
        key: insert(number).key().clone(),
        body: vec![b'x'; 600],
        indexes: vec![IndexEntry { name: "client", value: "1".to_owned(), unique: false }],
        expires_at: Some(Timestamp(number)),
    };
    for first in (1..=MANY).step_by(2_000) {
        wait(store.commit((first..first + 2_000).map(named).collect())).unwrap();
    }
    store
}

/// The best of a few attempts: others are at work on the machine too.
fn quickest(mut work: impl FnMut()) -> std::time::Duration {
    let timed = |_| {
        let began = now();
        work();
        now().duration_since(began)
    };
    (0..5).map(timed).min().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[test]
fn a_page_of_a_long_list_costs_what_a_page_costs() {
    let dir = Dir::new("page");
    let store = long(&dir);
    for entry in [None, Some(("client", "1".to_owned()))] {
        let index = IndexKey { kind: Kind::log("log"), service: 1, entry, from: 0 };
        for start in [0, 50_000] {
            let took = quickest(|| {
                let page = Page::rows(start, start + 5).counted(50_000);
                let page = wait(store.find(&index, page)).unwrap();
                assert_eq!((page.rows.len(), page.total), (5, 50_000));
            });
            assert!(took.as_millis() < 60, "{took:?} for five rows behind {start}");
        }
    }
}

#[test]
fn what_ends_is_removed_faster_than_it_is_made() {
    let dir = Dir::new("sweep");
    let store = long(&dir);
    let began = now();
    let (mut deleted, mut steps) = (0, 0);
    loop {
        let step = wait(store.sweep(Timestamp(MANY + 10_000), 2_000)).unwrap();
        (deleted, steps) = (deleted + step.deleted, steps + 1);
        if !step.more {
            break;
        }
    }
    let took = now().duration_since(began);
    assert_eq!(deleted, usize::try_from(MANY).unwrap());
    assert!(steps < 100, "{steps} steps");
    assert!(took.as_secs_f64() < 60_000.0 / 14_000.0, "{took:?} for {MANY} rows");
}

/// What has nothing to be removed is not looked at again and again.
#[test]
fn living_rows_are_left_alone() {
    let dir = Dir::new("living");
    let store = long(&dir);
    while wait(store.sweep(Timestamp(0), 2_000)).unwrap().more {}
    let before = store.transactions();
    for _ in 0..10 {
        assert_eq!(wait(store.sweep(Timestamp(0), 2_000)).unwrap().deleted, 0);
    }
    assert_eq!(store.transactions(), before);
}

/// Rows that have just been written are at hand in memory, others are read from the file: who goes from one to the other does not
/// go back in time.
#[test]
fn who_has_seen_something_of_a_commit_sees_all_of_it() {
    const TIMES: i64 = 400;
    let dir = Dir::new("whole");
    let store = dir.open().unwrap();
    let name = IndexEntry { name: "own", value: "b".to_owned(), unique: true };
    let key = |number| insert(number).key().clone();
    let named = Change::Insert { key: key(2), body: vec![], indexes: vec![name], expires_at: None };
    wait(store.commit(vec![insert(1), named])).unwrap();
    let by_name =
        IndexKey { kind: Kind::log("log"), service: 1, entry: Some(("own", "b".to_owned())), from: 0 };
    let replace = |number, version| Change::Replace {
        key: key(number),
        version,
        body: vec![],
        indexes: vec![],
        expires_at: None,
    };
    let at_hand = || wait(store.get(&key(1))).unwrap().unwrap().version;
    let in_file = || wait(store.find_one(&by_name)).unwrap().unwrap().1.version;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut seen = 1;
                while seen <= TIMES {
                    for read in [&at_hand as &(dyn Fn() -> i64 + Sync), &in_file] {
                        let now = read();
                        assert!(now >= seen, "{now} after {seen}");
                        seen = now;
                    }
                }
            });
        }
        for version in 1..=TIMES {
            wait(store.commit(vec![replace(1, version), replace(2, version)])).unwrap();
        }
    });
}
