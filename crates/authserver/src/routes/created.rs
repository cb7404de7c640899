//! Tokens for grants that are judged here and not by the API: what all of them have in common.

use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use placet_jose::Jwk;
use placet_sdk::types::{TokenCreateRequest, TokenResponse};
use placet_sdk::{Error, TokenCreateDecision as Created, Transport};
use serde_json::{Value, json};

use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::{typed, unsupported};

/// The longest that such a token lives, in seconds.
pub(super) const LONGEST: i64 = 3600;

/// A token for the client that asks, bound to the key of its proof if it has shown one. It ends in `rest` seconds at the latest, and there is no
/// refresh token with it: whoever wants another one comes again with what was good for this one.
pub(super) fn wanted(asked: &TokenResponse, jkt: Option<String>, rest: i64) -> TokenCreateRequest {
    TokenCreateRequest {
        client_id: asked.client_id,
        client_id_alias_used: asked.client_id_alias_used,
        access_token_duration: Some(rest.clamp(1, LONGEST)),
        refresh_token_duration: Some(1),
        dpop_key_thumbprint: jkt,
        ..TokenCreateRequest::default()
    }
}

/// The answer with the token; `kind` is the type that it was issued as, where the grant tells one.
pub(super) async fn answered<T: Transport + 'static>(
    server: &AuthServer<T>,
    wanted: TokenCreateRequest,
    kind: Option<&str>,
) -> Result<Response, Error> {
    Ok(match server.api.token_create(wanted).await? {
        Created::Ok(made) => {
            let mut body = json!({
                "access_token": made.jwt_access_token.as_ref().or(made.access_token.as_ref()),
                "token_type": made.token_type,
                "expires_in": made.expires_in,
                "scope": made.scopes.clone().unwrap_or_default().join(" "),
            });
            if let Some(kind) = kind {
                body["issued_token_type"] = kind.into();
            }
            typed(StatusCode::OK, "application/json", body.to_string())
        }
        Created::BadRequest(content) | Created::Forbidden(content) => {
            tracing::warn!(code = content.result_code, "a grant that the API makes no token for");
            unsupported("invalid_request", "The token cannot be had with this grant.")
        }
        Created::InternalServerError(_) | Created::Unknown(_) => {
            unsupported("server_error", "The service cannot answer.")
        }
    })
}

/// The thumbprint of the key in the request's proof, which the API has verified (RFC 9449 §4.2).
pub(super) fn jkt(request: &Forwarded) -> Option<String> {
    let proof = request.dpop()?;
    let header = BASE64URL_NOPAD.decode(proof.split('.').next()?.as_bytes()).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    Jwk::parse(header.get("jwk")?)?.thumbprint()
}
