//! Signing in by way of a social network: to it and back, with a state that is good once and in one browser alone.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use minijinja::context;
use placet_sdk::Transport;
use placet_sdk::registry::Sns;

use super::Server;
use super::interaction::{Page, Place, at, opened};
use super::sign_in::{signed_in, wait};
use crate::forward::Forwarded;
use crate::interaction::Step;
use crate::means::Means;
use crate::respond::see_other;
use crate::session::{Handle, Session};
use crate::social::{Asking, Attempt, Door, Redeeming, SocialNetwork, Taken};
use crate::users::{FromNetwork, Network, Unavailable};
use crate::visit::Visit;
use crate::{AuthServer, Problem, form};

/// To the network. No form leads there, since a redirect that answers one could go to no address but those that the page
/// names (Content Security Policy Level 3 §6.4.2), and a network has more of them than its endpoint's.
pub(crate) async fn begin<T: Transport + 'static>(
    State(server): Server<T>,
    Path((id, network)): Path<(String, String)>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let (session, interaction) = match opened(&server, &visit, &id).await {
        Ok(opened) => opened,
        Err(response) => return *response,
    };
    let step = interaction.step(session.login().as_ref(), &server.settings, visit.now);
    let social = server.users.social().filter(|_| matches!(step, Step::SignIn(_)));
    let (Some(social), Some(sns)) = (social, Sns::from_protocol(&network)) else {
        return see_other(&at(&server, &id));
    };
    if let Err(seconds) = server.by_network.take(visit.address, visit.now) {
        let place = Place { server: &server, visit: &visit, session: &session, id: &id };
        let page = Page { place, interaction: &interaction, user: "" };
        let more = context! { problem => "wait", seconds };
        return wait(page.sign_in_with(StatusCode::TOO_MANY_REQUESTS, more).await, seconds);
    }
    let door = Door::Interaction(id.clone());
    match of(social.networks().await, sns) {
        Ok(network) => {
            let anew = interaction.wants_new_login();
            asked(&server, (&visit, &session), (&network, anew), door).await
        }
        Err(problem) => told(&server, &session, door, problem).await,
    }
}

/// Sends the browser to the network. `anew`: somebody is to sign in there again.
pub(super) async fn asked<T: Transport + 'static>(
    server: &AuthServer<T>,
    (visit, session): (&Visit, &Handle),
    (network, anew): (&Network, bool),
    door: Door,
) -> Response {
    let entropy = &server.settings.ambient.entropy;
    let (state, verifier) = (entropy.identifier(), BASE64URL_NOPAD.encode(&entropy.bytes::<32>()));
    let back = back_to(server, &door, network.sns);
    let uri = SocialNetwork::of(&server.settings, network.sns);
    let asking = Asking { state: &state, verifier: &verifier, anew };
    let uri = uri.asked(&network.client_id, &back, &asking);
    let attempt = Attempt { door, sns: network.sns, verifier };
    let begun = |session: &mut Session| session.social.begin(state.clone(), attempt.clone(), visit.now);
    match session.change(begun).await {
        Ok(()) => see_other(&uri),
        Err(lost) => server.lost(visit, lost, &visit.here),
    }
}

/// The redirect URI (RFC 6749 §3.1.2).
fn back_to<T: Transport + 'static>(server: &AuthServer<T>, door: &Door, sns: Sns) -> String {
    let at = match door {
        Door::Interaction(_) => "/sns",
        Door::Developers => "/developers/sns",
    };
    format!("{}{at}/{}", server.settings.issuer.url(), sns.protocol_name())
}

/// Back from the network.
pub(crate) async fn back<T: Transport + 'static>(
    State(server): Server<T>,
    Path(network): Path<String>,
    request: Forwarded,
) -> Response {
    let visit = server.visit(&request);
    let is_here = |door: &Door| matches!(door, Door::Interaction(_));
    let (session, attempt) = match returned(&server, &visit, (&network, is_here), request.query()).await {
        Ok(returned) => returned,
        Err(page) => return *page,
    };
    let Door::Interaction(id) = attempt.door.clone() else { return see_other(&server.path("/developers")) };
    let (session, interaction) = match opened(&server, &visit, &id).await {
        Ok((_, interaction)) => (session, interaction),
        Err(response) => return *response,
    };
    let step = interaction.step(session.login().as_ref(), &server.settings, visit.now);
    let social = server.users.social().filter(|_| matches!(step, Step::SignIn(_)));
    let Some(social) = social else { return see_other(&at(&server, &id)) };
    let from = match brought(&server, social.networks().await, &attempt, request.query()).await {
        Ok(from) => from,
        Err(problem) => return told(&server, &session, attempt.door, problem).await,
    };
    let place = Place { server: &server, visit: &visit, session: &session, id: &id };
    match social.arrived(&from).await {
        Ok(Some(user)) => {
            let subject = user.subject.clone();
            signed_in(place, user, Means::Network, &subject).await
        }
        Ok(None) => told(&server, &session, attempt.door, "network_unknown").await,
        Err(e) => told(&server, &session, attempt.door, away(&e)).await,
    }
}

/// The sign-in that this browser has begun, and that the state of the answer names (RFC 6749 §10.12). One of another browser, or of
/// nobody, has no page to go back to.
pub(super) async fn returned<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    visit: &Visit,
    (network, is_here): (&str, impl Fn(&Door) -> bool + Sync),
    query: &str,
) -> Result<(Handle, Attempt), Box<Response>> {
    let state = form::value(query, "state").unwrap_or_default();
    let sns = Sns::from_protocol(network);
    let nowhere = || Box::new(server.error(visit, Problem::new(StatusCode::BAD_REQUEST, "lost")));
    let Some((session, sns)) = visit.session.as_ref().zip(sns) else { return Err(nowhere()) };
    let fits = |attempt: &Attempt| attempt.sns == sns && is_here(&attempt.door);
    let taken = session.change(|session| session.social.take(&state, fits, visit.now)).await;
    match taken {
        Ok(Some(Taken::Fresh(attempt))) => Ok((session.clone(), attempt)),
        Ok(Some(Taken::Over(attempt))) => {
            Err(Box::new(told(server, session, attempt.door, "network_over").await))
        }
        Ok(None) => Err(nowhere()),
        Err(lost) => Err(Box::new(server.lost(visit, lost, &server.path("/")))),
    }
}

/// Whom the network speaks of; else what the page says.
pub(super) async fn brought<T: Transport + 'static>(
    server: &AuthServer<T>,
    networks: Result<Vec<Network>, Unavailable>,
    attempt: &Attempt,
    query: &str,
) -> Result<FromNetwork, &'static str> {
    let Some(code) = form::value(query, "code").filter(|code| !code.is_empty()) else {
        let error = form::value(query, "error").unwrap_or_default();
        return Err(if error == "access_denied" { "network_cancelled" } else { "network_failed" });
    };
    let network = of(networks, attempt.sns)?;
    let back = back_to(server, &attempt.door, attempt.sns);
    let redeeming = Redeeming { code: &code, back: &back, verifier: &attempt.verifier };
    let at = SocialNetwork::of(&server.settings, attempt.sns);
    at.redeemed(&server.outgoing, &network, &redeeming).await.map_err(|why| {
        tracing::warn!(why, "a social network has confirmed nobody");
        "network_failed"
    })
}

/// The network that was asked for, if the store takes its word.
pub(super) fn of(networks: Result<Vec<Network>, Unavailable>, sns: Sns) -> Result<Network, &'static str> {
    let networks = networks.map_err(|e| away(&e))?;
    networks.into_iter().find(|network| network.sns == sns).ok_or("network_failed")
}

pub(super) fn away(e: &Unavailable) -> &'static str {
    tracing::error!(source = e.0, "the users cannot be read");
    "network_away"
}

/// Back to the page that the sign-in has begun at, which says what has become of it. The answer's address, with the code, is left.
pub(super) async fn told<T: Transport + 'static>(
    server: &AuthServer<T>,
    session: &Handle,
    door: Door,
    problem: &'static str,
) -> Response {
    let page = match &door {
        Door::Interaction(id) => at(server, id),
        Door::Developers => server.path("/developers"),
    };
    session.change_lightly(|session| session.social.tell(door.clone(), problem)).await;
    see_other(&page)
}
