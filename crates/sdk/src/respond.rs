//! Answers of an authorization server, made from what the API says; `B` is whatever body its framework wants.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::decision::Content;
use crate::error::Error;
use crate::presented::NoToken;

pub(crate) static DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
static ATTESTATION_CHALLENGE: HeaderName = HeaderName::from_static("oauth-client-attestation-challenge");

/// JSON for a client, with the headers that belong to it. Nothing of it may be stored (RFC 6749 §5.1).
pub fn json<B: From<String>>(status: StatusCode, content: Content) -> Response<B> {
    let (headers, text) = parts(content);
    let mut response = typed(status, "application/json", text);
    response.headers_mut().extend(headers);
    response
}

/// The client has not proven itself: 401, which always has a challenge (RFC 6749 §5.2, RFC 9110 §15.5.2).
pub fn unauthenticated<B: From<String>>(content: Content) -> Response<B> {
    let mut response = json(StatusCode::UNAUTHORIZED, content);
    let challenge = HeaderValue::from_static("Basic realm=\"client\", charset=\"UTF-8\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// The client has tried to prove itself in a header that cannot be read, or by a scheme that is not HTTP Basic.
pub fn broken_credentials<B: From<String>>() -> Response<B> {
    let body = serde_json::json!({
        "error": "invalid_client",
        "error_description": "The Authorization header has no HTTP Basic credentials.",
    });
    unauthenticated(Content { text: body.to_string(), ..Content::default() })
}

/// A refusal of a resource: the content is the challenge (RFC 6750 §3).
pub fn challenge<B: From<String>>(status: StatusCode, content: Content) -> Response<B> {
    let (mut headers, text) = parts(content);
    if let Ok(challenge) = HeaderValue::try_from(text) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    let mut response = typed(status, "text/plain", String::new());
    response.headers_mut().extend(headers);
    response
}

/// RFC 6750 §3.1: without a token there is a challenge, and no error; with one that cannot be read there is.
pub fn no_token<B: From<String>>(why: &NoToken) -> Response<B> {
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
pub fn unbound<B: From<String>>() -> Response<B> {
    let text = "DPoP error=\"invalid_token\",error_description=\"The access token is bound to no key.\"";
    challenge(StatusCode::UNAUTHORIZED, Content { text: text.to_owned(), ..Content::default() })
}

/// A text of a kind, which nobody may store.
pub fn typed<B: From<String>>(status: StatusCode, content_type: &'static str, text: String) -> Response<B> {
    let mut response = Response::new(B::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// The API does not answer, or not in a way that can be handed on.
pub fn unavailable<B: From<String>>(error: &Error) -> Response<B> {
    tracing::error!(source = %error, "the API does not answer");
    if error.is_temporary() {
        return later();
    }
    let text = r#"{"error":"server_error"}"#.to_owned();
    typed(StatusCode::INTERNAL_SERVER_ERROR, "application/json", text)
}

/// The same call may succeed later.
pub fn later<B: From<String>>() -> Response<B> {
    let text = r#"{"error":"temporarily_unavailable"}"#.to_owned();
    let mut response = typed(StatusCode::SERVICE_UNAVAILABLE, "application/json", text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// The API asks for something that this server does not do.
pub fn unsupported<B: From<String>>(error: &str, description: &str) -> Response<B> {
    refusal(StatusCode::BAD_REQUEST, error, description)
}

/// An error that the API does not know of (RFC 6749 §5.2).
pub fn refusal<B: From<String>>(status: StatusCode, error: &str, description: &str) -> Response<B> {
    let body = serde_json::json!({ "error": error, "error_description": description });
    typed(status, "application/json", body.to_string())
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
