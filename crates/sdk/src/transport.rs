//! How calls reach the API.

use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};

/// Carries a request to the API and its response back. The URI of a request is a path and a query; the
/// transport knows the host.
pub trait Transport: Send + Sync {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send;
}

/// The request did not arrive, or its response did not.
#[derive(Debug)]
pub struct TransportError(pub String);

impl std::fmt::Display for TransportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the API cannot be reached: {}", self.0)
    }
}

impl std::error::Error for TransportError {}
