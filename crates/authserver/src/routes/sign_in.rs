//! Proving who one is: with a password, and with a second factor. Each form is judged at the step that it is for:
//! one step does not stand in for another.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::Response;
use minijinja::context;
use placet_sdk::Transport;

use super::Server;
use super::interaction::{Page, Place, at, change, sent};
use crate::forward::Forwarded;
use crate::interaction::{Interaction, Step};
use crate::means::Means;
use crate::respond::see_other;
use crate::session::Handle;
use crate::throttle::{Guess, Proving};
use crate::users::{Unavailable, User};
use crate::visit::Visit;
use crate::{AuthServer, Problem};

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
    let Step::SignIn(_) = interaction.step(session.login().as_ref(), &server.settings, visit.now) else {
        return see_other(&at(&server, &id));
    };
    let login = visit.field("login").unwrap_or_default().trim().to_owned();
    let password = visit.field("password").unwrap_or_default();
    let place = Place { server: &server, visit: &visit, session: &session, id: &id };
    let page = Page { place, interaction: &interaction, user: "" };
    let device = visit.known_device(&server.devices, &login);
    let guess = Guess {
        proving: Proving::Password,
        account: &login,
        address: visit.address,
        device: device.as_deref(),
    };
    let attempt = match server.throttle.attempt(&guess, visit.now) {
        Ok(attempt) => attempt,
        Err(seconds) => {
            let more = context! { problem => "wait", seconds, login };
            return wait(page.sign_in_with(StatusCode::TOO_MANY_REQUESTS, more).await, seconds);
        }
    };
    match server.users.sign_in(&login, &password).await {
        Ok(Some(user)) => {
            server.throttle.right(attempt);
            signed_in(place, user, Means::Password, &login)
        }
        Ok(None) => {
            let more = context! { problem => "wrong", login };
            page.sign_in_with(StatusCode::UNPROCESSABLE_ENTITY, more).await
        }
        Err(e) => {
            server.throttle.give_back(attempt);
            unavailable(place, &e)
        }
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
    let step = interaction.step(session.login().as_ref(), &server.settings, visit.now);
    // A code says that whoever has signed in is who they are; it is no sign-in (OpenID Connect Core §3.1.2.1).
    let Some(login) = session.login().filter(|_| step == Step::SecondFactor) else {
        return see_other(&at(&server, &id));
    };
    let user = login.user.name.clone();
    let place = Place { server: &server, visit: &visit, session: &session, id: &id };
    let page = Page { place, interaction: &interaction, user: &user };
    let device = visit.known_device(&server.devices, &login.user.subject);
    let guess = Guess {
        proving: Proving::Code,
        account: &login.user.subject,
        address: visit.address,
        device: device.as_deref(),
    };
    let attempt = match server.throttle.attempt(&guess, visit.now) {
        Ok(attempt) => attempt,
        Err(seconds) => {
            let more = context! { problem => "wait", seconds };
            return wait(page.second_factor(StatusCode::TOO_MANY_REQUESTS, more), seconds);
        }
    };
    let code = visit.field("code").unwrap_or_default();
    match server.users.second_factor(&login.user.subject, code.trim()).await {
        Ok(true) => {
            server.throttle.right(attempt);
            let session = server.sessions.strengthen(&session, visit.now);
            change(&session, &id, Interaction::now_stronger);
            known(place, &session, &login.user.subject)
        }
        Ok(false) => page.second_factor(StatusCode::UNPROCESSABLE_ENTITY, context! { problem => "wrong" }),
        Err(e) => {
            server.throttle.give_back(attempt);
            unavailable(place, &e)
        }
    }
}

/// The session gets a new name, and the page its next step.
pub(super) fn signed_in<T: Transport + 'static>(
    place: Place<'_, T>,
    user: User,
    means: Means,
    login: &str,
) -> Response {
    let Place { server, visit, session, id } = place;
    let session = server.sessions.sign_in(session, user, means, visit.now);
    change(&session, id, Interaction::now_signed_in);
    known(place, &session, login)
}

/// On to the next step, in a browser that is the account's from now on.
fn known<T: Transport + 'static>(place: Place<'_, T>, session: &Handle, account: &str) -> Response {
    let Place { server, visit, id, .. } = place;
    let mut response = see_other(&at(server, id));
    server.cookies.keep_session(&mut response, session);
    if let Some(device) = server.devices.with(&visit.device, account) {
        server.cookies.keep_device(&mut response, &device);
    }
    response
}

/// RFC 9110 §10.2.3: in seconds.
pub(super) fn wait(mut response: Response, seconds: i64) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

pub(super) fn unavailable<T: Transport + 'static>(place: Place<'_, T>, e: &Unavailable) -> Response {
    let Place { server, visit, id, .. } = place;
    users_away(server, visit, e, &at(server, id))
}

/// The users cannot be read. `retry`: the page to try again.
pub(super) fn users_away<T: Transport + 'static>(
    server: &AuthServer<T>,
    visit: &Visit,
    e: &Unavailable,
    retry: &str,
) -> Response {
    tracing::error!(source = %e.0, "the users cannot be read");
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "away");
    server.error(visit, Problem { retry: Some(retry), ..problem })
}
