//! Making a passkey (WebAuthn Level 3 §7.1), for somebody who has signed in just now, as surely as they can.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use placet_sdk::Transport;

use super::{Failed, Passkeys, Sure, away, done, keyring, nowhere, sure, surer, unsaved};
use crate::forward::Forwarded;
use crate::passkeys::{Ceremony, Refused};
use crate::respond::see_other;
use crate::routes::Server;
use crate::routes::genuine::genuine;
use crate::session::{Handle, Login, Session};
use crate::users::Saved;
use crate::visit::Visit;
use crate::{AuthServer, Look};

/// A page of somebody who is signed in.
struct Place<'a, T> {
    server: &'a Arc<AuthServer<T>>,
    visit: &'a Visit,
    session: &'a Handle,
    login: &'a Login,
}

/// The page that makes one.
pub(crate) async fn page<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let Some(passkeys) = server.passkeys() else { return nowhere(&server, &visit) };
    let Some((session, login)) = visit.signed_in() else {
        return surer(&server, &visit, "/passkeys/new").await;
    };
    let place = Place { server: &server, visit: &visit, session, login: &login };
    offered(&place, &passkeys, (StatusCode::OK, None)).await
}

/// What the browser has made.
pub(crate) async fn post<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let here = server.path("/passkeys/new");
    let Some(passkeys) = server.passkeys() else { return nowhere(&server, &visit) };
    let Some((session, login)) = visit.signed_in() else { return see_other(&here) };
    if let Err(page) = genuine(&server, &visit, session, &here) {
        return *page;
    }
    let place = Place { server: &server, visit: &visit, session, login: &login };
    let problem = match added(&place, &passkeys).await {
        Ok(Added) => {
            tracing::info!(subject = login.user.subject, "a passkey was added");
            done(session, "added").await;
            return see_other(&server.path("/passkeys"));
        }
        Err(Failed::Unavailable(e)) => return away(&server, &visit, &e),
        Err(Failed::Over) => "over",
        Err(Failed::Refused(Refused(why))) => {
            tracing::info!(subject = login.user.subject, why, "no passkey was added");
            "not_added"
        }
    };
    offered(&place, &passkeys, (StatusCode::UNPROCESSABLE_ENTITY, Some(problem))).await
}

/// It is on the keyring.
struct Added;

async fn added<T: Transport + 'static>(
    place: &Place<'_, T>,
    passkeys: &Passkeys<'_>,
) -> Result<Added, Failed> {
    let Place { server, visit, session, login } = place;
    let field = |name| visit.field(name).unwrap_or_default();
    let subject = &login.user.subject;
    let ended = session.change(|session| session.ceremonies.end(&field("ceremony"), visit.now)).await?;
    let Some(Ceremony::Registration(begun)) = ended else { return Err(Failed::Over) };
    let mut keyring = keyring(passkeys, subject).await?;
    let Some(Sure) = sure(login, Some(&keyring), visit.now) else { return Err(Failed::Over) };
    // The first passkey brings the keyring with it: the handle is the one that the authenticator was told.
    if keyring.version == 0 {
        keyring.handle = begun.handle;
    }
    if begun.subject != *subject || keyring.handle != begun.handle {
        return Err(Failed::Over);
    }
    if keyring.passkeys.len() >= server.settings.budgets.passkeys {
        return Err(Refused("as many passkeys as one user has".to_owned()).into());
    }
    let named = (field("label"), visit.now);
    let passkey = passkeys.party.registered(&begun.state, &field("credential"), (&named.0, named.1))?;
    keyring.passkeys.push(passkey);
    match passkeys.keyrings.save(keyring).await? {
        Saved::Kept => Ok(Added),
        other => Err(unsaved(other).into()),
    }
}

/// The page, with a ceremony that begins here, for nobody who is not sure enough; without one where there are as many
/// passkeys as one user has.
async fn offered<T: Transport + 'static>(
    place: &Place<'_, T>,
    passkeys: &Passkeys<'_>,
    (status, problem): (StatusCode, Option<&str>),
) -> Response {
    let Place { server, visit, session, login } = *place;
    let keyring = match keyring(passkeys, &login.user.subject).await {
        Ok(keyring) if sure(login, Some(&keyring), visit.now).is_none() => {
            return surer(server, visit, "/passkeys/new").await;
        }
        Ok(keyring) if keyring.passkeys.len() < server.settings.budgets.passkeys => keyring,
        Ok(_) => return see_other(&server.path("/passkeys")),
        Err(e) => return away(server, visit, &e),
    };
    let (options, begun) = match passkeys.party.begin_registration(&login.user, &keyring) {
        Ok(begun) => begun,
        Err(Refused(why)) => return away(server, visit, &crate::users::Unavailable(why)),
    };
    let ceremony = server.settings.ambient.entropy.identifier();
    let begin = |session: &mut Session| {
        session.ceremonies.begin(ceremony.clone(), Ceremony::Registration(begun.clone()), visit.now);
    };
    if let Err(lost) = session.change(begin).await {
        return server.lost(visit, lost, &server.path("/passkeys"));
    }
    let csrf = session.with(|session| session.csrf.clone());
    let here = server.path("/passkeys/new");
    let look = Look { here: Some(&here), script: true, ..Look::new(status) };
    let user = &login.user.name;
    server.page(visit, "passkey_new.html", look, context! { options, ceremony, csrf, problem, user })
}
