//! The userinfo endpoint (OpenID Connect Core §5.3).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{COOKIE, HeaderValue, WWW_AUTHENTICATE};
use axum::response::Response;
use placet_sdk::types::{Pair, UserinfoIssueRequest, UserinfoRequest, UserinfoResponse};
use placet_sdk::{Content, Error, Transport, UserinfoDecision as Decision, UserinfoIssueDecision as Issued};
use serde_json::Value;

use super::Server;
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::{challenge, json, typed, unavailable, unsupported, users_unavailable};

pub(crate) async fn get<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let token = request.token();
    answer(&server, &request, token).await
}

/// RFC 6750 §2.2: the token in the form. In two places it is in none (§2).
pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    match (request.token(), request.parameter("access_token")) {
        (Some(_), Some(_)) => {
            let text = "Bearer error=\"invalid_request\",error_description=\"The token comes in two ways.\""
                .to_owned();
            challenge(StatusCode::BAD_REQUEST, Content { text, ..Content::default() })
        }
        (header, form) => answer(&server, &request, header.or(form)).await,
    }
}

async fn answer<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    request: &Forwarded,
    token: Option<String>,
) -> Response {
    let Some(token) = token else { return bare() };
    let headers: Vec<_> = request
        .headers
        .iter()
        // What signatures are held against (RFC 9421); the browser's cookies are nobody else's business.
        .filter(|(name, _)| *name != COOKIE)
        .map(|(name, value)| Pair {
            key: Some(name.as_str().to_owned()),
            value: Some(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        })
        .collect();
    let call = UserinfoRequest {
        token: Some(token.clone()),
        client_certificate: request.certificates(server.settings.proxy.as_ref()).own,
        dpop: request.dpop(),
        htm: Some(request.method.as_str().to_owned()),
        htu: Some(server.url("/userinfo")),
        headers: Some(headers.clone()),
        target_uri: Some(server.url("/userinfo")),
        request_body_contained: Some(!request.body.is_empty()),
        ..UserinfoRequest::default()
    };
    match server.api.userinfo(call).await {
        Ok(Decision::Ok(known)) => {
            let nonce = known.content.dpop_nonce.clone();
            let issued = issue(server, token, &known.answer, headers).await;
            let mut response = issued.unwrap_or_else(|e| unavailable(&e));
            if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
                response.headers_mut().insert("dpop-nonce", nonce);
            }
            response
        }
        Ok(Decision::BadRequest(content)) => challenge(StatusCode::BAD_REQUEST, content),
        Ok(Decision::Unauthorized(content)) => challenge(StatusCode::UNAUTHORIZED, content),
        Ok(Decision::Forbidden(content)) => challenge(StatusCode::FORBIDDEN, content),
        Ok(Decision::InternalServerError(content)) => challenge(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Decision::Unknown(_)) => unsupported("server_error", "The service answered in an unknown way."),
        Err(e) => unavailable(&e),
    }
}

/// RFC 6750 §3.1: without a token there is a challenge, and no error.
fn bare() -> Response {
    let mut response = typed(StatusCode::UNAUTHORIZED, "text/plain", String::new());
    response.headers_mut().append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

async fn issue<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    token: String,
    known: &UserinfoResponse,
    headers: Vec<Pair>,
) -> Result<Response, Error> {
    let subject = known.subject.as_deref().unwrap_or_default();
    let user = match server.users.find(subject).await {
        Ok(user) => user.unwrap_or_default(),
        Err(e) => {
            return Ok(users_unavailable(&e));
        }
    };
    let agreed = |name: &String| known.consented_claims.as_ref().is_none_or(|all| all.contains(name));
    let names: Vec<_> = known.claims.iter().flatten().filter(|name| agreed(name)).cloned().collect();
    let claims = user.chosen(&names, &[]);
    let call = UserinfoIssueRequest {
        token: Some(token),
        claims: Some(Value::Object(claims).to_string()),
        headers: Some(headers),
        ..UserinfoIssueRequest::default()
    };
    Ok(match server.api.userinfo_issue(call).await? {
        Issued::Json(issued) => json(StatusCode::OK, issued.content),
        Issued::Jwt(issued) => typed(StatusCode::OK, "application/jwt", issued.content.text),
        Issued::BadRequest(content) => challenge(StatusCode::BAD_REQUEST, content),
        Issued::Unauthorized(content) => challenge(StatusCode::UNAUTHORIZED, content),
        Issued::Forbidden(content) => challenge(StatusCode::FORBIDDEN, content),
        Issued::InternalServerError(content) => challenge(StatusCode::INTERNAL_SERVER_ERROR, content),
        Issued::Unknown(_) => unsupported("server_error", "The service answered in an unknown way."),
    })
}
