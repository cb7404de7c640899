//! Nodes hear of each other's changes, and are right where they hear nothing. `interop/postgres/run` starts the server.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{database, execute, insert, key, opened, replace, server};
use placet_store::contract::wait;
use placet_store::{Change, Key, Kind, Store};
use placet_store_postgres::{Postgres, PostgresConfig};

/// A row that counts for a moment, and longer where changes are heard of.
const MOMENT: Duration = Duration::from_millis(500);

fn client(number: i64) -> Key {
    key(Kind::catalogue("client"), number)
}

fn version(store: &Postgres, key: &Key) -> i64 {
    wait(store.get(key)).unwrap().unwrap().version
}

/// How long it takes until a node has a version, asked again and again.
#[expect(clippy::disallowed_methods, reason = "a test measures")]
fn until(store: &Postgres, key: &Key, expected: i64) -> Duration {
    let begun = Instant::now();
    while version(store, key) != expected {
        assert!(begun.elapsed() < Duration::from_secs(20), "version {expected} does not come");
        std::thread::sleep(Duration::from_millis(1));
    }
    begun.elapsed()
}

/// Changes the row behind the nodes' backs.
fn by_hand(config: &PostgresConfig) {
    execute(&config.url, "UPDATE catalogue SET version = version + 1");
}

/// What a node says of a row, asked again and again for so long: only of one that is asked for it wants to hear all.
fn asked(store: &Postgres, key: &Key, moments: u32) -> i64 {
    for _ in 0..moments * 10 {
        version(store, key);
        std::thread::sleep(MOMENT / 10);
    }
    version(store, key)
}

/// Whether a node comes to keep what it has read, as one does that hears of changes: it does not see one by hand.
fn keeps(store: &Postgres, config: &PostgresConfig, key: &Key) -> bool {
    (0..5).any(|_| {
        let read = asked(store, key, 2);
        by_hand(config);
        asked(store, key, 2) == read
    })
}

fn cut(config: &PostgresConfig, which: &str) {
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE ";
    execute(&config.url, &format!("{cut} '{which}'"));
}

#[test]
fn a_change_is_seen_at_once() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let (one, other) = (opened(&config), opened(&config));
    let client = client(1);
    wait(one.commit(vec![insert(&client)])).unwrap();
    assert!(keeps(&other, &config, &client));
    let mut slow = 0;
    for _ in 0..50 {
        let before = wait(one.get(&client)).unwrap().unwrap().version;
        // By hand, it may be behind.
        let Ok(()) = wait(one.commit(vec![replace(&client, before, b"{}")])) else { continue };
        if until(&other, &client, before + 1) > MOMENT / 5 {
            slow += 1;
        }
    }
    assert!(slow < 5, "{slow} of 50 were not seen at once");
    let last = wait(one.get(&client)).unwrap().unwrap().version;
    wait(one.commit(vec![Change::Delete { key: client.clone(), version: last }])).unwrap();
    std::thread::sleep(MOMENT / 5);
    assert_eq!(wait(other.get(&client)), Ok(None));
}

/// A row is kept while changes are heard of, and read again as soon as they are not.
#[test]
fn whoever_hears_nothing_keeps_nothing() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let (one, other) = (opened(&config), opened(&config));
    let client = client(1);
    wait(one.commit(vec![insert(&client)])).unwrap();
    for _ in 0..3 {
        assert!(keeps(&other, &config, &client));
        let now = version(&other, &client);
        by_hand(&config);
        cut(&config, "%pg_stat_activity%");
        assert!(until(&other, &client, now + 2) < MOMENT * 2);
    }
    // It listens again, and has forgotten what it may have missed meanwhile.
    assert!(keeps(&other, &config, &client));
}

/// A node of a release before there were announcements changes something.
#[test]
fn beside_a_node_that_announces_nothing_rows_are_kept_for_a_moment() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let store = opened(&config);
    let client = client(1);
    wait(store.commit(vec![insert(&client)])).unwrap();
    assert!(keeps(&store, &config, &client));
    let former = format!("{} application_name=placet", config.url);
    common::connected(&former, || {
        std::thread::sleep(MOMENT);
        assert!(!keeps(&store, &config, &client));
        let now = version(&store, &client);
        by_hand(&config);
        assert!(until(&store, &client, now + 1) < MOMENT * 2);
    });
    assert!(keeps(&store, &config, &client));
}

/// What lies between a node and its database, and does something to the connections on which it listens.
struct Between {
    /// Nothing that the database says on them comes through any more.
    silent: Arc<AtomicBool>,
    config: PostgresConfig,
}

impl Between {
    /// `deaf`: what is announced does not come through, as where connections are lent for each statement.
    fn start(config: &PostgresConfig, deaf: bool) -> Self {
        let word = |name: &str| config.url.split(' ').rfind(|word| word.starts_with(name)).unwrap();
        let port: u16 = word("port=").trim_start_matches("port=").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let silent = Arc::new(AtomicBool::new(false));
        let here = listener.local_addr().unwrap().port();
        let url = format!("host=127.0.0.1 port={here} user=placet {}", word("dbname="));
        let quiet = silent.clone();
        std::thread::spawn(move || {
            for node in listener.incoming() {
                let (node, database) = (node.unwrap(), TcpStream::connect(("localhost", port)).unwrap());
                relay(node, database, deaf, quiet.clone());
            }
        });
        Self { silent, config: PostgresConfig { url, ..PostgresConfig::default() } }
    }
}

/// Hands on what both say, on two threads.
fn relay(mut node: TcpStream, mut database: TcpStream, deaf: bool, silent: Arc<AtomicBool>) {
    let (mut from_node, mut from_database) = (node.try_clone().unwrap(), database.try_clone().unwrap());
    let listens = Arc::new(AtomicBool::new(false));
    let seen = listens.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 16_384];
        while let Ok(read @ 1..) = from_node.read(&mut buffer) {
            if buffer[..read].windows(7).any(|window| window == b"LISTEN ") {
                seen.store(true, Ordering::Relaxed);
            }
            if database.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = database.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        let mut buffer = [0; 16_384];
        while let Ok(read @ 1..) = from_database.read(&mut buffer) {
            let listens = listens.load(Ordering::Relaxed);
            // Of what is said on a connection that does nothing, an announcement comes alone.
            let lost = listens && (silent.load(Ordering::Relaxed) || deaf && buffer[0] == b'A');
            if !lost && node.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = node.shutdown(Shutdown::Both);
    });
}

/// A network that swallows what is announced, and says so nobody.
#[test]
fn a_connection_that_has_died_silently_is_not_relied_on() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let between = Between::start(&config, false);
    let (one, other) = (opened(&config), opened(&between.config));
    let client = client(1);
    wait(one.commit(vec![insert(&client)])).unwrap();
    assert!(keeps(&other, &config, &client));
    between.silent.store(true, Ordering::Relaxed);
    std::thread::sleep(MOMENT);
    for _ in 0..5 {
        let now = loop {
            let now = wait(one.get(&client)).unwrap().unwrap().version;
            if wait(one.commit(vec![replace(&client, now, b"{}")])).is_ok() {
                break now;
            }
        };
        assert!(until(&other, &client, now + 1) < MOMENT * 2);
    }
    // It is given up, and another one is made.
    between.silent.store(false, Ordering::Relaxed);
    assert!(keeps(&other, &config, &client));
}

#[test]
fn where_announcements_do_not_arrive_rows_are_kept_for_a_moment() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let between = Between::start(&config, true);
    let (one, other) = (opened(&config), opened(&between.config));
    let client = client(1);
    wait(one.commit(vec![insert(&client)])).unwrap();
    assert!(!keeps(&other, &config, &client));
    let now = version(&other, &client);
    let own = until(&one, &client, now);
    assert!(own < MOMENT * 21, "{own:?}");
    wait(one.commit(vec![replace(&client, now, b"{}")])).unwrap();
    assert!(until(&other, &client, now + 1) < MOMENT * 2);
}
