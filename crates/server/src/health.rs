//! Whether the server can do its work: looked at once for all who ask, and told to the log once when something begins and
//! once when it is over, however many calls it concerns.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use placet_ambient::Stopwatch;
use placet_api::{CallError, Reason};
use placet_engine::{Engine, Unfit};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::{Notify, watch};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two looks that calls have asked for.
const SHORT_PAUSE: Duration = Duration::from_millis(100);
/// How long a look may take; one that was longer ago than twice that tells nothing any more.
const LATE: Duration = Duration::from_secs(5);
/// Of so many looks one tries to write: it costs what a commit costs.
const WRITES: u64 = 10;
/// Looks without a call that was turned away, after which the overload is over.
const CALM: u64 = 5;

/// Why the server is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotReady {
    Stopping,
    /// A look has taken too long, or nobody has looked.
    Late,
    Unfit(Unfit),
}

impl NotReady {
    /// For whoever asks: no names, no addresses.
    pub(crate) fn text(&self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::Late => "the store does not answer in time",
            Self::Unfit(Unfit::Away(_)) => "the store does not answer",
            Self::Unfit(Unfit::ReadOnly(_)) => "the store takes no writes",
            Self::Unfit(Unfit::OtherKey) => "the master key is not the one that the store was made with",
        }
    }

    fn source(&self) -> &str {
        match self {
            Self::Unfit(Unfit::Away(why) | Unfit::ReadOnly(why)) => why,
            Self::Stopping | Self::Late | Self::Unfit(Unfit::OtherKey) => "",
        }
    }
}

/// What goes on for a while, as the log tells it.
#[derive(Default)]
pub(crate) struct Spell {
    on: AtomicBool,
    /// Calls since it began.
    calls: AtomicU64,
}

impl Spell {
    /// Whether it begins with this.
    pub(crate) fn begins(&self) -> bool {
        !self.on.load(Ordering::Relaxed) && !self.on.swap(true, Ordering::Relaxed)
    }

    /// Counts a call that it concerns.
    pub(crate) fn count(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// The calls that it concerned, when it has gone on until now.
    pub(crate) fn ends(&self) -> Option<u64> {
        self.on.swap(false, Ordering::Relaxed).then(|| self.calls.swap(0, Ordering::Relaxed))
    }
}

/// What the last look has found, and when.
struct Found {
    at: Stopwatch,
    ready: Result<(), NotReady>,
}

impl Found {
    fn is_other(&self, why: &NotReady) -> bool {
        self.ready.as_ref().is_err_and(|former| former.text() != why.text())
    }
}

pub(crate) struct Health {
    found: Mutex<Found>,
    away: Spell,
    crowded: Spell,
    /// Somebody has met what should be looked at.
    asked: Notify,
    refused: Counter,
    shed: Counter,
    ready: Gauge,
}

impl Health {
    /// A store that has just been opened answers.
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let (refused, shed, ready) = (Counter::default(), Counter::default(), Gauge::default());
        registry.register("store_refused_calls", "Calls that a store was away for", refused.clone());
        registry.register("shed_calls", "Calls beyond what the server takes on", shed.clone());
        registry.register("ready", "Whether the server is ready, 1 or 0", ready.clone());
        ready.set(1);
        let found = Mutex::new(Found { at: Stopwatch::start(), ready: Ok(()) });
        let (away, crowded, asked) = (Spell::default(), Spell::default(), Notify::new());
        Self { found, away, crowded, asked, refused, shed, ready }
    }

    /// # Errors
    /// Why calls should not be sent here.
    pub(crate) fn ready(&self) -> Result<(), NotReady> {
        let found = self.found();
        if found.at.elapsed() > LATE * 2 { Err(NotReady::Late) } else { found.ready.clone() }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call that cannot be answered now; whether the log has what there is to say of it.
    pub(crate) fn told(&self, error: &CallError) -> bool {
        let source = error.source.as_deref();
        match error.reason {
            Reason::StoreAway {} => {
                self.refused.inc();
                self.away.count();
                self.away_for(source.unwrap_or_default());
            }
            Reason::ServerBusy {} => {
                self.shed.inc();
                self.crowded.count();
                if self.crowded.begins() {
                    tracing::warn!(source, "more is asked for than the server takes on: calls are shed");
                }
            }
            _ => return false,
        }
        true
    }

    /// The same of what nobody has called for.
    pub(crate) fn knows(&self, error: &CallError) -> bool {
        match error.reason {
            Reason::StoreAway {} => self.away_for(error.source.as_deref().unwrap_or_default()),
            Reason::ServerBusy {} => {}
            _ => return false,
        }
        true
    }

    /// The store has not answered somebody.
    pub(crate) fn away_for(&self, source: &str) {
        if self.away.begins() {
            tracing::error!(source, "the store does not answer: calls are refused until it does");
            self.asked.notify_one();
        }
    }

    /// What a look has found.
    fn note(&self, ready: Result<(), NotReady>) {
        self.ready.set(ready.is_ok().into());
        match &ready {
            Ok(()) => {
                if let Some(refused) = self.away.ends() {
                    tracing::warn!(refused, "the server is ready again");
                }
            }
            Err(why) if self.away.begins() || self.found().is_other(why) => {
                tracing::error!(source = why.source(), why = why.text(), "the server is not ready");
            }
            Err(_) => {}
        }
        *self.found() = Found { at: Stopwatch::start(), ready };
    }
}

/// Looks until told to stop: every second, and as soon as a call has met something.
pub(crate) async fn watch(engine: &Engine, health: &Arc<Health>, mut stop: watch::Receiver<bool>) {
    let (mut calm, mut shed) = (0, 0);
    for look in 0_u64.. {
        let writes = look.is_multiple_of(WRITES) || health.away.on.load(Ordering::Relaxed);
        let found = tokio::time::timeout(LATE, engine.check(writes)).await;
        health.note(found.map_or(Err(NotReady::Late), |found| found.map_err(NotReady::Unfit)));
        let now = health.shed.get();
        calm = if now == shed { calm + 1 } else { 0 };
        shed = now;
        if calm >= CALM
            && let Some(shed) = health.crowded.ends()
        {
            tracing::warn!(shed, "no more calls are shed");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = asked(health) => {}
            _ = stop.changed() => return,
        }
    }
}

async fn asked(health: &Health) {
    health.asked.notified().await;
    tokio::time::sleep(SHORT_PAUSE).await;
}
