//! The credential endpoint, that for credentials that come later, and the draft's for several at once (OpenID for Verifiable
//! Credential Issuance 1.0 §8, §9; draft 13 §8). The API judges the request; what the credential says is said here.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use placet_sdk::presented::Token;
use placet_sdk::types::{
    CredentialIssuanceOrder, CredentialRequestInfo, IntrospectionRequest, VciBatchIssueRequest,
    VciBatchParseRequest, VciDeferredIssueRequest, VciDeferredParseRequest, VciSingleIssueRequest,
    VciSingleParseRequest,
};
use placet_sdk::{
    Content, Error, IntrospectionDecision as Introspected, Transport, VciBatchIssueDecision as BatchIssued,
    VciBatchParseDecision as BatchParsed, VciDeferredIssueDecision as DeferredIssued,
    VciDeferredParseDecision as DeferredParsed, VciSingleIssueDecision as Issued,
    VciSingleParseDecision as Parsed,
};

use super::super::Server;
use super::super::grants::is_bound;
use super::unknown;
use crate::AuthServer;
use crate::budgets::LONGEST_INTERVAL;
use crate::credentials::Issuable;
use crate::forward::Forwarded;
use crate::respond::{
    challenge, json, no_token, typed, unavailable, unbound, unsupported, users_unavailable,
};
use crate::state::StateUnavailable;
use crate::users::{Unavailable, User};

/// §8
pub(crate) async fn credential<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    match opened(&server, &request, "/credential").await {
        Ok(opened) => {
            let made = single(&server, &request, &opened).await;
            opened.answered(made.unwrap_or_else(|e| unavailable(&e)))
        }
        Err(response) => *response,
    }
}

/// §9
pub(crate) async fn deferred<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    match opened(&server, &request, "/deferred_credential").await {
        Ok(opened) => {
            let made = come_for(&server, &request, &opened).await;
            opened.answered(made.unwrap_or_else(|e| unavailable(&e)))
        }
        Err(response) => *response,
    }
}

/// Draft 13 §8
pub(crate) async fn batch<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    match opened(&server, &request, "/batch_credential").await {
        Ok(opened) => {
            let made = several(&server, &request, &opened).await;
            opened.answered(made.unwrap_or_else(|e| unavailable(&e)))
        }
        Err(response) => *response,
    }
}

/// What an access token has opened.
pub(super) struct Opened {
    pub(super) token: String,
    issuable: Issuable,
    /// `None` where the token is nobody's, or of somebody who is not there any more.
    user: Option<User>,
    dpop_nonce: Option<HeaderValue>,
}

impl Opened {
    /// RFC 9449 §8.2
    pub(super) fn answered(&self, mut response: Response) -> Response {
        if let Some(nonce) = &self.dpop_nonce {
            response.headers_mut().insert("dpop-nonce", nonce.clone());
        }
        response
    }
}

/// The token, which the API judges with its proof of possession; in the header alone, for the body is no form.
pub(super) async fn opened<T: Transport + 'static>(
    server: &AuthServer<T>,
    request: &Forwarded,
    path: &str,
) -> Result<Opened, Box<Response>> {
    let token = Token::read(&request.headers, request.query(), "").map_err(|why| Box::new(no_token(&why)))?;
    if token.dpop && !is_bound(server, &token.value).await {
        return Err(Box::new(unbound()));
    }
    let call = IntrospectionRequest {
        token: Some(token.value.clone()),
        client_certificate: request.certificates(server.settings.proxy.as_ref()).own,
        // RFC 9449 §7.2: a proof does not open a bound token that comes as a bearer token.
        dpop: request.dpop().filter(|_| token.dpop),
        htm: Some(request.method.as_str().to_owned()),
        htu: Some(request.called(&server.settings, path)),
        ..IntrospectionRequest::default()
    };
    let known = match server.api.introspection(call).await {
        Ok(Introspected::Ok(known)) => known,
        Ok(refused) => return Err(Box::new(closed(refused))),
        Err(e) => return Err(Box::new(unavailable(&e))),
    };
    let user = match known.answer.subject.as_deref() {
        Some(subject) => server.users.find(subject).await,
        None => Ok(None),
    };
    let dpop_nonce = known.content.dpop_nonce.clone().and_then(|nonce| HeaderValue::try_from(nonce).ok());
    Ok(Opened {
        token: token.value,
        issuable: Issuable::parse(known.answer.issuable_credentials.as_deref()),
        user: user.map_err(|e: Unavailable| Box::new(users_unavailable(&e)))?,
        dpop_nonce,
    })
}

fn closed(refused: Introspected) -> Response {
    match refused {
        Introspected::BadRequest(content) => challenge(StatusCode::BAD_REQUEST, content),
        Introspected::Unauthorized(content) => challenge(StatusCode::UNAUTHORIZED, content),
        Introspected::Forbidden(content) => challenge(StatusCode::FORBIDDEN, content),
        Introspected::InternalServerError(content) => challenge(StatusCode::INTERNAL_SERVER_ERROR, content),
        Introspected::Ok(_) | Introspected::Unknown(_) => unknown(),
    }
}

/// What becomes of a request that is in order.
enum Says {
    Payload(String),
    /// It comes later; the seconds until then.
    Later(i64),
    /// Nothing is known of the user that the credential could say.
    Nothing,
}

async fn says<T: Transport + 'static>(
    server: &AuthServer<T>,
    opened: &Opened,
    asked: &CredentialRequestInfo,
) -> Result<Says, StateUnavailable> {
    let configuration = opened.issuable.find(asked);
    let user = opened.user.as_ref();
    let payload = configuration.zip(user).and_then(|(configuration, user)| configuration.payload(user));
    let Some(payload) = payload else { return Ok(Says::Nothing) };
    let name = asked.credential_configuration_id.as_deref().unwrap_or_default();
    let request = asked.identifier.as_deref().unwrap_or_default();
    let wait = match server.settings.credentials.deferred.get(name) {
        Some(seconds) => server.later.wait(request, *seconds, server.now()).await?,
        None => None,
    };
    Ok(wait.map_or_else(|| Says::Payload(payload.to_string()), Says::Later))
}

fn order(asked: CredentialRequestInfo, says: &Says) -> CredentialIssuanceOrder {
    CredentialIssuanceOrder {
        request_identifier: asked.identifier,
        credential_payload: match says {
            Says::Payload(payload) => Some(payload.clone()),
            Says::Later(_) | Says::Nothing => None,
        },
        issuance_deferred: Some(matches!(says, Says::Later(_))),
        ..CredentialIssuanceOrder::default()
    }
}

/// When the wallet is to come again (§8.3), if it is. What takes longer than the API lets it wait is asked for in between.
fn interval(says: &Says) -> Option<i64> {
    match says {
        Says::Later(seconds) => Some((*seconds).min(LONGEST_INTERVAL)),
        Says::Payload(_) | Says::Nothing => None,
    }
}

/// The request as it came: JSON, or a JWE (§10).
pub(super) fn content(request: &Forwarded) -> Option<String> {
    Some(String::from_utf8_lossy(&request.body).into_owned())
}

async fn single<T: Transport + 'static>(
    server: &AuthServer<T>,
    request: &Forwarded,
    opened: &Opened,
) -> Result<Response, Error> {
    let access_token = Some(opened.token.clone());
    let call =
        VciSingleParseRequest { access_token: access_token.clone(), request_content: content(request) };
    let asked = match server.api.vci_single_parse(call).await? {
        Parsed::Ok(asked) => asked.body.info.unwrap_or_default(),
        Parsed::BadRequest(content) => return Ok(json(StatusCode::BAD_REQUEST, content)),
        Parsed::Unauthorized(content) => return Ok(challenge(StatusCode::UNAUTHORIZED, content)),
        Parsed::Forbidden(content) => return Ok(forbidden(content)),
        Parsed::InternalServerError(content) => return Ok(broken(content)),
        Parsed::Unknown(_) => return Ok(unknown()),
    };
    let says = says(server, opened, &asked).await?;
    let call = VciSingleIssueRequest {
        access_token,
        denied: Some(matches!(says, Says::Nothing)),
        interval: interval(&says),
        order: Some(Box::new(order(asked, &says))),
    };
    Ok(match server.api.vci_single_issue(call).await? {
        Issued::Ok(content) => json(StatusCode::OK, content),
        Issued::OkJwt(content) => encrypted(StatusCode::OK, content),
        Issued::Accepted(issued) => json(StatusCode::ACCEPTED, issued.content),
        Issued::AcceptedJwt(issued) => encrypted(StatusCode::ACCEPTED, issued.content),
        Issued::BadRequest(content) => json(StatusCode::BAD_REQUEST, content),
        Issued::Unauthorized(content) => challenge(StatusCode::UNAUTHORIZED, content),
        Issued::Forbidden(content) => json(StatusCode::FORBIDDEN, content),
        Issued::InternalServerError(content) | Issued::CallerError(content) => broken(content),
        Issued::Unknown(_) => unknown(),
    })
}

async fn come_for<T: Transport + 'static>(
    server: &AuthServer<T>,
    request: &Forwarded,
    opened: &Opened,
) -> Result<Response, Error> {
    let call = VciDeferredParseRequest {
        access_token: Some(opened.token.clone()),
        request_content: content(request),
    };
    let asked = match server.api.vci_deferred_parse(call).await? {
        DeferredParsed::Ok(asked) => asked.body.info.unwrap_or_default(),
        DeferredParsed::BadRequest(content) => return Ok(json(StatusCode::BAD_REQUEST, content)),
        DeferredParsed::Unauthorized(content) => return Ok(challenge(StatusCode::UNAUTHORIZED, content)),
        DeferredParsed::Forbidden(content) => return Ok(forbidden(content)),
        DeferredParsed::InternalServerError(content) => return Ok(broken(content)),
        DeferredParsed::Unknown(_) => return Ok(unknown()),
    };
    let says = says(server, opened, &asked).await?;
    let request = asked.identifier.clone().unwrap_or_default();
    let call = VciDeferredIssueRequest {
        denied: Some(matches!(says, Says::Nothing)),
        interval: interval(&says),
        order: Some(Box::new(order(asked, &says))),
    };
    let issued = server.api.vci_deferred_issue(call).await?;
    if matches!(issued, DeferredIssued::Ok(_) | DeferredIssued::OkJwt(_)) {
        // It is remembered in vain otherwise, and ends by itself.
        if let Err(e) = server.later.forget(&request, server.now()).await {
            tracing::warn!(source = %e.0, "a credential that has come is remembered");
        }
    }
    Ok(match issued {
        DeferredIssued::Ok(content) => json(StatusCode::OK, content),
        DeferredIssued::OkJwt(content) => encrypted(StatusCode::OK, content),
        DeferredIssued::Accepted(content) => json(StatusCode::ACCEPTED, content),
        DeferredIssued::AcceptedJwt(content) => encrypted(StatusCode::ACCEPTED, content),
        DeferredIssued::BadRequest(content) => json(StatusCode::BAD_REQUEST, content),
        DeferredIssued::Forbidden(content) => json(StatusCode::FORBIDDEN, content),
        DeferredIssued::InternalServerError(content) | DeferredIssued::CallerError(content) => {
            broken(content)
        }
        DeferredIssued::Unknown(_) => unknown(),
    })
}

async fn several<T: Transport + 'static>(
    server: &AuthServer<T>,
    request: &Forwarded,
    opened: &Opened,
) -> Result<Response, Error> {
    let access_token = Some(opened.token.clone());
    let call = VciBatchParseRequest { access_token: access_token.clone(), request_content: content(request) };
    let asked = match server.api.vci_batch_parse(call).await? {
        BatchParsed::Ok(asked) => asked.body.info.unwrap_or_default(),
        BatchParsed::BadRequest(content) => return Ok(json(StatusCode::BAD_REQUEST, content)),
        BatchParsed::Unauthorized(content) => return Ok(challenge(StatusCode::UNAUTHORIZED, content)),
        BatchParsed::Forbidden(content) => return Ok(forbidden(content)),
        BatchParsed::InternalServerError(content) => return Ok(broken(content)),
        BatchParsed::Unknown(_) => return Ok(unknown()),
    };
    let mut orders = Vec::new();
    for asked in asked {
        let says = says(server, opened, &asked).await?;
        // An order of several cannot be denied by itself.
        if matches!(says, Says::Nothing) {
            let why = "There is nothing of this user that one of the credentials could say.";
            return Ok(unsupported("credential_request_denied", why));
        }
        orders.push(order(asked, &says));
    }
    let call = VciBatchIssueRequest { access_token, orders: Some(orders) };
    Ok(match server.api.vci_batch_issue(call).await? {
        BatchIssued::Ok(content) => json(StatusCode::OK, content),
        BatchIssued::OkJwt(content) => encrypted(StatusCode::OK, content),
        BatchIssued::Unauthorized(content) => challenge(StatusCode::UNAUTHORIZED, content),
        BatchIssued::Forbidden(content) => json(StatusCode::FORBIDDEN, content),
        BatchIssued::InternalServerError(content) | BatchIssued::CallerError(content) => broken(content),
        BatchIssued::Unknown(_) => unknown(),
    })
}

fn encrypted(status: StatusCode, content: Content) -> Response {
    typed(status, "application/jwt", content.text)
}

/// A challenge; but where the service has no such endpoint, an error.
fn forbidden(content: Content) -> Response {
    match content.text.starts_with('{') {
        true => json(StatusCode::FORBIDDEN, content),
        false => challenge(StatusCode::FORBIDDEN, content),
    }
}

fn broken(content: Content) -> Response {
    let why = content.result_message.as_deref().unwrap_or_default();
    tracing::error!(why, "a credential cannot be made");
    json(StatusCode::INTERNAL_SERVER_ERROR, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wallet_comes_again_within_a_day() {
        assert_eq!(interval(&Says::Later(30)), Some(30));
        assert_eq!(interval(&Says::Later(10 * 24 * 60 * 60)), Some(LONGEST_INTERVAL));
        assert_eq!(interval(&Says::Nothing), None);
    }
}
