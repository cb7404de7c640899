//! Challenges for proofs of client attestations (draft-ietf-oauth-attestation-based-client-auth-07 §8).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::types::AttestationChallengeRequest;
use placet_sdk::{AttestationChallengeDecision as Decision, Transport};

use super::Server;
use crate::respond::{json, unavailable, unsupported};

pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>) -> Response {
    match server.api.attestation_challenge(AttestationChallengeRequest::default()).await {
        Ok(Decision::Ok(content)) => json(StatusCode::OK, content),
        Ok(Decision::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Decision::Unknown(_)) => unsupported("server_error", "The service answered in an unknown way."),
        Err(e) => unavailable(&e),
    }
}
