//! How long somebody waits for a database that is in a bad state. `interop/postgres/run` starts the server.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::{database, execute, insert, key, opened, replace, runtime, server};
use placet_store::contract::wait;
use placet_store::{CommitError, Kind, Store, Unavailable};
use placet_store_postgres::{Postgres, PostgresConfig};

fn word<'a>(url: &'a str, name: &str) -> &'a str {
    url.split(' ').rfind(|word| word.starts_with(name)).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test measures")]
fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    (what(), begun.elapsed())
}

/// Somebody holds a row, or a table, for longer than a node waits for it: whoever wants it is told so, once, and is not made to
/// wait again and again.
#[test]
fn a_row_that_others_hold_is_waited_for_once() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let store = opened(&config);
    let row = key(Kind::log("log"), 1);
    wait(store.commit(vec![insert(&row)])).unwrap();
    for (held, change) in [
        ("SELECT FROM log FOR UPDATE", replace(&row, 1, b"2")),
        ("LOCK TABLE log IN SHARE MODE", insert(&key(Kind::log("log"), 2))),
    ] {
        let url = config.url.clone();
        let holder = std::thread::spawn(move || {
            execute(&url, &format!("BEGIN; {held}; SELECT pg_sleep(7); COMMIT"));
        });
        std::thread::sleep(Duration::from_millis(500));
        let (done, took) = timed(|| wait(store.commit(vec![change.clone()])));
        assert!(matches!(done, Err(CommitError::Unavailable(Unavailable::Away(_)))), "{held}: {done:?}");
        assert!(took < Duration::from_secs(4), "{held}: {took:?}");
        // Others are not in its way.
        assert!(timed(|| wait(store.get(&row)).unwrap()).1 < Duration::from_secs(1));
        holder.join().unwrap();
        assert_eq!(wait(store.commit(vec![change])), Ok(()));
    }
}

/// One of several hosts takes connections and says nothing on them, as one that hangs does: the other is used.
#[test]
fn a_silent_host_hides_no_other() {
    let Some(server) = server() else { return };
    let config = database(&server);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (user, dbname) = (word(&config.url, "user="), word(&config.url, "dbname="));
    let ports =
        format!("{},{}", silent.local_addr().unwrap().port(), &word(&config.url, "port=")["port=".len()..]);
    let url = format!("host=127.0.0.1,localhost port={ports} {user} {dbname}");
    let both = PostgresConfig { url, ..PostgresConfig::default() };
    let store = runtime().block_on(Postgres::open(&both)).unwrap();
    // Whoever comes later does not ask the silent one first.
    let (found, took) = timed(|| wait(store.health()));
    assert!(found.is_ok() && took < Duration::from_secs(4), "{found:?} {took:?}");
}
