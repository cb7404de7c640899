//! The layer, and the service that it makes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::challenge::with_nonce;
use crate::content::Content;
use crate::protection::{Protection, Requirements};

/// Lets requests through that bring an access token which is good for them.
#[derive(Clone)]
pub struct RequireToken {
    protection: Arc<Protection>,
    demand: Arc<Requirements>,
}

impl RequireToken {
    /// Any token of the authorization server.
    pub fn new(protection: Arc<Protection>) -> Self {
        Self { protection, demand: Arc::default() }
    }

    /// All of these scopes.
    #[must_use]
    pub fn scopes<I: IntoIterator<Item: Into<String>>>(mut self, scopes: I) -> Self {
        Arc::make_mut(&mut self.demand).scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// One of these authentication context classes (RFC 9470).
    #[must_use]
    pub fn acrs<I: IntoIterator<Item: Into<String>>>(mut self, acrs: I) -> Self {
        Arc::make_mut(&mut self.demand).acrs = acrs.into_iter().map(Into::into).collect();
        self
    }

    /// A login that is no older, in seconds (RFC 9470).
    #[must_use]
    pub fn max_age(mut self, seconds: i64) -> Self {
        Arc::make_mut(&mut self.demand).max_age = Some(seconds);
        self
    }
}

impl<S> Layer<S> for RequireToken {
    type Service = RequireTokenService<S>;

    fn layer(&self, inner: S) -> RequireTokenService<S> {
        RequireTokenService { inner, protection: self.protection.clone(), demand: self.demand.clone() }
    }
}

/// A service behind a [`RequireToken`].
#[derive(Clone)]
pub struct RequireTokenService<S> {
    inner: S,
    protection: Arc<Protection>,
    demand: Arc<Requirements>,
}

impl<S, A, B> Service<Request<A>> for RequireTokenService<S>
where
    S: Service<Request<Content<A>>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    A: Body<Data = Bytes> + Send + Unpin + 'static,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<B>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        // The one that is ready is called; a copy stays behind.
        let copy = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, copy);
        let (protection, demand) = (self.protection.clone(), self.demand.clone());
        let (mut head, body) = request.into_parts();
        Box::pin(async move {
            let good = match protection.judge(&head, &demand).await {
                Ok(good) => good,
                Err(refusal) => return Ok(refusal.response()),
            };
            let body = match protection.single(&head, body, &demand).await {
                Ok(body) => body,
                Err(refusal) => return Ok(refusal.response()),
            };
            head.extensions.insert(good.token);
            let mut response = inner.call(Request::from_parts(head, body)).await?;
            with_nonce(&mut response, good.nonce);
            Ok(response)
        })
    }
}
