//! The token endpoint (RFC 6749 §3.2).

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::types::{TokenFailReason, TokenFailRequest, TokenIssueRequest, TokenRequest, TokenResponse};
use placet_sdk::{
    Error, TokenDecision as Decision, TokenFailDecision as Failed, TokenIssueDecision as Issued, Transport,
};

use super::{Server, assertion, evidence, exchange, native_sso};
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::{
    broken_credentials, json, unauthenticated, unavailable, unsupported, users_unavailable,
};
use crate::throttle::{Guess, Proving};

pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let Ok(basic) = request.basic() else { return broken_credentials() };
    let certificates = match evidence::certificates(&server, &request, &basic).await {
        Ok(certificates) => certificates,
        Err(e) => return unavailable(&e),
    };
    let call = TokenRequest {
        parameters: Some(request.parameters()),
        client_id: basic.id,
        client_secret: basic.secret,
        client_certificate: certificates.own,
        client_certificate_path: certificates.path,
        dpop: request.dpop(),
        htm: Some("POST".to_owned()),
        htu: Some(request.called(&server.settings, "/token")),
        oauth_client_attestation: request.attestation(),
        oauth_client_attestation_pop: request.attestation_pop(),
        ..TokenRequest::default()
    };
    let decision = match server.api.token(call).await {
        Ok(decision) => decision,
        Err(e) => return unavailable(&e),
    };
    match decision {
        Decision::Ok(issued) | Decision::IdTokenReissuable(issued) => json(StatusCode::OK, issued.content),
        Decision::Password(asked) => {
            let address = request.address(server.settings.proxy.as_ref());
            password(&server, &asked, address).await.unwrap_or_else(|e| unavailable(&e))
        }
        Decision::InvalidClient(content) => unauthenticated(content),
        Decision::BadRequest(content) => json(StatusCode::BAD_REQUEST, content),
        Decision::InternalServerError(content) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Decision::TokenExchange(asked) => {
            exchange::exchange(&server, &request, &asked).await.unwrap_or_else(|e| unavailable(&e))
        }
        Decision::NativeSso(made) => {
            native_sso::respond(&server, &made).await.unwrap_or_else(|e| unavailable(&e))
        }
        Decision::JwtBearer(asked) => {
            assertion::granted(&server, &request, &asked).await.unwrap_or_else(|e| unavailable(&e))
        }
        Decision::Unknown(_) => {
            unsupported("unsupported_grant_type", "This server does not take this grant type.")
        }
    }
}

/// RFC 6749 §4.3.2: the user's password, with the same brake on guessing as on the sign-in page.
async fn password<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    asked: &TokenResponse,
    address: Option<IpAddr>,
) -> Result<Response, Error> {
    let (login, password) = (asked.username.as_deref().unwrap_or_default(), asked.password.as_deref());
    let guess = Guess { proving: Proving::Password, account: login, address, device: None };
    let now = server.now();
    let user = match server.throttle.attempt(&guess, now).await? {
        Err(_) => None,
        Ok(attempt) => match server.users.sign_in(login, password.unwrap_or_default()).await {
            Ok(Some(user)) => {
                server.judged(attempt, true, now).await;
                Some(user)
            }
            Ok(None) => None,
            Err(e) => {
                server.judged(attempt, false, now).await;
                return Ok(users_unavailable(&e));
            }
        },
    };
    let Some(user) = user else {
        let reason = TokenFailReason::InvalidResourceOwnerCredentials;
        let call = TokenFailRequest { ticket: asked.ticket.clone(), reason: Some(reason) };
        return Ok(match server.api.token_fail(call).await? {
            Failed::BadRequest(content) => json(StatusCode::BAD_REQUEST, content),
            Failed::InternalServerError(content) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
            Failed::Unknown(_) => unsupported("invalid_grant", "User name and password do not match."),
        });
    };
    let call = TokenIssueRequest {
        ticket: asked.ticket.clone(),
        subject: Some(user.subject),
        ..TokenIssueRequest::default()
    };
    Ok(match server.api.token_issue(call).await? {
        Issued::Ok(issued) => json(StatusCode::OK, issued.content),
        Issued::InternalServerError(content) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Issued::Unknown(_) => {
            unsupported("unsupported_grant_type", "This server does not take this grant type.")
        }
    })
}
