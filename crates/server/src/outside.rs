//! The engine's way out, on this machine.

mod address;
mod fetch;
mod seen;

use std::sync::Arc;

use placet_base::Timestamp;
use placet_engine::{Fault, FetchError, Outside};
use placet_jose::SigningKey;
use placet_store::BoxFuture;
use tokio::sync::Semaphore;

use crate::{clock, entropy};
use fetch::Fetcher;
pub use fetch::{FetchLimits, Origin};
use seen::Seen;

/// Clock, randomness, keys, log and outgoing calls of this process.
pub struct Local {
    /// How many slow signatures are made at once; further ones wait, and introspection does not.
    slow: Arc<Semaphore>,
    fetcher: Fetcher,
    seen: Seen,
}

impl Local {
    /// # Errors
    /// When the system's trusted certificates, or those of the limits, cannot be read.
    pub fn new(limits: FetchLimits) -> Result<Self, String> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let slow = Arc::new(Semaphore::new(cores));
        Ok(Self { slow, fetcher: Fetcher::new(limits)?, seen: Seen::default() })
    }
}

impl Outside for Local {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn seed(&self) -> [u8; 32] {
        entropy::bytes()
    }

    fn sign(&self, key: Arc<SigningKey>, message: Vec<u8>) -> BoxFuture<'_, Option<Vec<u8>>> {
        if !key.is_slow() {
            let signature = key.sign(&message);
            return Box::pin(async move { signature });
        }
        let slow = self.slow.clone();
        Box::pin(async move {
            let _turn = slow.acquire().await.ok()?;
            tokio::task::spawn_blocking(move || key.sign(&message)).await.ok()?
        })
    }

    fn fetch<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<String, FetchError>> {
        Box::pin(self.fetcher.fetch(url))
    }

    fn permits(&self, url: &str) -> bool {
        self.fetcher.permits(url)
    }

    fn first_use(&self, mark: [u8; 32], now: Timestamp, until: Timestamp) -> bool {
        self.seen.first_use(mark, now, until)
    }

    fn report(&self, request: u64, fault: &Fault) {
        match &fault.source {
            Some(source) => {
                tracing::error!(request, reason = fault.reason.name(), source, "the server failed");
            }
            None => tracing::debug!(request, reason = fault.reason.name(), "refused"),
        }
    }
}
