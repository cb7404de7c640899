//! Dynamic registration (RFC 7591 §3, RFC 7592 §2).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::types::ClientRegistrationRequest;
use placet_sdk::{ClientRegistrationDecision as Decision, Error, Transport};

use super::Server;
use crate::forward::Forwarded;
use crate::respond::{json, typed, unavailable, unsupported};

fn call(request: &Forwarded, client: Option<String>) -> ClientRegistrationRequest {
    let json = String::from_utf8_lossy(&request.body).into_owned();
    ClientRegistrationRequest {
        json: Some(json).filter(|json| !json.is_empty()),
        token: request.token(),
        client_id: client,
    }
}

pub(crate) async fn create<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    answer(server.api.client_registration(call(&request, None)).await)
}

pub(crate) async fn read<T: Transport + 'static>(
    State(server): Server<T>,
    Path(client): Path<String>,
    request: Forwarded,
) -> Response {
    answer(server.api.client_registration_get(call(&request, Some(client))).await)
}

pub(crate) async fn update<T: Transport + 'static>(
    State(server): Server<T>,
    Path(client): Path<String>,
    request: Forwarded,
) -> Response {
    answer(server.api.client_registration_update(call(&request, Some(client))).await)
}

pub(crate) async fn delete<T: Transport + 'static>(
    State(server): Server<T>,
    Path(client): Path<String>,
    request: Forwarded,
) -> Response {
    answer(server.api.client_registration_delete(call(&request, Some(client))).await)
}

fn answer(outcome: Result<Decision, Error>) -> Response {
    match outcome {
        Ok(Decision::Created(issued)) => json(StatusCode::CREATED, issued.content),
        Ok(Decision::Ok(issued) | Decision::Updated(issued)) => json(StatusCode::OK, issued.content),
        Ok(Decision::Deleted(_)) => typed(StatusCode::NO_CONTENT, "application/json", String::new()),
        Ok(Decision::BadRequest(content)) => json(StatusCode::BAD_REQUEST, content),
        Ok(Decision::Unauthorized(content)) => json(StatusCode::UNAUTHORIZED, content),
        Ok(Decision::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Decision::Unknown(_)) => unsupported("server_error", "The service answered in an unknown way."),
        Err(e) => unavailable(&e),
    }
}
