//! Proving who one is: with a password, and with a second factor. Each form is judged at the step that it is for:
//! one step does not stand in for another.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::Response;
use minijinja::context;
use placet_sdk::Transport;

use super::Server;
use super::interaction::{Page, Place, at, sent};
use crate::forward::Forwarded;
use crate::interaction::{Interaction, Step};
use crate::means::Means;
use crate::respond::see_other;
use crate::session::{Handle, Lost, Session};
use crate::state::StateUnavailable;
use crate::throttle::{Attempt, Guess, Proving};
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
    let device = match visit.known_device(&server.devices, &login).await {
        Ok(device) => device,
        Err(e) => return forgetful(place, &e),
    };
    let guess = Guess {
        proving: Proving::Password,
        account: &login,
        address: visit.address,
        device: device.as_deref(),
    };
    let attempt = match server.throttle.attempt(&guess, visit.now).await {
        Ok(Ok(attempt)) => attempt,
        Err(e) => return forgetful(place, &e),
        Ok(Err(seconds)) => {
            let more = context! { problem => "wait", seconds, login };
            return wait(page.sign_in_with(StatusCode::TOO_MANY_REQUESTS, more).await, seconds);
        }
    };
    match server.users.sign_in(&login, &password).await {
        Ok(Some(user)) => {
            server.judged(attempt, true, visit.now).await;
            signed_in(place, user, Means::Password, &login).await
        }
        Ok(None) => {
            let more = context! { problem => "wrong", login };
            page.sign_in_with(StatusCode::UNPROCESSABLE_ENTITY, more).await
        }
        Err(e) => {
            server.judged(attempt, false, visit.now).await;
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
    let device = match visit.known_device(&server.devices, &login.user.subject).await {
        Ok(device) => device,
        Err(e) => return forgetful(place, &e),
    };
    let guess = Guess {
        proving: Proving::Code,
        account: &login.user.subject,
        address: visit.address,
        device: device.as_deref(),
    };
    let attempt = match server.throttle.attempt(&guess, visit.now).await {
        Ok(Ok(attempt)) => attempt,
        Err(e) => return forgetful(place, &e),
        Ok(Err(seconds)) => {
            let more = context! { problem => "wait", seconds };
            return wait(page.second_factor(StatusCode::TOO_MANY_REQUESTS, more).await, seconds);
        }
    };
    let code = visit.field("code").unwrap_or_default();
    match server.users.second_factor(&login.user.subject, code.trim()).await {
        Ok(true) => {
            server.judged(attempt, true, visit.now).await;
            let then = |session: &mut Session| session.change_open(&id, Interaction::now_stronger);
            let stronger = server.sessions.strengthen(&session, visit.now, then).await;
            known(place, stronger, &login.user.subject).await
        }
        Ok(false) => {
            let more = context! { problem => "wrong" };
            page.second_factor(StatusCode::UNPROCESSABLE_ENTITY, more).await
        }
        Err(e) => {
            server.judged(attempt, false, visit.now).await;
            unavailable(place, &e)
        }
    }
}

/// The session gets a new name, and the page its next step.
pub(super) async fn signed_in<T: Transport + 'static>(
    place: Place<'_, T>,
    user: User,
    means: Means,
    login: &str,
) -> Response {
    let Place { server, visit, session, id } = place;
    let then = |session: &mut Session| session.change_open(id, Interaction::now_signed_in);
    let session = server.sessions.sign_in(session, (user, means), visit.now, then).await;
    known(place, session, login).await
}

/// On to the next step, in a browser that is the account's from now on. Who has signed in twice at once goes on in the session
/// that came first: the browser has its name by now.
async fn known<T: Transport + 'static>(
    place: Place<'_, T>,
    session: Result<Handle, Lost>,
    account: &str,
) -> Response {
    let Place { server, visit, id, .. } = place;
    let mut response = see_other(&at(server, id));
    match session {
        Ok(session) => server.cookies.keep_session(&mut response, &session),
        Err(Lost::Gone) => return response,
        Err(Lost::Away(e)) => return forgetful(place, &e),
    }
    server.keep_device(&mut response, visit, account).await;
    response
}

impl<T: Transport + 'static> AuthServer<T> {
    /// The browser is the account's from now on. If that cannot be kept, it is one more that nobody knows.
    pub(super) async fn keep_device(&self, response: &mut Response, visit: &Visit, account: &str) {
        match self.devices.with(&visit.device, account).await {
            Ok(Some(device)) => self.cookies.keep_device(response, &device),
            Ok(None) => {}
            Err(e) => tracing::warn!(source = %e.0, "a browser is not known from now on"),
        }
    }

    /// What was counted as a wrong answer was a right one, or nobody could look at it. If that cannot be written down, it
    /// counts as one more wrong answer.
    pub(super) async fn judged(&self, attempt: Attempt, right: bool, now: i64) {
        let judged = match right {
            true => self.throttle.right(attempt, now).await,
            false => self.throttle.give_back(attempt, now).await,
        };
        if let Err(e) = judged {
            tracing::warn!(source = %e.0, "an answer counts as a wrong one");
        }
    }
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

/// What is remembered cannot be read or changed.
pub(super) fn forgetful<T: Transport + 'static>(place: Place<'_, T>, e: &StateUnavailable) -> Response {
    let Place { server, visit, id, .. } = place;
    server.forgetful(visit, e, &at(server, id))
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
