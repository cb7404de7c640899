//! The embedded durable backend: one SQLite file, write-ahead log, `synchronous=FULL`, one writer that
//! commits in groups, readers beside it.
//!
//! One process owns a file: it keeps catalogue rows in memory and is told of changes by its own writer
//! only, so a second process is refused at the door.

mod apply;
mod backup;
mod cache;
mod find;
mod readers;
mod recent;
mod scan;
mod schema;
mod stretches;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use placet_base::Timestamp;
use placet_store::format::{Plan, Refused, Step};
use placet_store::{
    BoxFuture, Change, CommitError, Id, IndexKey, Key, Layout, Meter, Page, Row, Rows, Scanned, Store, Swept,
    Unavailable,
};

use cache::Cache;
use readers::Readers;
use recent::Recent;
pub use writer::WAITING;
use writer::Writer;

/// Why a store could not be opened, copied, or put in place.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has the store open.
    InUse(PathBuf),
    /// The file was written by a later release.
    Format(Refused),
    /// What is to be made is there.
    Exists(PathBuf),
    /// What was to be put in place is no store that is whole.
    Damaged(String),
    Io(std::io::Error),
    Sqlite(rusqlite::Error),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUse(path) => write!(f, "{} is in use by another placet process", path.display()),
            Self::Format(refused) => refused.fmt(f),
            Self::Exists(path) => write!(f, "{}: there is one already", path.display()),
            Self::Damaged(why) => write!(f, "this is no whole store: {why}"),
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

impl From<std::io::Error> for OpenError {
    fn from(e: std::io::Error) -> Self {
        Self::Io(e)
    }
}

impl From<Refused> for OpenError {
    fn from(refused: Refused) -> Self {
        Self::Format(refused)
    }
}

/// An open store.
pub struct Sqlite {
    readers: Arc<Readers>,
    cache: Arc<Cache>,
    recent: Arc<Recent>,
    writer: Writer,
    meter: Arc<Meter>,
    _lock: File,
}

impl Sqlite {
    /// Opens the store in `path`, creating it when there is none, and brings it to the format of this release.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_at(path, schema::STEPS)
    }

    fn open_at(path: &Path, steps: &[Step]) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        make_private(path).map_err(OpenError::Io)?;
        let (connection, _) = schema::open_for_writing(path, steps)?;
        let (cache, recent) = (Arc::new(Cache::new()), Arc::new(Recent::new(recent::ROOM)));
        let readers = Arc::new(Readers::new(path.to_owned()));
        let meter = Arc::new(Meter::default());
        let writer =
            Writer::start(connection, (cache.clone(), recent.clone()), readers.clone(), meter.clone());
        Ok(Self { readers, cache, recent, writer: writer.map_err(OpenError::Io)?, meter, _lock: lock })
    }

    /// What this release would do to the store in `path`, which may be open elsewhere; nothing is done.
    pub fn plan(path: &Path) -> Result<Plan, OpenError> {
        let connection = schema::open_for_reading(path)?;
        schema::plan(&connection, schema::STEPS)
    }

    /// Brings the store in `path`, which nobody has open, to the format of this release; what was done.
    pub fn migrate(path: &Path) -> Result<Plan, OpenError> {
        let _lock = lock(path)?;
        make_private(path).map_err(OpenError::Io)?;
        schema::open_for_writing(path, schema::STEPS).map(|(_, plan)| plan)
    }

    /// How many transactions the writer has synced since the store was opened; each held whatever had
    /// queued during the one before.
    pub fn transactions(&self) -> u64 {
        self.readers.commits()
    }

    fn read_row(&self, key: &Key) -> Result<Option<Row>, Unavailable> {
        match key.kind.layout {
            Layout::Log => match self.recent.get(key) {
                Some(row) => Ok(Some(row)),
                None => self.readers.reading(|connection| find::log_row(connection, key)),
            },
            Layout::Catalogue => {
                let read = || self.readers.reading(|connection| find::catalogue_row(connection, key));
                self.cache.get_or_read(key, read)
            }
        }
    }
}

/// Locks the directory: it lasts as long as the store does, whereas a file of its own can be unlinked, after which
/// a second process would lock another of the same name. The operating system ends the lock with the process.
fn lock(path: &Path) -> Result<File, OpenError> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = File::open(directory.unwrap_or(Path::new("."))).map_err(OpenError::Io)?;
    match directory.try_lock() {
        Ok(()) => Ok(directory),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(std::fs::TryLockError::Error(e)) => Err(OpenError::Io(e)),
    }
}

/// The file, made when there is none, and what SQLite keeps beside it (to which it gives the same mode): for their
/// owner alone, whoever may enter the directory.
#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match std::fs::set_permissions(&name, std::fs::Permissions::from_mode(0o600)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Reads answer at once, on the calling thread: a row is a few microseconds away, a hop to another
/// thread costs more.
impl Store for Sqlite {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        let row = self.read_row(key);
        Box::pin(async move { row })
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        Box::pin(async move { self.readers.reading(|connection| find::rows(connection, index, page)) })
    }

    fn find_one<'a>(&'a self, index: &'a IndexKey) -> BoxFuture<'a, Result<Option<(Id, Row)>, Unavailable>> {
        Box::pin(async move { self.readers.reading(|connection| find::holder(connection, index)) })
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(self.writer.commit(batch))
    }

    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>> {
        Box::pin(async move { self.readers.reading(|connection| scan::rows(connection, layout, after, max)) })
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>> {
        Box::pin(self.writer.sweep(before, max))
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(async {
            self.readers.reading(|connection| {
                connection.query_row("SELECT count(*) FROM (SELECT 1 FROM catalogue LIMIT 1)", [], |_| Ok(()))
            })
        })
    }

    fn writable(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(self.writer.writable())
    }

    fn meter(&self) -> Option<Arc<Meter>> {
        Some(self.meter.clone())
    }

    /// Of the log the sweeper knows how many rows there are; those of the catalogue are few.
    fn measure(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(async {
            let count = "SELECT count(*) FROM catalogue";
            let rows =
                self.readers.reading(|connection| connection.query_row(count, [], |row| row.get(0)))?;
            self.meter.catalogue_rows.set(Some(rows));
            Ok(())
        })
    }
}
