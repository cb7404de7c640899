//! Work that nobody waits for.

use std::sync::Arc;
use std::time::Duration;

use placet_base::Ttl;
use placet_store::Store;
use tokio::sync::watch;

use crate::clock;

/// How expired records are removed.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    /// Between two looks.
    pub pause: Duration,
    /// Rows per look.
    pub batch: usize,
    /// How long an expired record is kept, so that it can be told from one that never was.
    pub retention: Ttl,
}

/// Sweeps in small batches until told to stop.
pub(crate) async fn sweep(store: Arc<dyn Store>, sweep: Sweep, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(sweep.pause) => {}
            _ = stop.changed() => return,
        }
        let before = clock::now() - sweep.retention;
        match store.sweep(before, sweep.batch).await {
            Ok(0) => {}
            Ok(deleted) => tracing::debug!(deleted, "swept expired records"),
            Err(unavailable) => tracing::error!(source = %unavailable, "sweeping failed"),
        }
    }
}
