//! HTTP/1.1 around the API, plus what an operator's tools ask for: `/readyz`, and `/metrics` at an address of its own.

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH,
    LOCATION, RETRY_AFTER,
};
use hyper::{Request, Response, StatusCode};
use placet_api::{CallError, Reason, Reply};
use placet_sdk::trace;
use placet_serving::{BodyError, Limits, TimedBody};
use placet_store::BoxFuture;

use crate::api::{Api, Authorization, Incoming};
use crate::direct;
use crate::health::NotReady;
use crate::turns::Turns;

pub(crate) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers what is not the API's, in a process that does more than that.
pub type Fallback =
    Arc<dyn Fn(Request<TimedBody>) -> BoxFuture<'static, Response<Full<Bytes>>> + Send + Sync>;

/// What every connection shares.
pub(crate) struct Shared {
    pub(crate) api: Arc<Api>,
    pub(crate) front: Option<Fallback>,
    pub(crate) limits: Limits,
    /// Calls that all threads together take on at once.
    pub(crate) calls: usize,
    /// Set when the server is about to stop, so that no new work is sent here.
    pub(crate) stopping: AtomicBool,
}

/// What is answered at a socket.
#[derive(Clone, Copy)]
pub(crate) enum Responder {
    /// The API, whether it is ready, and what stands in front of it.
    Api,
    /// What only the operator's tools ask for.
    Operator,
}

impl Responder {
    pub(crate) async fn respond(
        self,
        (shared, turns): (Arc<Shared>, Arc<Turns>),
        request: Request<TimedBody>,
        from: Option<IpAddr>,
    ) -> Response<Full<Bytes>> {
        match (self, request.uri().path()) {
            (_, "/readyz") => readiness(&shared),
            (Self::Operator, "/metrics") => plain(StatusCode::OK, shared.api.metrics.text()),
            (Self::Operator, _) => plain(StatusCode::NOT_FOUND, "here are /readyz and /metrics\n".to_owned()),
            (Self::Api, _) => {
                if turns.take() {
                    taken_on(&shared, request, from).await
                } else {
                    shed(&shared.api)
                }
            }
        }
    }
}

/// Before anything is read of what is asked.
fn shed(api: &Api) -> Response<Full<Bytes>> {
    let (reply, id) = api.shed();
    api_response(reply, id)
}

async fn taken_on(
    shared: &Shared,
    request: Request<TimedBody>,
    from: Option<IpAddr>,
) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    match shared.front.as_ref().filter(|_| !path.starts_with("/api/")) {
        Some(front) => front(request).await,
        None => match direct::find(&shared.api, path).await {
            Ok(None) => api(shared, request, from).await,
            // Boxed, so that calls of the API do not carry its room.
            Ok(Some(direct)) => Box::pin(direct.answer(&shared.api, request, from)).await,
            Err(refusal) => *refusal,
        },
    }
}

async fn api(shared: &Shared, request: Request<TimedBody>, from: Option<IpAddr>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let incoming = Incoming {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        authorization: text(&head.headers, &AUTHORIZATION).map(Authorization::Header),
        content_type: text(&head.headers, &CONTENT_TYPE),
        if_match: text(&head.headers, &IF_MATCH),
        from,
        traceparent: traceparent(&head.headers),
    };
    // Pinned here, so that what it is handed on through holds a pointer and not its room.
    let body = pin!(collect(body, shared.api.body_limit));
    let (reply, id) = shared.api.answer(incoming, body).await;
    let mut response = api_response(reply, id);
    // RFC 9110 §15.5.6
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Ok(methods) = HeaderValue::try_from(shared.api.allowed(head.uri.path()))
    {
        response.headers_mut().insert(ALLOW, methods);
    }
    response
}

/// A header as text; what is not visible ASCII becomes a text that nothing accepts.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("\u{0}"))
}

/// The value of `traceparent`.
pub(crate) fn traceparent(headers: &HeaderMap) -> Option<&str> {
    trace::named(headers)?.to_str().ok()
}

pub(crate) async fn collect(body: TimedBody, limit: usize) -> Result<Bytes, CallError> {
    let collected = Limited::new(body, limit).collect().await.map_err(|e| match BodyError::of(&*e) {
        BodyError::Large => Reason::BodyTooLarge { limit: limit.to_string() },
        BodyError::Late => Reason::BodyLate {},
        BodyError::Crowded => Reason::ServerBusy {},
        BodyError::Broken => Reason::BodyMissing {},
    })?;
    Ok(collected.to_bytes())
}

fn readiness(shared: &Shared) -> Response<Full<Bytes>> {
    let stopping = shared.stopping.load(Ordering::Relaxed);
    let ready = if stopping { Err(NotReady::Stopping) } else { shared.api.health.ready() };
    match ready {
        Ok(()) => plain(StatusCode::OK, "ready\n".to_owned()),
        Err(why) => later(plain(StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", why.text()))),
    }
}

/// RFC 9110 §10.2.3
fn later(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn plain(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=utf-8"));
    response
}

fn api_response(reply: Reply, id: u64) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if reply.status != 204 {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    }
    // Answers carry tokens and secrets.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_REQUEST_ID.clone(), HeaderValue::from(id));
    if let Some(version) =
        reply.version.and_then(|version| HeaderValue::try_from(format!("\"{version}\"")).ok())
    {
        headers.insert(ETAG, version);
    }
    // Overload and failure of the store pass; clients that wait do not make it worse (RFC 9110 §10.2.3).
    if reply.status == 429 || reply.status == 503 {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if let Some(location) = reply.location.and_then(|location| HeaderValue::try_from(location).ok()) {
        headers.insert(LOCATION, location);
    }
    response
}
