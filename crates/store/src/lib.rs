//! What a storage backend owes the engine: five methods over rows it does not understand.
//!
//! The rule that everything rests on: a row can only be overwritten by naming the version that was
//! read, and a batch of changes is applied whole or not at all.

pub mod contract;
mod memory;
mod reader;
mod record;
mod row;
mod seal;
mod writes;

pub use memory::Memory;
pub use reader::{Loaded, Reader};
pub use record::{Body, Record};
pub use row::{
    Change, CommitError, Id, IndexEntry, IndexKey, Key, Kind, Layout, Page, Row, Rows, Unavailable,
};
pub use seal::{Seal, SealError, Sealed};
pub use writes::Writes;

use std::future::Future;
use std::pin::Pin;

use placet_base::Timestamp;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A storage backend. Everything it returns has been committed and survives a crash, if the backend is
/// durable at all.
pub trait Store: Send + Sync {
    /// The row under a key, unless it never existed or was deleted.
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>>;

    /// Rows of a catalogue kind, by index, in the order of their ids.
    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>>;

    /// Applies every change or none. Returns when the batch is as durable as the backend makes it.
    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>>;

    /// Looks at up to `max` rows and deletes those that expired before `before`; the next call goes on
    /// where this one stopped. Returns how many were deleted.
    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<usize, Unavailable>>;

    /// Whether the backend answers.
    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>>;
}
