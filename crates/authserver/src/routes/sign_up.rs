//! Making an account (Initiating User Registration via OpenID Connect 1.0), where the user store can.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use placet_sdk::Transport;

use super::Server;
use super::interaction::{Page, Place, at, changed, sent};
use super::sign_in::{signed_in, unavailable, wait};
use crate::forward::Forwarded;
use crate::interaction::Step;
use crate::means::Means;
use crate::respond::see_other;
use crate::users::{Created, NewAccount};

pub(crate) async fn post<T: Transport + 'static>(
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
    let Some(accounts) = server.users.accounts().filter(|_| step == Step::SignUp) else {
        return see_other(&at(&server, &id));
    };
    if visit.field("choice").as_deref() == Some("existing") {
        let place = Place { server: &server, visit: &visit, session: &session, id: &id };
        return changed(place, |interaction| interaction.signing_up = false).await;
    }
    let text = |name: &str| visit.field(name).unwrap_or_default();
    let wanted = NewAccount {
        login: text("login").trim().to_owned(),
        password: text("password"),
        name: text("name").trim().to_owned(),
    };
    let place = Place { server: &server, visit: &visit, session: &session, id: &id };
    let page = Page { place, interaction: &interaction, user: "" };
    let again = |status, problem: &str, seconds: i64| {
        let more = context! { problem, seconds, login => &wanted.login, full_name => &wanted.name };
        page.show("sign_up.html", status, more)
    };
    if let Err(seconds) = server.accounts.take(visit.address, visit.now) {
        return wait(again(StatusCode::TOO_MANY_REQUESTS, "wait", seconds), seconds);
    }
    let unfit = StatusCode::UNPROCESSABLE_ENTITY;
    match accounts.create(&wanted).await {
        Ok(Created::Account(user)) => signed_in(place, user, Means::Password, &wanted.login).await,
        Ok(Created::Taken) => again(unfit, "taken", 0),
        Ok(Created::LoginUnfit) => again(unfit, "login_unfit", 0),
        Ok(Created::PasswordUnfit) => again(unfit, "password_unfit", 0),
        Err(e) => unavailable(place, &e),
    }
}
