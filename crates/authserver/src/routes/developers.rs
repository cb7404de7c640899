//! Pages for developers of clients: who signs in there sees and changes what is theirs, which the API is asked about each time.

mod clients;
mod sign_in;
mod wish;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use minijinja::{Value, context};
use placet_sdk::types::{Client, ClientGetListResponse, ListQuery};
use placet_sdk::{Error, Transport};

use super::Server;
use super::genuine::genuine;
use crate::forward::Forwarded;
use crate::session::Handle;
use crate::users::{Developer, Developers};
use crate::visit::Visit;
use crate::{AuthServer, Look, Problem};

/// As many clients as the list shows.
const SHOWN: usize = 100;

/// The pages, where the operator has switched them on.
pub(super) fn pages<T: Transport + 'static>(base: &str) -> Router<Arc<AuthServer<T>>> {
    let at = |path: &str| format!("{base}/developers{path}");
    Router::new()
        .route(&at(""), get(list))
        .route(&at("/sign-in"), post(sign_in::password).get(list))
        .route(&at("/sign-out"), post(sign_in::out).get(list))
        .route(&at("/with/{network}"), get(sign_in::begin))
        .route(&at("/sns/{network}"), get(sign_in::back))
        .route(&at("/new"), get(clients::new).post(clients::create))
        .route(&at("/clients/{id}"), get(clients::page).post(clients::change))
        .route(&at("/clients/{id}/secret"), post(clients::renew).get(clients::page))
        .route(&at("/clients/{id}/delete"), get(clients::ask).post(clients::delete))
}

impl<T: Transport + 'static> AuthServer<T> {
    fn developers(&self) -> Developers<'_, T> {
        Developers { api: &self.api, outgoing: &self.outgoing }
    }
}

/// A developer who is signed in, in which session.
struct Here<'a> {
    session: &'a Handle,
    developer: Developer,
}

/// Who is signed in here; else the page that asks.
async fn here<'a, T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &'a Visit,
) -> Result<Here<'a>, Box<Response>> {
    let longest = server.settings.session_longest;
    let known = visit.session.as_ref().and_then(|session| {
        Some(Here { session, developer: session.with(|session| session.developer(visit.now, longest))? })
    });
    match known {
        Some(here) => Ok(here),
        None => Err(Box::new(sign_in::page(server, visit, StatusCode::OK, context! {}).await)),
    }
}

/// The same, of a form of ours.
async fn sent<'a, T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &'a Visit,
) -> Result<Here<'a>, Box<Response>> {
    let here = here(server, visit).await?;
    genuine(server, visit, here.session, &server.path("/developers"))?;
    Ok(here)
}

async fn list<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let here = match here(&server, &visit).await {
        Ok(here) => here,
        Err(page) => return *page,
    };
    let found = match own(&server, &here.developer).await {
        Ok(found) => found,
        Err(e) => return server.away(&visit, &e, &server.path("/developers")),
    };
    let total = found.total_count.unwrap_or_default();
    let clients = found.clients.unwrap_or_default();
    let clients: Vec<_> = clients.iter().filter(|client| is_of(client, &here.developer)).map(shown).collect();
    let more = usize::try_from(total).unwrap_or_default().saturating_sub(SHOWN);
    show(
        &server,
        &visit,
        &here,
        ("developers.html", "/developers", StatusCode::OK),
        context! { clients, more },
    )
}

/// The clients of a developer, as the API knows them.
async fn own<T: Transport + 'static>(
    server: &AuthServer<T>,
    developer: &Developer,
) -> Result<ClientGetListResponse, Error> {
    let query = ListQuery {
        start: Some("0".to_owned()),
        end: Some(SHOWN.to_string()),
        developer: Some(developer.subject.clone()),
    };
    Ok(server.api.client_get_list(query).await?.body)
}

fn is_of(client: &Client, developer: &Developer) -> bool {
    client.developer.as_deref() == Some(&developer.subject)
}

fn shown(client: &Client) -> Value {
    context! {
        id => client.client_id.unwrap_or_default().to_string(),
        name => &client.client_name,
        description => &client.description,
        logo => &client.logo_uri,
        redirect_uris => client.redirect_uris.as_deref().unwrap_or_default().join("\n"),
        confidential => client.client_type == Some(placet_sdk::registry::ClientType::Confidential),
        operators => wish::is_operators(client),
    }
}

/// A page of a developer who is signed in.
fn show<T: Transport + 'static>(
    server: &AuthServer<T>,
    visit: &Visit,
    here: &Here<'_>,
    (template, at, status): (&str, &str, StatusCode),
    more: Value,
) -> Response {
    let at = server.path(at);
    let look = Look { here: Some(&at), ..Look::new(status) };
    let csrf = here.session.with(|session| session.csrf.clone());
    server.page(visit, template, look, context! { csrf, user => &here.developer.name, ..more })
}

/// What is no client of this developer is none at all.
fn nowhere<T: Transport + 'static>(server: &AuthServer<T>, visit: &Visit) -> Response {
    server.error(visit, Problem::new(StatusCode::NOT_FOUND, "not_found"))
}
