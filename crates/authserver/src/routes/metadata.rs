//! What the server tells of itself: metadata (OpenID Connect Discovery §4, RFC 8414 §3) and keys.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use placet_sdk::types::{JwksQuery, ServiceConfigurationRequest};
use placet_sdk::{Error, Transport};
use serde_json::{Value, json};

use super::Server;
use crate::respond::unavailable;

/// What is this server's own, and the API has no property for: front-channel logout (OpenID Connect Front-Channel
/// Logout 1.0 §3) and the page that tells of the session (OpenID Connect Session Management 1.0 §3.3).
fn patch(check_session: &str) -> String {
    let add = |name: &str, value: Value| json!({ "op": "add", "path": format!("/{name}"), "value": value });
    json!([
        add("frontchannel_logout_supported", true.into()),
        add("frontchannel_logout_session_supported", true.into()),
        add("check_session_iframe", check_session.into()),
    ])
    .to_string()
}

pub(crate) async fn configuration<T: Transport + 'static>(State(server): Server<T>) -> Response {
    let check_session = format!("{}/session/check", server.settings.issuer.url());
    let request = ServiceConfigurationRequest {
        patch: Some(patch(&check_session)),
        ..ServiceConfigurationRequest::default()
    };
    let found = server.api.service_configuration_post(request).await;
    let can_create = server.users.accounts().is_some();
    let found = found.map(|text| text.map(|text| if can_create { text } else { without_create(text) }));
    document(found, "application/json")
}

/// Initiating User Registration via OpenID Connect 1.0 §4: `create` is offered where accounts can be made.
fn without_create(text: String) -> String {
    let Ok(Value::Object(mut metadata)) = serde_json::from_str(&text) else { return text };
    let Some(Value::Array(values)) = metadata.get_mut("prompt_values_supported") else { return text };
    values.retain(|value| value.as_str() != Some("create"));
    Value::Object(metadata).to_string()
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
