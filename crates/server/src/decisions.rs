//! What was decided of each call, and why: a line of the log, and a span. What requests and answers hold is in neither.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use placet_api::reasons::row_of;
use placet_api::{EndpointId, Reply, TokenName};
use placet_base::ServiceId;
use serde::Deserialize;

use crate::telemetry::{Said, Telemetry, Trace};

/// Where these lines come from, for filters.
pub(crate) const TARGET: &str = "placet::decisions";

/// What is known of a call before it is answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) endpoint: Option<EndpointId>,
    pub(crate) service: Option<ServiceId>,
    /// The token of the API that was presented.
    pub(crate) token: Option<TokenName>,
    /// Shared with whoever answers.
    pub(crate) body: Bytes,
}

/// What of an answer says how it was decided.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer<'a> {
    #[serde(borrow)]
    action: Option<Cow<'a, str>>,
    #[serde(borrow)]
    result_code: Option<Cow<'a, str>>,
}

/// A call that is answered.
pub(crate) struct Decided<'a> {
    /// The id that the answer carries in `X-Request-Id`.
    pub(crate) request: u64,
    pub(crate) asked: &'a Asked,
    pub(crate) reply: &'a Reply,
    pub(crate) took: Duration,
}

impl Decided<'_> {
    /// Writes the line, if it is wanted, and ends the span.
    pub(crate) fn tell(
        &self,
        method: &str,
        trace: Option<&Trace>,
        (logged, telemetry): (bool, Option<&Telemetry>),
    ) {
        // An answer that is no such object, a list or a document, has neither.
        let answer: Answer<'_> = serde_json::from_slice(&self.reply.body).unwrap_or_default();
        let code = answer.result_code.as_deref();
        let row = self.asked.endpoint.map(EndpointId::row);
        let said = Said {
            request: Some(self.request),
            service: self.asked.service.map(|service| service.0),
            endpoint: row.map(|row| row.name),
            action: answer.action.as_deref(),
            code,
            reason: code.and_then(row_of).map(|row| row.name),
            ..Said::of(method, row.map(|row| row.path), self.reply.status)
        };
        if logged {
            self.log(&said, trace.filter(|trace| trace.shown));
        }
        if let (Some(telemetry), Some(trace)) = (telemetry, trace) {
            telemetry.end(trace, &said);
        }
    }

    fn log(&self, said: &Said<'_>, trace: Option<&Trace>) {
        tracing::info!(
            target: TARGET,
            request = self.request,
            service = said.service,
            endpoint = said.endpoint,
            action = said.action,
            code = said.code,
            reason = said.reason,
            status = said.status,
            micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX),
            trace_id = trace.map(|trace| tracing::field::display(trace.id)),
            span_id = trace.map(|trace| tracing::field::display(trace.span)),
            "decided"
        );
    }
}
