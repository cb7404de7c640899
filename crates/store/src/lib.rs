//! What a storage backend owes the engine: a few methods over rows it does not understand.
//!
//! The rule that everything rests on: a row can only be overwritten by naming the version that was
//! read, and a batch of changes is applied whole or not at all.

pub mod contract;
pub mod format;
mod keyring;
mod master;
mod memory;
mod meter;
mod probe;
mod reader;
mod record;
mod rekey;
mod row;
mod seal;
mod sealed_rows;
mod writes;

pub use keyring::{KeyError, Opening, Random, in_use};
pub use master::{KeyId, MasterKey, MasterKeys};
pub use memory::Memory;
pub use meter::{Known, Meter, Pool, Spread};
pub use reader::{Loaded, Reader};
pub use record::{Record, RecordId, decode, encode, tree};
pub use rekey::{Around, Counted, Progress, RekeyError, Resealed, Texts};
pub use row::{
    Change, CommitError, FIRST_VERSION, Id, IndexEntry, IndexKey, Key, Kind, Layout, Page, Row, Rows,
    Scanned, Swept, Unavailable, log_name, log_names,
};
pub use seal::{Seal, SealError, Sealed, Ticks};
pub use sealed_rows::SealedRows;
pub use writes::{Audited, Writes};

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use placet_base::Timestamp;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A storage backend. Everything it returns has been committed and survives a crash, if the backend is
/// durable at all.
pub trait Store: Send + Sync {
    /// The row under a key, unless it never existed or was deleted.
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>>;

    /// A window on the rows of an index, in a lasting order: that of their ids; rows of a log kind without an
    /// entry are in the order of the names that they share, and then of their ids. Its cost is that of the window,
    /// not that of the list.
    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>>;

    /// Applies every change or none. Returns when the batch is as durable as the backend makes it.
    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>>;

    /// The row that carries an entry which no other row may carry.
    fn find_one<'a>(&'a self, index: &'a IndexKey) -> BoxFuture<'a, Result<Option<(Id, Row)>, Unavailable>> {
        Box::pin(async move {
            let found = self.find(index, Page::rows(0, 1)).await?;
            Ok(found.rows.into_iter().next())
        })
    }

    /// Up to `max` rows of a layout behind `after`, whatever service and kind they are of, in a lasting order: calls one after
    /// the other come by every row that was there throughout.
    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>>;

    /// Looks at about `max` rows among which some may have expired before `before`, and deletes those that have, in
    /// one commit; the next call goes on where this one stopped.
    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>>;

    /// Whether the backend answers.
    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>>;

    /// Whether the backend takes writes: it writes something that changes nothing, where it may answer and have no room.
    fn writable(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.health()
    }

    /// What the backend counts of its work; `None` where it counts nothing.
    fn meter(&self) -> Option<Arc<Meter>> {
        None
    }

    /// Brings up to date what of its meter the backend does not see while it works. To be called now and then.
    fn measure(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(async { Ok(()) })
    }
}
