//! Spans that wait to be sent. There are so many places; what finds none is counted, and gone.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use opentelemetry_proto::tonic::trace::v1::Span;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use tokio::sync::Notify;

/// Spans of one request to the collector.
pub(crate) const BATCH: usize = 512;

pub(super) struct Queue {
    waiting: Mutex<VecDeque<Span>>,
    most: usize,
    /// There is enough for a request.
    full: Notify,
    dropped: Counter,
}

impl Queue {
    pub(super) fn new(most: usize, registry: &mut Registry) -> Self {
        let dropped = Counter::default();
        registry.register(
            "telemetry_dropped_spans",
            "Spans that the collector did not take in time",
            dropped.clone(),
        );
        Self { waiting: Mutex::default(), most, full: Notify::new(), dropped }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Span>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them or none, so that no call is shown by half.
    pub(super) fn put(&self, spans: Vec<Span>) {
        let mut waiting = self.waiting();
        if waiting.len() + spans.len() > self.most {
            drop(waiting);
            return self.lose(spans.len());
        }
        waiting.extend(spans);
        if waiting.len() >= BATCH {
            self.full.notify_one();
        }
    }

    /// The oldest, as many as one request has.
    pub(super) fn take(&self) -> Vec<Span> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }

    pub(super) async fn full(&self) {
        self.full.notified().await;
    }

    /// Counts spans that nobody gets to see.
    pub(super) fn lose(&self, spans: usize) {
        self.dropped.inc_by(spans as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_place_is_counted_and_gone() {
        let queue = Queue::new(5, &mut Registry::default());
        let call = |name: &str| vec![Span { name: name.to_owned(), ..Span::default() }; 2];
        for name in ["first", "second", "third"] {
            queue.put(call(name));
        }
        queue.put(call("last")[..1].to_vec());
        assert_eq!(queue.dropped.get(), 2);
        let names = queue.take().into_iter().map(|span| span.name).collect::<Vec<_>>();
        assert_eq!(names, ["first", "first", "second", "second", "last"]);
        assert_eq!(queue.take(), []);
    }
}
