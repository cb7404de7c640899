//! W3C Trace Context: the trace that calls of the API belong to; and the number by which the API knows a call.

use std::cell::RefCell;

use http::{HeaderMap, HeaderName, HeaderValue};

tokio::task_local! {
    static PARENT: HeaderValue;
    static ANSWERED: RefCell<Option<HeaderValue>>;
}

/// What an answer of the API calls its request; the inspector finds the call by it.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What names the trace (§3.2).
pub static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The trace that a request names; two of them are as good as none (§3.2.2.5).
pub fn named(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut values = headers.get_all(&TRACEPARENT).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Does `work` as a part of the trace that a `traceparent` names: every call of the API that it makes says so. The API judges whether it
/// is one.
pub async fn within<F: Future>(traceparent: HeaderValue, work: F) -> F::Output {
    PARENT.scope(traceparent, work).await
}

/// Does `work`, and keeps the request id of the latest call of the API that was answered in it, for [`latest_request_id`].
pub async fn noting<F: Future>(work: F) -> F::Output {
    ANSWERED.scope(RefCell::default(), work).await
}

/// The request id of the latest call of the API that was answered within [`noting`].
pub fn latest_request_id() -> Option<String> {
    let latest = ANSWERED.try_with(|latest| latest.borrow().clone()).ok()??;
    latest.to_str().ok().map(str::to_owned)
}

/// Keeps the request id of an answer, where it has one.
pub(crate) fn note(headers: &HeaderMap) {
    if let Some(id) = headers.get(&REQUEST_ID) {
        // Outside of `noting` nobody asks for it.
        let _ = ANSWERED.try_with(|latest| latest.replace(Some(id.clone())));
    }
}

/// What the work that is done here is a part of.
pub(crate) fn parent() -> Option<HeaderValue> {
    PARENT.try_with(HeaderValue::clone).ok()
}
