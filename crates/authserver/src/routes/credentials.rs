//! The server as an issuer of credentials (OpenID for Verifiable Credential Issuance 1.0): what it tells of itself, nonces for
//! key proofs, offers, and the credentials.

mod issue;
mod notification;
mod status;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CACHE_CONTROL, HeaderMap, HeaderValue, VARY};
use axum::response::Response;
use placet_sdk::types::{
    VciJwksRequest, VciJwtissuerRequest, VciMetadataRequest, VciNonceRequest, VciOfferInfoRequest,
};
use placet_sdk::{
    Transport, VciJwksDecision as Keys, VciJwtissuerDecision as JwtIssuer, VciMetadataDecision as Metadata,
    VciNonceDecision as Nonce, VciOfferInfoDecision as Offer, accept,
};

use super::Server;
use crate::respond::{json, refusal, typed, unavailable, unsupported};

pub(super) use issue::{batch, credential, deferred};
pub(super) use notification::notification;
pub(super) use status::{status_list, status_lists};

/// §12.2.2, and §12.2.3 for who wants them signed.
pub(crate) async fn metadata<T: Transport + 'static>(
    State(server): Server<T>,
    headers: HeaderMap,
) -> Response {
    let signed = preferred(&headers, ["application/json", "application/jwt"]) == "application/jwt";
    let request = VciMetadataRequest { signed: Some(signed), ..VciMetadataRequest::default() };
    match server.api.vci_metadata(request).await {
        Ok(Metadata::Ok(content)) => varying(kept(json(StatusCode::OK, content))),
        Ok(Metadata::OkJwt(content)) => varying(kept(typed(StatusCode::OK, "application/jwt", content.text))),
        Ok(Metadata::NotFound(content)) => json(StatusCode::NOT_FOUND, content),
        Ok(Metadata::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Metadata::Unknown(_)) => unknown(),
        Err(e) => unavailable(&e),
    }
}

/// SD-JWT-based Verifiable Credentials §5
pub(crate) async fn jwt_issuer<T: Transport + 'static>(State(server): Server<T>) -> Response {
    match server.api.vci_jwtissuer(VciJwtissuerRequest::default()).await {
        Ok(JwtIssuer::Ok(content)) => kept(json(StatusCode::OK, content)),
        Ok(JwtIssuer::NotFound(content)) => json(StatusCode::NOT_FOUND, content),
        Ok(JwtIssuer::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(JwtIssuer::Unknown(_)) => unknown(),
        Err(e) => unavailable(&e),
    }
}

/// What credentials are verified with.
pub(crate) async fn jwks<T: Transport + 'static>(State(server): Server<T>) -> Response {
    match server.api.vci_jwks(VciJwksRequest::default()).await {
        Ok(Keys::Ok(content)) => kept(typed(StatusCode::OK, "application/jwk-set+json", content.text)),
        Ok(Keys::NotFound(content)) => json(StatusCode::NOT_FOUND, content),
        Ok(Keys::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Keys::Unknown(_)) => unknown(),
        Err(e) => unavailable(&e),
    }
}

/// §7
pub(crate) async fn nonce<T: Transport + 'static>(State(server): Server<T>) -> Response {
    match server.api.vci_nonce(VciNonceRequest::default()).await {
        Ok(Nonce::Ok(content)) => json(StatusCode::OK, content),
        Ok(Nonce::NotFound(content)) => json(StatusCode::NOT_FOUND, content),
        Ok(Nonce::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Nonce::Unknown(_)) => unknown(),
        Err(e) => unavailable(&e),
    }
}

/// §4.1.3: an offer by reference. Its name is as good as what it offers, and is nowhere but in the offer.
pub(crate) async fn offer<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
) -> Response {
    match server.api.vci_offer_info(VciOfferInfoRequest { identifier: Some(id) }).await {
        Ok(Offer::Ok(found)) => {
            let offer = found.body.info.and_then(|info| info.credential_offer).unwrap_or_default();
            typed(StatusCode::OK, "application/json", offer)
        }
        Ok(Offer::NotFound(_) | Offer::Forbidden(_)) => {
            refusal(StatusCode::NOT_FOUND, "not_found", "There is no such offer, or none any more.")
        }
        Ok(Offer::CallerError(_) | Offer::AuthleteError(_) | Offer::Unknown(_)) => {
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The service cannot answer.")
        }
        Err(e) => unavailable(&e),
    }
}

/// The form that is wanted.
fn preferred<'a>(headers: &HeaderMap, forms: [&'a str; 2]) -> &'a str {
    accept::preferred(headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()), forms)
}

/// RFC 9110 §12.5.5
fn varying(mut response: Response) -> Response {
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    response
}

/// Anybody may read it, and keep it for a while.
fn kept(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    response
}

fn unknown() -> Response {
    unsupported("server_error", "The service answered in an unknown way.")
}
