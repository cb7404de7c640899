//! The API inside the caller's process, without a socket.

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MATCH};
use hyper::{Request, Response, StatusCode};
use placet_sdk::{Transport, TransportError};

use crate::api::{Api, Incoming};

/// Answers what a socket would.
#[derive(Clone)]
pub struct InProcess(pub Arc<Api>);

impl Transport for InProcess {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let text = |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let incoming = Incoming {
            method: request.method().as_str(),
            path: request.uri().path(),
            query: request.uri().query().unwrap_or_default(),
            authorization: text(&AUTHORIZATION),
            content_type: text(&CONTENT_TYPE),
            if_match: text(&IF_MATCH),
            from: None,
        };
        let body = request.body().clone();
        let (reply, _) = self.0.answer(incoming, async { Ok(body) }).await;
        let mut response = Response::new(Bytes::from(reply.body));
        *response.status_mut() =
            StatusCode::from_u16(reply.status).map_err(|e| TransportError::Lost(e.to_string()))?;
        if let Some(version) = reply.version {
            let tag = HeaderValue::try_from(format!("\"{version}\""));
            response.headers_mut().insert(ETAG, tag.map_err(|e| TransportError::Lost(e.to_string()))?);
        }
        Ok(response)
    }
}
