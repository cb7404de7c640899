//! The span of a call: where it belongs, and what it says. By the semantic conventions of OpenTelemetry for HTTP servers, but
//! for `url.path` and `client.address`: paths name users and tokens, and addresses are people's.

use std::future::Future;
use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use super::Telemetry;
use super::context::{Parent, SpanId, TraceId};
use super::spans::{CURRENT, Recording, current, failed, number, text};

/// The trace that a call belongs to.
pub(crate) struct Trace {
    pub(crate) id: TraceId,
    pub(crate) span: SpanId,
    /// Nothing where it is not sampled.
    recording: Option<Arc<Recording>>,
    parent: Option<SpanId>,
    /// Within another call of this process.
    nested: bool,
    /// Whether somebody may look for it: whoever calls does, or the collector has it.
    pub(crate) shown: bool,
}

/// What a span says of its call.
pub(crate) struct Said<'a> {
    pub(crate) method: &'a str,
    /// The path as the table has it, with names in place of values; nothing where there is none.
    pub(crate) route: Option<&'a str>,
    pub(crate) status: u16,
    pub(crate) request: Option<u64>,
    pub(crate) service: Option<i64>,
    pub(crate) endpoint: Option<&'a str>,
    pub(crate) action: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) reason: Option<&'a str>,
}

/// Who has said where the call belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// Somebody who calls the API.
    Caller,
    /// Anybody: a trace is gone on with, but whether it is recorded is not theirs to say.
    Stranger,
}

impl Telemetry {
    /// A call begins, in the trace that its caller names, or in one of its own.
    pub(crate) fn begin(&self, traceparent: Option<&str>, from: From) -> Trace {
        let within = CURRENT.try_with(Clone::clone);
        let nested = within.is_ok();
        let named = match &within {
            Ok(outer) => {
                outer.as_ref().map(|outer| Parent { trace: outer.trace, span: outer.span, sampled: true })
            }
            Err(_) => traceparent.and_then(Parent::parse),
        };
        let entropy = &self.ambient.entropy;
        let id = named.map_or_else(|| TraceId::draw(entropy), |parent| parent.trace);
        let span = SpanId::draw(entropy);
        let sampled = match named {
            Some(parent) if nested || from == From::Caller => parent.sampled,
            None if nested => false,
            _ => id.random() <= self.sampled && self.sampled > 0,
        };
        let recording = (sampled && self.traces).then(|| Arc::new(Recording::new(id, span, &self.ambient)));
        let shown = named.is_some() || recording.is_some();
        Trace { id, span, recording, parent: named.map(|parent| parent.span), nested, shown }
    }

    /// The call is answered.
    pub(crate) fn end(&self, trace: &Trace, said: &Said<'_>) {
        let Some(recording) = &trace.recording else { return };
        let kind = if trace.nested { SpanKind::Internal } else { SpanKind::Server };
        // RFC 9110 §15.6: what is the caller's mistake is none of ours.
        let status = (said.status >= 500).then(failed);
        let own = Span {
            name: said.name(),
            kind: kind.into(),
            parent_span_id: trace.parent.map(|parent| parent.0.to_vec()).unwrap_or_default(),
            attributes: said.attributes(),
            status,
            ..Span::default()
        };
        self.queue.put(recording.end(own));
    }
}

impl Trace {
    pub(crate) fn is_recorded(&self) -> bool {
        self.recording.is_some()
    }

    /// Answers the call, with what it waits for as spans of the trace.
    pub(crate) async fn within<T>(&self, answer: impl Future<Output = T>) -> T {
        CURRENT.scope(self.recording.clone(), answer).await
    }
}

/// Goes on with the call that is being answered here, on another thread.
pub(crate) fn within<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let current = current();
    async move {
        match current {
            None => work.await,
            Some(current) => CURRENT.scope(Some(current), work).await,
        }
    }
}

/// The methods that the conventions know; of others nothing is repeated.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

impl<'a> Said<'a> {
    pub(crate) fn of(method: &'a str, route: Option<&'a str>, status: u16) -> Self {
        let (request, service, endpoint, action, code, reason) = (None, None, None, None, None, None);
        Self { method, route, status, request, service, endpoint, action, code, reason }
    }

    fn method(&self) -> Option<&'static str> {
        METHODS.into_iter().find(|known| *known == self.method)
    }

    fn name(&self) -> String {
        let method = self.method().unwrap_or("HTTP");
        self.route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"))
    }

    fn attributes(&self) -> Vec<KeyValue> {
        let texts = [
            ("http.request.method", Some(self.method().unwrap_or("_OTHER"))),
            ("http.route", self.route),
            ("url.scheme", Some("http")),
            ("placet.endpoint", self.endpoint),
            ("placet.action", self.action),
            ("placet.result_code", self.code),
            ("placet.reason", self.reason),
        ];
        let numbers = [
            ("http.response.status_code", Some(i64::from(self.status))),
            ("placet.service", self.service),
            ("placet.request", self.request.and_then(|id| i64::try_from(id).ok())),
        ];
        let texts = texts.into_iter().filter_map(|(key, value)| Some(text(key, value?)));
        let numbers = numbers.into_iter().filter_map(|(key, value)| Some(number(key, value?)));
        let error = (self.status >= 500).then(|| text("error.type", &self.status.to_string()));
        texts.chain(numbers).chain(error).collect()
    }
}

#[cfg(test)]
mod tests {
    use placet_ambient::Ambient;
    use prometheus_client::registry::Registry;

    use super::*;
    use crate::telemetry::Settings;

    const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-1122334455667788-01";
    const NOT_SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-1122334455667788-00";

    fn telemetry(ratio: &str) -> Telemetry {
        let (endpoint, sampled) = (Some("http://127.0.0.1:4318".to_owned()), ratio.parse().unwrap());
        let settings = Settings { endpoint, sampled, ..Settings::default() };
        Telemetry::new(&settings, &Ambient::default(), &mut Registry::default()).unwrap()
    }

    #[test]
    fn callers_say_what_is_sampled_and_strangers_do_not() {
        let (all, none) = (telemetry("1"), telemetry("0"));
        let sampled = |of: &Telemetry, parent, from| of.begin(parent, from).recording.is_some();
        assert!(sampled(&all, None, From::Caller) && !sampled(&none, None, From::Caller));
        assert!(sampled(&none, Some(SAMPLED), From::Caller));
        assert!(!sampled(&all, Some(NOT_SAMPLED), From::Caller));
        assert!(!sampled(&none, Some(SAMPLED), From::Stranger));
        assert!(sampled(&all, Some(NOT_SAMPLED), From::Stranger));
        assert!(sampled(&all, Some("nonsense"), From::Caller));
    }

    #[test]
    fn a_part_of_all_traces_is_about_that_part() {
        let some = telemetry("0.25");
        let count = (0..4000).filter(|_| some.begin(None, From::Caller).recording.is_some()).count();
        assert!((800..1200).contains(&count), "{count}");
    }

    #[tokio::test]
    async fn a_call_within_another_belongs_to_it() {
        let (all, none) = (telemetry("1"), telemetry("0"));
        let outer = all.begin(Some(SAMPLED), From::Stranger);
        let inner = outer.within(async { all.begin(None, From::Caller) }).await;
        assert_eq!((inner.id, inner.parent, inner.nested), (outer.id, Some(outer.span), true));
        assert!(inner.recording.is_some());
        // Of one that is not recorded nothing is.
        let outer = none.begin(None, From::Stranger);
        let inner = outer.within(async { all.begin(None, From::Caller) }).await;
        assert!(inner.recording.is_none() && inner.nested && !inner.shown);
    }
}
