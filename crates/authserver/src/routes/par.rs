//! Pushed authorization requests (RFC 9126 §2).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::types::PushedAuthorizationRequest;
use placet_sdk::{PushedAuthReqDecision as Decision, Transport};

use super::{Server, evidence};
use crate::forward::Forwarded;
use crate::respond::{broken_credentials, json, too_many, unauthenticated, unavailable, unsupported};

pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let Ok(basic) = request.basic() else { return broken_credentials() };
    let certificates = match evidence::certificates(&server, &request, &basic).await {
        Ok(certificates) => certificates,
        Err(e) => return unavailable(&e),
    };
    if !request.is_credentialed(&basic) {
        let address = request.address(server.settings.proxy.as_ref());
        if let Err(seconds) = server.requests.take(address, server.settings.ambient.clock.seconds()) {
            return too_many(seconds);
        }
    }
    let call = PushedAuthorizationRequest {
        parameters: Some(request.parameters()),
        client_id: basic.id,
        client_secret: basic.secret,
        client_certificate: certificates.own,
        client_certificate_path: certificates.path,
        dpop: request.dpop(),
        htm: Some("POST".to_owned()),
        htu: Some(request.called(&server.settings, "/par")),
        oauth_client_attestation: request.attestation(),
        oauth_client_attestation_pop: request.attestation_pop(),
        ..PushedAuthorizationRequest::default()
    };
    match server.api.pushed_auth_req(call).await {
        Ok(Decision::Created(issued)) => json(StatusCode::CREATED, issued.content),
        Ok(Decision::BadRequest(content)) => json(StatusCode::BAD_REQUEST, content),
        Ok(Decision::Unauthorized(content)) => unauthenticated(content),
        Ok(Decision::Forbidden(content)) => json(StatusCode::FORBIDDEN, content),
        Ok(Decision::PayloadTooLarge(content)) => json(StatusCode::PAYLOAD_TOO_LARGE, content),
        Ok(Decision::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Decision::Unknown(_)) => unsupported("server_error", "The service answered in an unknown way."),
        Err(e) => unavailable(&e),
    }
}
