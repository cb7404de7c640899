//! The store of a world.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use placet_base::Timestamp;
use placet_store::{
    BoxFuture, Change, CommitError, IndexKey, Key, Layout, Memory, Page, Row, Rows, Scanned, Store, Swept,
    Unavailable,
};

/// The memory store, with a switch.
#[derive(Default)]
pub(crate) struct Switched {
    memory: Memory,
    /// What it says in place of an answer.
    failing: Mutex<Option<Unavailable>>,
    /// Every body that was ever to be written.
    pub(crate) written: Mutex<Vec<Vec<u8>>>,
    /// The next commit lets somebody else go first.
    pub(crate) waits: AtomicBool,
}

/// Ready when it is polled again.
pub(crate) struct Turn(pub(crate) bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl Switched {
    /// It is up, or fails in a way.
    pub(crate) fn switch(&self, how: &str) -> Result<(), String> {
        let text = || "switched so".to_owned();
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = match how {
            "up" => None,
            "down" => Some(Unavailable::Away(text())),
            "busy" => Some(Unavailable::Busy(text())),
            "broken" => Some(Unavailable::Defect(text())),
            other => return Err(format!("no store can be {other}")),
        };
        Ok(())
    }

    fn up(&self) -> Result<&Memory, Unavailable> {
        match &*self.failing.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(failure) => Err(failure.clone()),
            None => Ok(&self.memory),
        }
    }
}

impl Store for Switched {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        Box::pin(async move {
            // Services, clients and API tokens stay readable, so that a call gets as far as its operation.
            match self.up() {
                Err(down) if key.kind.layout == Layout::Log => Err(down),
                _ => self.memory.get(key).await,
            }
        })
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        Box::pin(async move { self.up()?.find(index, page).await })
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        let bodies = batch.iter().filter_map(|change| match change {
            Change::Insert { body, .. } | Change::Replace { body, .. } => Some(body.clone()),
            Change::Delete { .. } => None,
        });
        self.written.lock().unwrap_or_else(PoisonError::into_inner).extend(bodies);
        Box::pin(async move {
            if self.waits.swap(false, Ordering::Relaxed) {
                Turn(false).await;
            }
            self.up().map_err(CommitError::Unavailable)?.commit(batch).await
        })
    }

    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>> {
        Box::pin(async move { self.up()?.scan(layout, after, max).await })
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>> {
        Box::pin(async move { self.up()?.sweep(before, max).await })
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(async move { self.up()?.health().await })
    }
}
