//! The pages of one request. Their address shows whatever comes next, so that a page that is loaded again, an old
//! form and the back button all lead to where things stand.

mod page;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use placet_sdk::Transport;
use placet_sdk::types::AuthorizationFailReason as Reason;

use super::answer::{self, Chosen, Made};
use super::genuine::{Genuine, genuine};
use super::sign_in::unavailable;
use super::{Server, consent};
use crate::forward::Forwarded;
use crate::interaction::{Failure, Interaction, Purpose, Step};
use crate::respond::see_other;
use crate::session::{Answered, Handle, Login, Session, Tab};
use crate::users::Unavailable;
use crate::visit::Visit;
use crate::{AuthServer, Look, Problem};

pub(super) use page::Page;

/// How long the same answer is given again, in seconds: to a button that was pressed twice.
const REPEATED: i64 = 30;

pub(crate) async fn show<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    match opened(&server, &visit, &id).await {
        Ok((session, interaction)) => {
            proceed(Place { server: &server, visit: &visit, session: &session, id: &id }, interaction).await
        }
        Err(response) => *response,
    }
}

/// The address of a form, visited: with the back button, or after a login in another tab.
pub(crate) async fn back<T: Transport + 'static>(
    State(server): Server<T>,
    Path((id,)): Path<(String,)>,
) -> Response {
    see_other(&at(&server, &id))
}

pub(crate) async fn account<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let (session, interaction) = match sent(&server, &visit, &id).await {
        Ok(opened) => opened,
        Err(response) => return *response,
    };
    let step = interaction.step(session.login().as_ref(), &server.settings, visit.now);
    let place = Place { server: &server, visit: &visit, session: &session, id: &id };
    match visit.field("choice").as_deref() {
        // From the page that asks, and from the one that asks for consent.
        Some("other") if matches!(step, Step::SelectAccount | Step::Consent) => {
            changed(place, Interaction::as_somebody_else).await
        }
        Some(_) if step == Step::SelectAccount => {
            changed(place, |interaction| interaction.account_chosen = true).await
        }
        _ => see_other(&at(&server, &id)),
    }
}

pub(crate) async fn cancel<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    match sent(&server, &visit, &id).await {
        Ok((session, _)) => deny(Place { server: &server, visit: &visit, session: &session, id: &id }).await,
        Err(response) => *response,
    }
}

pub(super) fn at<T: Transport + 'static>(server: &AuthServer<T>, id: &str) -> String {
    server.path(&format!("/interaction/{id}"))
}

/// Changes an interaction that is still open, and goes on to its next page.
pub(super) async fn changed<T: Transport + 'static>(
    place: Place<'_, T>,
    work: impl Fn(&mut Interaction) + Send + Sync,
) -> Response {
    let Place { server, visit, session, id } = place;
    match session.change(|session| session.change_open(id, &work)).await {
        Ok(()) => see_other(&at(server, id)),
        Err(lost) => server.lost(visit, lost, &at(server, id)),
    }
}

/// The interaction behind a form of ours.
pub(super) async fn sent<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    id: &str,
) -> Result<(Handle, Interaction), Box<Response>> {
    let (session, interaction) = opened(server, visit, id).await?;
    genuine(server, visit, &session, &at(server, id)).map(|Genuine| (session, interaction))
}

/// The interaction of this name, if this browser has it open; else the page that says what has become of it.
pub(super) async fn opened<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    id: &str,
) -> Result<(Handle, Interaction), Box<Response>> {
    let Some(session) = &visit.session else {
        let kind = if visit.has_cookie { "lost" } else { "cookies" };
        return Err(Box::new(server.error(visit, Problem::new(StatusCode::BAD_REQUEST, kind))));
    };
    // An answer that is being made takes milliseconds; ten seconds are the API's time-out.
    for _ in 0..200 {
        let tab = session.with(|session| match session.tab(id) {
            None => Some(Err(None)),
            Some(Tab::Answered(answered)) => Some(Err(Some(answered.clone()))),
            Some(tab) => tab.open(visit.now).cloned().map(Ok),
        });
        match tab {
            Some(Ok(interaction))
                if visit.now - interaction.opened_at <= server.settings.interaction_longest =>
            {
                return Ok((session.clone(), interaction));
            }
            Some(Ok(_) | Err(None)) => {
                session.change_lightly(|session| session.close(id)).await;
                break;
            }
            Some(Err(Some(answered))) => return Err(Box::new(again(server, visit, answered))),
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        if let Err(lost) = session.refresh().await {
            return Err(Box::new(server.lost(visit, lost, &at(server, id))));
        }
    }
    Err(Box::new(server.error(visit, Problem::new(StatusCode::BAD_REQUEST, "lost"))))
}

/// The same answer once more, or a page that says that there was one.
fn again<T: Transport + 'static>(server: &AuthServer<T>, visit: &Visit, answered: Answered) -> Response {
    if visit.now - answered.at <= REPEATED && !visit.fields("csrf").is_empty() {
        return answer::respond(answered.reply);
    }
    server.page(visit, "answered.html", Look::new(StatusCode::OK), context! { client => answered.client })
}

/// Where an interaction is being worked on.
pub(super) struct Place<'a, T> {
    pub(super) server: &'a Arc<AuthServer<T>>,
    pub(super) visit: &'a Visit,
    pub(super) session: &'a Handle,
    pub(super) id: &'a str,
}

impl<T> Clone for Place<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Place<'_, T> {}

/// Shows the page of the next step, or answers the request.
async fn proceed<T: Transport + 'static>(place: Place<'_, T>, mut interaction: Interaction) -> Response {
    let Place { server, visit, session, id } = place;
    let login = match present(server, session, &interaction).await {
        Ok(login) => login,
        Err(e) => return unavailable(place, &e),
    };
    if let (None, Some(login)) = (&interaction.granted, &login) {
        match answer::granted(server, &interaction, &login.user.subject).await {
            Ok(granted) => {
                let known = |session: &mut Session| {
                    session.change_open(id, |one| one.granted = Some(granted.clone()))
                };
                if let Err(lost) = session.change(known).await {
                    return server.lost(visit, lost, &at(server, id));
                }
                interaction.granted = Some(granted);
            }
            Err(e) => return server.away(visit, &e, &visit.here),
        }
    }
    let user = login.as_ref().map(|login| login.user.name.clone()).unwrap_or_default();
    let page = Page { place, interaction: &interaction, user: &user };
    match interaction.step(login.as_ref(), &server.settings, visit.now) {
        Step::SignIn(why) => page.sign_in(why).await,
        Step::SignUp => page.sign_up(),
        Step::SelectAccount => page.show("account.html", StatusCode::OK, context! {}),
        Step::SecondFactor => page.second_factor(StatusCode::OK, context! {}).await,
        Step::Consent => consent::page(&page, login.as_ref()).await,
        Step::Ready => finish(place, None).await,
        Step::Fail(Failure::DifferentSubject) => refuse(place, Reason::DifferentSubject).await,
        Step::Fail(Failure::AcrNotSatisfied) => refuse(place, Reason::AcrNotSatisfied).await,
    }
}

/// Who is signed in; with whether they have a passkey, where a stronger login may be asked for. Whether there are pages or
/// none (`prompt=none`), what a login is good for does not depend on what this browser has seen before.
pub(super) async fn present<T: Transport + 'static>(
    server: &AuthServer<T>,
    session: &Handle,
    interaction: &Interaction,
) -> Result<Option<Login>, Unavailable> {
    let names_classes = interaction.request().is_some_and(|request| request.acrs.is_some());
    let matters = names_classes || interaction.no_older.is_some();
    let Some(mut login) = session.login() else { return Ok(None) };
    if let Some(passkeys) = server.passkeys().filter(|_| matters) {
        login.has_passkey = passkeys.held(&login.user.subject).await?;
        let noted = |session: &mut Session| {
            if let Some(known) = session.login.as_mut().filter(|known| known.sid == login.sid) {
                known.has_passkey = login.has_passkey;
            }
        };
        session.change_lightly(noted).await;
    }
    Ok(Some(login))
}

/// Grants the request, or goes on to the page of the account that the login was for.
pub(super) async fn finish<T: Transport + 'static>(place: Place<'_, T>, chosen: Option<Chosen>) -> Response {
    let Place { server, visit, session, id } = place;
    let (now, most) = (visit.now, server.settings.budgets.clients);
    // The client is noted before it gets anything, so that a logout at this moment tells it.
    let decided = |session: &mut Session| {
        let login = session.login.clone()?;
        let interaction = session.decide(id, now)?;
        if let Purpose::Request(asked) = &interaction.purpose {
            session.note_client(answer::client_id(asked), most);
        }
        Some((login, interaction))
    };
    let (login, interaction) = match session.change(decided).await {
        Ok(Some(decided)) => decided,
        Ok(None) => return see_other(&at(server, id)),
        Err(lost) => return server.lost(visit, lost, &at(server, id)),
    };
    if let Purpose::Account(path) = &interaction.purpose {
        session.change_lightly(|session| session.close(id)).await;
        return see_other(&server.path(path));
    }
    let made = answer::issue(server, session, &interaction, &login, chosen).await;
    settled(place, interaction, made).await
}

pub(super) async fn deny<T: Transport + 'static>(place: Place<'_, T>) -> Response {
    refuse(place, Reason::Denied).await
}

async fn refuse<T: Transport + 'static>(place: Place<'_, T>, reason: Reason) -> Response {
    let Place { server, visit, session, id } = place;
    let interaction = match session.change(|session| session.decide(id, visit.now)).await {
        Ok(Some(interaction)) => interaction,
        Ok(None) => return see_other(&at(server, id)),
        Err(lost) => return server.lost(visit, lost, &at(server, id)),
    };
    let made = answer::fail(server, &interaction, reason).await;
    settled(place, interaction, made).await
}

/// Notes the answer; an interaction that the API could not answer stays open. An answer that cannot be noted goes out all the same: it
/// has been made.
async fn settled<T: Transport + 'static>(
    place: Place<'_, T>,
    interaction: Interaction,
    made: Result<Made, placet_sdk::Error>,
) -> Response {
    let Place { server, visit, session, id } = place;
    match made {
        Ok(Made::Reply(reply)) => {
            let client = interaction.client_name().to_owned();
            let answered = Answered { client, reply: reply.clone(), at: visit.now };
            session.change_lightly(|session| session.settle(id, Tab::Answered(answered.clone()))).await;
            answer::respond(reply)
        }
        // The ticket is no longer one, most likely: it has expired, or was answered elsewhere.
        Ok(Made::Refused(_, content)) => {
            session.change_lightly(|session| session.close(id)).await;
            let detail = content.result_message.as_deref().unwrap_or_default();
            server.error(visit, Problem { detail, ..Problem::new(StatusCode::BAD_REQUEST, "lost") })
        }
        Ok(other) => {
            session.change_lightly(|session| session.close(id)).await;
            other.respond(server, visit)
        }
        Err(e) => {
            let open = || Tab::Open(Box::new(interaction.clone()));
            session.change_lightly(|session| session.settle(id, open())).await;
            server.away(visit, &e, &at(server, id))
        }
    }
}
