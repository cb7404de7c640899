//! Answers, made from what the API says.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, LOCATION, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use placet_sdk::{Content, Error};

use crate::authorization::NoToken;
use crate::users::Unavailable;

static DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
static ATTESTATION_CHALLENGE: HeaderName = HeaderName::from_static("oauth-client-attestation-challenge");

/// JSON for a client, with the headers that belong to it. Nothing of it may be stored (RFC 6749 §5.1).
pub(crate) fn json(status: StatusCode, content: Content) -> Response {
    let (headers, text) = parts(content);
    let mut response = typed(status, "application/json", text);
    response.headers_mut().extend(headers);
    response
}

/// The client has not proven itself: 401, which always has a challenge (RFC 6749 §5.2, RFC 9110 §15.5.2).
pub(crate) fn unauthenticated(content: Content) -> Response {
    let mut response = json(StatusCode::UNAUTHORIZED, content);
    let challenge = HeaderValue::from_static("Basic realm=\"client\", charset=\"UTF-8\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// The client has tried to prove itself in a header that cannot be read, or by a scheme that is not HTTP Basic.
pub(crate) fn broken_credentials() -> Response {
    let body = serde_json::json!({
        "error": "invalid_client",
        "error_description": "The Authorization header has no HTTP Basic credentials.",
    });
    unauthenticated(Content { text: body.to_string(), ..Content::default() })
}

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

/// A refusal of a resource: the content is the challenge (RFC 6750 §3).
pub(crate) fn challenge(status: StatusCode, content: Content) -> Response {
    let (mut headers, text) = parts(content);
    if let Ok(challenge) = HeaderValue::try_from(text) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    let mut response = typed(status, "text/plain", String::new());
    response.headers_mut().extend(headers);
    response
}

/// RFC 6750 §3.1: without a token there is a challenge, and no error; with one that cannot be read there is.
pub(crate) fn no_token(why: &NoToken) -> Response {
    match why {
        NoToken::Absent | NoToken::Foreign => {
            let mut response = typed(StatusCode::UNAUTHORIZED, "text/plain", String::new());
            response.headers_mut().append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response
        }
        NoToken::Wrong(why) => {
            let text = format!("Bearer error=\"invalid_request\",error_description=\"{why}\"");
            challenge(StatusCode::BAD_REQUEST, Content { text, ..Content::default() })
        }
    }
}

/// RFC 9449 §7.1: a token comes as `DPoP`, and is bound to no key.
pub(crate) fn unbound() -> Response {
    let text = "DPoP error=\"invalid_token\",error_description=\"The access token is bound to no key.\"";
    challenge(StatusCode::UNAUTHORIZED, Content { text: text.to_owned(), ..Content::default() })
}

pub(crate) fn typed(status: StatusCode, content_type: &'static str, text: String) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    (status, headers, text).into_response()
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

/// The API does not answer, or not in a way that can be handed on.
pub(crate) fn unavailable(error: &Error) -> Response {
    tracing::error!(source = %error, "the API does not answer");
    if error.is_temporary() {
        return later();
    }
    let text = r#"{"error":"server_error"}"#.to_owned();
    typed(StatusCode::INTERNAL_SERVER_ERROR, "application/json", text)
}

/// The user store does not answer.
pub(crate) fn users_unavailable(error: &Unavailable) -> Response {
    tracing::error!(source = error.0, "the users cannot be read");
    later()
}

fn later() -> Response {
    let text = r#"{"error":"temporarily_unavailable"}"#.to_owned();
    let mut response = typed(StatusCode::SERVICE_UNAVAILABLE, "application/json", text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// The API asks for something that this server does not do.
pub(crate) fn unsupported(error: &str, description: &str) -> Response {
    let body = serde_json::json!({ "error": error, "error_description": description });
    typed(StatusCode::BAD_REQUEST, "application/json", body.to_string())
}

fn parts(content: Content) -> (HeaderMap, String) {
    let mut headers = HeaderMap::new();
    let beside = [(&DPOP_NONCE, content.dpop_nonce), (&ATTESTATION_CHALLENGE, content.attestation_challenge)];
    for (name, value) in beside {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name.clone(), value);
        }
    }
    if let Some(code) = content.result_code {
        tracing::debug!(code, "answered");
    }
    (headers, content.text)
}
