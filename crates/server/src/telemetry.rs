//! Traces and metrics for a collector (OpenTelemetry, OTLP over HTTP). Whoever answers a request puts spans into a queue that has
//! an end, and never waits for it; one thread empties it. Without a collector none of this is there: a call then looks at one
//! option, and draws, allocates and measures nothing.

mod call;
mod context;
mod deliver;
mod export;
mod figures;
mod queue;
mod settings;
mod spans;
mod watched;

pub use settings::Settings;

pub(crate) use call::{From, Said, Trace, within};
pub(crate) use export::Exporter;
pub(crate) use settings::{SETTINGS, Set};
pub(crate) use spans::{Child, Recording};
pub(crate) use watched::{Watched, hsms, watched};

use std::sync::Arc;

use placet_ambient::Ambient;
use prometheus_client::registry::Registry;

use queue::Queue;

pub(crate) use queue::BATCH;
pub(crate) use spans::CHILDREN;

/// What is traced of calls, and where their spans wait.
pub(crate) struct Telemetry {
    ambient: Ambient,
    /// Of 2^64 traces that begin here so many are sampled; all with the last.
    sampled: u64,
    traces: bool,
    queue: Arc<Queue>,
}

impl Telemetry {
    /// Nothing where no collector is named.
    pub(crate) fn new(settings: &Settings, ambient: &Ambient, registry: &mut Registry) -> Option<Self> {
        settings.endpoint.as_ref()?;
        let queue = Arc::new(Queue::new(settings.queue, registry));
        let (ambient, traces) = (ambient.clone(), settings.traces);
        Some(Self { ambient, sampled: settings.sampled.threshold(), traces, queue })
    }
}
