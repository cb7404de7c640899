//! What clients ask of whoever is signed in, on a device of their own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use placet_sdk::types::{AuthorizationFailReason, BackchannelAuthenticationCompleteResult};
use placet_sdk::{Content, Error, Transport};

use super::answer::{Chosen, Made};
use super::backchannel::{self, Said};
use super::genuine::genuine;
use super::{Server, authorization};
use crate::forward::Forwarded;
use crate::inbox::Waiting;
use crate::interaction::{Interaction, Purpose, reached};
use crate::respond::see_other;
use crate::session::{Login, Reply};
use crate::{AuthServer, Look, form};

pub(crate) async fn page<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let Some((session, login)) = visit.signed_in() else {
        let interaction = Interaction::new(Purpose::Account("/inbox".to_owned()), visit.now);
        return authorization::show(&server, &visit, interaction).await;
    };
    let waiting = match server.inbox.of(&login.user.subject, visit.now).await {
        Ok(waiting) => waiting,
        Err(e) => return server.forgetful(&visit, &e, &server.path("/inbox")),
    };
    let shown = |one: &Waiting| {
        let client = one.asked.client.as_ref();
        let name = client.and_then(|client| client.client_name.clone()).unwrap_or_default();
        context! { id => &one.id, client => name, message => &one.binding_message }
    };
    let requests: Vec<_> = waiting.iter().map(shown).collect();
    let csrf = session.with(|session| session.csrf.clone());
    let answered = form::value(request.query(), "answered").is_some();
    let here = server.path("/inbox");
    let look = Look { here: Some(&here), ..Look::new(StatusCode::OK) };
    let user = &login.user.name;
    server.page(&visit, "inbox.html", look, context! { requests, csrf, answered, user })
}

/// The pages of one request.
pub(crate) async fn open<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let here = server.path("/inbox");
    let Some((session, login)) = visit.signed_in() else {
        return see_other(&here);
    };
    if let Err(page) = genuine(&server, &visit, session, &here) {
        return *page;
    }
    let id = visit.field("request").unwrap_or_default();
    let waiting = match server.inbox.find(&id, visit.now).await {
        Ok(waiting) => waiting.filter(|one| one.subject == login.user.subject),
        Err(e) => return server.forgetful(&visit, &e, &here),
    };
    let Some(waiting) = waiting else { return see_other(&here) };
    let purpose = Purpose::Backchannel(waiting.asked, waiting.id);
    match authorization::described(&server, &visit, purpose).await {
        Ok(interaction) => authorization::show(&server, &visit, interaction).await,
        Err(e) => server.away(&visit, &e, &here),
    }
}

pub(super) async fn grant<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    id: &str,
    login: &Login,
    chosen: Option<Chosen>,
) -> Result<Made, Error> {
    let Some(waiting) = waiting(server, id).await? else { return Ok(gone(server)) };
    let (scopes, consented) = chosen.map(|chosen| (chosen.scopes, chosen.claims)).unzip();
    let acr = reached(&waiting.asked, login, &server.settings);
    let said = Said {
        auth_time: login.auth_time,
        acr: acr.map(str::to_owned),
        claims: Some(login.means.claims()),
        scopes,
        consented: consented.flatten(),
    };
    Ok(made(server, backchannel::complete(server, &waiting, Ok(said)).await?))
}

pub(super) async fn refuse<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    id: &str,
    reason: AuthorizationFailReason,
) -> Result<Made, Error> {
    let Some(waiting) = waiting(server, id).await? else { return Ok(gone(server)) };
    let result = match reason {
        AuthorizationFailReason::Denied => BackchannelAuthenticationCompleteResult::AccessDenied,
        _ => BackchannelAuthenticationCompleteResult::TransactionFailed,
    };
    Ok(made(server, backchannel::complete(server, &waiting, Err(result)).await?))
}

async fn waiting<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    id: &str,
) -> Result<Option<Waiting>, Error> {
    Ok(server.inbox.find(id, server.now()).await?)
}

/// It was answered elsewhere, or its time is up: the inbox shows what there is.
fn gone<T: Transport + 'static>(server: &Arc<AuthServer<T>>) -> Made {
    Made::Reply(Reply::Location(server.path("/inbox")))
}

fn made<T: Transport + 'static>(server: &Arc<AuthServer<T>>, refused: Option<Content>) -> Made {
    match refused {
        None => Made::Reply(Reply::Location(server.path("/inbox?answered=1"))),
        Some(content) => Made::Refused(StatusCode::BAD_REQUEST, content),
    }
}
