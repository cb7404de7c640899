//! What people see of their own account: the apps that they have let in.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use placet_sdk::types::{
    ClientAuthorizationGetListRequest, ClientGrantsDeleteRequest, ClientLimited, ManagedGrant, SubjectRequest,
};
use placet_sdk::{ClientPath, Error, Transport};

use super::genuine::genuine;
use super::{Server, authorization, consent};
use crate::forward::Forwarded;
use crate::interaction::{Interaction, Purpose};
use crate::respond::see_other;
use crate::session::Login;
use crate::visit::Visit;
use crate::{AuthServer, Look, form, link};

/// As many apps as a page shows.
const MOST: i32 = 100;

pub(crate) async fn apps<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let Some((session, login)) = visit.signed_in() else {
        return authorization::show(
            &server,
            &visit,
            Interaction::new(Purpose::Account("/apps".to_owned()), visit.now),
        )
        .await;
    };
    let apps = match listed(&server, &visit, &login).await {
        Ok(apps) => apps,
        Err(e) => return server.away(&visit, &e, &visit.here),
    };
    let csrf = session.with(|session| session.csrf.clone());
    let told = match form::value(request.query(), "revoked") {
        Some(id) => {
            let revoked = session.change_lightly(|session| session.revoked.take()).await;
            revoked.filter(|(known, _)| *known == id).map(|(_, name)| name)
        }
        None => None,
    };
    let (nothing, revoked) = (matches!(told, Some(None)), told.flatten());
    let here = server.path("/apps");
    let look = Look { here: Some(&here), ..Look::new(StatusCode::OK) };
    let page = context! { apps, csrf, revoked, nothing, user => &login.user.name };
    server.page(&visit, "apps.html", look, page)
}

pub(crate) async fn revoke<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let here = server.path("/apps");
    let Some((session, login)) = visit.signed_in() else {
        return see_other(&here);
    };
    if let Err(page) = genuine(&server, &visit, session, &here) {
        return *page;
    }
    let id = visit.field("client").filter(|id| id.parse::<u64>().is_ok());
    let Some(id) = id else { return see_other(&here) };
    if let Some(grant) = visit.field("grant") {
        return match ended(&server, &id, grant, &login).await {
            Ok(()) => see_other(&format!("{here}#app-{id}")),
            Err(e) => server.away(&visit, &e, &here),
        };
    }
    match taken_back(&server, &visit, &id, &login).await {
        Ok(name) => {
            session.change_lightly(|session| session.told_of(&id, name.clone())).await;
            see_other(&format!("{here}?revoked={id}"))
        }
        Err(e) => server.away(&visit, &e, &here),
    }
}

/// Ends one grant of an app; what else the app may do stays. One that is gone already is as well.
async fn ended<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    id: &str,
    grant: String,
    login: &Login,
) -> Result<(), Error> {
    let request =
        ClientGrantsDeleteRequest { subject: Some(login.user.subject.clone()), grant_id: Some(grant) };
    match server.api.client_grants_delete(id, request).await {
        Ok(_) | Err(Error::Refused { status: 404, .. }) => Ok(()),
        Err(e) => Err(e),
    }
}

/// Ends the tokens, and forgets what was granted, so that the person is asked again; the app's name. `None` for one that has no
/// access: the API takes any client, and nobody learns here which ones there are.
async fn taken_back<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    id: &str,
    login: &Login,
) -> Result<Option<String>, Error> {
    let clients = let_in(server, login).await?;
    let client = clients.iter().find(|client| client.client_id.is_some_and(|known| known.to_string() == id));
    let Some(client) = client else { return Ok(None) };
    let name = Some(name(client, server.pages.locales.choose(visit.wishes(&[]))));
    let subject = || SubjectRequest { subject: Some(login.user.subject.clone()) };
    server.api.client_authorization_delete_post(id, subject()).await?;
    match server.api.client_granted_scopes_delete_post(id, subject()).await {
        Ok(_) | Err(Error::Refused { status: 404, .. }) => Ok(name),
        Err(e) => Err(e),
    }
}

/// The apps that somebody has let in: those that hold tokens, and those that could have some without a question.
async fn let_in<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    login: &Login,
) -> Result<Vec<ClientLimited>, Error> {
    let request = ClientAuthorizationGetListRequest {
        subject: Some(login.user.subject.clone()),
        start: Some(0),
        end: Some(MOST),
        ..ClientAuthorizationGetListRequest::default()
    };
    let holding = server.api.client_authorization_get_list_post(request.clone()).await?;
    let mut clients = holding.body.clients.unwrap_or_default();
    let granted = match server.api.client_grants_get_list(request).await {
        Ok(found) => found.body.clients.unwrap_or_default(),
        Err(Error::Refused { status: 401..=404, .. }) => Vec::new(),
        Err(e) => return Err(e),
    };
    for client in granted {
        if !clients.iter().any(|known| known.client_id == client.client_id) {
            clients.push(client);
        }
    }
    Ok(clients)
}

async fn listed<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    login: &Login,
) -> Result<Vec<minijinja::Value>, Error> {
    let subject = Some(login.user.subject.clone());
    let clients = let_in(server, login).await?;
    let language = server.pages.locales.choose(visit.wishes(&[]));
    let mut apps = Vec::new();
    for client in clients {
        let id = client.client_id.unwrap_or_default().to_string();
        let granted = server.api.client_granted_scopes_get_post(
            ClientPath(id.clone()),
            SubjectRequest { subject: subject.clone() },
        );
        let granted = match granted.await {
            Ok(granted) => granted.body.merged_granted_scopes.unwrap_or_default(),
            Err(Error::Refused { status: 401..=404, .. }) => Vec::new(),
            Err(e) => return Err(e),
        };
        let login = begun_at(server, &id).await?;
        let words = consent::Words { locales: &server.pages.locales, language };
        let grants = grants(server, &id, &subject, &words).await?;
        let scopes: Vec<_> = granted.iter().map(|scope| words.scope(scope, None)).collect();
        apps.push(context! { id, name => name(&client, language), scopes, login, grants });
    }
    Ok(apps)
}

/// The grants that the app manages, each with what it holds.
async fn grants<T: Transport + 'static>(
    server: &AuthServer<T>,
    id: &str,
    subject: &Option<String>,
    words: &consent::Words<'_>,
) -> Result<Vec<minijinja::Value>, Error> {
    let request = SubjectRequest { subject: subject.clone() };
    let found = match server.api.client_grants_get(ClientPath(id.to_owned()), request).await {
        Ok(found) => found.body.grants.unwrap_or_default(),
        Err(Error::Refused { status: 401..=404, .. }) => Vec::new(),
        Err(e) => return Err(e),
    };
    let shown = |managed: ManagedGrant| {
        let grant = managed.grant.unwrap_or_default();
        let entries = grant.scopes.iter().flatten().flat_map(|entry| {
            let resources = entry.resource.as_ref().map(|all| all.join(", "));
            let scopes =
                entry.scope.as_deref().unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
            scopes.map(move |scope| (scope.to_owned(), resources.clone()))
        });
        let scopes: Vec<_> =
            entries.map(|(scope, at)| context! { text => words.scope(&scope, None), at }).collect();
        let details = grant.authorization_details.and_then(|details| details.elements).unwrap_or_default();
        let details: Vec<_> = details.into_iter().map(|detail| detail.r#type).collect();
        context! { id => managed.grant_id, scopes, details }
    };
    Ok(found.into_iter().map(shown).collect())
}

/// Where a login can be begun at this client; nowhere at one that is not to be seen, or gone since it was listed.
async fn begun_at<T: Transport + 'static>(server: &AuthServer<T>, id: &str) -> Result<Option<String>, Error> {
    match server.api.client_get(ClientPath(id.to_owned())).await {
        Ok(client) => {
            Ok(client.body.login_uri.and_then(|uri| link::login(&uri, server.settings.issuer.url())))
        }
        Err(Error::Refused { status: 401..=404, .. }) => Ok(None),
        Err(e) => Err(e),
    }
}

fn name(client: &ClientLimited, language: &str) -> String {
    let named = consent::tagged(client.client_names.as_deref(), language).or(client.client_name.as_deref());
    named.map_or_else(|| client.client_id.unwrap_or_default().to_string(), str::to_owned)
}
