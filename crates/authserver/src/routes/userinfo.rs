//! The userinfo endpoint (OpenID Connect Core §5.3).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{COOKIE, HeaderValue};
use axum::response::Response;
use placet_sdk::types::{Pair, UserinfoIssueRequest, UserinfoRequest, UserinfoResponse};
use placet_sdk::{Error, Transport, UserinfoDecision as Decision, UserinfoIssueDecision as Issued};
use serde_json::Value;

use super::Server;
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::{
    challenge, json, no_token, typed, unavailable, unbound, unsupported, users_unavailable,
};
use crate::verified;

/// By GET and POST: the token comes in the header or the form, and in one of them (RFC 6750 §2).
pub(crate) async fn answer<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let token = match request.token() {
        Ok(token) => token,
        Err(why) => return no_token(&why),
    };
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
    let called = request.called(&server.settings, "/userinfo");
    let call = UserinfoRequest {
        token: Some(token.value.clone()),
        client_certificate: request.certificates(server.settings.proxy.as_ref()).own,
        // RFC 9449 §7.2: a proof does not open a bound token that comes as a bearer token.
        dpop: request.dpop().filter(|_| token.dpop),
        htm: Some(request.method.as_str().to_owned()),
        htu: Some(called.clone()),
        headers: Some(headers.clone()),
        target_uri: Some(called),
        request_body_contained: Some(!request.body.is_empty()),
        ..UserinfoRequest::default()
    };
    match server.api.userinfo(call.clone()).await {
        Ok(Decision::Ok(_)) if token.dpop && !is_bound(&server, call).await => unbound(),
        Ok(Decision::Ok(known)) => {
            let nonce = known.content.dpop_nonce.clone();
            let issued = issue(&server, token.value, &known.answer, headers).await;
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

/// RFC 9449 §7.1: whether the token opens nothing without a proof. The API ignores the proof that comes with one that is
/// bound to no key.
async fn is_bound<T: Transport + 'static>(server: &AuthServer<T>, call: UserinfoRequest) -> bool {
    let without = UserinfoRequest { dpop: None, ..call };
    !matches!(server.api.userinfo(without).await, Ok(Decision::Ok(_)))
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
    let mut claims = user.chosen(&names, &[]);
    let of_user =
        verified::of_user(&user, known.user_info_claims.as_deref(), known.consented_claims.as_deref());
    claims.extend(of_user.map(|value| (verified::VERIFIED_CLAIMS.to_owned(), value)));
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
