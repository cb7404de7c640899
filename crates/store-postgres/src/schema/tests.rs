#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use placet_store::contract::wait;
use placet_store::format::expands;
use placet_store::{Change, Key, Kind, Store};

use super::*;
use crate::{Postgres, PostgresConfig, migrate_at};

/// The format of this release.
const LAST: i64 = STEPS.len() as i64;

/// The steps of this release, and one that nodes of this release can bear.
const NEXT: &[Step] = &[
    STEPS[0],
    STEPS[1],
    STEPS[2],
    Step {
        statements: "ALTER TABLE log ADD COLUMN more TEXT;
            CREATE TABLE beside (service INT8 NOT NULL, number INT8 NOT NULL, PRIMARY KEY (service, number));
            CREATE INDEX beside_number ON beside (number);",
        readable_since: LAST,
    },
];

/// And one that they cannot.
const AFTER: &[Step] = &[
    STEPS[0],
    STEPS[1],
    STEPS[2],
    Step { statements: "ALTER TABLE log ADD COLUMN more TEXT;", readable_since: LAST },
    Step { statements: "ALTER TABLE log RENAME COLUMN shared_2 TO shared_3;", readable_since: LAST + 2 },
];

/// A database of its own; nothing where there is no server, unless there has to be one.
#[expect(clippy::disallowed_methods, reason = "whatever runs the tests says where the server is")]
pub(crate) fn database() -> Option<PostgresConfig> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let Ok(server) = std::env::var("POSTGRES_SERVER") else {
        assert!(std::env::var_os("POSTGRES_REQUIRED").is_none(), "POSTGRES_SERVER is not set");
        eprintln!("SKIPPED: no POSTGRES_SERVER; interop/postgres/run sets it");
        return None;
    };
    let name = format!("formats_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    execute(&server, &format!("CREATE DATABASE {name}"));
    let url = format!("{} dbname={name}", server.replace("dbname=postgres", ""));
    Some(PostgresConfig { url, ..PostgresConfig::default() })
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

pub(crate) fn execute(url: &str, sql: &str) {
    runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    });
}

fn open(config: &PostgresConfig, steps: &'static [Step]) -> Result<Postgres, OpenError> {
    runtime().block_on(Postgres::open_at(config, steps))
}

fn migrated(config: &PostgresConfig, steps: &[Step]) -> Result<Plan, OpenError> {
    runtime().block_on(migrate_at(config, steps))
}

fn planned(config: &PostgresConfig) -> Plan {
    runtime().block_on(crate::plan(config)).unwrap()
}

fn refusal<T>(result: Result<T, OpenError>) -> Refused {
    match result {
        Err(OpenError::Format(refused)) => refused,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it is not refused"),
    }
}

fn key(number: i64) -> Key {
    Key { kind: Kind::log("log"), service: 1, id: Id::Number(number) }
}

fn insert(store: &Postgres, number: i64) {
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

/// A node of this release goes on while one of the next makes the tables its own, and one that starts then serves too.
#[test]
fn two_releases_serve_side_by_side_while_the_tables_change() {
    let Some(config) = database() else { return };
    let old = open(&config, STEPS).unwrap();
    let done = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let (old, done) = (&old, &done);
        let writer = scope.spawn(move || {
            let mut number = 0;
            while !done.load(Ordering::Relaxed) || number < 100 {
                number += 1;
                insert(old, number);
                assert!(wait(old.get(&key(number))).unwrap().is_some(), "{number}");
            }
            number
        });
        std::thread::sleep(Duration::from_millis(100));
        let new = open(&config, NEXT).unwrap();
        for number in 1_000_001..1_000_100 {
            insert(&new, number);
            assert!(wait(old.get(&key(number))).unwrap().is_some(), "{number}");
        }
        done.store(true, Ordering::Relaxed);
        let written = writer.join().unwrap();
        assert!(wait(new.get(&key(written))).unwrap().is_some());
        written
    });
    let plan = planned(&config);
    assert_eq!((plan.found, plan.writes), (Mark { format: LAST + 1, readable_since: LAST }, LAST));
    let old_again = open(&config, STEPS).unwrap();
    assert!(wait(old_again.get(&key(written))).unwrap().is_some());
    // Which has not said that the tables are of its own format.
    assert_eq!(planned(&config).found.format, LAST + 1);
}

/// What nodes could not bear is not done while they are there, and they do not start when it is done.
#[test]
fn what_takes_away_waits_until_nobody_serves() {
    let Some(config) = database() else { return };
    let old = open(&config, STEPS).unwrap();
    insert(&old, 1);
    assert!(matches!(refusal(open(&config, AFTER)), Refused::Apart { .. }));
    let Refused::Served { connections, .. } = refusal(migrated(&config, AFTER)) else {
        panic!("another reason")
    };
    assert!(connections > 0);
    assert_eq!(planned(&config).found.format, LAST);
    insert(&old, 2);
    drop(old);
    // The database takes a moment to see that connections have ended.
    let plan = (0..50).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        migrated(&config, AFTER).ok()
    });
    assert_eq!(plan.unwrap().then, Mark { format: LAST + 2, readable_since: LAST + 2 });
    let refused = refusal(open(&config, STEPS));
    assert_eq!(
        refused,
        Refused::Newer { found: Mark { format: LAST + 2, readable_since: LAST + 2 }, writes: LAST }
    );
    assert!(refused.to_string().contains(&format!("format {}", LAST + 2)), "{refused}");
    assert!(matches!(refusal(open(&config, NEXT)), Refused::Newer { .. }));
    assert!(migrated(&config, AFTER).unwrap().is_done());
}

/// Tables of before there was a mark, and before rows were compact.
#[test]
fn tables_without_a_mark_are_brought_up() {
    let Some(config) = database() else { return };
    execute(
        &config.url,
        &format!(
            "CREATE TABLE format (one BOOL PRIMARY KEY CHECK (one), format INT8 NOT NULL);
            INSERT INTO format VALUES (TRUE, 1); {TABLES}"
        ),
    );
    assert_eq!(planned(&config).found, Mark { format: 1, readable_since: 1 });
    assert!(matches!(refusal(open(&config, STEPS)), Refused::Apart { .. }));
    assert_eq!(migrated(&config, STEPS).unwrap().then, Mark { format: LAST, readable_since: LAST });
    insert(&open(&config, STEPS).unwrap(), 1);
    assert_eq!(planned(&config).found, Mark { format: LAST, readable_since: LAST });
    assert_eq!(migrated(&config, NEXT).unwrap().then, Mark { format: LAST + 1, readable_since: LAST });
}

/// A dry run on a database without tables makes none.
#[test]
fn a_plan_changes_nothing() {
    let Some(config) = database() else { return };
    for _ in 0..2 {
        let plan = planned(&config);
        assert_eq!((plan.found, plan.steps.len()), (Mark::default(), STEPS.len()));
        assert_eq!(plan.statements().count(), TABLES.matches(';').count());
    }
    assert_eq!(migrated(&config, STEPS).unwrap().steps.len(), STEPS.len());
    assert!(planned(&config).is_done());
}

/// A change of tables waits for whoever is in the way, as briefly as any statement, and comes back.
#[test]
fn who_is_in_the_way_is_waited_for() {
    let Some(config) = database() else { return };
    drop(open(&config, STEPS).unwrap());
    std::thread::scope(|scope| {
        let url = config.url.clone();
        scope.spawn(move || execute(&url, "BEGIN; SELECT count(*) FROM log; SELECT pg_sleep(3.5); COMMIT;"));
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(migrated(&config, NEXT).unwrap().then.format, LAST + 1);
    });
}
