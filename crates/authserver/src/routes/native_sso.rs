//! Logins that the applications of a device share (OpenID Connect Native SSO 1.0). The API has made the tokens; whether
//! session and device are good is known here.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::registry::GrantType;
use placet_sdk::types::{NativeSsoLogoutRequest, NativeSsoRequest, TokenResponse};
use placet_sdk::{Error, NativessoDecision as Decision, NativessoLogoutDecision as Ended, Transport};

use crate::AuthServer;
use crate::respond::{json, unsupported};
use crate::state::StateUnavailable;

/// §3.3, §4.4: the token response, with the secret of the device.
pub(super) async fn respond<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    made: &TokenResponse,
) -> Result<Response, Error> {
    let access_token = made.jwt_access_token.clone().or(made.access_token.clone());
    let judged = judged(server, made).await.unwrap_or_else(|e| {
        tracing::error!(source = %e.0, "shared sessions cannot be read or changed");
        None
    });
    let Some(device_secret) = judged else {
        // Nobody gets to know the tokens, and they are good for nothing.
        server.api.token_delete(access_token.as_deref().unwrap_or_default()).await?;
        return Ok(unsupported(
            "invalid_grant",
            "The session is over, or the device is not the one that has it.",
        ));
    };
    let call = NativeSsoRequest {
        access_token,
        refresh_token: made.refresh_token.clone(),
        device_secret: Some(device_secret),
        ..NativeSsoRequest::default()
    };
    Ok(match server.api.nativesso(call).await? {
        Decision::Ok(issued) => json(StatusCode::OK, issued.content),
        Decision::InternalServerError(content) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Decision::CallerError(content) => {
            tracing::error!(code = content.result_code, "a shared session that the API refuses");
            unsupported("server_error", "The service cannot answer.")
        }
        Decision::Unknown(_) => unsupported("server_error", "The service answered in an unknown way."),
    })
}

async fn judged<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    made: &TokenResponse,
) -> Result<Option<String>, StateUnavailable> {
    let Some(sid) = made.session_id.as_deref() else { return Ok(None) };
    let (now, presented) = (server.now(), made.device_secret.as_deref());
    if made.grant_type.as_deref() != Some(GrantType::TokenExchange.api_name()) {
        return server.shared.secret(sid, presented, now).await;
    }
    match presented.zip(made.device_secret_hash.as_deref()) {
        Some((presented, hash)) => server.shared.proven(sid, presented, hash, now).await,
        None => Ok(None),
    }
}

/// Somebody has signed out: the tokens of the session end, whichever application has them.
pub(super) async fn end<T: Transport + 'static>(server: &Arc<AuthServer<T>>, sid: &str) {
    match server.shared.end(sid, server.now()).await {
        Ok(true) => {}
        Ok(false) => return,
        // There may be one: its tokens are to end in any case.
        Err(e) => tracing::error!(source = %e.0, "a shared session may live on after its end"),
    }
    let call = NativeSsoLogoutRequest { session_id: Some(sid.to_owned()) };
    match server.api.nativesso_logout(call).await {
        Ok(Ended::Ok(_)) => {}
        Ok(Ended::CallerError(content) | Ended::ServerError(content)) => {
            tracing::error!(code = content.result_code, "the tokens of a session live on after its end");
        }
        Ok(Ended::Unknown(_)) => tracing::error!("the tokens of a session may live on after its end"),
        Err(e) => tracing::error!(source = %e, "the tokens of a session may live on after its end"),
    }
}
