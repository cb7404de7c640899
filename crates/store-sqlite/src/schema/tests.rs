#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::path::PathBuf;

use placet_store::contract::wait;
use placet_store::format::{Refused, expands};
use placet_store::{Change, Key, Kind, Store};

use super::*;
use crate::Sqlite;

struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("placet-sqlite-format-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("store.db")
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The format of this release.
const LAST: i64 = STEPS.len() as i64;

/// The steps of this release, and one more.
fn and(statements: &'static str, readable_since: i64) -> Vec<Step> {
    [STEPS, &[Step { statements, readable_since }]].concat()
}

fn key(number: i64) -> Key {
    Key { kind: Kind::log("log"), service: 1, id: Id::Number(number) }
}

fn insert(store: &Sqlite, number: i64) {
    let change = Change::Insert { key: key(number), body: b"{}".to_vec(), indexes: vec![], expires_at: None };
    wait(store.commit(vec![change])).unwrap();
}

#[test]
fn a_step_that_is_called_readable_only_adds() {
    for (number, step) in (1..).zip(STEPS) {
        assert!(step.readable_since <= number);
        let against = expands(step.statements);
        assert!(step.readable_since == number || against.is_empty(), "format {number}: {against:?}");
    }
}

/// Whoever goes back to the release before finds what they had, and what was done since.
#[test]
fn one_can_go_back_from_what_only_adds() {
    let dir = Dir::new("back");
    insert(&Sqlite::open(&dir.file()).unwrap(), 1);
    let next = and("ALTER TABLE log ADD COLUMN more TEXT;", LAST);
    insert(&Sqlite::open_at(&dir.file(), &next).unwrap(), 2);
    let plan = Sqlite::plan(&dir.file()).unwrap();
    assert_eq!((plan.found, plan.writes), (Mark { format: LAST + 1, readable_since: LAST }, LAST));
    let back = Sqlite::open(&dir.file()).unwrap();
    insert(&back, 3);
    drop(back);
    // The older release has not said that the file is of its own format.
    let forth = Sqlite::open_at(&dir.file(), &next).unwrap();
    for number in 1..=3 {
        assert!(wait(forth.get(&key(number))).unwrap().is_some(), "{number}");
    }
}

#[test]
fn one_cannot_go_back_from_what_takes_away() {
    let dir = Dir::new("no-way-back");
    drop(
        Sqlite::open_at(&dir.file(), &and("ALTER TABLE names RENAME COLUMN once TO only;", LAST + 1))
            .unwrap(),
    );
    let Err(OpenError::Format(refused)) = Sqlite::open(&dir.file()) else { panic!("it is opened") };
    assert_eq!(
        refused,
        Refused::Newer { found: Mark { format: LAST + 1, readable_since: LAST + 1 }, writes: LAST }
    );
    assert!(refused.to_string().contains(&format!("format {}", LAST + 1)), "{refused}");
}

/// Formats of before there was a mark.
#[test]
fn a_file_without_a_mark_is_brought_up() {
    let dir = Dir::new("unmarked");
    let connection = Connection::open(dir.file()).unwrap();
    connection.execute_batch(&format!("{TABLES} PRAGMA user_version = 1;")).unwrap();
    connection.execute_batch("INSERT INTO log VALUES (1, 'log', 1, 1, NULL, x'7b7d');").unwrap();
    drop(connection);
    let plan = Sqlite::plan(&dir.file()).unwrap();
    assert_eq!((plan.found.format, plan.steps.len(), plan.is_shared()), (1, STEPS.len() - 1, false));
    assert_eq!(Sqlite::migrate(&dir.file()).unwrap(), plan);
    assert!(Sqlite::plan(&dir.file()).unwrap().is_done());
    assert!(wait(Sqlite::open(&dir.file()).unwrap().get(&key(1))).unwrap().is_some());
}

/// A step that fails leaves the file as it was.
#[test]
fn a_step_is_done_whole_or_not_at_all() {
    let dir = Dir::new("whole");
    drop(Sqlite::open(&dir.file()).unwrap());
    let broken = and("ALTER TABLE log ADD COLUMN more TEXT; ALTER TABLE nothing ADD COLUMN more TEXT;", LAST);
    assert!(matches!(Sqlite::open_at(&dir.file(), &broken), Err(OpenError::Sqlite(_))));
    assert_eq!(Sqlite::plan(&dir.file()).unwrap().found, Mark { format: LAST, readable_since: LAST });
    assert!(Sqlite::open_at(&dir.file(), &and("ALTER TABLE log ADD COLUMN more TEXT;", LAST)).is_ok());
}

#[test]
fn a_store_that_is_open_is_not_migrated_by_another() {
    let dir = Dir::new("open");
    let _open = Sqlite::open(&dir.file()).unwrap();
    assert!(matches!(Sqlite::migrate(&dir.file()), Err(OpenError::InUse(_))));
    assert!(Sqlite::plan(&dir.file()).unwrap().is_done());
}
