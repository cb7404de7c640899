//! The thread that sends what waits. Whatever the collector does, it takes no more than the queue, one request of spans and one of
//! metrics.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::metrics::v1::{ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use placet_ambient::Ambient;
use prost::Message;
use tokio::sync::watch;

use super::deliver::{Collector, Signal, Undelivered};
use super::figures::{self, metrics};
use super::queue::{BATCH, Queue};
use super::settings::Settings;
use super::spans::text;
use crate::api::Api;
use crate::health::Spell;
use crate::listen::runtime;

/// How long spans wait at most while the collector takes them.
const LINGER: Duration = Duration::from_secs(1);
/// Times that one request of spans is sent, with a pause before each that is twice the one before.
const ATTEMPTS: u32 = 4;
/// How long the last spans and metrics may take when the server stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// The thread.
pub(crate) struct Exporter {
    thread: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Exporter {
    /// Starts it, where a collector is named.
    ///
    /// # Errors
    /// When a file of the settings cannot be read, or no thread can be had.
    pub(crate) fn start(
        settings: &Settings,
        ambient: &Ambient,
        api: &Arc<Api>,
    ) -> Result<Option<Self>, String> {
        let (Some(endpoint), Some(telemetry)) = (&settings.endpoint, &api.telemetry) else { return Ok(None) };
        let collector = Collector::new(settings, endpoint)?;
        let sender = Sender {
            collector,
            resource: resource(settings, ambient),
            ambient: ambient.clone(),
            started: nanos(ambient),
            interval: settings.interval,
            queue: telemetry.queue.clone(),
            api: api.clone(),
        };
        let (traces, metrics) = (settings.traces, settings.metrics);
        let (stop, stopped) = watch::channel(false);
        let runtime = runtime().map_err(|e| e.to_string())?;
        let work = move || {
            let both = async {
                let traces = async {
                    if traces {
                        sender.traces(stopped.clone()).await
                    }
                };
                let metrics = async {
                    if metrics {
                        sender.metrics(stopped.clone()).await
                    }
                };
                let end = async {
                    let _ = stopped.clone().wait_for(|stopped| *stopped).await;
                    tokio::time::sleep(FAREWELL).await;
                };
                tokio::select! { () = async { let _ = tokio::join!(traces, metrics); } => {}, () = end => {} }
            };
            runtime.block_on(both);
            // A name that is still being resolved is not waited for.
            runtime.shutdown_background();
        };
        let thread = Builder::new().name("placet-telemetry".to_owned()).spawn(work);
        Ok(Some(Self { thread: thread.map_err(|e| e.to_string())?, stop }))
    }

    /// Has what is left sent, if that is quickly done.
    pub(crate) fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.thread.join();
    }
}

fn nanos(ambient: &Ambient) -> u64 {
    u64::try_from(ambient.clock.now().millis()).unwrap_or_default() * 1_000_000
}

/// Who sends.
fn resource(settings: &Settings, ambient: &Ambient) -> Resource {
    let instance = data_encoding::HEXLOWER.encode(&ambient.entropy.bytes::<16>());
    let attributes = vec![
        text("service.name", &settings.service_name),
        text("service.version", env!("CARGO_PKG_VERSION")),
        text("service.instance.id", &instance),
    ];
    Resource { attributes, ..Resource::default() }
}

struct Sender {
    collector: Collector,
    resource: Resource,
    ambient: Ambient,
    /// Nanoseconds since the epoch.
    started: u64,
    interval: Duration,
    queue: Arc<Queue>,
    api: Arc<Api>,
}

impl Sender {
    async fn traces(&self, mut stop: watch::Receiver<bool>) {
        let spell = Spell::default();
        let mut stopping = false;
        while !stopping {
            tokio::select! {
                () = tokio::time::sleep(LINGER) => {}
                () = self.queue.full() => {}
                _ = stop.wait_for(|stopped| *stopped) => stopping = true,
            }
            // What has come meanwhile may be enough for another one.
            loop {
                let batch = self.queue.take();
                let count = batch.len();
                if count == 0 {
                    break;
                }
                self.spans(batch, &spell, &mut stop).await;
                if count < BATCH && !stopping {
                    break;
                }
            }
        }
    }

    /// Spans that the collector does not take are gone: others wait.
    async fn spans(&self, batch: Vec<Span>, spell: &Spell, stop: &mut watch::Receiver<bool>) {
        let count = batch.len();
        let message = Bytes::from(self.trace_request(batch).encode_to_vec());
        let mut pause = LINGER;
        for attempt in 1..=ATTEMPTS {
            let outcome = self.collector.send(Signal::Traces, message.clone()).await;
            told(spell, Signal::Traces, &outcome);
            match outcome {
                Ok(()) => return,
                Err(Undelivered::ForNow(_)) if attempt < ATTEMPTS && !*stop.borrow() => {}
                Err(_) => break,
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.wait_for(|stopped| *stopped) => {}
            }
            pause *= 2;
        }
        self.queue.lose(count);
    }

    /// Each time all of them: what the collector does not take is in the next.
    async fn metrics(&self, mut stop: watch::Receiver<bool>) {
        let spell = Spell::default();
        let mut stopping = false;
        while !stopping {
            tokio::select! {
                () = tokio::time::sleep(self.interval) => {}
                _ = stop.wait_for(|stopped| *stopped) => stopping = true,
            }
            let message = Bytes::from(self.metrics_request().encode_to_vec());
            told(&spell, Signal::Metrics, &self.collector.send(Signal::Metrics, message).await);
        }
    }

    fn trace_request(&self, spans: Vec<Span>) -> ExportTraceServiceRequest {
        let scope_spans = vec![ScopeSpans { scope: Some(scope()), spans, ..ScopeSpans::default() }];
        let resource = Some(self.resource.clone());
        let resource_spans = vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }];
        ExportTraceServiceRequest { resource_spans }
    }

    fn metrics_request(&self) -> ExportMetricsServiceRequest {
        let span = figures::Span { start: self.started, now: nanos(&self.ambient) };
        let metrics = metrics(&self.api.metrics.text(), span);
        let scope_metrics = vec![ScopeMetrics { scope: Some(scope()), metrics, ..ScopeMetrics::default() }];
        let resource = Some(self.resource.clone());
        let resource_metrics =
            vec![ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }];
        ExportMetricsServiceRequest { resource_metrics }
    }
}

fn scope() -> InstrumentationScope {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    InstrumentationScope { name: "placet".to_owned(), version, ..InstrumentationScope::default() }
}

/// The log has one line when a collector begins to refuse, and one when it is over.
fn told(spell: &Spell, signal: Signal, outcome: &Result<(), Undelivered>) {
    let signal = signal.name();
    match outcome {
        Ok(()) => {
            if let Some(attempts) = spell.ends() {
                tracing::warn!(signal, attempts, "the collector takes telemetry again");
            }
        }
        Err(why) => {
            spell.count();
            if spell.begins() {
                tracing::warn!(signal, source = why.why(), "the collector does not take telemetry");
            }
        }
    }
}
