//! W3C Trace Context: the trace that calls of the API belong to.

use http::{HeaderMap, HeaderName, HeaderValue};

tokio::task_local! {
    static PARENT: HeaderValue;
}

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

/// What the work that is done here is a part of.
pub(crate) fn parent() -> Option<HeaderValue> {
    PARENT.try_with(HeaderValue::clone).ok()
}
