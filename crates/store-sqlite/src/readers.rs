//! Connections that read.
//!
//! Beginning a read transaction takes locks, and locks take calls to the kernel: half of what reading a
//! row costs. A connection therefore keeps its transaction open for as long as nothing has been
//! committed since it began: until then it shows the committed state, and no other.
//!
//! SQLite starts its log anew only when nobody reads from it. Open transactions would put that off for
//! ever, so the writer asks for a pause when the log has grown.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use placet_store::Unavailable;
use rusqlite::{Connection, ErrorCode};

use crate::schema;

/// Threads that read without waiting for each other; further ones share.
const SLOTS: usize = 128;

pub(crate) struct Readers {
    path: PathBuf,
    /// A connection for each thread. Whoever reads holds the slot; a pause holds them all.
    slots: Vec<Slot>,
    /// How many groups have been committed.
    commits: AtomicU64,
}

/// Apart from its neighbours in memory, so that threads do not take cache lines from each other.
#[derive(Default)]
#[repr(align(128))]
struct Slot(Mutex<Option<Reader>>);

struct Reader {
    connection: Connection,
    /// The count when the open transaction began; `None` without one.
    began: Option<u64>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        let slots = (0..SLOTS).map(|_| Slot::default()).collect();
        Self { path, slots, commits: AtomicU64::new(0) }
    }

    /// Tells that something has been committed; the writer does so before it answers anybody.
    pub(crate) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    /// Runs `read` in a transaction that shows everything that was acknowledged before this call.
    pub(crate) fn reading<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Unavailable> {
        let mut slot = self.slots[own_slot()].0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reader = match slot.take() {
            Some(reader) => reader,
            None => {
                let connection = schema::open_for_reading(&self.path).map_err(|e| unavailable(&e))?;
                Reader { connection, began: None }
            }
        };
        let result = reader
            .refresh(&self.commits)
            .and_then(|()| read(&reader.connection))
            .map_err(|e| unavailable(&e));
        // A connection that has failed is not used again.
        if result.is_ok() {
            *slot = Some(reader);
        }
        result
    }

    /// Runs `work` while no transaction is open.
    pub(crate) fn paused<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut held: Vec<_> =
            self.slots.iter().map(|slot| slot.0.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        for slot in &mut held {
            slot.take_if(|reader| reader.end().is_err());
        }
        work()
    }
}

/// The slot of the calling thread.
fn own_slot() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SLOTS;
    }
    OWN.with(|own| *own)
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

/// What SQLite says of a value, and what this crate makes of one, stays so however often it is asked for; anything else is
/// about the file, and passes.
pub(crate) fn unavailable(e: &rusqlite::Error) -> Unavailable {
    match e.sqlite_error_code() {
        None | Some(ErrorCode::TooBig | ErrorCode::TypeMismatch | ErrorCode::ConstraintViolation) => {
            Unavailable::Defect(e.to_string())
        }
        Some(_) => Unavailable::Away(e.to_string()),
    }
}
