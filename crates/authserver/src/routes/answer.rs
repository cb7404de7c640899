//! The end of an authorization request: granted or refused.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use placet_sdk::types::{
    AuthorizationFailReason, AuthorizationFailRequest, AuthorizationIssueRequest, AuthorizationResponse,
    AuthzDetails, GrantScope, SubjectRequest,
};
use placet_sdk::{
    AuthorizationFailDecision as Failed, AuthorizationIssueDecision as Issued, Content, Error, Transport,
};
use serde_json::Value;

use super::session_state::{self, Watched};
use super::{device, inbox};
use crate::AuthServer;
use crate::interaction::{Interaction, reached};
use crate::respond::{see_other, self_posting};
use crate::session::{Handle, Login, Reply};
use crate::verified;
use crate::visit::Visit;

/// What the API has made of it.
pub(super) enum Made {
    Reply(Reply),
    Refused(StatusCode, Content),
    Unknown(Option<String>),
}

impl Made {
    pub(super) fn respond<T: Transport + 'static>(self, server: &AuthServer<T>, visit: &Visit) -> Response {
        match self {
            Self::Reply(reply) => respond(reply),
            Self::Refused(status, content) => server.refused(visit, status, &content),
            Self::Unknown(action) => server.unknown(visit, action.as_deref()),
        }
    }
}

pub(super) fn respond(reply: Reply) -> Response {
    match reply {
        Reply::Location(uri) => see_other(&uri),
        Reply::Form(text) => self_posting(Content { text, ..Content::default() }),
    }
}

/// What the person has agreed to, where that is less than what was asked for.
pub(super) struct Chosen {
    pub(super) scopes: Vec<String>,
    /// `None` where no claim was asked for by name.
    pub(super) claims: Option<Vec<String>>,
    /// `None` where all authorization details are granted, or none were asked for.
    pub(super) details: Option<AuthzDetails>,
}

/// The client's identifier, as the API knows it.
pub(super) fn client_id(asked: &AuthorizationResponse) -> String {
    let id = asked.client.as_ref().and_then(|client| client.client_id);
    id.map_or_else(String::new, |id| id.to_string())
}

/// The scopes that the user has granted before: to the client, or, where the request is about a grant of its own (OAuth 2.0
/// Grant Management §5), to that grant. A new one begins with nothing.
pub(super) async fn granted<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    interaction: &Interaction,
    subject: &str,
) -> Result<Vec<String>, Error> {
    let Some(asked) = interaction.request() else { return Ok(Vec::new()) };
    if asked.gm_action.is_some() {
        return Ok(of_grant(asked, subject));
    }
    let request = SubjectRequest { subject: Some(subject.to_owned()) };
    match server.api.client_granted_scopes_get_post(client_id(asked), request).await {
        Ok(found) => Ok(found.body.merged_granted_scopes.unwrap_or_default()),
        // Nothing on record, or no right to look: the person is asked.
        Err(Error::Refused { status: 401..=404, .. }) => Ok(Vec::new()),
        Err(e) => Err(e),
    }
}

/// What the grant that the request names holds of this user, for the resources that the request is for.
fn of_grant(asked: &AuthorizationResponse, subject: &str) -> Vec<String> {
    let grant = asked.grant.as_ref().filter(|_| asked.grant_subject.as_deref() == Some(subject));
    let wanted = asked.resources.as_deref().unwrap_or_default();
    let reaches = |entry: &&GrantScope| {
        let resources = entry.resource.as_deref().unwrap_or_default();
        wanted.iter().all(|resource| resources.contains(resource))
            && wanted.is_empty() == resources.is_empty()
    };
    let entries = grant.iter().flat_map(|grant| grant.scopes.iter().flatten()).filter(reaches);
    let scopes = entries.flat_map(|entry| entry.scope.as_deref().unwrap_or_default().split(' '));
    scopes.filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// Grants the request.
pub(super) async fn issue<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    session: &Handle,
    interaction: &Interaction,
    login: &Login,
    chosen: Option<Chosen>,
) -> Result<Made, Error> {
    let Some(asked) = interaction.request() else { return Ok(Made::Unknown(None)) };
    if let Some(code) = interaction.user_code() {
        return device::grant(server, (asked, code), login, chosen).await;
    }
    if let Some(id) = interaction.inbox_id() {
        return inbox::grant(server, id, login, chosen).await;
    }
    let (scopes, consented, details) = match chosen {
        None => (None, None, None),
        Some(chosen) => (Some(chosen.scopes), chosen.claims, chosen.details),
    };
    let names = asked.claims.clone().unwrap_or_default();
    let agreed = |name: &String| consented.as_ref().is_none_or(|consented| consented.contains(name));
    let names: Vec<_> = names.into_iter().filter(agreed).collect();
    let mut claims = login.user.chosen(&names, asked.claims_locales.as_deref().unwrap_or_default());
    claims.insert("amr".to_owned(), login.means.amr().into());
    let of_user = verified::of_user(&login.user, asked.id_token_claims.as_deref(), consented.as_deref());
    claims.extend(of_user.map(|value| (verified::VERIFIED_CLAIMS.to_owned(), value)));
    let acr = reached(asked, login, &server.settings);
    let shared = asked.native_sso_requested == Some(true);
    if shared {
        // Without it there is no secret for the device, and its tokens would be taken back.
        server.shared.begin(login, server.now()).await?;
    }
    let request = AuthorizationIssueRequest {
        ticket: asked.ticket.clone(),
        subject: Some(login.user.subject.clone()),
        auth_time: Some(login.auth_time),
        acr: acr.map(str::to_owned),
        claims: Some(Value::Object(claims).to_string()),
        scopes,
        consented_claims: consented,
        authorization_details: details,
        session_id: (shared || interaction.hears_of_logouts).then(|| login.sid.clone()),
        ..AuthorizationIssueRequest::default()
    };
    let made = match server.api.authorization_issue(request).await? {
        Issued::Location(issued) => Made::Reply(Reply::Location(issued.content.text)),
        Issued::Form(issued) => Made::Reply(Reply::Form(issued.content.text)),
        Issued::BadRequest(content) => Made::Refused(StatusCode::BAD_REQUEST, content),
        Issued::InternalServerError(content) => Made::Refused(StatusCode::INTERNAL_SERVER_ERROR, content),
        Issued::Unknown(answer) => Made::Unknown(answer.unknown_action().map(str::to_owned)),
    };
    Ok(match made {
        Made::Reply(reply) => {
            let salt = server.settings.ambient.entropy.identifier();
            let state = session.with(|session| session.browser_state.clone());
            Made::Reply(session_state::told(reply, asked, Watched { browser_state: &state, salt: &salt }))
        }
        other => other,
    })
}

/// The client's identifier as it calls itself.
pub(super) fn own_client_id(asked: &AuthorizationResponse) -> String {
    let alias = asked.client.as_ref().and_then(|client| client.client_id_alias.clone());
    alias.filter(|_| asked.client_id_alias_used == Some(true)).unwrap_or_else(|| client_id(asked))
}

/// Refuses the request.
pub(super) async fn fail<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    interaction: &Interaction,
    reason: AuthorizationFailReason,
) -> Result<Made, Error> {
    let Some(asked) = interaction.request() else { return Ok(Made::Unknown(None)) };
    if let Some(code) = interaction.user_code() {
        return device::refuse(server, code, reason).await;
    }
    if let Some(id) = interaction.inbox_id() {
        return inbox::refuse(server, id, reason).await;
    }
    let request = AuthorizationFailRequest {
        ticket: asked.ticket.clone(),
        reason: Some(reason),
        ..AuthorizationFailRequest::default()
    };
    Ok(match server.api.authorization_fail(request).await? {
        Failed::Location(content) => Made::Reply(Reply::Location(content.text)),
        Failed::Form(content) => Made::Reply(Reply::Form(content.text)),
        Failed::BadRequest(content) => Made::Refused(StatusCode::BAD_REQUEST, content),
        Failed::InternalServerError(content) => Made::Refused(StatusCode::INTERNAL_SERVER_ERROR, content),
        Failed::Unknown(answer) => Made::Unknown(answer.unknown_action().map(str::to_owned)),
    })
}

#[cfg(test)]
mod tests {
    use placet_sdk::types::Grant;

    use super::*;

    #[test]
    fn what_was_granted_counts_for_the_grant_and_its_resources() {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let entry = |scope: &str, resources: &[&str]| GrantScope {
            scope: Some(scope.to_owned()),
            resource: Some(owned(resources)).filter(|list| !list.is_empty()),
        };
        let scopes = vec![entry("openid read", &[]), entry("write", &["https://api.example/"])];
        let asked = |resources: &[&str]| AuthorizationResponse {
            grant: Some(Grant { scopes: Some(scopes.clone()), ..Grant::default() }),
            grant_subject: Some("john".to_owned()),
            resources: Some(owned(resources)),
            ..AuthorizationResponse::default()
        };
        assert_eq!(of_grant(&asked(&[]), "john"), ["openid", "read"]);
        assert_eq!(of_grant(&asked(&["https://api.example/"]), "john"), ["write"]);
        assert!(of_grant(&asked(&["https://b.example/"]), "john").is_empty());
        assert!(of_grant(&asked(&[]), "mary").is_empty());
        assert!(of_grant(&AuthorizationResponse::default(), "john").is_empty());
    }
}
