//! Answers, made from what the API says.

use axum::http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use placet_sdk::Content;
use placet_sdk::respond::later;
pub(crate) use placet_sdk::respond::{
    broken_credentials, challenge, json, no_token, refusal, typed, unauthenticated, unavailable, unbound,
    unsupported,
};

use crate::users::Unavailable;

/// A token for registration or its management is missing or wrong: 401 with the challenge of RFC 6750 §3, which RFC 7591
/// §3 and RFC 7592 §2 have it be.
pub(crate) fn unauthorized(content: Content, presented: bool) -> Response {
    let mut response = json(StatusCode::UNAUTHORIZED, content);
    let challenge = if presented { "Bearer error=\"invalid_token\"" } else { "Bearer" };
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}

/// So much in a while: 429 with the seconds to wait (RFC 6585 §4).
pub(crate) fn too_many(seconds: i64) -> Response {
    let text =
        r#"{"error":"temporarily_unavailable","error_description":"Too many of these from one address."}"#;
    let mut response = typed(StatusCode::TOO_MANY_REQUESTS, "application/json", text.to_owned());
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// To another page or back to the client. 303, so that a form with a password is not sent on (RFC 9700 §4.12).
pub(crate) fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [(LOCATION, location), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// A page of the API that posts itself to the client.
pub(crate) fn self_posting(content: Content) -> Response {
    let mut response = (StatusCode::OK, content.text).into_response();
    // The page is the API's own, its script is inline, and only the API knows its target.
    let policy = "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    crate::pages::secured(&mut response, policy);
    response
}

/// The user store does not answer.
pub(crate) fn users_unavailable(error: &Unavailable) -> Response {
    tracing::error!(source = error.0, "the users cannot be read");
    later()
}
