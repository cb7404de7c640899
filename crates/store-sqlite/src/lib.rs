//! The embedded durable backend: one SQLite file, write-ahead log, `synchronous=FULL`, one writer that
//! commits in groups, readers beside it.
//!
//! One process owns a file: it keeps catalogue rows in memory and is told of changes by its own writer
//! only, so a second process is refused at the door.

mod cache;
mod readers;
mod schema;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use placet_base::Timestamp;
use placet_store::{
    BoxFuture, Change, CommitError, Id, IndexKey, Key, Layout, Page, Row, Rows, Store, Unavailable,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use cache::Cache;
use readers::Readers;
use writer::Writer;

/// Why a store could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has the store open.
    InUse(PathBuf),
    /// The file was written by a later release.
    NewerFormat(i64),
    Io(std::io::Error),
    Sqlite(rusqlite::Error),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUse(path) => write!(f, "{} is in use by another placet process", path.display()),
            Self::NewerFormat(found) => {
                write!(f, "the store has format {found}; this release reads up to {}", schema::FORMAT)
            }
            Self::Io(e) => e.fmt(f),
            Self::Sqlite(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<rusqlite::Error> for OpenError {
    fn from(e: rusqlite::Error) -> Self {
        Self::Sqlite(e)
    }
}

/// An open store.
pub struct Sqlite {
    readers: Arc<Readers>,
    cache: Arc<Cache>,
    writer: Writer,
    _lock: File,
}

impl Sqlite {
    /// Opens the store in `path`, creating it when there is none.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        let connection = schema::open_for_writing(path)?;
        let cache = Arc::new(Cache::new());
        let readers = Arc::new(Readers::new(path.to_owned()));
        let writer = Writer::start(connection, cache.clone(), readers.clone()).map_err(OpenError::Io)?;
        Ok(Self { readers, cache, writer, _lock: lock })
    }

    /// How many transactions the writer has synced since the store was opened; each held whatever had
    /// queued during the one before.
    pub fn transactions(&self) -> u64 {
        self.readers.commits()
    }

    fn read_row(&self, key: &Key) -> Result<Option<Row>, Unavailable> {
        match key.kind.layout {
            Layout::Log => self.readers.reading(|connection| log_row(connection, key)),
            Layout::Catalogue => self
                .cache
                .get_or_read(key, || self.readers.reading(|connection| catalogue_row(connection, key))),
        }
    }
}

/// Takes the file that marks the store as owned; the operating system releases it with the process.
fn lock(path: &Path) -> Result<File, OpenError> {
    let name = path.with_extension("lock");
    let file = File::create(&name).map_err(OpenError::Io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(std::fs::TryLockError::Error(e)) => Err(OpenError::Io(e)),
    }
}

fn row(row: &rusqlite::Row<'_>, version: usize, body: usize) -> rusqlite::Result<Row> {
    Ok(Row { version: row.get(version)?, body: row.get_ref(body)?.as_blob()?.into() })
}

fn log_row(connection: &Connection, key: &Key) -> rusqlite::Result<Option<Row>> {
    let Id::Number(number) = key.id else { return Ok(None) };
    connection
        .prepare_cached("SELECT version, body FROM log WHERE number = ?1 AND kind = ?2 AND service = ?3")?
        .query_row(params![number, key.kind.name, key.service], |r| row(r, 0, 1))
        .optional()
}

fn catalogue_row(connection: &Connection, key: &Key) -> rusqlite::Result<Option<Row>> {
    connection
        .prepare_cached("SELECT version, body FROM catalogue WHERE kind = ?1 AND service = ?2 AND id = ?3")?
        .query_row(params![key.kind.name, key.service, schema::id(&key.id)], |r| row(r, 0, 1))
        .optional()
}

const ALL: &str = "FROM catalogue c WHERE c.kind = ?1 AND c.service = ?2 AND ?3 IS NULL AND ?4 IS NULL";
const NAMED: &str =
    "FROM names n JOIN catalogue c ON c.kind = n.kind AND c.service = n.service AND c.id = n.id
     WHERE n.kind = ?1 AND n.service = ?2 AND n.name = ?3 AND n.value = ?4";

fn catalogue_rows(connection: &Connection, index: &IndexKey, page: Page) -> rusqlite::Result<Rows> {
    let from = if index.entry.is_some() { NAMED } else { ALL };
    let (name, value) = index.entry.as_ref().map(|(n, v)| (*n, v.as_str())).unzip();
    let (kind, service) = (index.kind.name, index.service);
    let total: i64 = connection
        .prepare_cached(&format!("SELECT count(*) {from}"))?
        .query_row(params![kind, service, name, value], |r| r.get(0))?;
    let (limit, offset) = (page.end.saturating_sub(page.start), page.start);
    let mut statement = connection
        .prepare_cached(&format!("SELECT c.id, c.version, c.body {from} ORDER BY c.id LIMIT ?5 OFFSET ?6"))?;
    let rows = statement
        .query_map(params![kind, service, name, value, as_i64(limit), as_i64(offset)], |r| {
            let id = match r.get_ref(0)? {
                ValueRef::Integer(number) => Id::Number(number),
                other => Id::Name(other.as_str()?.to_owned()),
            };
            Ok((id, row(r, 1, 2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Rows { rows, total: usize::try_from(total).unwrap_or_default() })
}

const ALL_OF_LOG: &str = "FROM log WHERE kind = ?1 AND service = ?2 AND ?3 IS NULL";
const NAMED_IN_LOG: &str = "FROM log WHERE number IN (
    SELECT number FROM log WHERE kind = ?1 AND service = ?2 AND shared_1 = ?3
    UNION SELECT number FROM log WHERE kind = ?1 AND service = ?2 AND shared_2 = ?3
    UNION SELECT number FROM log WHERE kind = ?1 AND service = ?2 AND own_1 = ?3
    UNION SELECT number FROM log WHERE kind = ?1 AND service = ?2 AND own_2 = ?3)";

fn log_rows(connection: &Connection, index: &IndexKey, page: Page) -> rusqlite::Result<Rows> {
    let from = if index.entry.is_some() { NAMED_IN_LOG } else { ALL_OF_LOG };
    let name = index.entry.as_ref().map(|(name, value)| schema::log_name(name, value));
    let (kind, service) = (index.kind.name, index.service);
    let total: i64 = connection
        .prepare_cached(&format!("SELECT count(*) {from}"))?
        .query_row(params![kind, service, name], |r| r.get(0))?;
    let (limit, offset) = (page.end.saturating_sub(page.start), page.start);
    let sql = format!("SELECT number, version, body {from} ORDER BY number LIMIT ?4 OFFSET ?5");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement
        .query_map(params![kind, service, name, as_i64(limit), as_i64(offset)], |r| {
            Ok((Id::Number(r.get(0)?), row(r, 1, 2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Rows { rows, total: usize::try_from(total).unwrap_or_default() })
}

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Reads answer at once, on the calling thread: a row is a few microseconds away, a hop to another
/// thread costs more.
impl Store for Sqlite {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        let row = self.read_row(key);
        Box::pin(async move { row })
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        Box::pin(async move {
            self.readers.reading(|connection| match index.kind.layout {
                Layout::Log => log_rows(connection, index, page),
                Layout::Catalogue => catalogue_rows(connection, index, page),
            })
        })
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(self.writer.commit(batch))
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<usize, Unavailable>> {
        Box::pin(self.writer.sweep(before, max))
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(async {
            self.readers.reading(|connection| connection.query_row("SELECT 1", [], |_| Ok(())))
        })
    }
}
