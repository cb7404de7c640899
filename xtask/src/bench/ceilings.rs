//! What a store does when nobody is in front of it: the ceilings of what stands on it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use placet_ambient::Stopwatch;
use placet_server::listen::runtime;
use placet_store::{Change, Id, Key, Kind, Store};
use placet_store_sqlite::Sqlite;
use tokio::task::LocalSet;
use tokio_postgres::{Client, NoTls, Statement};

use super::{CONNECTIONS, load};

/// About as long as the row of a token.
const BODY: usize = 300;

/// Connections to the database, of which each carries what several callers want at once, as the server's do.
const LINKS: usize = 8;

/// Rows that each are a commit of their own, in groups as they come: how many are on disk each second.
pub(super) fn commits(directory: &Path, seconds: Duration) -> Result<f64, String> {
    std::fs::create_dir_all(directory).map_err(|e| e.to_string())?;
    let store = Arc::new(Sqlite::open(&directory.join("raw.db")).map_err(|e| e.to_string())?);
    let next = Arc::new(AtomicI64::new(1));
    again_and_again(seconds, |_| {
        let (store, number) = (store.clone(), next.fetch_add(1, Ordering::Relaxed));
        let key = Key { kind: Kind::log("raw"), service: 1, id: Id::Number(number) };
        let insert = Change::Insert { key, body: vec![7; BODY], indexes: Vec::new(), expires_at: None };
        async move { store.commit(vec![insert]).await.map_err(|e| format!("{e:?}")) }
    })
}

/// A table like that of the log, in a database of its own.
pub(super) struct Database {
    runtime: tokio::runtime::Runtime,
    links: Vec<Link>,
}

struct Link {
    client: Arc<Client>,
    select: Statement,
    insert: Statement,
}

/// Rows to be read.
const ROWS: i64 = 100_000;

impl Database {
    pub(super) fn open(url: &str) -> Result<Self, String> {
        let runtime = runtime().map_err(|e| e.to_string())?;
        let links = runtime.block_on(async {
            let mut links = Vec::new();
            for _ in 0..LINKS {
                links.push(Link::open(url).await.map_err(|e| e.to_string())?);
            }
            Ok::<_, String>(links)
        })?;
        Ok(Self { runtime, links })
    }

    /// Rows that are found by their keys, each second.
    pub(super) fn selects(&self, seconds: Duration) -> Result<f64, String> {
        self.again(seconds, |link, n| {
            let (client, select) = (link.client.clone(), link.select.clone());
            async move { client.query_one(&select, &[&1i64, &"raw", &(n % ROWS + 1)]).await.map(drop) }
        })
    }

    /// Rows that are inserted and on disk, each second.
    pub(super) fn inserts(&self, seconds: Duration) -> Result<f64, String> {
        self.again(seconds, |link, n| {
            let (client, insert) = (link.client.clone(), link.insert.clone());
            let body = vec![7u8; BODY];
            async move { client.execute(&insert, &[&1i64, &"raw", &(ROWS + n + 1), &body]).await.map(drop) }
        })
    }

    fn again<F: Future<Output = Result<(), tokio_postgres::Error>>>(
        &self,
        seconds: Duration,
        ask: impl Fn(&Link, i64) -> F,
    ) -> Result<f64, String> {
        let next = AtomicI64::new(0);
        self.runtime.block_on(counted(seconds, |caller| {
            let asked = ask(&self.links[caller % LINKS], next.fetch_add(1, Ordering::Relaxed));
            async move { asked.await.map_err(|e| e.to_string()) }
        }))
    }
}

impl Link {
    async fn open(url: &str) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client
            .batch_execute(
                "CREATE TABLE IF NOT EXISTS raw (service INT8, kind TEXT, number INT8, body BYTEA NOT NULL,
                     PRIMARY KEY (service, kind, number));
                 INSERT INTO raw SELECT 1, 'raw', n, decode(repeat('07', 300), 'hex') FROM generate_series(1, 100000) n
                     ON CONFLICT DO NOTHING",
            )
            .await?;
        let select = client.prepare("SELECT body FROM raw WHERE service = $1 AND kind = $2 AND number = $3");
        let insert = client.prepare("INSERT INTO raw (service, kind, number, body) VALUES ($1, $2, $3, $4)");
        let (select, insert) = (select.await?, insert.await?);
        Ok(Self { client: Arc::new(client), select, insert })
    }
}

fn again_and_again<F: Future<Output = Result<(), String>>>(
    seconds: Duration,
    act: impl Fn(usize) -> F,
) -> Result<f64, String> {
    let runtime = runtime().map_err(|e| e.to_string())?;
    LocalSet::new().block_on(&runtime, counted(seconds, act))
}

/// As many callers as the server has connections, each of which acts again when it has an answer.
async fn counted<F: Future<Output = Result<(), String>>>(
    seconds: Duration,
    act: impl Fn(usize) -> F,
) -> Result<f64, String> {
    let began = Stopwatch::start();
    let done = AtomicI64::new(0);
    let caller = async |number: usize| {
        while began.elapsed() < seconds {
            act(number).await?;
            done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    load::all(CONNECTIONS, caller).await?;
    Ok(done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}
