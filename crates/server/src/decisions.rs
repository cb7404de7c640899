//! One line of the log for each call: what was decided, and why. What requests and answers hold is in none of them.

use std::borrow::Cow;
use std::time::Duration;

use placet_api::reasons::ROWS;
use placet_api::{EndpointId, Reply};
use placet_base::ServiceId;
use serde::Deserialize;

/// Where these lines come from, for filters.
pub(crate) const TARGET: &str = "placet::decisions";

/// What is known of a call before it is answered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) endpoint: Option<EndpointId>,
    pub(crate) service: Option<ServiceId>,
}

/// What of an answer says how it was decided.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Said<'a> {
    #[serde(borrow)]
    action: Option<Cow<'a, str>>,
    #[serde(borrow)]
    result_code: Option<Cow<'a, str>>,
}

/// Writes the line. `request` is the id that the answer carries in `X-Request-Id`.
pub(crate) fn log(request: u64, asked: Asked, reply: &Reply, took: Duration) {
    // An answer that is no such object, a list or a document, has neither.
    let said: Said<'_> = serde_json::from_slice(&reply.body).unwrap_or_default();
    let code = said.result_code.as_deref();
    let reason = code.and_then(|code| ROWS.iter().find(|row| row.code == code)).map(|row| row.name);
    tracing::info!(
        target: TARGET,
        request,
        service = asked.service.map(|service| service.0),
        endpoint = asked.endpoint.map(|endpoint| endpoint.row().name),
        action = said.action.as_deref(),
        code,
        reason,
        status = reply.status,
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "decided"
    );
}
