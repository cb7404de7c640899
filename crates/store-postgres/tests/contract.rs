//! The contract of every store, on a PostgreSQL server that `interop/postgres/run` starts.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use common::{database, insert, key, opened, replace, runtime, server};
use placet_store::contract::{CHECKS, wait};
use placet_store::{Id, Key, Kind, Store};
use placet_store_postgres::{OpenError, Postgres, PostgresConfig};

#[test]
fn keeps_the_contract() {
    let Some(server) = server() else { return };
    for (name, check) in CHECKS {
        println!("{name}");
        check(&opened(&database(&server)));
    }
}

/// What one node has changed another one sees: of the log at once, of the catalogue within a second.
#[test]
fn nodes_see_each_other() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let (one, other) = (opened(&config), opened(&config));
    let (token, client) = (key(Kind::log("log"), 1), key(Kind::catalogue("catalogue"), 1));
    wait(one.commit(vec![insert(&token), insert(&client)])).unwrap();
    for key in [&token, &client] {
        assert_eq!(wait(other.get(key)).unwrap().unwrap().version, 1);
    }
    wait(one.commit(vec![replace(&token, 1, b"2"), replace(&client, 1, b"2")])).unwrap();
    assert_eq!(wait(other.get(&token)).unwrap().unwrap().version, 2);
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert_eq!(wait(other.get(&client)).unwrap().unwrap().version, 2);
    // Who changes what it has read before loses, and reads anew then, without waiting.
    wait(one.commit(vec![replace(&client, 2, b"3")])).unwrap();
    assert!(wait(other.commit(vec![replace(&client, 2, b"lost")])).is_err());
    assert_eq!(wait(other.get(&client)).unwrap().unwrap().body, &b"3"[..]);
}

/// Nodes that start at once bring the tables up once.
#[test]
fn nodes_that_start_together_find_the_tables() {
    let Some(server) = server() else { return };
    let config = database(&server);
    std::thread::scope(|scope| {
        for number in 1..=4 {
            let config = &config;
            scope.spawn(move || {
                wait(opened(config).commit(vec![insert(&key(Kind::log("log"), number))])).unwrap();
            });
        }
    });
    assert!(wait(opened(&config).get(&key(Kind::log("log"), 4))).unwrap().is_some());
}

#[test]
fn tables_of_a_later_release_are_refused() {
    let Some(server) = server() else { return };
    let config = database(&server);
    drop(opened(&config));
    runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(&config.url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("UPDATE format SET format = 99, readable_since = 99").await.unwrap();
    });
    let refused = runtime().block_on(Postgres::open(&config));
    let Err(OpenError::Format(refused)) = refused else { panic!("it is opened") };
    assert!(refused.to_string().contains("format 99"), "{refused}");
}

/// Bytes that a text column would refuse are names as any others.
#[test]
fn names_are_bytes() {
    let Some(server) = server() else { return };
    let store = opened(&database(&server));
    let key = Key { kind: Kind::catalogue("catalogue"), service: 1, id: Id::Name("a\0ä".to_owned()) };
    wait(store.commit(vec![insert(&key)])).unwrap();
    assert!(wait(store.get(&key)).unwrap().is_some());
}

/// A statement that cannot be said twice in one batch does not take others with it.
#[test]
fn of_inserts_that_come_together_each_has_its_answer() {
    let Some(server) = server() else { return };
    let store = opened(&database(&server));
    let results = runtime().block_on(async {
        let mut waits = Vec::new();
        let store = std::sync::Arc::new(store);
        for number in (0..500).map(|n| 1 + n / 2) {
            let store = store.clone();
            waits.push(tokio::spawn(async move {
                store.commit(vec![insert(&key(Kind::log("log"), number))]).await.is_ok()
            }));
        }
        let mut results = Vec::new();
        for wait in waits {
            results.push(wait.await.unwrap());
        }
        results
    });
    assert_eq!(results.iter().filter(|inserted| **inserted).count(), 250);
}

/// Whatever happens to the connections, what was acknowledged is there, what conflicted is not, and work goes on.
#[test]
fn cut_connections_lose_nothing_that_was_acknowledged() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let store = std::sync::Arc::new(opened(&config));
    let counter = key(Kind::log("counter"), 1);
    wait(store.commit(vec![insert(&counter)])).unwrap();
    let acknowledged = runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(&config.url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let tasks: Vec<_> =
            (0..8).map(|writer| tokio::spawn(writes(store.clone(), writer, counter.clone()))).collect();
        for _ in 0..20 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            client.execute(cut, &[]).await.unwrap();
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.unwrap());
        }
        all
    });
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
    for number in &acknowledged {
        let key = key(Kind::log("log"), *number);
        assert!(wait(store.get(&key)).unwrap().is_some(), "{number} of {} is lost", acknowledged.len());
    }
    // Each of them has made the counter one more; so have those at most whose answer was lost on the way.
    let version = wait(store.get(&counter)).unwrap().unwrap().version;
    assert!(version > i64::try_from(acknowledged.len()).unwrap(), "{version}");
}

/// Inserts rows together with a step of the counter until the time is over; those that were acknowledged.
async fn writes(store: std::sync::Arc<Postgres>, writer: i64, counter: Key) -> Vec<i64> {
    let mut acknowledged = Vec::new();
    for attempt in 1..=600 {
        let number = writer * 1_000 + attempt;
        let Ok(Some(row)) = store.get(&counter).await else { continue };
        let row_of = key(Kind::log("log"), number);
        if store.commit(vec![insert(&row_of), replace(&counter, row.version, b"{}")]).await.is_ok() {
            acknowledged.push(number);
        }
    }
    acknowledged
}

/// A database that is reached over the network is known by its certificate, or not used.
#[test]
#[expect(clippy::disallowed_methods, reason = "whatever runs the tests says where the server is")]
fn a_database_is_known_by_its_certificate() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let word = |name: &str| config.url.split(' ').rfind(|word| word.starts_with(name)).unwrap().to_owned();
    let over_tls = |ca_file: &str| PostgresConfig {
        url: format!("host=localhost {} user=placet {}", word("port="), word("dbname=")),
        ca_file: Some(ca_file.into()),
        ..PostgresConfig::default()
    };
    let ca = std::env::var("POSTGRES_CA").unwrap();
    let store = opened(&over_tls(&ca));
    assert_eq!(wait(store.health()), Ok(()));
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/another-authority.pem");
    let refused = runtime().block_on(Postgres::open(&over_tls(other)));
    assert!(matches!(refused, Err(OpenError::Database(_))));
}

/// A database that takes connections and says nothing on them keeps nobody waiting for ever.
#[test]
fn a_silent_database_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("host=127.0.0.1 port={port} user=placet dbname=placet");
    let config = PostgresConfig { url, ..PostgresConfig::default() };
    let opened = runtime().block_on(Postgres::open(&config));
    assert!(matches!(opened, Err(OpenError::Database(why)) if why.contains("does not answer")));
}
