//! Introspection (RFC 7662 §2). The API leaves it to its caller who may ask: here, clients that prove themselves;
//! about every token those that the operator has named as resource servers, about their own tokens all of them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::ACCEPT;
use axum::response::Response;
use placet_sdk::types::StandardIntrospectionRequest;
use placet_sdk::{IntrospectionStandardDecision as Decision, Transport};

use super::{Server, evidence};
use crate::forward::Forwarded;
use crate::respond::{broken_credentials, json, typed, unauthenticated, unavailable, unsupported};

pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let Ok(basic) = request.basic() else { return broken_credentials() };
    let certificates = match evidence::certificates(&server, &request, &basic).await {
        Ok(certificates) => certificates,
        Err(e) => return unavailable(&e),
    };
    let call = StandardIntrospectionRequest {
        parameters: Some(request.parameters()),
        http_accept_header: request.text(&ACCEPT).map(str::to_owned),
        require_client_authentication: Some(true),
        resource_servers: Some(server.settings.resource_servers.clone()),
        client_id: basic.id,
        client_secret: basic.secret,
        client_certificate: certificates.own,
        client_certificate_path: certificates.path,
        oauth_client_attestation: request.attestation(),
        oauth_client_attestation_pop: request.attestation_pop(),
        ..StandardIntrospectionRequest::default()
    };
    match server.api.introspection_standard(call).await {
        Ok(decision) => answer(decision),
        Err(e) => unavailable(&e),
    }
}

fn answer(decision: Decision) -> Response {
    match decision {
        Decision::Ok(content) => json(StatusCode::OK, content),
        Decision::Jwt(content) => typed(StatusCode::OK, "application/token-introspection+jwt", content.text),
        Decision::InvalidClient(content) => unauthenticated(content),
        Decision::BadRequest(content) => json(StatusCode::BAD_REQUEST, content),
        Decision::InternalServerError(content) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Decision::Unknown(_) => unsupported("server_error", "The service answered in an unknown way."),
    }
}
