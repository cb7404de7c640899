//! How many calls are made at a time. Whoever does not answer holds places of its own host, not everybody's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

use crate::{Failure, Fetched, Limits};

pub(crate) struct Slots {
    all: Arc<Semaphore>,
    /// Those of them that strangers may hold.
    strangers: Arc<Semaphore>,
    per_host: usize,
    hosts: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// To be kept for as long as the call lasts.
pub(crate) struct Slot {
    _stranger_at_host: Option<OwnedSemaphorePermit>,
    _host: OwnedSemaphorePermit,
    _stranger: Option<OwnedSemaphorePermit>,
    _all: OwnedSemaphorePermit,
}

/// For whom a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Somebody whom the server knows: its operator, or a client.
    Known,
    /// Whoever has sent a request: names cost nothing, so that all of these together hold a quarter of the places,
    /// and a quarter of those of each host.
    Stranger,
}

impl Slots {
    pub(crate) fn new(limits: &Limits) -> Self {
        let all = Arc::new(Semaphore::new(limits.concurrency));
        let strangers = Arc::new(Semaphore::new(limits.concurrency.div_ceil(4)));
        Self { all, strangers, per_host: limits.concurrency_per_host, hosts: Mutex::default() }
    }

    /// Waits for a place; `None` never comes while the server runs.
    pub(crate) async fn take(&self, host: &str, caller: Caller) -> Option<Slot> {
        // First those of the host: who waits for a slow one holds nothing that others need; and of them first those of
        // strangers, who would otherwise hold the others while they wait for each other.
        let _stranger_at_host = match caller {
            Caller::Known => None,
            Caller::Stranger => {
                let name = format!("strangers at {host}");
                let of_strangers = shared(&self.hosts, &name, || Semaphore::new(self.per_host.div_ceil(4)));
                Some(of_strangers.acquire_owned().await.ok()?)
            }
        };
        let of_host = shared(&self.hosts, host, || Semaphore::new(self.per_host));
        let _host = of_host.acquire_owned().await.ok()?;
        let _stranger = match caller {
            Caller::Known => None,
            Caller::Stranger => Some(self.strangers.clone().acquire_owned().await.ok()?),
        };
        let _all = self.all.clone().acquire_owned().await.ok()?;
        Some(Slot { _stranger_at_host, _host, _stranger, _all })
    }
}

/// Calls for the same document at the same time are one.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<String, Weak<Flight>>>);

/// What a call brings, once it has.
pub(crate) type Flight = OnceCell<Result<Fetched, Failure>>;

impl Flights {
    /// The call for the URL that is under way, or a new one.
    pub(crate) fn join(&self, url: &str) -> Arc<Flight> {
        shared(&self.0, url, Flight::new)
    }

    /// The call is over: the next one is another.
    pub(crate) fn end(&self, url: &str, flight: &Arc<Flight>) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if flights.get(url).is_some_and(|held| Weak::ptr_eq(held, &Arc::downgrade(flight))) {
            flights.remove(url);
        }
    }
}

/// What is in use under a name, or a new one. Only what is in use is kept.
fn shared<T>(held: &Mutex<HashMap<String, Weak<T>>>, name: &str, new: impl FnOnce() -> T) -> Arc<T> {
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = held.get(name).and_then(Weak::upgrade) {
        return found;
    }
    held.retain(|_, kept| kept.strong_count() > 0);
    let made = Arc::new(new());
    held.insert(name.to_owned(), Arc::downgrade(&made));
    made
}
