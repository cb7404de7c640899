//! What processes of an authorization server share, as sealed rows of a PostgreSQL database of theirs. A row is found by a
//! hash: whoever reads the database learns no name of a session, and opens no row.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use placet_ambient::{Ambient, Clock, Stopwatch};
use placet_authserver::command::Shared;
use placet_authserver::{Kept, NEVER, Place, StateFuture, StateStore, StateUnavailable};
use placet_base::{Secret, Timestamp};
use placet_store::{
    Change, CommitError, FIRST_VERSION, Id, Key, KeyError, Kind, MasterKey, MasterKeys, Opening, Seal,
    SealedRows, Store, Unavailable,
};
use placet_store_postgres::{Postgres, PostgresConfig};

const KIND: Kind = Kind::log("authserver");
/// The installation.
const SERVICE: i64 = 0;
/// Between two looks for what has ended.
const PAUSE: Duration = Duration::from_secs(1);
/// As many rows as one commit removes.
const BATCH: usize = 1000;
/// How long what has ended stays, in seconds: the clocks of the processes may differ by less.
const STAYS: i64 = 60;

/// Until when, and the whole hash: before the value itself.
const UNTIL: usize = 8;
const HEAD: usize = UNTIL + 32;

/// Opens the store of a configuration, and has what ends removed.
pub(super) async fn open(shared: &Shared, ambient: &Ambient) -> Result<Arc<SharedState>, String> {
    let Shared { url, password_file, ca_file, key_file } = shared.clone();
    let key = key(&key_file)?;
    let config = PostgresConfig { url, password_file, ca_file, row_security: false };
    let rows = Arc::new(Postgres::open(&config).await.map_err(|e| e.to_string())?);
    let seal = proven(&*rows, key, ambient).await.map_err(|e| format!("{}: {e}", key_file.display()))?;
    let store: Arc<dyn Store> = Arc::new(SealedRows::new(rows, Arc::new(seal)));
    tokio::spawn(sweep(Arc::downgrade(&store), ambient.clock.clone()));
    Ok(Arc::new(SharedState(store)))
}

fn key(path: &Path) -> Result<MasterKeys, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let key = MasterKey::parse(Secret::new(text).expose());
    let key = key.ok_or_else(|| format!("{}: expected 64 hexadecimal digits", path.display()))?;
    Ok(MasterKeys::new(key, Vec::new()))
}

/// The keys of the database, if the master key is that which has wrapped them.
async fn proven(store: &dyn Store, masters: MasterKeys, ambient: &Ambient) -> Result<Seal, String> {
    let began = Stopwatch::start();
    let random = |bytes: &mut [u8]| ambient.entropy.fill(bytes);
    let opening = Opening { masters, random: &random, ticks: Arc::new(move || began.elapsed()) };
    Seal::opened(store, opening, async |_| Ok(None)).await.map_err(|e| match e {
        KeyError::Other => "this is not the key that the database was first opened with".to_owned(),
        KeyError::Unavailable(why) => why,
    })
}

/// Removes what has ended, as long as the store is in use; every process does, each takes rows that no other holds.
async fn sweep(store: std::sync::Weak<dyn Store>, clock: Clock) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let Some(store) = store.upgrade() else { return };
        let before = Timestamp::from_secs(clock.seconds().saturating_sub(STAYS));
        match store.sweep(before, BATCH).await {
            Ok(swept) => tracing::debug!(deleted = swept.deleted, "swept what has ended"),
            Err(e) => tracing::warn!(source = %e, "what has ended cannot be swept"),
        }
    }
}

/// Values as rows.
pub(super) struct SharedState(Arc<dyn Store>);

/// Where a value is.
struct At {
    key: Key,
    hash: [u8; 32],
}

impl At {
    fn new(place: &Place) -> Self {
        let text = format!("{}/{}", place.shelf.name(), place.name);
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        let mut number = [0; 8];
        number.copy_from_slice(&hash[..8]);
        // Numbers of rows are positive.
        let number = (i64::from_be_bytes(number) & i64::MAX).max(1);
        Self { key: Key { kind: KIND, service: SERVICE, id: Id::Number(number) }, hash }
    }

    fn body(&self, value: &[u8], until: i64) -> Vec<u8> {
        [&until.to_be_bytes()[..], &self.hash, value].concat()
    }

    /// Nothing of a row that is another value's: two hashes with the same beginning.
    fn kept(&self, version: i64, body: &[u8]) -> Option<Kept> {
        let (head, value) = body.split_at_checked(HEAD)?;
        let (until, hash) = head.split_first_chunk::<UNTIL>()?;
        let until = i64::from_be_bytes(*until);
        (hash == self.hash).then(|| Kept { version, value: value.to_vec(), until })
    }
}

fn expires_at(until: i64) -> Option<Timestamp> {
    (until != NEVER).then(|| Timestamp::from_secs(until))
}

fn away(e: Unavailable) -> StateUnavailable {
    StateUnavailable(e.to_string())
}

impl SharedState {
    /// Whether the change was made.
    async fn commit(&self, change: Change) -> Result<bool, StateUnavailable> {
        match self.0.commit(vec![change]).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(CommitError::Unavailable(e)) => Err(away(e)),
        }
    }
}

impl StateStore for SharedState {
    fn get<'a>(&'a self, place: &'a Place) -> StateFuture<'a, Option<Kept>> {
        Box::pin(async move {
            let at = At::new(place);
            let row = self.0.get(&at.key).await.map_err(away)?;
            Ok(row.and_then(|row| at.kept(row.version, &row.body)))
        })
    }

    fn insert<'a>(&'a self, place: &'a Place, value: Vec<u8>, until: i64) -> StateFuture<'a, Option<i64>> {
        Box::pin(async move {
            let at = At::new(place);
            let body = at.body(&value, until);
            let (key, indexes, expires_at) = (at.key, Vec::new(), expires_at(until));
            let inserted = self.commit(Change::Insert { key, body, indexes, expires_at }).await?;
            Ok(inserted.then_some(FIRST_VERSION))
        })
    }

    fn replace<'a>(
        &'a self,
        place: &'a Place,
        version: i64,
        value: Vec<u8>,
        until: i64,
    ) -> StateFuture<'a, Option<i64>> {
        Box::pin(async move {
            let at = At::new(place);
            let body = at.body(&value, until);
            let (key, indexes, expires_at) = (at.key, Vec::new(), expires_at(until));
            let replaced = self.commit(Change::Replace { key, version, body, indexes, expires_at }).await?;
            Ok(replaced.then(|| version.saturating_add(1)))
        })
    }

    fn remove<'a>(&'a self, place: &'a Place, version: i64) -> StateFuture<'a, bool> {
        Box::pin(self.commit(Change::Delete { key: At::new(place).key, version }))
    }
}

#[cfg(test)]
mod tests {
    use placet_authserver::{Shelf, state_contract};
    use placet_store::Memory;

    use super::*;

    fn shared() -> (Arc<Memory>, Arc<SharedState>) {
        let memory = Arc::new(Memory::default());
        let seal = Arc::new(Seal::new(&[7; 32]).unwrap());
        (memory.clone(), Arc::new(SharedState(Arc::new(SealedRows::new(memory, seal)))))
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        state_contract::keeps(shared().1, 1_000_000).await;
    }

    /// On the database of `interop/postgres/run`; nowhere else there is one.
    #[tokio::test]
    async fn it_keeps_the_contract_on_postgresql() {
        #[expect(clippy::disallowed_methods, reason = "whatever runs the tests says where the server is")]
        let [server, required] = ["POSTGRES_SERVER", "POSTGRES_REQUIRED"].map(std::env::var);
        let Ok(server) = server else {
            assert!(required.is_err(), "POSTGRES_SERVER is not set");
            eprintln!("SKIPPED: no POSTGRES_SERVER; interop/postgres/run sets it");
            return;
        };
        let name = format!("state_{}", std::process::id());
        let made = std::process::Command::new("psql")
            .args([&server, "-qc", &format!("CREATE DATABASE {name}")])
            .status();
        assert!(made.unwrap().success());
        let url = server.replace("dbname=postgres", &format!("dbname={name}"));
        let postgres = Postgres::open(&PostgresConfig { url, ..PostgresConfig::default() }).await.unwrap();
        let seal = Arc::new(Seal::new(&[7; 32]).unwrap());
        let store = Arc::new(SharedState(Arc::new(SealedRows::new(Arc::new(postgres), seal))));
        state_contract::keeps(store, 1_000_000).await;
    }

    #[tokio::test]
    async fn what_lies_in_the_store_says_nothing() {
        let (memory, shared) = shared();
        let place = Place { shelf: Shelf::Logins, name: "a session's name".to_owned() };
        shared.insert(&place, b"a csrf token".to_vec(), 10).await.unwrap();
        let row = memory.get(&At::new(&place).key).await.unwrap().unwrap();
        let says = |text: &[u8]| row.body.windows(text.len()).any(|part| part == text);
        assert!(!says(b"csrf") && !says(b"session"));
    }

    #[test]
    fn a_row_of_another_value_is_none() {
        let place = |name: &str| Place { shelf: Shelf::Logins, name: name.to_owned() };
        let (one, other) = (At::new(&place("a")), At::new(&place("b")));
        let body = one.body(b"value", 10);
        assert_eq!(one.kept(3, &body), Some(Kept { version: 3, value: b"value".to_vec(), until: 10 }));
        assert_eq!((other.kept(3, &body), one.kept(3, &body[..HEAD - 1])), (None, None));
    }
}
