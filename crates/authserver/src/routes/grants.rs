//! The grant management endpoint (OAuth 2.0 Grant Management §6): a client reads its grants, and ends them.

use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use placet_sdk::registry::GrantManagementAction;
use placet_sdk::types::{GrantManagementRequest, IntrospectionRequest};
use placet_sdk::{GmDecision as Decision, IntrospectionDecision as Introspected, Transport};

use super::Server;
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::{challenge, json, no_token, typed, unavailable, unbound, unsupported};

/// GET shows the grant, DELETE ends it.
pub(crate) async fn manage<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let action = match request.method {
        Method::DELETE => GrantManagementAction::Revoke,
        _ => GrantManagementAction::Query,
    };
    let token = match request.token() {
        Ok(token) => token,
        Err(why) => return no_token(&why),
    };
    if token.dpop && !is_bound(&server, &token.value).await {
        return unbound();
    }
    let call = GrantManagementRequest {
        access_token: Some(token.value),
        client_certificate: request.certificates(server.settings.proxy.as_ref()).own,
        // RFC 9449 §7.2: a proof does not open a bound token that comes as a bearer token.
        dpop: request.dpop().filter(|_| token.dpop),
        htm: Some(request.method.as_str().to_owned()),
        htu: Some(request.called(&server.settings, &format!("/grants/{id}"))),
        gm_action: Some(action),
        grant_id: Some(id),
        ..GrantManagementRequest::default()
    };
    match server.api.gm(call).await {
        Ok(Decision::Ok(content)) => json(StatusCode::OK, content),
        Ok(Decision::NoContent(_)) => typed(StatusCode::NO_CONTENT, "application/json", String::new()),
        Ok(Decision::Unauthorized(content)) => challenge(StatusCode::UNAUTHORIZED, content),
        Ok(Decision::Forbidden(content)) => challenge(StatusCode::FORBIDDEN, content),
        Ok(Decision::NotFound(_)) => typed(StatusCode::NOT_FOUND, "application/json", String::new()),
        Ok(Decision::CallerError(_) | Decision::AuthleteError(_) | Decision::Unknown(_)) => {
            unsupported("server_error", "The service cannot answer.")
        }
        Err(e) => unavailable(&e),
    }
}

/// RFC 9449 §7.1: whether the token opens nothing without a proof.
pub(super) async fn is_bound<T: Transport + 'static>(server: &AuthServer<T>, token: &str) -> bool {
    let call = IntrospectionRequest { token: Some(token.to_owned()), ..IntrospectionRequest::default() };
    !matches!(server.api.introspection(call).await, Ok(Introspected::Ok(_)))
}
