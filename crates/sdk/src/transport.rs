//! How calls reach the API.

use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};

/// Carries a request to the API and its response back. The URI of a request is a path and a query; the
/// transport knows the host.
pub trait Transport: Send + Sync {
    /// Sends one request. Time-outs and repetitions are the client's part, not the transport's.
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send;

    /// What stands before the path, such as `https://api.example`; DPoP proofs name it (RFC 9449 §4.2).
    fn base(&self) -> &str {
        ""
    }
}

impl<T: Transport> Transport for std::sync::Arc<T> {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send {
        T::send(self, request)
    }

    fn base(&self) -> &str {
        T::base(self)
    }
}

/// Why a request has no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// No connection came about: the API has not seen the request.
    Unreached(String),
    /// The API may have carried the request out; its response was lost.
    Lost(String),
    /// The API may have carried the request out; its response did not come in time.
    TimedOut,
}

impl std::fmt::Display for TransportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreached(why) => write!(f, "the API cannot be reached: {why}"),
            Self::Lost(why) => write!(f, "the response of the API was lost: {why}"),
            Self::TimedOut => f.write_str("the API did not answer in time"),
        }
    }
}

impl std::error::Error for TransportError {}
