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
    VciNonceDecision as Nonce, VciOfferInfoDecision as Offer,
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

/// The one of two forms that is wanted most (RFC 9110 §12.5.1), and of those that are wanted alike the one that is named first.
/// Where neither is wanted, it is the first that is not refused by name.
fn preferred<'a>(headers: &HeaderMap, forms: [&'a str; 2]) -> &'a str {
    let named = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = named.flat_map(|value| value.split(','));
    let weighed: Vec<_> = ranges.filter_map(|range| weighed(range, forms)).collect();
    // Of those that are equal `max_by_key` takes the last.
    let most = weighed.iter().rev().filter(|(_, weight)| *weight > 0).max_by_key(|(_, weight)| *weight);
    let refused = |form: &&str| weighed.iter().any(|(named, _)| named == form);
    let [first, _] = forms;
    most.map(|(form, _)| *form).or_else(|| forms.into_iter().find(|form| !refused(form))).unwrap_or(first)
}

/// The form that a range names, and its weight in thousandths (RFC 9110 §12.4.2). What is no weight is taken as none.
fn weighed<'a>(range: &str, forms: [&'a str; 2]) -> Option<(&'a str, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let form = forms.into_iter().find(|form| name.eq_ignore_ascii_case(form))?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let thousandths = |text: &str| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = part.len() <= 3 && part.bytes().all(|digit| digit.is_ascii_digit());
        match (whole, format!("{part:0<3}").parse::<u16>()) {
            ("0", Ok(part)) if digits => Some(part),
            ("1", Ok(0)) if digits => Some(1000),
            _ => None,
        }
    };
    Some((form, weight.and_then(thousandths).unwrap_or(1000)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_most_is_sent_and_never_what_is_refused() {
        for (accept, sent) in [
            ("", "a/a"),
            ("*/*", "a/a"),
            ("a/a", "a/a"),
            ("B/B", "b/b"),
            ("a/a, b/b", "a/a"),
            ("b/b, a/a", "b/b"),
            ("b/b;q=0", "a/a"),
            ("b/b; q=0.000, a/a;q=0.1", "a/a"),
            ("a/a;q=0", "b/b"),
            ("a/a;q=0,b/b;q=0.0", "a/a"),
            ("a/a;q=0.5, b/b;q=0.75", "b/b"),
            ("a/a;q=0.51, b/b;q=0.505", "a/a"),
            ("a/a;v=1;Q=0.1, b/b", "b/b"),
            ("a/a;q=0.9, b/b;q=1.000", "b/b"),
            // What is no weight counts as none.
            ("b/b;q=-1, a/a;q=2", "b/b"),
            ("a/a;q=0.0001, b/b", "a/a"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(preferred(&headers, ["a/a", "b/b"]), sent, "{accept}");
        }
        assert_eq!(preferred(&HeaderMap::new(), ["a/a", "b/b"]), "a/a");
    }
}
