//! Developers sign in: with a password, or by way of a social network; guesses cost them what they cost users.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use placet_sdk::Transport;
use placet_sdk::registry::Sns;

use crate::forward::Forwarded;
use crate::respond::see_other;
use crate::routes::Server;
use crate::routes::genuine::genuine;
use crate::routes::sign_in::{users_away, wait};
use crate::routes::social::{self, asked, away, brought, returned, told};
use crate::session::{Handle, Lost, Session};
use crate::social::{Door, name};
use crate::throttle::{Guess, Proving};
use crate::users::{Developer, Who};
use crate::visit::Visit;
use crate::{AuthServer, Look};

/// The page, in the session of whoever visits it.
pub(super) async fn page<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    status: StatusCode,
    more: Value,
) -> Response {
    let session = match server.visited(visit).await {
        Ok(session) => session,
        Err(e) => return server.forgetful(visit, &e, &visit.here),
    };
    let networks = server.developers().networks().await.unwrap_or_else(|e| {
        tracing::warn!(source = e.0, "no social network is offered");
        Vec::new()
    });
    let networks: Vec<_> = networks
        .iter()
        .map(|network| context! { path => network.sns.protocol_name(), name => name(network.sns) })
        .collect();
    let told = session.change_lightly(|session| session.social.told(&Door::Developers)).await;
    let csrf = session.with(|session| session.csrf.clone());
    let at = server.path("/developers");
    let look = Look { here: Some(&at), ..Look::new(status) };
    let more = told.map_or(more, |problem| context! { problem });
    let page = context! { csrf, networks, ..more };
    let mut response = server.page(visit, "developers_sign_in.html", look, page);
    server.cookies.keep_session(&mut response, &session);
    response
}

pub(super) async fn password<T: Transport + 'static>(
    State(server): Server<T>,
    request: Forwarded,
) -> Response {
    let (visit, at) = (server.visit(&request), server.path("/developers"));
    let Some(session) = &visit.session else { return see_other(&at) };
    if let Err(page) = genuine(&server, &visit, session, &at) {
        return *page;
    }
    let login = visit.field("login").unwrap_or_default().trim().to_owned();
    let password = visit.field("password").unwrap_or_default();
    let device = match visit.known_device(&server.devices, &known_as(&login)).await {
        Ok(device) => device,
        Err(e) => return server.forgetful(&visit, &e, &at),
    };
    let guess = Guess {
        proving: Proving::Developer,
        account: &login,
        address: visit.address,
        device: device.as_deref(),
    };
    let attempt = match server.throttle.attempt(&guess, visit.now).await {
        Ok(Ok(attempt)) => attempt,
        Err(e) => return server.forgetful(&visit, &e, &at),
        Ok(Err(seconds)) => {
            let more = context! { problem => "wait", seconds, login };
            return wait(page(&server, &visit, StatusCode::TOO_MANY_REQUESTS, more).await, seconds);
        }
    };
    match server.developers().known(&Who::Login(&login, &password)).await {
        Ok(Some(developer)) => {
            server.judged(attempt, true, visit.now).await;
            signed_in(&server, &visit, session, (developer, &login)).await
        }
        Ok(None) => {
            let more = context! { problem => "wrong", login };
            page(&server, &visit, StatusCode::UNPROCESSABLE_ENTITY, more).await
        }
        Err(e) => {
            server.judged(attempt, false, visit.now).await;
            users_away(&server, &visit, &e, &at)
        }
    }
}

/// Developers and users may have the same names, and are not the same people.
fn known_as(login: &str) -> String {
    format!("developer {login}")
}

async fn signed_in<T: Transport + 'static>(
    server: &AuthServer<T>,
    visit: &Visit,
    session: &Handle,
    (developer, account): (Developer, &str),
) -> Response {
    let at = server.path("/developers");
    let mut response = see_other(&at);
    match server.sessions.developer_signs_in(session, developer, visit.now).await {
        Ok(session) => server.cookies.keep_session(&mut response, &session),
        // Another request of the same browser came first.
        Err(Lost::Gone) => return response,
        Err(lost) => return server.lost(visit, lost, &at),
    }
    server.keep_device(&mut response, visit, &known_as(account)).await;
    response
}

/// The developer leaves; whoever is signed in as a user stays.
pub(super) async fn out<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let (visit, at) = (server.visit(&request), server.path("/developers"));
    let Some(session) = &visit.session else { return see_other(&at) };
    if let Err(page) = genuine(&server, &visit, session, &at) {
        return *page;
    }
    match session.change(Session::developer_leaves).await {
        Ok(()) | Err(Lost::Gone) => see_other(&at),
        Err(lost) => server.lost(&visit, lost, &at),
    }
}

/// To the network.
pub(super) async fn begin<T: Transport + 'static>(
    State(server): Server<T>,
    Path(network): Path<String>,
    request: Forwarded,
) -> Response {
    let (visit, at) = (server.visit(&request), server.path("/developers"));
    let (Some(session), Some(sns)) = (&visit.session, Sns::from_protocol(&network)) else {
        return see_other(&at);
    };
    if let Err(seconds) = server.by_network.take(visit.address, visit.now) {
        let more = context! { problem => "wait", seconds };
        return wait(page(&server, &visit, StatusCode::TOO_MANY_REQUESTS, more).await, seconds);
    }
    match social::of(server.developers().networks().await, sns) {
        Ok(network) => asked(&server, (&visit, session), (&network, false), Door::Developers).await,
        Err(problem) => told(&server, session, Door::Developers, problem).await,
    }
}

/// Back from the network.
pub(super) async fn back<T: Transport + 'static>(
    State(server): Server<T>,
    Path(network): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let is_here = |door: &Door| *door == Door::Developers;
    let (session, attempt) = match returned(&server, &visit, (&network, is_here), request.query()).await {
        Ok(returned) => returned,
        Err(page) => return *page,
    };
    let developers = server.developers();
    let from = match brought(&server, developers.networks().await, &attempt, request.query()).await {
        Ok(from) => from,
        Err(problem) => return told(&server, &session, attempt.door, problem).await,
    };
    match developers.known(&Who::From(&from)).await {
        Ok(Some(developer)) => {
            let account = developer.subject.clone();
            signed_in(&server, &visit, &session, (developer, &account)).await
        }
        Ok(None) => told(&server, &session, attempt.door, "network_unknown").await,
        Err(e) => told(&server, &session, attempt.door, away(&e)).await,
    }
}
