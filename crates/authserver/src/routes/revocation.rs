//! Revocation (RFC 7009 §2).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::presented::Basic;
use placet_sdk::types::RevocationRequest;
use placet_sdk::{Error, RevocationDecision as Decision, Transport};

use super::{Server, evidence};
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::{broken_credentials, json, typed, unauthenticated, unavailable, unsupported};

pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let Ok(basic) = request.basic() else { return broken_credentials() };
    let parameters = request.parameters();
    match revoke(&server, &request, basic, parameters).await {
        // §2.3: JavaScript for a callback, nothing else otherwise.
        Ok(Decision::Ok(content)) => typed(StatusCode::OK, "application/javascript", content.text),
        Ok(decision) => refusal(decision),
        Err(e) => unavailable(&e),
    }
}

/// The call behind it; introspection makes it too, to have a client prove itself.
pub(super) async fn revoke<T: Transport + 'static>(
    server: &AuthServer<T>,
    request: &Forwarded,
    basic: Basic,
    parameters: String,
) -> Result<Decision, Error> {
    let certificates = evidence::certificates(server, request, &basic).await?;
    let call = RevocationRequest {
        parameters: Some(parameters),
        client_id: basic.id,
        client_secret: basic.secret,
        client_certificate: certificates.own,
        client_certificate_path: certificates.path,
        oauth_client_attestation: request.attestation(),
        oauth_client_attestation_pop: request.attestation_pop(),
    };
    server.api.revocation(call).await
}

pub(super) fn refusal(decision: Decision) -> Response {
    match decision {
        Decision::InvalidClient(content) => unauthenticated(content),
        Decision::BadRequest(content) => json(StatusCode::BAD_REQUEST, content),
        Decision::InternalServerError(content) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Decision::Ok(_) | Decision::Unknown(_) => {
            unsupported("server_error", "The service answered in an unknown way.")
        }
    }
}
