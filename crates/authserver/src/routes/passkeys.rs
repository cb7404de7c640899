//! What people see of their own passkeys: the list, a page to make one, and taking one off the list.

mod asserted;
mod made;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use placet_sdk::Transport;

use super::genuine::genuine;
use super::{Server, authorization, logout, native_sso};
use crate::date::day;
use crate::forward::Forwarded;
use crate::interaction::{Interaction, Purpose};
use crate::passkeys::{Refused, RelyingParty};
use crate::respond::see_other;
use crate::session::{Handle, Login, Lost};
use crate::state::StateUnavailable;
use crate::users::{Keyring, Keyrings, Passkey, Saved, Unavailable};
use crate::visit::Visit;
use crate::{AuthServer, Look, Problem};

pub(super) use asserted::post as sign_in;
pub(super) use made::{page as new, post as create};

/// The passkeys of a server that has some.
pub(super) struct Passkeys<'a> {
    pub(super) party: &'a RelyingParty,
    pub(super) keyrings: &'a dyn Keyrings,
}

impl<T> AuthServer<T> {
    pub(super) fn passkeys(&self) -> Option<Passkeys<'_>> {
        Some(Passkeys { party: self.relying_party.as_ref()?, keyrings: self.users.passkeys()? })
    }
}

impl Passkeys<'_> {
    /// Whether somebody has a passkey to sign in with.
    pub(super) async fn held(&self, subject: &str) -> Result<bool, Unavailable> {
        let keyring = self.keyrings.of_subject(subject).await?;
        Ok(keyring.is_some_and(|keyring| !keyring.passkeys.is_empty()))
    }
}

/// How old a login may be that changes what somebody signs in with, in seconds.
const RECENT: i64 = 300;

/// Somebody has signed in just now, as surely as they can: whoever finds a browser open, or a password out, is not to have a
/// key of their own.
struct Sure;

fn sure(login: &Login, keyring: Option<&Keyring>, now: i64) -> Option<Sure> {
    let has_passkey = keyring.is_some_and(|keyring| !keyring.passkeys.is_empty());
    let login = Login { has_passkey, ..login.clone() };
    (now - login.auth_time <= RECENT && login.is_strongest()).then_some(Sure)
}

/// The pages by which somebody becomes sure enough for the page at `path`.
async fn surer<T: Transport + 'static>(server: &Arc<AuthServer<T>>, visit: &Visit, path: &str) -> Response {
    let interaction = Interaction::new(Purpose::Account(path.to_owned()), visit.now);
    authorization::show(server, visit, Interaction { no_older: Some(RECENT), ..interaction }).await
}

/// Why nothing comes of a ceremony.
enum Failed {
    /// It is none of this browser, or was begun too long ago, or has been answered.
    Over,
    Refused(Refused),
    Unavailable(Unavailable),
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Unavailable> for Failed {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl From<Lost> for Failed {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Gone => Self::Over,
            Lost::Away(e) => Self::Unavailable(Unavailable(e.0)),
        }
    }
}

/// Somebody has saved this keyring in between, or it is not this user's alone.
fn unsaved(saved: Saved) -> Refused {
    Refused(format!("the keyring was not saved: {saved:?}"))
}

/// The list.
pub(crate) async fn page<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let Some(passkeys) = server.passkeys() else { return nowhere(&server, &visit) };
    let Some((session, login)) = visit.signed_in() else {
        let purpose = Purpose::Account("/passkeys".to_owned());
        return authorization::show(&server, &visit, Interaction::new(purpose, visit.now)).await;
    };
    let keyring = match passkeys.keyrings.of_subject(&login.user.subject).await {
        Ok(keyring) => keyring,
        Err(e) => return away(&server, &visit, &e),
    };
    let list: Vec<_> = keyring.iter().flat_map(|keyring| &keyring.passkeys).map(shown).collect();
    let done = session.change_lightly(|session| session.passkey_done.take()).await;
    let csrf = session.with(|session| session.csrf.clone());
    let full = list.len() >= server.settings.budgets.passkeys;
    let here = server.path("/passkeys");
    let look = Look { here: Some(&here), ..Look::new(StatusCode::OK) };
    let page = context! { passkeys => list, csrf, done, full, user => &login.user.name };
    server.page(&visit, "passkeys.html", look, page)
}

/// Takes one off the list. Whatever stays in the authenticator is good for nothing.
pub(crate) async fn remove<T: Transport + 'static>(State(server): Server<T>, request: Forwarded) -> Response {
    let visit = server.visit(&request);
    let here = server.path("/passkeys");
    let Some(passkeys) = server.passkeys() else { return nowhere(&server, &visit) };
    let Some((session, login)) = visit.signed_in() else { return see_other(&here) };
    if let Err(page) = genuine(&server, &visit, session, &here) {
        return *page;
    }
    let id = visit.field("passkey").unwrap_or_default();
    match removed(&passkeys, &login, (&id, visit.now)).await {
        Ok(Removal::Done) => {
            tracing::info!(subject = login.user.subject, "a passkey was removed");
            if let Err(e) = end_opened_with(&server, &id, (session, &login)).await {
                return server.forgetful(&visit, &e, &here);
            }
            done(session, "removed").await;
            see_other(&here)
        }
        Ok(Removal::Unsure) => surer(&server, &visit, "/passkeys").await,
        Ok(Removal::Overtaken) => {
            done(session, "not_removed").await;
            see_other(&here)
        }
        // It is gone already: the list shows how things stand.
        Ok(Removal::Absent) => see_other(&here),
        Err(e) => away(&server, &visit, &e),
    }
}

/// What became of a wish to take a passkey off the list.
enum Removal {
    Done,
    Absent,
    /// Whoever asks has to show first who they are.
    Unsure,
    /// Somebody signs in with a passkey of the same user at this moment, again and again.
    Overtaken,
}

/// How often a keyring is read anew that somebody else has saved in between.
const TRIES: usize = 16;

async fn removed(
    passkeys: &Passkeys<'_>,
    login: &Login,
    (id, now): (&str, i64),
) -> Result<Removal, Unavailable> {
    for _ in 0..TRIES {
        let keyring = passkeys.keyrings.of_subject(&login.user.subject).await?;
        let known = keyring.filter(|keyring| keyring.passkeys.iter().any(|passkey| passkey.id == id));
        let Some(mut keyring) = known else { return Ok(Removal::Absent) };
        let Some(Sure) = sure(login, Some(&keyring), now) else { return Ok(Removal::Unsure) };
        keyring.passkeys.retain(|passkey| passkey.id != id);
        if passkeys.keyrings.save(keyring).await? == Saved::Kept {
            return Ok(Removal::Done);
        }
    }
    Ok(Removal::Overtaken)
}

/// What a passkey has opened ends with it: who has it may be somebody else. This visit stays, for it has shown just now who it is.
async fn end_opened_with<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    passkey: &str,
    (session, login): (&Handle, &Login),
) -> Result<(), StateUnavailable> {
    let opened = (login.user.subject.as_str(), passkey);
    let now = server.now();
    let logins = server.sessions.end_opened_with(opened, Some(session), now).await?;
    for (ended, clients) in logins {
        native_sso::end(server, &ended.sid).await;
        let server = server.clone();
        // No page is shown where their frames could be.
        tokio::spawn(async move { drop(logout::told(&server, &ended, clients).await) });
    }
    // Those that devices share outlive the sessions of browsers.
    for sid in server.shared.opened_with(opened, now).await?.into_iter().filter(|sid| *sid != login.sid) {
        native_sso::end(server, &sid).await;
    }
    Ok(())
}

fn shown(passkey: &Passkey) -> Value {
    let Passkey { id, label, created_at, used_at, .. } = passkey;
    context! { id, label, created => day(*created_at), used => used_at.map(day) }
}

/// What the list says when it is shown next.
async fn done(session: &Handle, what: &str) {
    session.change_lightly(|session| session.passkey_done = Some(what.to_owned())).await;
}

/// Where there are no passkeys there are no pages of them.
fn nowhere<T: Transport + 'static>(server: &AuthServer<T>, visit: &Visit) -> Response {
    server.error(visit, Problem::new(StatusCode::NOT_FOUND, "not_found"))
}

fn away<T: Transport + 'static>(server: &AuthServer<T>, visit: &Visit, e: &Unavailable) -> Response {
    tracing::error!(source = %e.0, "the passkeys cannot be read or written");
    let retry = server.path("/passkeys");
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "away");
    server.error(visit, Problem { retry: Some(&retry), ..problem })
}

/// The keyring of a user, or a new one.
async fn keyring(passkeys: &Passkeys<'_>, subject: &str) -> Result<Keyring, Unavailable> {
    let known = passkeys.keyrings.of_subject(subject).await?;
    Ok(known.unwrap_or_else(|| passkeys.party.keyring(subject)))
}
