//! Logs and metrics. Neither ever carries a secret: requests and responses are not logged at all.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use placet_api::EndpointId;
use placet_api::endpoints::ALL;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tracing_subscriber::EnvFilter;

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 12] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// What is counted of one endpoint. Everything is made at start-up: counting takes no look-up.
struct Series {
    ok: Counter<u64, AtomicU64>,
    refused: Counter<u64, AtomicU64>,
    failed: Counter<u64, AtomicU64>,
    seconds: Histogram,
}

pub struct Metrics {
    registry: Registry,
    endpoints: Vec<Series>,
    unrouted: Counter<u64, AtomicU64>,
    /// Rows that the sweeper has removed.
    pub(crate) swept: Counter<u64, AtomicU64>,
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("placet");
        let series = |labels: &[(&'static str, &'static str)], registry: &mut Registry| {
            let labels = labels.iter().map(|(name, value)| ((*name).into(), (*value).into()));
            let counter = Counter::<u64, AtomicU64>::default();
            registry.sub_registry_with_labels(labels).register(
                "calls",
                "API calls answered",
                counter.clone(),
            );
            counter
        };
        let mut endpoints = Vec::with_capacity(ALL.len());
        for row in ALL {
            let endpoint = ("endpoint", row.name);
            let seconds = Histogram::new(BUCKETS);
            let labels = [(endpoint.0.into(), endpoint.1.into())].into_iter();
            let labelled = registry.sub_registry_with_labels(labels);
            labelled.register("call_seconds", "Time to answer an API call", seconds.clone());
            endpoints.push(Series {
                ok: series(&[endpoint, ("status", "2xx")], &mut registry),
                refused: series(&[endpoint, ("status", "4xx")], &mut registry),
                failed: series(&[endpoint, ("status", "5xx")], &mut registry),
                seconds,
            });
        }
        let unrouted = Counter::default();
        registry.register("unrouted_calls", "Calls of no endpoint", unrouted.clone());
        let swept = Counter::default();
        registry.register("swept_rows", "Expired rows removed", swept.clone());
        Self { registry, endpoints, unrouted, swept }
    }

    /// Where others put what they count.
    pub(crate) fn registry(&mut self) -> &mut Registry {
        &mut self.registry
    }

    pub fn observe(&self, endpoint: Option<EndpointId>, status: u16, took: Duration) {
        let Some(series) = endpoint.and_then(|endpoint| self.endpoints.get(endpoint as usize)) else {
            self.unrouted.inc();
            return;
        };
        let counter = match status {
            0..400 => &series.ok,
            400..500 => &series.refused,
            _ => &series.failed,
        };
        counter.inc();
        series.seconds.observe(took.as_secs_f64());
    }

    /// The text that Prometheus scrapes.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            tracing::error!("metrics cannot be written");
        }
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// What is logged, which may change while the server runs.
pub struct Logging(Box<dyn Fn(EnvFilter) -> Result<(), String>>);

impl Logging {
    /// # Errors
    /// When it is no level.
    pub fn set_level(&self, level: &str) -> Result<(), String> {
        (self.0)(filter(level)?)
    }
}

/// Starts logging to standard error. `level` is what `tracing` takes: a level, or levels per target.
///
/// # Errors
/// When it is no level, or something logs already.
pub fn start_logging(level: &str, format: LogFormat) -> Result<Logging, String> {
    let builder = tracing_subscriber::fmt().with_env_filter(filter(level)?).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => {
            let builder = builder.with_ansi(false).with_filter_reloading();
            let handle = builder.reload_handle();
            let change = move |filter| handle.reload(filter).map_err(|e| e.to_string());
            builder.try_init().map(|()| Logging(Box::new(change)))
        }
        LogFormat::Json => {
            let builder = builder.json().flatten_event(true).with_filter_reloading();
            let handle = builder.reload_handle();
            let change = move |filter| handle.reload(filter).map_err(|e| e.to_string());
            builder.try_init().map(|()| Logging(Box::new(change)))
        }
    };
    started.map_err(|e| e.to_string())
}

fn filter(level: &str) -> Result<EnvFilter, String> {
    let filter = EnvFilter::try_new(level).map_err(|e| e.to_string())?;
    // The authorization server of `placet dev` has the first; it writes what it was sent, byte by byte. Whether there are
    // lines of the second is a setting of their own, not the level's.
    ["webauthn_rs_core=off".to_owned(), format!("{}=info", crate::decisions::TARGET)]
        .iter()
        .try_fold(filter, |filter, directive| {
            Ok(filter.add_directive(directive.parse().map_err(|e| format!("{e}"))?))
        })
}
