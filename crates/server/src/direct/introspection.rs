//! Introspection (RFC 7662 §2). Who may ask is said by the API: whoever has a token of it that may introspect for the
//! service (§2.1). The process vouches for nobody here.

use hyper::StatusCode;
use placet_sdk::presented::{NoToken, Token};
use placet_sdk::types::StandardIntrospectionRequest;
use placet_sdk::{Client, Content, Error, IntrospectionStandardDecision as Decision, Retry, Secret, respond};
use placet_serving::TimedBody;

use super::{Answer, Asked, failed, undecided};
use crate::in_process::InProcess;

pub(super) async fn answer(asked: &Asked<'_>, body: TimedBody) -> Answer {
    let query = asked.head.uri.query().unwrap_or_default();
    let token = match Token::read(&asked.head.headers, query, "") {
        Ok(token) if token.dpop => return respond::no_token(&NoToken::Foreign),
        Ok(token) => token,
        Err(why) => return respond::no_token(&why),
    };
    let parameters = match asked.form(body).await {
        Ok(form) => Some(form),
        Err(refusal) => return *refusal,
    };
    let api = Client::new(InProcess(asked.api.clone()), Secret::new(token.value));
    let api = api.for_service(asked.service).retry(Retry::NEVER);
    let call = StandardIntrospectionRequest { parameters, ..StandardIntrospectionRequest::default() };
    match api.introspection_standard(call).await {
        Ok(Decision::Ok(content)) => respond::json(StatusCode::OK, content),
        Ok(Decision::BadRequest(content)) => respond::json(StatusCode::BAD_REQUEST, content),
        Ok(Decision::InternalServerError(content)) => {
            respond::json(StatusCode::INTERNAL_SERVER_ERROR, content)
        }
        // A signed answer (RFC 9701), or a client that proves itself, has been asked for by nobody.
        Ok(Decision::Jwt(_) | Decision::InvalidClient(_) | Decision::Unknown(_)) => undecided(),
        Err(Error::Refused { status: 401 | 403, .. }) => not_yours(),
        Err(e) => failed(&e),
    }
}

/// RFC 7662 §2.3: 401, whether the token is unknown or may not do this.
fn not_yours() -> Answer {
    let text = "Bearer error=\"invalid_token\",error_description=\"The token may not introspect here.\"";
    respond::challenge(StatusCode::UNAUTHORIZED, Content { text: text.to_owned(), ..Content::default() })
}
