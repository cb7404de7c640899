//! Databases of a server that `interop/postgres/run` starts, and rows.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "each test uses some of it"
)]

use std::sync::atomic::{AtomicUsize, Ordering};

use placet_store::{Change, Id, Key, Kind};
use placet_store_postgres::{Postgres, PostgresConfig};

/// Where the server is; nothing where there is none, unless there has to be one.
#[expect(clippy::disallowed_methods, reason = "whatever runs the tests says where the server is")]
pub fn server() -> Option<String> {
    let address = std::env::var("POSTGRES_SERVER").ok();
    if address.is_none() {
        assert!(std::env::var_os("POSTGRES_REQUIRED").is_none(), "POSTGRES_SERVER is not set");
        eprintln!("SKIPPED: no POSTGRES_SERVER; interop/postgres/run sets it");
    }
    address
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

/// Does something while somebody is connected.
pub fn connected<T>(url: &str, meanwhile: impl FnOnce() -> T) -> T {
    let runtime = runtime();
    let client = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    });
    let done = meanwhile();
    drop(client);
    done
}

pub fn execute(url: &str, sql: &str) {
    runtime().block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    });
}

/// A database of its own.
pub fn database(server: &str) -> PostgresConfig {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let test = std::env::current_exe().unwrap().file_stem().unwrap().to_string_lossy().replace('-', "_");
    let name = format!("{test}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    execute(server, &format!("CREATE DATABASE {name}"));
    let url = format!("{} dbname={name}", server.replace("dbname=postgres", ""));
    PostgresConfig { url, ..PostgresConfig::default() }
}

pub fn opened(config: &PostgresConfig) -> Postgres {
    runtime().block_on(Postgres::open(config)).unwrap()
}

pub fn key(kind: Kind, number: i64) -> Key {
    Key { kind, service: 1, id: Id::Number(number) }
}

pub fn insert(key: &Key) -> Change {
    Change::Insert { key: key.clone(), body: b"{}".to_vec(), indexes: vec![], expires_at: None }
}

pub fn replace(key: &Key, version: i64, body: &[u8]) -> Change {
    Change::Replace { key: key.clone(), version, body: body.to_vec(), indexes: vec![], expires_at: None }
}
