//! Work that nobody waits for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use placet_ambient::{Clock, Stopwatch};
use placet_base::Ttl;
use placet_engine::Engine;
use placet_store::{Store, Swept, Unavailable};
use tokio::sync::watch;

use crate::api::Api;
use crate::health::Health;

/// How expired records are removed.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    /// Between two looks, when there is nothing more to do.
    pub pause: Duration,
    /// Rows per look, and so the most that one commit removes.
    pub batch: usize,
    /// How long an expired record is kept, so that it can be told from one that never was.
    pub retention: Ttl,
}

/// How it is done now: that may change while the server runs.
#[derive(Debug)]
pub(crate) struct CurrentSweep(Mutex<Sweep>);

impl CurrentSweep {
    pub(crate) fn new(sweep: Sweep) -> Self {
        Self(Mutex::new(sweep))
    }

    pub(crate) fn get(&self) -> Sweep {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, sweep: Sweep) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sweep;
    }
}

/// Of the writer's time, sweeping takes one part in so many.
const SHARE: u32 = 4;
const LEAST_REST: Duration = Duration::from_millis(2);

/// Sweeps in small batches until told to stop: as long as there is something to remove it goes on after a rest in
/// proportion to what the last batch took, so that it keeps up with what is issued and leaves time to issue it.
pub(crate) async fn sweep(
    (store, api): (Arc<dyn Store>, &Api),
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) {
    let mut rest = api.sweep.get().pause;
    loop {
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            _ = stop.changed() => return,
        }
        let sweep = api.sweep.get();
        let started = Stopwatch::start();
        let step = store.sweep(clock.now() - sweep.retention, sweep.batch).await;
        rest = rest_after(&step, started.elapsed(), sweep.pause);
        match step {
            Ok(Swept { deleted: 0, .. }) => {}
            Ok(Swept { deleted, .. }) => {
                api.metrics.swept.inc_by(deleted as u64);
                tracing::debug!(deleted, "swept expired records");
            }
            Err(Unavailable::Away(source)) => api.health.away_for(&source),
            Err(Unavailable::Busy(source)) => tracing::debug!(source, "sweeping waits"),
            Err(Unavailable::Defect(source)) => tracing::error!(source, "sweeping failed"),
        }
    }
}

/// Between two looks at what the store does not count while it works.
const MEASURE: Duration = Duration::from_secs(10);

/// Keeps the figures of the store up to date until told to stop.
pub(crate) async fn measure(store: &dyn Store, mut stop: watch::Receiver<bool>) {
    loop {
        // Whether the store answers is somebody else's to say.
        if let Err(source) = store.measure().await {
            tracing::debug!(%source, "the store is not measured");
        }
        tokio::select! {
            () = tokio::time::sleep(MEASURE) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Between two looks for batches, when there is nothing to do; and of the writer's time, batches take one part in so
/// many.
const LOOK: Duration = Duration::from_secs(1);
const BATCH_SHARE: u32 = 2;
/// How often the uses of API tokens are written down.
const NOTE: Duration = Duration::from_secs(60);

/// Does what nobody waits for until told to stop, batches of tokens a step at a time, with rests that leave others their turn.
pub(crate) async fn work(engine: &Engine, health: &Health, mut stop: watch::Receiver<bool>) {
    let (mut rest, mut noted) = (LOOK, Stopwatch::start());
    loop {
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            _ = stop.changed() => return,
        }
        let started = Stopwatch::start();
        if noted.elapsed() >= NOTE {
            noted = Stopwatch::start();
            if let Err(error) = engine.note_uses().await
                && !health.knows(&error)
            {
                tracing::error!(source = error.source, "the uses of API tokens are not written down");
            }
        }
        rest = match engine.work().await {
            Ok(true) => started.elapsed() * (BATCH_SHARE - 1),
            Ok(false) => LOOK,
            Err(error) => {
                if !health.knows(&error) {
                    tracing::error!(source = error.source, "a batch of tokens does not go on");
                }
                LOOK
            }
        };
    }
}

fn rest_after(step: &Result<Swept, Unavailable>, took: Duration, pause: Duration) -> Duration {
    match step {
        Ok(Swept { more: true, .. }) => (took * (SHARE - 1)).max(LEAST_REST).min(pause),
        Ok(Swept { more: false, .. }) | Err(_) => pause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_are_as_long_as_the_work_calls_for() {
        let (pause, millis) = (Duration::from_secs(1), Duration::from_millis);
        let step = |more| Ok(Swept { deleted: 1, more });
        assert_eq!(rest_after(&step(true), millis(10), pause), millis(30));
        assert_eq!(rest_after(&step(true), millis(0), pause), LEAST_REST);
        assert_eq!(rest_after(&step(true), millis(900), pause), pause);
        assert_eq!(rest_after(&step(false), millis(10), pause), pause);
        assert_eq!(rest_after(&Err(Unavailable::Away(String::new())), millis(10), pause), pause);
    }
}
