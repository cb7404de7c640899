//! W3C Trace Context: the trace that calls of the API belong to.

use http::HeaderValue;

tokio::task_local! {
    static PARENT: HeaderValue;
}

/// Does `work` as a part of the trace that a `traceparent` names: every call of the API that it makes says so. The API judges whether it
/// is one.
///
/// `traceparent`: the value of the header (§3.2), as it has come.
pub async fn within<F: Future>(traceparent: HeaderValue, work: F) -> F::Output {
    PARENT.scope(traceparent, work).await
}

/// What the work that is done here is a part of.
pub(crate) fn parent() -> Option<HeaderValue> {
    PARENT.try_with(HeaderValue::clone).ok()
}
