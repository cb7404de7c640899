//! The userinfo endpoint (OpenID Connect Core §5.3). Nobody here knows more of a user than what the API does: `sub`.

use hyper::header::{COOKIE, HeaderValue};
use hyper::{Method, StatusCode};
use placet_sdk::presented::{DPOP, Token, is_form};
use placet_sdk::types::{Pair, UserinfoIssueRequest, UserinfoRequest};
use placet_sdk::{
    Client, Error, Transport, UserinfoDecision as Decision, UserinfoIssueDecision as Issued, respond,
};
use placet_serving::TimedBody;

use super::{Answer, Asked, failed, undecided};

/// By GET and POST: the token comes in the header or the form, and in one of them (RFC 6750 §2).
pub(super) async fn answer(asked: &Asked<'_>, body: TimedBody) -> Answer {
    let body = match asked.head.method {
        Method::POST => match asked.body(body).await {
            Ok(body) => body,
            Err(refusal) => return *refusal,
        },
        _ => Default::default(),
    };
    let query = asked.head.uri.query().unwrap_or_default();
    let form = if is_form(&asked.head.headers) { String::from_utf8_lossy(&body) } else { "".into() };
    match Token::read(&asked.head.headers, query, &form) {
        Ok(token) => {
            let call = request(asked, &token, !body.is_empty());
            decided(&asked.client(), &token, call).await.unwrap_or_else(|e| failed(&e))
        }
        Err(why) => respond::no_token(&why),
    }
}

/// Without `htu` and `targetUri`: what was called is the service's `userInfoEndpoint`, if the proof says so.
fn request(asked: &Asked<'_>, token: &Token, with_body: bool) -> UserinfoRequest {
    // What signatures are held against (RFC 9421); cookies are nobody else's business.
    let headers = asked.head.headers.iter().filter(|(name, _)| *name != COOKIE);
    let headers = headers.map(|(name, value)| Pair {
        key: Some(name.as_str().to_owned()),
        value: Some(String::from_utf8_lossy(value.as_bytes()).into_owned()),
    });
    UserinfoRequest {
        token: Some(token.value.clone()),
        // RFC 9449 §7.2: a proof does not open a bound token that comes as a bearer token.
        dpop: asked.header(&DPOP).filter(|_| token.dpop),
        htm: Some(asked.head.method.as_str().to_owned()),
        headers: Some(headers.collect()),
        request_body_contained: Some(with_body),
        ..UserinfoRequest::default()
    }
}

async fn decided<T: Transport>(
    api: &Client<T>,
    token: &Token,
    call: UserinfoRequest,
) -> Result<Answer, Error> {
    Ok(match api.userinfo(call.clone()).await? {
        Decision::Ok(_) if token.dpop && !is_bound(api, &call).await? => respond::unbound(),
        Decision::Ok(known) => {
            let mut response = issued(api, call).await?;
            if let Some(Ok(nonce)) = known.content.dpop_nonce.map(HeaderValue::try_from) {
                response.headers_mut().insert("dpop-nonce", nonce);
            }
            response
        }
        Decision::BadRequest(content) => respond::challenge(StatusCode::BAD_REQUEST, content),
        Decision::Unauthorized(content) => respond::challenge(StatusCode::UNAUTHORIZED, content),
        Decision::Forbidden(content) => respond::challenge(StatusCode::FORBIDDEN, content),
        Decision::InternalServerError(content) => {
            respond::challenge(StatusCode::INTERNAL_SERVER_ERROR, content)
        }
        Decision::Unknown(_) => undecided(),
    })
}

/// RFC 9449 §7.1: whether the token opens nothing without a proof. The API ignores the proof that comes with one that is
/// bound to no key.
async fn is_bound<T: Transport>(api: &Client<T>, call: &UserinfoRequest) -> Result<bool, Error> {
    let without = UserinfoRequest { dpop: None, ..call.clone() };
    Ok(!matches!(api.userinfo(without).await?, Decision::Ok(_)))
}

async fn issued<T: Transport>(api: &Client<T>, call: UserinfoRequest) -> Result<Answer, Error> {
    let call = UserinfoIssueRequest { token: call.token, headers: call.headers, ..Default::default() };
    Ok(match api.userinfo_issue(call).await? {
        Issued::Json(issued) => respond::json(StatusCode::OK, issued.content),
        Issued::Jwt(issued) => respond::typed(StatusCode::OK, "application/jwt", issued.content.text),
        Issued::BadRequest(content) => respond::challenge(StatusCode::BAD_REQUEST, content),
        Issued::Unauthorized(content) => respond::challenge(StatusCode::UNAUTHORIZED, content),
        Issued::Forbidden(content) => respond::challenge(StatusCode::FORBIDDEN, content),
        Issued::InternalServerError(content) => {
            respond::challenge(StatusCode::INTERNAL_SERVER_ERROR, content)
        }
        Issued::Unknown(_) => undecided(),
    })
}
