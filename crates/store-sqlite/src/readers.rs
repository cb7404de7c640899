//! Connections that read.
//!
//! Beginning a read transaction takes locks, and locks take calls to the kernel: half of what reading a
//! row costs. A connection therefore keeps its transaction open for as long as nothing has been
//! committed since it began: until then it shows the committed state, and no other.
//!
//! SQLite starts its log anew only when nobody reads from it. Open transactions would put that off for
//! ever, so the writer asks for a pause when the log has grown.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use placet_store::Unavailable;
use rusqlite::Connection;

use crate::schema;

pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
    /// How many groups have been committed.
    commits: AtomicU64,
    /// Held by whoever reads; taken whole for a pause.
    pause: RwLock<()>,
}

struct Reader {
    connection: Connection,
    /// The count when the open transaction began; `None` without one.
    began: Option<u64>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), commits: AtomicU64::new(0), pause: RwLock::new(()) }
    }

    /// Tells that something has been committed; the writer does so before it answers anybody.
    pub(crate) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
    }

    /// Runs `read` on a connection that no other thread is using, in a transaction that shows
    /// everything that was acknowledged before this call.
    pub(crate) fn reading<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Unavailable> {
        let _reading = self.pause.read().unwrap_or_else(PoisonError::into_inner);
        let mut reader = match self.idle().pop() {
            Some(reader) => reader,
            None => {
                let connection = schema::open_for_reading(&self.path).map_err(unavailable)?;
                Reader { connection, began: None }
            }
        };
        let result =
            reader.refresh(&self.commits).and_then(|()| read(&reader.connection)).map_err(unavailable);
        // A connection that has failed is not used again.
        if result.is_ok() {
            self.idle().push(reader);
        }
        result
    }

    /// Runs `work` while no transaction is open.
    pub(crate) fn paused<T>(&self, work: impl FnOnce() -> T) -> T {
        let _nobody = self.pause.write().unwrap_or_else(PoisonError::into_inner);
        self.idle().retain_mut(|reader| reader.end().is_ok());
        work()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    fn refresh(&mut self, commits: &AtomicU64) -> rusqlite::Result<()> {
        // Read before the transaction begins: what is committed in between makes it begin again once
        // more than needed, never once less.
        let now = commits.load(Ordering::Acquire);
        if self.began == Some(now) {
            return Ok(());
        }
        self.end()?;
        self.connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
        self.began = Some(now);
        Ok(())
    }

    fn end(&mut self) -> rusqlite::Result<()> {
        if self.began.take().is_some() {
            self.connection.prepare_cached("COMMIT")?.execute([])?;
        }
        Ok(())
    }
}

fn unavailable(e: rusqlite::Error) -> Unavailable {
    Unavailable(e.to_string())
}
