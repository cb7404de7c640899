//! A store that others reach between any two steps of an operation, and that fails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use placet_base::Timestamp;
use placet_store::{
    BoxFuture, Change, CommitError, IndexKey, Key, Layout, Page, Row, Rows, Scanned, Store, Swept,
    Unavailable,
};

use super::chance::Chance;
use crate::switched::Turn;

/// How often the store fails.
#[derive(Clone, Copy)]
pub(crate) struct Faults {
    /// One read in so many is not answered; 0 for never.
    pub(crate) reads: usize,
    /// One commit in so many is not made.
    pub(crate) commits: usize,
    /// Of one commit in so many that is made, the answer is lost.
    pub(crate) answers: usize,
    /// One commit in so many is said to conflict, as a database does that cannot serialize it.
    pub(crate) conflicts: usize,
}

/// When and how the store fails, and whether it does now.
pub(crate) struct Weather {
    chance: Mutex<Chance>,
    faults: Faults,
    /// Nobody waits, and nothing fails.
    calm: AtomicBool,
}

impl Weather {
    pub(crate) fn new(chance: Chance, faults: Faults) -> Self {
        Self { chance: Mutex::new(chance), faults, calm: AtomicBool::new(true) }
    }

    pub(crate) fn calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::Relaxed);
    }

    fn strikes(&self, times: usize) -> bool {
        let calm = self.calm.load(Ordering::Relaxed);
        !calm && self.chance.lock().unwrap_or_else(PoisonError::into_inner).one_in(times)
    }

    /// Lets others go first.
    async fn turn(&self) {
        if !self.calm.load(Ordering::Relaxed) {
            Turn(false).await;
        }
    }
}

pub(crate) struct Interleaved {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) weather: Arc<Weather>,
}

impl Interleaved {
    /// A read takes place at one instant between its call and its answer.
    async fn read<T>(&self, read: BoxFuture<'_, Result<T, Unavailable>>) -> Result<T, Unavailable> {
        self.weather.turn().await;
        if self.weather.strikes(self.weather.faults.reads) {
            return Err(Unavailable::Away("no answer".to_owned()));
        }
        let answer = read.await;
        self.weather.turn().await;
        answer
    }
}

impl Store for Interleaved {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        Box::pin(self.read(self.inner.get(key)))
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        Box::pin(self.read(self.inner.find(index, page)))
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(async move {
            let weather = &self.weather;
            weather.turn().await;
            if weather.strikes(weather.faults.conflicts) {
                return Err(CommitError::Conflict);
            }
            if weather.strikes(weather.faults.commits) {
                return Err(CommitError::Unavailable(Unavailable::Away("not made".to_owned())));
            }
            let committed = self.inner.commit(batch).await;
            weather.turn().await;
            match weather.strikes(weather.faults.answers) {
                true => Err(CommitError::Unavailable(Unavailable::Away("the answer is lost".to_owned()))),
                false => committed,
            }
        })
    }

    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>> {
        Box::pin(self.read(self.inner.scan(layout, after, max)))
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>> {
        Box::pin(self.read(self.inner.sweep(before, max)))
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(self.read(self.inner.health()))
    }
}
