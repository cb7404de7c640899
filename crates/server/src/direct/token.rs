//! The token endpoint (RFC 6749 §3.2).

use hyper::StatusCode;
use placet_sdk::presented::{ATTESTATION, ATTESTATION_POP, Basic, DPOP};
use placet_sdk::types::{TokenFailReason, TokenFailRequest, TokenRequest, TokenResponse};
use placet_sdk::{Client, Error, TokenDecision as Decision, TokenFailDecision as Failed, Transport, respond};
use placet_serving::TimedBody;

use super::{Answer, Asked, failed, undecided};

pub(super) async fn answer(asked: &Asked<'_>, body: TimedBody) -> Answer {
    let Ok(basic) = Basic::read(&asked.head.headers) else { return respond::broken_credentials() };
    let form = match asked.form(body).await {
        Ok(form) => form,
        Err(refusal) => return *refusal,
    };
    let api = asked.client();
    let decided = match api.token(request(asked, basic, form)).await {
        Ok(decision) => decided(&api, decision).await,
        Err(e) => Err(e),
    };
    decided.unwrap_or_else(|e| failed(&e))
}

/// Without `htu`: what this process is called by from outside it does not know, and a proof is held against the
/// `tokenEndpoint` of the service (RFC 9449 §4.3).
fn request(asked: &Asked<'_>, basic: Basic, form: String) -> TokenRequest {
    TokenRequest {
        parameters: Some(form),
        client_id: basic.id,
        client_secret: basic.secret,
        dpop: asked.header(&DPOP),
        htm: Some("POST".to_owned()),
        oauth_client_attestation: asked.header(&ATTESTATION),
        oauth_client_attestation_pop: asked.header(&ATTESTATION_POP),
        ..TokenRequest::default()
    }
}

async fn decided<T: Transport>(api: &Client<T>, decision: Decision) -> Result<Answer, Error> {
    Ok(match decision {
        Decision::Ok(issued) | Decision::IdTokenReissuable(issued) => {
            respond::json(StatusCode::OK, issued.content)
        }
        Decision::InvalidClient(content) => respond::unauthenticated(content),
        Decision::BadRequest(content) => respond::json(StatusCode::BAD_REQUEST, content),
        Decision::InternalServerError(content) => respond::json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Decision::Password(asked) => no_such_user(api, &asked).await?,
        Decision::NativeSso(made) => {
            // The tokens are made, and whether the session lives is not known here: nobody gets them.
            let token = made.jwt_access_token.as_deref().or(made.access_token.as_deref());
            api.token_delete(token.unwrap_or_default()).await?;
            judged_by_nobody()
        }
        Decision::TokenExchange(_) | Decision::JwtBearer(_) => judged_by_nobody(),
        Decision::Unknown(_) => undecided(),
    })
}

/// RFC 6749 §4.3.2: there are no users here.
async fn no_such_user<T: Transport>(api: &Client<T>, asked: &TokenResponse) -> Result<Answer, Error> {
    let reason = Some(TokenFailReason::InvalidResourceOwnerCredentials);
    let call = TokenFailRequest { ticket: asked.ticket.clone(), reason };
    Ok(match api.token_fail(call).await? {
        Failed::BadRequest(content) => respond::json(StatusCode::BAD_REQUEST, content),
        Failed::InternalServerError(content) => respond::json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Failed::Unknown(_) => undecided(),
    })
}

/// RFC 8693, RFC 7523 and Native SSO leave it to an authorization server what an assertion is worth.
fn judged_by_nobody() -> Answer {
    respond::unsupported("unsupported_grant_type", "There is nobody here who could judge such a grant.")
}
