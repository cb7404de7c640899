#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use placet_store::contract::wait;
use placet_store::{Change, Id, Key, Kind, Store};
use tokio_postgres::types::ToSql;

use super::*;
use crate::link::{Failure, Link};
use crate::schema::tests::{database, execute, runtime};
use crate::work::Database;
use crate::{Postgres, PostgresConfig};

/// A database of a user for whom policies count.
fn walled() -> Option<PostgresConfig> {
    let config = database()?;
    let word = |name: &str| config.url.split(' ').rfind(|word| word.starts_with(name)).unwrap().to_owned();
    let name = word("dbname=").replace("dbname=", "");
    execute(
        &config.url,
        &format!(
            "CREATE ROLE {name} LOGIN; ALTER DATABASE {name} OWNER TO {name}; GRANT ALL ON SCHEMA public TO {name}"
        ),
    );
    let url = config.url.replace("user=placet", &format!("user={name}"));
    Some(PostgresConfig { url, row_security: true, ..PostgresConfig::default() })
}

fn opened(config: &PostgresConfig) -> Result<Postgres, OpenError> {
    runtime().block_on(Postgres::open(config))
}

fn insert(kind: Kind, service: i64, number: i64) -> Change {
    let key = Key { kind, service, id: Id::Number(number) };
    let name = placet_store::IndexEntry { name: "name", value: number.to_string(), unique: true };
    Change::Insert {
        key,
        body: b"{}".to_vec(),
        indexes: vec![name],
        expires_at: Some(placet_base::Timestamp(1)),
    }
}

const LOG: Kind = Kind::log("log");
const CATALOGUE: Kind = Kind::catalogue("catalogue");
const TABLES_AND_ROWS: [(&str, &str); 3] = [
    ("log", "SELECT service FROM log ORDER BY 1"),
    ("catalogue", "SELECT service FROM catalogue ORDER BY 1"),
    ("names", "SELECT service FROM names ORDER BY 1"),
];

async fn seen(link: &Link, about: About<'_>, sql: &'static str) -> Vec<i64> {
    let rows = link.query(about, sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Statements that have forgotten their conditions.
#[test]
fn a_statement_finds_only_what_it_is_about() {
    let Some(config) = walled() else { return };
    let store = opened(&config).unwrap();
    for service in 1..=3 {
        wait(store.commit(vec![insert(LOG, service, 1), insert(CATALOGUE, service, 1)])).unwrap();
    }
    runtime().block_on(async {
        let link = Link::connect(&Database::new(&config).unwrap()).await.unwrap();
        for (_, rows) in TABLES_AND_ROWS {
            // Nothing was said.
            assert_eq!(seen(&link, About::Some(&[]), rows).await, Vec::<i64>::new());
            assert_eq!(seen(&link, About::One(2), rows).await, [2]);
            assert_eq!(seen(&link, About::Some(&[1, 3]), rows).await, [1, 3]);
            assert_eq!(seen(&link, About::All, rows).await, [1, 2, 3]);
            // What is sent together keeps to itself.
            let both = tokio::join!(seen(&link, About::One(1), rows), seen(&link, About::One(3), rows));
            assert_eq!(both, (vec![1], vec![3]));
        }
        const WRITTEN: &str = "INSERT INTO catalogue (service, kind, number, name, version, body)
            VALUES ($1, 'catalogue', $2, '', 1, '')";
        let written = async |about, service: i64, number: i64| {
            let parameters: [&(dyn ToSql + Sync); 2] = [&service, &number];
            link.query(about, WRITTEN, &parameters).await.map(drop).map_err(|e: Failure| e.code)
        };
        let refused = Err(Some(SqlState::INSUFFICIENT_PRIVILEGE));
        assert_eq!(written(About::One(1), 2, 7).await, refused);
        assert_eq!(written(About::One(2), 2, 7).await, Ok(()));
        const CHANGED: &str = "UPDATE log SET version = 9 RETURNING service";
        assert_eq!(seen(&link, About::One(2), CHANGED).await, [2]);
        const DELETED: &str = "DELETE FROM names RETURNING service";
        assert_eq!(seen(&link, About::One(3), DELETED).await, [3]);
    });
}

/// Whoever adds a table that is of services has to think of it.
#[test]
fn no_table_of_services_is_left_out() {
    let Some(config) = walled() else { return };
    drop(opened(&config).unwrap());
    const OPEN: &str = "SELECT c.relname::TEXT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p') AND a.attname = 'service' AND NOT c.relforcerowsecurity";
    runtime().block_on(async {
        let link = Link::connect(&Database::new(&config).unwrap()).await.unwrap();
        let open = link.query(About::Nothing, OPEN, &[]).await.unwrap();
        let open: Vec<String> = open.iter().map(|row| row.get(0)).collect();
        assert_eq!(open, Vec::<String>::new());
    });
}

/// A connection of a node begins with nothing, and one that knows nothing of the wall goes on as before it.
#[test]
fn nodes_without_the_wall_serve_beside_it() {
    let Some(config) = walled() else { return };
    let without = PostgresConfig { row_security: false, ..config.clone() };
    let former = opened(&without).unwrap();
    wait(former.commit(vec![insert(LOG, 1, 1), insert(CATALOGUE, 1, 1)])).unwrap();
    let walled = opened(&config).unwrap();
    for service in [1, 2] {
        wait(walled.commit(vec![insert(LOG, service, 10), insert(CATALOGUE, service, 10)])).unwrap();
        wait(former.commit(vec![insert(LOG, service, 20), insert(CATALOGUE, service, 20)])).unwrap();
    }
    for store in [&former, &walled, &opened(&without).unwrap(), &opened(&config).unwrap()] {
        for (kind, number) in
            [(LOG, 1), (LOG, 10), (LOG, 20), (CATALOGUE, 1), (CATALOGUE, 10), (CATALOGUE, 20)]
        {
            let key = Key { kind, service: 1, id: Id::Number(number) };
            assert!(wait(store.get(&key)).unwrap().is_some(), "{kind:?} {number}");
        }
    }
    runtime().block_on(async {
        let link = Link::connect(&Database::new(&config).unwrap()).await.unwrap();
        for (table, rows) in TABLES_AND_ROWS {
            assert_eq!(seen(&link, About::Nothing, rows).await, Vec::<i64>::new(), "{table}");
        }
    });
    assert_eq!(wait(walled.sweep(placet_base::Timestamp(2), 100)).unwrap().deleted, 5);
}

/// Who passes through walls is not told that there is one.
#[test]
fn a_user_for_whom_policies_do_not_count_is_refused() {
    let Some(config) = database() else { return };
    let refused = opened(&PostgresConfig { row_security: true, ..config });
    assert!(matches!(refused, Err(OpenError::Database(why)) if why.contains("postgres.row_security")));
}

/// What goes over services changes them all, also where it begins with none.
#[test]
fn tables_are_changed_through_the_wall() {
    use placet_store::format::Step;
    const FIRST: &[Step] = crate::schema::STEPS;
    const NEXT: &[Step] = &[
        FIRST[0],
        FIRST[1],
        FIRST[2],
        Step { statements: "UPDATE log SET version = 5;", readable_since: 4 },
    ];
    let Some(config) = walled() else { return };
    let store = opened(&config).unwrap();
    wait(store.commit(vec![insert(LOG, 1, 1)])).unwrap();
    wait(store.commit(vec![insert(LOG, 2, 1)])).unwrap();
    drop(store);
    let done = (0..50).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        runtime().block_on(crate::migrate_at(&config, NEXT)).ok()
    });
    assert_eq!(done.unwrap().then.format, 4);
    let store = runtime().block_on(Postgres::open_at(&config, NEXT)).unwrap();
    for service in [1, 2] {
        let key = Key { kind: LOG, service, id: Id::Number(1) };
        assert_eq!(wait(store.get(&key)).unwrap().unwrap().version, 5);
    }
}

#[test]
fn keeps_the_contract() {
    if walled().is_none() {
        return;
    }
    for (name, check) in placet_store::contract::CHECKS {
        println!("{name}");
        check(&opened(&walled().unwrap()).unwrap());
    }
}
