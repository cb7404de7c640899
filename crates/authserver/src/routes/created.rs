//! Tokens for grants that are judged here and not by the API: what all of them have in common.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use placet_jose::{Certificate, Jwk};
use placet_sdk::types::{TokenCreateRequest, TokenResponse};
use placet_sdk::{Error, TokenCreateDecision as Created, Transport};
use serde_json::{Value, json};

use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::{typed, unsupported};

/// The longest that such a token lives, in seconds.
pub(super) const LONGEST: i64 = 3600;

/// Keys that the client has shown to hold, by their thumbprints.
pub(super) struct Keys {
    /// Of the proof, which the API has verified (RFC 9449 §4.2).
    jkt: Option<String>,
    /// Of the certificate, whose key signed the handshake (RFC 8705 §3.1).
    x5t: Option<String>,
}

impl Keys {
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self { jkt: None, x5t: None }
    }

    #[cfg(test)]
    pub(super) fn shown(jkt: Option<&str>, x5t: Option<&str>) -> Self {
        Self { jkt: jkt.map(str::to_owned), x5t: x5t.map(str::to_owned) }
    }

    pub(super) fn of<T: Transport + 'static>(server: &AuthServer<T>, request: &Forwarded) -> Self {
        let own = request.certificates(server.settings.proxy.as_ref()).own;
        let certificate = own.as_deref().and_then(Certificate::parse);
        Self { jkt: jkt(request), x5t: certificate.as_ref().map(Certificate::thumbprint) }
    }
}

impl Keys {
    /// Whether they are the keys that a token is bound to (`cnf`: RFC 9449 §6.1, RFC 8705 §3.1), if it is to any: in exchange for one that only
    /// its holder can use, nobody else gets another.
    pub(super) fn are_of(&self, cnf: Option<&Value>) -> bool {
        let held = |name: &str, own: &Option<String>| {
            cnf.and_then(|cnf| cnf.get(name))
                .is_none_or(|bound| own.as_deref().is_some_and(|own| bound == own))
        };
        held("jkt", &self.jkt) && held("x5t#S256", &self.x5t)
    }
}

fn jkt(request: &Forwarded) -> Option<String> {
    let proof = request.dpop()?;
    let header = BASE64URL_NOPAD.decode(proof.split('.').next()?.as_bytes()).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    Jwk::parse(header.get("jwk")?)?.thumbprint()
}

/// A token for the client that asks, bound to the key of its proof if it has shown one. It ends in `rest` seconds at the
/// latest, and there is no refresh token with it: whoever wants another one comes again with what was good for this one.
pub(super) fn wanted(asked: &TokenResponse, keys: &Keys, rest: i64) -> TokenCreateRequest {
    TokenCreateRequest {
        client_id: asked.client_id,
        client_id_alias_used: asked.client_id_alias_used,
        access_token_duration: Some(rest.clamp(1, LONGEST)),
        refresh_token_duration: Some(1),
        dpop_key_thumbprint: keys.jkt.clone(),
        ..TokenCreateRequest::default()
    }
}

/// The API makes no token that is bound to nothing, or not to a certificate: for clients that have asked for that, and
/// under profiles that want it.
const UNBOUND: [&str; 2] = ["A902321", "A902322"];

/// The token. Only clients of whom that is wanted get one that is bound to their certificate (RFC 8705 §3): others may have
/// shown one for another reason.
async fn made<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    wanted: TokenCreateRequest,
    keys: Keys,
) -> Result<Created, Error> {
    let first = server.api.token_create(wanted.clone()).await?;
    match (&first, keys.x5t) {
        (Created::BadRequest(content), Some(x5t))
            if content.result_code.as_deref().is_some_and(|code| UNBOUND.contains(&code)) =>
        {
            let certificate_thumbprint = Some(x5t);
            server.api.token_create(TokenCreateRequest { certificate_thumbprint, ..wanted }).await
        }
        _ => Ok(first),
    }
}

/// The answer with the token; `kind` is the type that it was issued as, where the grant tells one.
pub(super) async fn answered<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    wanted: TokenCreateRequest,
    keys: Keys,
    kind: Option<&str>,
) -> Result<Response, Error> {
    Ok(match made(server, wanted, keys).await? {
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
