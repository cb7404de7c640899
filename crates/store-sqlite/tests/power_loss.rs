//! What a power failure leaves of files: all that was synced, and of what was written since some sectors and not others.
//! Whatever that is, what was acknowledged is there, and of what was not, batches are there whole and none without those
//! before it.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::time::Duration;

use placet_store::contract::wait;
use placet_store::{Change, Id, Key, Kind, Store};
use placet_store_sqlite::Sqlite;

/// What a disk writes whole or not at all, in bytes.
const SECTOR: usize = 512;
/// Commits after which the writer looks at its log.
const BATCHES: usize = 256;
/// What a checkpoint copies, in bytes.
const PAGE: usize = 4096;

/// Choices that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

struct Dir(PathBuf);

impl Dir {
    fn new(name: &str, seed: u64) -> Self {
        let path = std::env::temp_dir().join(format!("placet-power-{}-{name}-{seed}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn open(&self) -> Sqlite {
        Sqlite::open(&self.0.join("store.db")).unwrap()
    }

    fn files(&self) -> Files {
        let read = |name: &str| std::fs::read(self.0.join(name)).unwrap();
        Files { main: read("store.db"), log: read("store.db-wal") }
    }

    fn put(&self, files: &Files) {
        std::fs::write(self.0.join("store.db"), &files.main).unwrap();
        std::fs::write(self.0.join("store.db-wal"), &files.log).unwrap();
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[derive(Clone)]
struct Files {
    main: Vec<u8>,
    log: Vec<u8>,
}

fn key(number: usize) -> Key {
    Key { kind: Kind::log("log"), service: 1, id: Id::Number(i64::try_from(number).unwrap()) }
}

/// A batch of two rows.
fn commit(store: &Sqlite, batch: usize, dice: &mut Dice) {
    let row = |number| {
        let body = vec![u8::try_from(batch % 251).unwrap(); 1 + dice.below(3000)];
        Change::Insert { key: key(number), body, indexes: vec![], expires_at: None }
    };
    wait(store.commit([2 * batch, 2 * batch + 1].map(row).to_vec())).unwrap();
}

/// Whether a batch is there; both rows of it are, or neither.
fn is_there(store: &Sqlite, batch: usize) -> bool {
    let [first, second] =
        [2 * batch, 2 * batch + 1].map(|number| wait(store.get(&key(number))).unwrap().is_some());
    assert_eq!(first, second, "half of batch {batch}");
    first
}

/// Of what was written since the last sync, some sectors reached the disk; the file may have grown only so far.
fn torn(synced: &[u8], written: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut left = written.to_vec();
    left.truncate(synced.len() + dice.below(written.len() - synced.len() + 1));
    let missing = [None, Some(200), Some(20), Some(4)][dice.below(4)];
    for sector in left[synced.len()..].chunks_mut(SECTOR) {
        if missing.is_some_and(|one_in| dice.below(one_in) == 0) {
            sector.fill(0);
        }
    }
    left
}

#[test]
fn of_a_torn_log_what_was_acknowledged_is_there() {
    let (mut some, mut all) = (0, 0);
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let (written, left) = (Dir::new("written", seed), Dir::new("left", seed));
        let store = written.open();
        let (acknowledged, later) = (1 + dice.below(20), 1 + dice.below(8));
        (0..acknowledged).for_each(|batch| commit(&store, batch, &mut dice));
        let synced = written.files();
        (acknowledged..acknowledged + later).for_each(|batch| commit(&store, batch, &mut dice));
        let log = torn(&synced.log, &written.files().log, &mut dice);
        left.put(&Files { log, ..synced });
        let store = left.open();
        assert!((0..acknowledged).all(|batch| is_there(&store, batch)), "seed {seed}");
        let there: Vec<_> = (acknowledged..acknowledged + later).map(|n| is_there(&store, n)).collect();
        assert!(there.is_sorted_by(|before, after| before >= after), "seed {seed}: {there:?}");
        some += usize::from(there[0]);
        all += usize::from(there.iter().all(|there| *there));
        // It goes on from there.
        commit(&store, 1000, &mut dice);
        assert!(is_there(&store, 1000));
    }
    // Otherwise the sectors of no batch were left, or those of every one.
    assert!(some > 3 && all < 30, "{some} {all}");
}

/// The log is synced before it is moved into the main file, and starts anew when that is synced too.
#[test]
fn of_a_torn_checkpoint_all_is_there() {
    let mut mixed = 0;
    for seed in 0..4 {
        let mut dice = Dice(seed);
        let (written, left) = (Dir::new("moved", seed), Dir::new("mixed", seed));
        let store = written.open();
        let before = written.files();
        (0..BATCHES).for_each(|batch| commit(&store, batch, &mut dice));
        // Nobody waits for the writer to look at its log.
        let after = (0..500).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            Some(written.files()).filter(|files| files.main != before.main)
        });
        std::thread::sleep(Duration::from_millis(100));
        assert!(after.is_some(), "nothing was moved");
        let after = written.files();
        assert_eq!(before.log[..32], after.log[..32], "the log has been started anew");
        // Some pages of the main file are as they were.
        let mut main = after.main.clone();
        for (page, former) in main.chunks_mut(PAGE).zip(before.main.chunks(PAGE)) {
            if dice.below(2) == 0 {
                page.copy_from_slice(former);
            }
        }
        main.truncate(
            before.main.len() + PAGE * dice.below((after.main.len() - before.main.len()) / PAGE + 1),
        );
        mixed += usize::from(main != after.main && main != before.main);
        left.put(&Files { main, ..after });
        let store = left.open();
        assert!((0..BATCHES).all(|batch| is_there(&store, batch)), "seed {seed}");
    }
    assert!(mixed > 0);
}
