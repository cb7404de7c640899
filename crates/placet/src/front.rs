//! A router behind the API's own sockets.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Response;
use placet_server::http::Fallback;
use tower_service::Service;

/// Pages and tokens are small: an answer is collected before it is sent.
pub(crate) fn front(router: Router) -> Fallback {
    Arc::new(move |request| {
        let mut router = router.clone();
        Box::pin(async move {
            let Ok(response) = router.call(request.map(Body::new)).await;
            let (head, body) = response.into_parts();
            let bytes = body.collect().await.map(http_body_util::Collected::to_bytes);
            Response::from_parts(head, Full::new(bytes.unwrap_or_else(|_| Bytes::new())))
        })
    })
}
