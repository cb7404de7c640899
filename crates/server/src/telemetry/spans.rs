//! The spans of one call while it is being answered.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::Status;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use placet_ambient::{Ambient, Stopwatch};

use super::context::{SpanId, TraceId};

/// Spans within one call; those beyond are counted.
pub(crate) const CHILDREN: usize = 128;
/// Bytes of what a span says that others have chosen, such as the name of a host.
const TEXT: usize = 256;

tokio::task_local! {
    /// The call that is being answered: nothing where it is not recorded.
    pub(super) static CURRENT: Option<Arc<Recording>>;
}

/// The call that is being answered here, if it is recorded.
pub(crate) fn current() -> Option<Arc<Recording>> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// A call whose spans are kept until it is answered.
pub(crate) struct Recording {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    ambient: Ambient,
    /// Nanoseconds since the epoch at which it began, and how long ago that was.
    began: (u64, Stopwatch),
    children: Mutex<Vec<Span>>,
    left_out: AtomicU32,
    /// Commits that met a conflict: after each, the operation runs again.
    conflicts: AtomicU32,
}

impl Recording {
    pub(super) fn new(trace: TraceId, span: SpanId, ambient: &Ambient) -> Self {
        let began = u64::try_from(ambient.clock.now().millis()).unwrap_or_default() * 1_000_000;
        Self {
            trace,
            span,
            ambient: ambient.clone(),
            began: (began, Stopwatch::start()),
            children: Mutex::default(),
            left_out: AtomicU32::new(0),
            conflicts: AtomicU32::new(0),
        }
    }

    /// Nanoseconds since the epoch.
    fn now(&self) -> u64 {
        let (at, since) = self.began;
        at.saturating_add(u64::try_from(since.elapsed().as_nanos()).unwrap_or_default())
    }

    /// Something begins that the call waits for.
    pub(crate) fn child(self: &Arc<Self>, name: impl Into<Cow<'static, str>>) -> Child {
        let span = Span {
            trace_id: self.trace.0.to_vec(),
            span_id: SpanId::draw(&self.ambient.entropy).0.to_vec(),
            parent_span_id: self.span.0.to_vec(),
            name: name.into().into_owned(),
            kind: SpanKind::Client.into(),
            start_time_unix_nano: self.now(),
            ..Span::default()
        };
        Child { recording: self.clone(), span }
    }

    pub(crate) fn conflicted(&self) {
        self.conflicts.fetch_add(1, Ordering::Relaxed);
    }

    fn keep(&self, span: Span) {
        let mut children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
        if children.len() < CHILDREN {
            children.push(span);
        } else {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The spans of the call, which is answered now: its own last.
    pub(super) fn end(&self, mut own: Span) -> Vec<Span> {
        own.trace_id = self.trace.0.to_vec();
        own.span_id = self.span.0.to_vec();
        own.start_time_unix_nano = self.began.0;
        own.end_time_unix_nano = self.now();
        let counts = [("placet.conflicts", &self.conflicts), ("placet.spans_left_out", &self.left_out)];
        for (key, count) in counts.map(|(key, count)| (key, count.load(Ordering::Relaxed))) {
            own.attributes.extend((count > 0).then(|| number(key, i64::from(count))));
        }
        let mut spans = std::mem::take(&mut *self.children.lock().unwrap_or_else(PoisonError::into_inner));
        spans.push(own);
        spans
    }
}

/// Something that a call waits for. It ends with the value, whether or not anybody has waited for its end.
pub(crate) struct Child {
    pub(crate) recording: Arc<Recording>,
    span: Span,
}

impl Child {
    pub(crate) fn text(mut self, key: &str, value: &str) -> Self {
        self.span.attributes.push(text(key, value));
        self
    }

    pub(crate) fn number(mut self, key: &str, value: usize) -> Self {
        self.span.attributes.push(number(key, i64::try_from(value).unwrap_or(i64::MAX)));
        self
    }

    /// It has failed, with this kind of error.
    pub(crate) fn fail(&mut self, kind: &str) {
        self.span.attributes.push(text("error.type", kind));
        self.span.status = Some(failed());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let mut span = std::mem::take(&mut self.span);
        span.end_time_unix_nano = self.recording.now();
        self.recording.keep(span);
    }
}

/// What is said of what is to be looked at. Texts of errors may have names in them that are nobody's business.
pub(super) fn failed() -> Status {
    Status { message: String::new(), code: StatusCode::Error.into() }
}

pub(super) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value[..value.floor_char_boundary(TEXT)].to_owned()))
}

pub(super) fn number(key: &str, value: i64) -> KeyValue {
    attribute(key, Value::IntValue(value))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    let value = Some(AnyValue { value: Some(value) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_so_many_spans_and_says_what_is_missing() {
        let recording = Arc::new(Recording::new(TraceId([1; 16]), SpanId([2; 8]), &Ambient::default()));
        for _ in 0..CHILDREN + 3 {
            drop(recording.child("get").text("server.address", &"ä".repeat(1000)));
        }
        let spans = recording.end(Span::default());
        assert_eq!(spans.len(), CHILDREN + 1);
        let own = spans.last().unwrap();
        assert_eq!(own.attributes, [number("placet.spans_left_out", 3)]);
        assert!(spans[..CHILDREN].iter().all(|span| span.parent_span_id == own.span_id));
        let Some(Value::StringValue(said)) = spans[0].attributes[0].value.clone().unwrap().value else {
            panic!("{:?}", spans[0])
        };
        assert_eq!(said.len(), TEXT);
    }
}
