//! What the server tells of itself: metadata (OpenID Connect Discovery §4, RFC 8414 §3) and keys.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use placet_sdk::types::{JwksQuery, ServiceConfigurationRequest};
use placet_sdk::{Error, Transport};

use super::Server;
use crate::respond::unavailable;

/// Front-channel logout is this server's own (OpenID Connect Front-Channel Logout 1.0 §3): the API has no property
/// for it.
const PATCH: &str = r#"[{"op":"add","path":"/frontchannel_logout_supported","value":true},
    {"op":"add","path":"/frontchannel_logout_session_supported","value":true}]"#;

pub(crate) async fn configuration<T: Transport + 'static>(State(server): Server<T>) -> Response {
    let request = ServiceConfigurationRequest {
        patch: Some(PATCH.to_owned()),
        ..ServiceConfigurationRequest::default()
    };
    document(server.api.service_configuration_post(request).await, "application/json")
}

pub(crate) async fn jwks<T: Transport + 'static>(State(server): Server<T>) -> Response {
    document(server.api.service_jwks_get(JwksQuery::default()).await, "application/jwk-set+json")
}

/// Anybody may read it, and keep it for a while.
fn document(outcome: Result<Option<String>, Error>, content_type: &'static str) -> Response {
    let headers = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "max-age=300")];
    match outcome {
        Ok(Some(text)) => (headers, text).into_response(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(e) => unavailable(&e),
    }
}
