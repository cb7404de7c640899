//! The clients of a developer: made, shown, changed and deleted. Whose a client is the API says, at each request anew.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use placet_sdk::registry::ClientType;
use placet_sdk::types::Client;
use placet_sdk::{Answer, ClientPath, Error, Transport};

use super::wish::{Fields, is_operators};
use super::{Here, here, is_of, nowhere, own, sent, show, shown};
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::see_other;
use crate::routes::Server;
use crate::session::Session;
use crate::visit::Visit;

/// The result code of a developer who has as many clients as the service allows.
const FULL: &str = "A123601";

pub(super) async fn new<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    match here(&server, &visit).await {
        Ok(here) => show(
            &server,
            &visit,
            &here,
            ("developer_new.html", "/developers/new", StatusCode::OK),
            context! { client => context! {} },
        ),
        Err(page) => *page,
    }
}

pub(super) async fn create<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let here = match sent(&server, &visit).await {
        Ok(here) => here,
        Err(page) => return *page,
    };
    let fields = Fields::of(&visit);
    match made(&server, &here, &fields).await {
        Ok(client) => {
            let id = client.client_id.unwrap_or_default().to_string();
            let secret =
                client.client_secret.filter(|_| client.client_type == Some(ClientType::Confidential));
            keep(&here, &id, secret).await;
            see_other(&server.path(&format!("/developers/clients/{id}")))
        }
        Err(Failed::Unfit(problem, detail)) => {
            let page = ("developer_new.html", "/developers/new", StatusCode::UNPROCESSABLE_ENTITY);
            let typed = context! { confidential => fields.kind == "confidential" };
            show(&server, &visit, &here, page, context! { problem, detail, client => again(&fields, typed) })
        }
        Err(Failed::Away(e)) => server.away(&visit, &e, &server.path("/developers/new")),
    }
}

/// Why there is no client, or none with such properties.
enum Failed {
    /// The name of a text, and what the API says.
    Unfit(&'static str, Option<String>),
    Away(Error),
}

impl From<Error> for Failed {
    fn from(e: Error) -> Self {
        match e {
            Error::Refused { result_code, .. } if result_code.as_deref() == Some(FULL) => {
                Self::Unfit("full", None)
            }
            Error::Refused { status: 400, result_message, .. } => Self::Unfit("refused", result_message),
            Error::Refused { status: 409 | 412, .. } => Self::Unfit("outdated", None),
            e => Self::Away(e),
        }
    }
}

impl From<&'static str> for Failed {
    fn from(problem: &'static str) -> Self {
        Self::Unfit(problem, None)
    }
}

async fn made<T: Transport + 'static>(
    server: &AuthServer<T>,
    here: &Here<'_>,
    fields: &Fields,
) -> Result<Client, Failed> {
    let (wish, kind) = (fields.read()?, fields.client_type()?);
    let most = server.settings.budgets.clients_of_developer;
    let total = own(server, &here.developer).await?.total_count.unwrap_or_default();
    if usize::try_from(total).unwrap_or_default() >= most {
        return Err("full".into());
    }
    let service = server.api.service_get().await?.body;
    Ok(server.api.client_create(wish.client(&here.developer, kind, &service)).await?.body)
}

/// What was sent, for the page to show again, over what is there.
fn again(fields: &Fields, there: Value) -> Value {
    let Fields { name, description, logo, redirect_uris, .. } = fields;
    context! { name, description, logo, redirect_uris, ..there }
}

/// The page of the client shows the secret once.
async fn keep(here: &Here<'_>, id: &str, secret: Option<String>) {
    let secret = secret.map(|secret| (id.to_owned(), secret));
    here.session.change_lightly(|session| session.client_secret.clone_from(&secret)).await;
}

/// A client of a developer who is signed in.
struct Own<'a> {
    here: Here<'a>,
    id: String,
    client: Answer<Client>,
}

/// The client of that number, if it is this developer's; else a page. A number, since an alias may be anybody's.
async fn owned<'a, T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    here: Here<'a>,
    id: &str,
) -> Result<Own<'a>, Box<Response>> {
    let number = id.parse::<i64>().ok().filter(|number| number.to_string() == id);
    let Some(number) = number else { return Err(Box::new(nowhere(server, visit))) };
    let client = match server.api.client_get(ClientPath(id.to_owned())).await {
        Ok(client) => client,
        Err(Error::Refused { status: 400..=404, .. }) => return Err(Box::new(nowhere(server, visit))),
        Err(e) => return Err(Box::new(server.away(visit, &e, &server.path("/developers")))),
    };
    if client.client_id != Some(number) || !is_of(&client.body, &here.developer) {
        return Err(Box::new(nowhere(server, visit)));
    }
    Ok(Own { here, id: id.to_owned(), client })
}

/// Of a form of ours, about a client that is the developer's to change.
async fn own_form<'a, T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &'a Visit,
    id: &str,
) -> Result<Own<'a>, Box<Response>> {
    owned(server, visit, sent(server, visit).await?, id).await
}

pub(super) async fn page<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    match of_page(&server, &visit, &id).await {
        Ok(own) => {
            let taken = |session: &mut Session| session.client_secret.take_if(|(of, _)| *of == id);
            let kept = own.here.session.change_lightly(taken).await;
            let secret = kept.as_ref().map(|(_, secret)| secret.as_str());
            one(&server, &visit, &own, (StatusCode::OK, context! { secret }))
        }
        Err(page) => *page,
    }
}

async fn of_page<'a, T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &'a Visit,
    id: &str,
) -> Result<Own<'a>, Box<Response>> {
    owned(server, visit, here(server, visit).await?, id).await
}

fn one<T: Transport + 'static>(
    server: &AuthServer<T>,
    visit: &Visit,
    own: &Own<'_>,
    (status, more): (StatusCode, Value),
) -> Response {
    let at = format!("/developers/clients/{}", own.id);
    let more = context! { ..more, ..context! { client => shown(&own.client.body) } };
    show(server, visit, &own.here, ("developer_client.html", &at, status), more)
}

pub(super) async fn change<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let own = match own_form(&server, &visit, &id).await {
        Ok(own) => own,
        Err(page) => return *page,
    };
    let fields = Fields::of(&visit);
    match changed(&server, &own, &fields).await {
        Ok(()) => see_other(&server.path(&format!("/developers/clients/{id}"))),
        Err(Failed::Unfit(problem, detail)) => {
            let client = again(&fields, shown(&own.client.body));
            let more = context! { problem, detail, client };
            one(&server, &visit, &own, (StatusCode::UNPROCESSABLE_ENTITY, more))
        }
        Err(Failed::Away(e)) => server.away(&visit, &e, &server.path(&format!("/developers/clients/{id}"))),
    }
}

/// Changes what was looked at, and nothing that somebody has changed since.
async fn changed<T: Transport + 'static>(
    server: &AuthServer<T>,
    own: &Own<'_>,
    fields: &Fields,
) -> Result<(), Failed> {
    if is_operators(&own.client.body) {
        return Err("operators".into());
    }
    let mut changes = Answer::from(fields.read()?.changes(&own.client.body));
    changes.version.clone_from(&own.client.version);
    server.api.client_patch(ClientPath(own.id.clone()), changes).await?;
    Ok(())
}

/// A new secret in place of the old one.
pub(super) async fn renew<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let own = match own_form(&server, &visit, &id).await {
        Ok(own) => own,
        Err(page) => return *page,
    };
    let at = server.path(&format!("/developers/clients/{id}"));
    if own.client.client_type != Some(ClientType::Confidential) {
        return see_other(&at);
    }
    match server.api.client_secret_refresh(ClientPath(id.clone())).await {
        Ok(renewed) => {
            keep(&own.here, &id, renewed.body.new_client_secret).await;
            see_other(&at)
        }
        Err(e) => server.away(&visit, &e, &at),
    }
}

/// Asks before a client is deleted.
pub(super) async fn ask<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    match of_page(&server, &visit, &id).await {
        Ok(own) => {
            let at = format!("/developers/clients/{id}/delete");
            let page = ("developer_delete.html", at.as_str(), StatusCode::OK);
            show(&server, &visit, &own.here, page, context! { client => shown(&own.client.body) })
        }
        Err(page) => *page,
    }
}

pub(super) async fn delete<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let own = match own_form(&server, &visit, &id).await {
        Ok(own) => own,
        Err(page) => return *page,
    };
    if is_operators(&own.client.body) {
        let problem = context! { problem => "operators" };
        return one(&server, &visit, &own, (StatusCode::UNPROCESSABLE_ENTITY, problem));
    }
    match server.api.client_delete(ClientPath(id)).await {
        Ok(_) | Err(Error::Refused { status: 404, .. }) => see_other(&server.path("/developers")),
        Err(e) => server.away(&visit, &e, &server.path("/developers")),
    }
}
