//! Proving who one is: with a password, and with a second factor.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use placet_sdk::Transport;

use super::Server;
use super::interaction::{Page, Place, at, change, sent};
use crate::Problem;
use crate::forward::Forwarded;
use crate::interaction::Interaction;
use crate::respond::see_other;
use crate::settings::Strength;
use crate::users::{Unavailable, User};

pub(crate) async fn password<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let (session, interaction) = match sent(&server, &visit, &id).await {
        Ok(opened) => opened,
        Err(response) => return *response,
    };
    let login = visit.field("login").unwrap_or_default().trim().to_owned();
    let password = visit.field("password").unwrap_or_default();
    let name = format!("login {login}");
    let place = Place { server: &server, visit: &visit, session: &session, id: &id };
    let page = Page { place, interaction: &interaction, user: "" };
    if let Err(seconds) = server.throttle.attempt(&name, visit.now) {
        let more = context! { problem => "wait", seconds, login };
        return page.sign_in_with(StatusCode::TOO_MANY_REQUESTS, more);
    }
    match server.users.sign_in(&login, &password).await {
        Ok(Some(user)) => {
            server.throttle.right(&name);
            signed_in(place, (user, Strength::Password))
        }
        Ok(None) => {
            page.sign_in_with(StatusCode::UNPROCESSABLE_ENTITY, context! { problem => "wrong", login })
        }
        Err(e) => unavailable(place, &e),
    }
}

pub(crate) async fn second_factor<T: Transport + 'static>(
    State(server): Server<T>,
    Path(id): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let (session, interaction) = match sent(&server, &visit, &id).await {
        Ok(opened) => opened,
        Err(response) => return *response,
    };
    let Some(login) = session.login() else { return see_other(&at(&server, &id)) };
    let user = login.user.name.clone();
    let place = Place { server: &server, visit: &visit, session: &session, id: &id };
    let page = Page { place, interaction: &interaction, user: &user };
    let name = format!("code {}", login.user.subject);
    if let Err(seconds) = server.throttle.attempt(&name, visit.now) {
        return page.second_factor(StatusCode::TOO_MANY_REQUESTS, context! { problem => "wait", seconds });
    }
    let code = visit.field("code").unwrap_or_default();
    match server.users.second_factor(&login.user.subject, code.trim()).await {
        Ok(true) => {
            server.throttle.right(&name);
            signed_in(place, (login.user, Strength::SecondFactor))
        }
        Ok(false) => page.second_factor(StatusCode::UNPROCESSABLE_ENTITY, context! { problem => "wrong" }),
        Err(e) => unavailable(place, &e),
    }
}

/// The session gets a new name, and the page its next step.
fn signed_in<T: Transport + 'static>(place: Place<'_, T>, (user, strength): (User, Strength)) -> Response {
    let Place { server, visit, session, id } = place;
    let session = server.sessions.sign_in(session, user, strength, visit.now);
    change(&session, id, Interaction::now_signed_in);
    let mut response = see_other(&at(server, id));
    server.cookies.keep_session(&mut response, &session);
    response
}

fn unavailable<T: Transport + 'static>(place: Place<'_, T>, e: &Unavailable) -> Response {
    let Place { server, visit, id, .. } = place;
    tracing::error!(source = %e.0, "the users cannot be read");
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "away");
    server.error(visit, Problem { retry: Some(&at(server, id)), ..problem })
}
