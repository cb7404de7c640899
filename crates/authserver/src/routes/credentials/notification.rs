//! OpenID for Verifiable Credential Issuance 1.0 §11: the wallet says what became of what it got.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use placet_sdk::types::VciNotificationRequest;
use placet_sdk::{Transport, VciNotificationDecision as Notified};

use super::super::Server;
use super::issue::{content, opened};
use super::unknown;
use crate::forward::Forwarded;
use crate::respond::{challenge, json, unavailable};

pub(crate) async fn notification<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    let opened = match opened(&server, &request, "/notification").await {
        Ok(opened) => opened,
        Err(response) => return *response,
    };
    let call = VciNotificationRequest {
        access_token: Some(opened.token.clone()),
        request_content: content(&request),
    };
    opened.answered(match server.api.vci_notification(call).await {
        Ok(Notified::NoContent(answer)) => {
            let info = answer.body.info.unwrap_or_default();
            // Nothing here depends on it; an operator may want to know of wallets that cannot use what they get.
            tracing::info!(
                event = ?info.event,
                repeated = info.repeated.unwrap_or_default(),
                configuration = info.credential_configuration_id,
                "a wallet has said what became of a credential"
            );
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(Notified::BadRequest(content)) => json(StatusCode::BAD_REQUEST, content),
        Ok(Notified::Unauthorized(content)) => challenge(StatusCode::UNAUTHORIZED, content),
        Ok(Notified::Forbidden(content)) => json(StatusCode::FORBIDDEN, content),
        Ok(Notified::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Notified::Unknown(_)) => unknown(),
        Err(e) => unavailable(&e),
    })
}
