//! The API inside the caller's process, without a socket.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MATCH};
use hyper::{Request, Response, StatusCode};
use placet_api::Reply;
use placet_base::ServiceId;
use placet_sdk::{Transport, TransportError};

use crate::api::{Api, Authorization, Incoming};
use crate::http::{X_REQUEST_ID, traceparent};

/// Answers what a socket would.
#[derive(Clone)]
pub struct InProcess(pub Arc<Api>);

impl Transport for InProcess {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let authorization = text(&request, &AUTHORIZATION).map(Authorization::Header);
        sent(&self.0, &request, authorization, None).await
    }
}

/// Calls about one service, for which this process vouches: whoever has one uses that service, and needs no token.
pub(crate) struct OnBehalf {
    pub(crate) api: Arc<Api>,
    pub(crate) service: ServiceId,
    /// Who has made the process call.
    pub(crate) from: Option<IpAddr>,
}

impl Transport for OnBehalf {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        sent(&self.api, &request, Some(Authorization::Process(self.service)), self.from).await
    }
}

async fn sent(
    api: &Arc<Api>,
    request: &Request<Bytes>,
    authorization: Option<Authorization<'_>>,
    from: Option<IpAddr>,
) -> Result<Response<Bytes>, TransportError> {
    let incoming = Incoming {
        method: request.method().as_str(),
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        authorization,
        content_type: text(request, &CONTENT_TYPE),
        if_match: text(request, &IF_MATCH),
        from,
        traceparent: traceparent(request.headers()),
    };
    let body = request.body().clone();
    let (reply, id) = api.answer(incoming, async { Ok(body) }).await;
    response(reply, id).map_err(|e| TransportError::Lost(e.to_string()))
}

fn text<'a>(request: &'a Request<Bytes>, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn response(reply: Reply, id: u64) -> Result<Response<Bytes>, hyper::http::Error> {
    let mut response = Response::new(Bytes::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status)?;
    response.headers_mut().insert(X_REQUEST_ID.clone(), HeaderValue::from(id));
    if let Some(version) = reply.version {
        response.headers_mut().insert(ETAG, HeaderValue::try_from(format!("\"{version}\""))?);
    }
    Ok(response)
}
