//! The engine's way out, on this machine.

use std::sync::Arc;

use placet_base::Timestamp;
use placet_engine::{Fault, Outside};
use placet_jose::SigningKey;
use placet_store::BoxFuture;
use tokio::sync::Semaphore;

use crate::{clock, entropy};

/// Clock, randomness, keys and log of this process.
pub struct Local {
    /// How many slow signatures are made at once; further ones wait, and introspection does not.
    slow: Arc<Semaphore>,
}

impl Local {
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { slow: Arc::new(Semaphore::new(cores)) }
    }
}

impl Default for Local {
    fn default() -> Self {
        Self::new()
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

    fn report(&self, request: u64, fault: &Fault) {
        match &fault.source {
            Some(source) => {
                tracing::error!(request, reason = fault.reason.name(), source, "the server failed");
            }
            None => tracing::debug!(request, reason = fault.reason.name(), "refused"),
        }
    }
}
