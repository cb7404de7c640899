//! Revocation (RFC 7009 §2).

use hyper::StatusCode;
use placet_sdk::presented::{ATTESTATION, ATTESTATION_POP, Basic};
use placet_sdk::types::RevocationRequest;
use placet_sdk::{RevocationDecision as Decision, respond};
use placet_serving::TimedBody;

use super::{Answer, Asked, failed, undecided};

pub(super) async fn answer(asked: &Asked<'_>, body: TimedBody) -> Answer {
    let Ok(basic) = Basic::read(&asked.head.headers) else { return respond::broken_credentials() };
    let form = match asked.form(body).await {
        Ok(form) => form,
        Err(refusal) => return *refusal,
    };
    let call = RevocationRequest {
        parameters: Some(form),
        client_id: basic.id,
        client_secret: basic.secret,
        oauth_client_attestation: asked.header(&ATTESTATION),
        oauth_client_attestation_pop: asked.header(&ATTESTATION_POP),
        ..RevocationRequest::default()
    };
    match asked.client().revocation(call).await {
        // §2.3: JavaScript for a callback, nothing else otherwise.
        Ok(Decision::Ok(content)) => respond::typed(StatusCode::OK, "application/javascript", content.text),
        Ok(Decision::InvalidClient(content)) => respond::unauthenticated(content),
        Ok(Decision::BadRequest(content)) => respond::json(StatusCode::BAD_REQUEST, content),
        Ok(Decision::InternalServerError(content)) => {
            respond::json(StatusCode::INTERNAL_SERVER_ERROR, content)
        }
        Ok(Decision::Unknown(_)) => undecided(),
        Err(e) => failed(&e),
    }
}
