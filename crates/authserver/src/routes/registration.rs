//! Dynamic registration (RFC 7591 §3, RFC 7592 §2).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::types::{ClientRegistrationRequest, IntrospectionRequest};
use placet_sdk::{
    ClientRegistrationDecision as Decision, Content, Error, IntrospectionDecision as Introspected, Transport,
};
use serde_json::Value;

use super::Server;
use crate::authorization::{NoToken, Token};
use crate::forward::Forwarded;
use crate::respond::{json, too_many, typed, unauthorized, unavailable, unsupported};
use crate::{AuthServer, clock};

/// The call, if the token comes in one way: here it is the header (RFC 7591 §3, RFC 7592 §2).
fn call(request: &Forwarded, client: Option<String>) -> Result<ClientRegistrationRequest, Box<Response>> {
    let json = String::from_utf8_lossy(&request.body).into_owned();
    let token = match Token::read(&request.headers, request.query(), "") {
        Ok(token) if !token.dpop => Some(token.value),
        Ok(_) | Err(NoToken::Absent) => None,
        Err(NoToken::Wrong(why)) => return Err(Box::new(wrong_token(StatusCode::BAD_REQUEST, why))),
    };
    Ok(ClientRegistrationRequest {
        json: Some(json).filter(|json| !json.is_empty()),
        token,
        client_id: client,
    })
}

pub(crate) async fn create<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let address = request.address(server.settings.proxy.as_ref());
    if let Err(seconds) = server.registrations.take(address, clock::now()) {
        return too_many(seconds);
    }
    let call = match call(&request, None) {
        Ok(call) => call,
        Err(response) => return *response,
    };
    let presented = call.token.is_some();
    if let Err(response) = initial(&server, call.token.as_deref()).await {
        return *response;
    }
    answer(server.api.client_registration(call).await, presented)
}

/// An initial access token was given to its holder for registration (RFC 7591 §1.2): it covers the scope that the
/// operator has named for that. Without such a scope no token is one.
async fn initial<T: Transport + 'static>(
    server: &AuthServer<T>,
    token: Option<&str>,
) -> Result<Initial, Box<Response>> {
    let Some(token) = token else {
        return match server.settings.registration_needs_token {
            true => Err(Box::new(unauthorized(
                problem("invalid_token", "Registration needs an initial access token."),
                false,
            ))),
            false => Ok(Initial(())),
        };
    };
    let wrong = || Box::new(wrong_token(StatusCode::UNAUTHORIZED, "The token is no initial access token."));
    let scope = server.settings.registration_scope.clone().ok_or_else(wrong)?;
    let call = IntrospectionRequest {
        token: Some(token.to_owned()),
        scopes: Some(vec![scope]),
        ..IntrospectionRequest::default()
    };
    match server.api.introspection(call).await {
        Ok(Introspected::Ok(_)) => Ok(Initial(())),
        Ok(Introspected::InternalServerError(_) | Introspected::Unknown(_)) => {
            Err(Box::new(unsupported("server_error", "The service answered in an unknown way.")))
        }
        Ok(_) => Err(wrong()),
        Err(e) => Err(Box::new(unavailable(&e))),
    }
}

/// Registration is open to whoever asks.
struct Initial(());

fn problem(error: &str, description: &str) -> Content {
    let text = serde_json::json!({ "error": error, "error_description": description });
    Content { text: text.to_string(), ..Content::default() }
}

fn wrong_token(status: StatusCode, why: &str) -> Response {
    match status {
        StatusCode::BAD_REQUEST => json(status, problem("invalid_request", why)),
        _ => unauthorized(problem("invalid_token", why), true),
    }
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
