//! Backchannel authentication (OpenID Connect CIBA Core): a client asks, and the user answers on a device of their own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::types::{
    AuthorizationResponse, BackchannelAuthenticationCompleteRequest,
    BackchannelAuthenticationCompleteResponse, BackchannelAuthenticationCompleteResult,
    BackchannelAuthenticationFailReason as Reason, BackchannelAuthenticationFailRequest,
    BackchannelAuthenticationIssueRequest, BackchannelAuthenticationRequest,
    BackchannelAuthenticationResponse, ClientLimitedAuthorization,
};
use placet_sdk::{
    BackchannelAuthenticationCompleteDecision as Completed, BackchannelAuthenticationDecision as Decision,
    BackchannelAuthenticationFailDecision as Failed, BackchannelAuthenticationIssueDecision as Issued,
    Content, Error, Transport,
};

use super::{Server, evidence};
use crate::forward::Forwarded;
use crate::inbox::Waiting;
use crate::respond::{
    broken_credentials, json, typed, unauthenticated, unavailable, unsupported, users_unavailable,
};
use crate::users::{Unavailable, User};
use crate::{AuthServer, form};

/// §7
pub(crate) async fn authenticate<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    let Ok(basic) = request.basic() else { return broken_credentials() };
    let certificates = match evidence::certificates(&server, &request, &basic).await {
        Ok(certificates) => certificates,
        Err(e) => return unavailable(&e),
    };
    let call = BackchannelAuthenticationRequest {
        parameters: Some(request.parameters()),
        client_id: basic.id,
        client_secret: basic.secret,
        client_certificate: certificates.own,
        client_certificate_path: certificates.path,
        oauth_client_attestation: request.attestation(),
        oauth_client_attestation_pop: request.attestation_pop(),
        ..BackchannelAuthenticationRequest::default()
    };
    match server.api.backchannel_authentication(call).await {
        Ok(Decision::UserIdentification(asked)) => {
            identified(&server, asked.body).await.unwrap_or_else(|e| unavailable(&e))
        }
        Ok(Decision::BadRequest(content)) => json(StatusCode::BAD_REQUEST, content),
        Ok(Decision::Unauthorized(content)) => unauthenticated(content),
        Ok(Decision::InternalServerError(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Ok(Decision::Unknown(_)) => unknown(),
        Err(e) => unavailable(&e),
    }
}

fn unknown() -> Response {
    unsupported("server_error", "The service answered in an unknown way.")
}

/// Finds the user, and puts the request into their inbox.
async fn identified<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    asked: BackchannelAuthenticationResponse,
) -> Result<Response, Error> {
    let now = server.settings.ambient.clock.seconds();
    let user = match meant(server, &asked).await {
        Ok(Some(user)) => user,
        Ok(None) => return fail(server, &asked, Reason::UnknownUserId).await,
        Err(e) => return Ok(users_unavailable(&e)),
    };
    // Users here have no codes to keep strangers away with (§7.1), and nobody is asked about too much.
    if asked.user_code_required == Some(true) {
        return fail(server, &asked, Reason::InvalidUserCode).await;
    }
    let Some(room) = server.inbox.room(&user.subject, now).await? else {
        return fail(server, &asked, Reason::AccessDenied).await;
    };
    let call = BackchannelAuthenticationIssueRequest { ticket: asked.ticket.clone() };
    let issued = match server.api.backchannel_authentication_issue(call).await {
        Ok(Issued::Ok(issued)) => issued,
        other => {
            server.inbox.leave(room, now).await?;
            return other.map(|other| match other {
                Issued::InvalidTicket(content) | Issued::InternalServerError(content) => {
                    json(StatusCode::INTERNAL_SERVER_ERROR, content)
                }
                Issued::Ok(_) | Issued::Unknown(_) => unknown(),
            });
        }
    };
    let waiting = Waiting {
        id: room.id.clone(),
        ticket: asked.ticket.clone().unwrap_or_default(),
        binding_message: asked.binding_message.clone(),
        expires_at: now + i64::from(issued.answer.expires_in.unwrap_or_default()),
        asked: Arc::new(as_request(asked, &user.subject)),
        subject: user.subject,
    };
    if server.settings.decisions_for_tests {
        let auth_req_id = issued.answer.auth_req_id.as_deref().unwrap_or_default();
        server.inbox.name(auth_req_id, &waiting, now).await?;
    }
    server.inbox.add(waiting, room, now).await?;
    Ok(json(StatusCode::OK, issued.content))
}

/// §7.1: whom the client means. A `login_hint_token` is of a kind that this server knows nothing about.
async fn meant<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    asked: &BackchannelAuthenticationResponse,
) -> Result<Option<User>, Unavailable> {
    match (asked.hint_type.as_deref(), asked.hint.as_deref(), asked.sub.as_deref()) {
        (Some("LOGIN_HINT"), Some(hint), _) => server.users.hinted(hint).await,
        (Some("ID_TOKEN_HINT"), _, Some(subject)) => server.users.find(subject).await,
        _ => Ok(None),
    }
}

async fn fail<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    asked: &BackchannelAuthenticationResponse,
    reason: Reason,
) -> Result<Response, Error> {
    let call = BackchannelAuthenticationFailRequest {
        ticket: asked.ticket.clone(),
        reason: Some(reason),
        ..BackchannelAuthenticationFailRequest::default()
    };
    Ok(match server.api.backchannel_authentication_fail(call).await? {
        Failed::BadRequest(content) => json(StatusCode::BAD_REQUEST, content),
        Failed::Forbidden(content) => json(StatusCode::FORBIDDEN, content),
        Failed::InternalServerError(content) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Failed::Unknown(_) => unknown(),
    })
}

/// What the client asks for, as an authorization request would say it: for the user that it means, and nobody else.
fn as_request(asked: BackchannelAuthenticationResponse, subject: &str) -> AuthorizationResponse {
    AuthorizationResponse {
        client: Some(ClientLimitedAuthorization {
            client_id: asked.client_id,
            client_id_alias: asked.client_id_alias,
            client_name: asked.client_name,
            metadata_document_location: asked.metadata_document_location,
            ..ClientLimitedAuthorization::default()
        }),
        client_id_alias_used: asked.client_id_alias_used,
        subject: Some(subject.to_owned()),
        scopes: asked.scopes,
        dynamic_scopes: asked.dynamic_scopes,
        claims_at_user_info: asked.claim_names,
        acrs: asked.acrs,
        resources: asked.resources,
        authorization_details: asked.authorization_details,
        ..AuthorizationResponse::default()
    }
}

/// What the user has said, or somebody for them.
#[derive(Default)]
pub(super) struct Said {
    pub(super) auth_time: i64,
    pub(super) acr: Option<String>,
    /// Of the ID token, as JSON.
    pub(super) claims: Option<String>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) consented: Option<Vec<String>>,
}

/// §10: tells the API, and the client where it wants to be told. What comes back is a refusal.
pub(super) async fn complete<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    waiting: &Waiting,
    said: Result<Said, BackchannelAuthenticationCompleteResult>,
) -> Result<Option<Content>, Error> {
    let (result, said) = match said {
        Ok(said) => (BackchannelAuthenticationCompleteResult::Authorized, said),
        Err(result) => (result, Said::default()),
    };
    let call = BackchannelAuthenticationCompleteRequest {
        ticket: Some(waiting.ticket.clone()),
        result: Some(result),
        subject: Some(waiting.subject.clone()),
        auth_time: Some(said.auth_time),
        acr: said.acr,
        claims: said.claims,
        scopes: said.scopes,
        consented_claims: said.consented,
        ..BackchannelAuthenticationCompleteRequest::default()
    };
    let refused = match server.api.backchannel_authentication_complete(call).await? {
        Completed::NoAction(_) => None,
        Completed::Notification(issued) => {
            notify(server, &issued.answer, issued.content.text);
            None
        }
        Completed::ServerError(content) => Some(content),
        Completed::Unknown(_) => Some(Content::default()),
    };
    if let Err(e) = server.inbox.remove(&waiting.id, &waiting.subject, server.now()).await {
        tracing::warn!(source = %e.0, "a request that was answered stays in its inbox until it ends");
    }
    Ok(refused)
}

/// §10.2, §10.3: nobody waits for the client to take it.
fn notify<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    answer: &BackchannelAuthenticationCompleteResponse,
    content: String,
) {
    let client = answer.client_id;
    let (Some(url), Some(token)) =
        (answer.client_notification_endpoint.clone(), answer.client_notification_token.clone())
    else {
        tracing::warn!(client, "a client is to be told, and has not said where");
        return;
    };
    let outgoing = server.outgoing.clone();
    tokio::spawn(async move {
        match outgoing.post_json(&url, Some(&token), content).await {
            Ok(200 | 204) => tracing::debug!(client, "told a client of its request"),
            Ok(status) => tracing::warn!(client, status, "a client did not take its notification"),
            Err(e) => tracing::warn!(client, source = %e, "a client did not take its notification"),
        }
    });
}

/// Answers for the user, where that is allowed: a conformance suite has none.
pub(crate) async fn decide<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let said = |status, text: &str| typed(status, "text/plain", text.to_owned());
    let now = server.settings.ambient.clock.seconds();
    let id = form::value(request.query(), "auth_req_id").unwrap_or_default();
    let waiting = match server.settings.decisions_for_tests {
        true => server.inbox.named(&id, now).await,
        false => Ok(None),
    };
    let waiting = match waiting {
        Ok(waiting) => waiting,
        Err(e) => return unavailable(&e.into()),
    };
    let Some(waiting) = waiting else {
        return said(StatusCode::NOT_FOUND, "There is nothing to decide here.");
    };
    let decision = match form::value(request.query(), "action").as_deref() {
        Some("allow") => {
            let acrs = waiting.asked.acrs.as_deref().unwrap_or_default();
            let acr = acrs.first().cloned().unwrap_or_else(|| server.settings.acrs[0].clone());
            Ok(Said { auth_time: now, acr: Some(acr), ..Said::default() })
        }
        Some("deny") => Err(BackchannelAuthenticationCompleteResult::AccessDenied),
        _ => return said(StatusCode::BAD_REQUEST, "The action is to allow or to deny."),
    };
    match complete(&server, &waiting, decision).await {
        Ok(None) => said(StatusCode::OK, "Done."),
        Ok(Some(content)) => json(StatusCode::INTERNAL_SERVER_ERROR, content),
        Err(e) => unavailable(&e),
    }
}
