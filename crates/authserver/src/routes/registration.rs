//! Dynamic registration (RFC 7591 §3, RFC 7592 §2).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::presented::{NoToken, Token};
use placet_sdk::types::ClientRegistrationRequest;
use placet_sdk::{ClientRegistrationDecision as Decision, Content, Error, Transport};
use serde_json::Value;

use super::Server;
use crate::forward::Forwarded;
use crate::respond::{json, too_many, typed, unauthorized, unavailable, unsupported};

/// The call, if the token comes in one way: here it is the header (RFC 7591 §3, RFC 7592 §2).
fn call(request: &Forwarded, client: Option<String>) -> Result<ClientRegistrationRequest, Box<Response>> {
    let metadata = String::from_utf8_lossy(&request.body).into_owned();
    let token = match Token::read(&request.headers, request.query(), "") {
        Ok(token) if !token.dpop => Some(token.value),
        Err(NoToken::Absent) => None,
        Ok(_) | Err(NoToken::Foreign) => {
            let why = "The Authorization header has no bearer token.";
            return Err(Box::new(unauthorized(problem("invalid_token", why), false)));
        }
        Err(NoToken::Wrong(why)) => {
            return Err(Box::new(json(StatusCode::BAD_REQUEST, problem("invalid_request", why))));
        }
    };
    Ok(ClientRegistrationRequest {
        json: Some(metadata).filter(|metadata| !metadata.is_empty()),
        token,
        client_id: client,
    })
}

pub(crate) async fn create<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let address = request.address(server.settings.proxy.as_ref());
    if let Err(seconds) = server.registrations.take(address, server.settings.ambient.clock.seconds()) {
        return too_many(seconds);
    }
    let call = match call(&request, None) {
        Ok(call) => call,
        Err(response) => return *response,
    };
    let presented = call.token.is_some();
    if server.settings.registration_needs_token && !presented {
        return unauthorized(problem("invalid_token", "Registration needs an initial access token."), false);
    }
    answer(server.api.client_registration(call).await, presented)
}

fn problem(error: &str, description: &str) -> Content {
    let text = serde_json::json!({ "error": error, "error_description": description });
    Content { text: text.to_string(), ..Content::default() }
}

pub(crate) async fn read<T: Transport + 'static>(
    State(server): Server<T>,
    Path(client): Path<String>,
    request: Forwarded,
) -> Response {
    let call = match call(&request, Some(client)) {
        Ok(call) => call,
        Err(response) => return *response,
    };
    let presented = call.token.is_some();
    answer(server.api.client_registration_get(call).await, presented)
}

pub(crate) async fn update<T: Transport + 'static>(
    State(server): Server<T>,
    Path(client): Path<String>,
    request: Forwarded,
) -> Response {
    let call = match call(&request, Some(client)) {
        Ok(call) => call,
        Err(response) => return *response,
    };
    let presented = call.token.is_some();
    answer(server.api.client_registration_update(call).await, presented)
}

pub(crate) async fn delete<T: Transport + 'static>(
    State(server): Server<T>,
    Path(client): Path<String>,
    request: Forwarded,
) -> Response {
    let call = match call(&request, Some(client)) {
        Ok(call) => call,
        Err(response) => return *response,
    };
    let presented = call.token.is_some();
    answer(server.api.client_registration_delete(call).await, presented)
}

fn answer(outcome: Result<Decision, Error>, presented: bool) -> Response {
    match outcome {
        Ok(Decision::Created(issued)) => json(StatusCode::CREATED, issued.content),
        Ok(Decision::Ok(issued) | Decision::Updated(issued)) => json(StatusCode::OK, issued.content),
        Ok(Decision::Deleted(_)) => typed(StatusCode::NO_CONTENT, "application/json", String::new()),
        Ok(Decision::Unauthorized(content)) => unauthorized(content, presented),
        // Some services are set to have no action for a wrong token; what it is stands in the content.
        Ok(Decision::BadRequest(content)) if is_of_token(&content) => unauthorized(content, presented),
        Ok(Decision::BadRequest(content)) => json(StatusCode::BAD_REQUEST, content),
        Ok(Decision::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Decision::Unknown(_)) => unsupported("server_error", "The service answered in an unknown way."),
        Err(e) => unavailable(&e),
    }
}

fn is_of_token(content: &Content) -> bool {
    let body: Value = serde_json::from_str(&content.text).unwrap_or_default();
    body.get("error").and_then(Value::as_str) == Some("invalid_token")
}
