//! What people see of their own passkeys: the list, a page to make one, and taking one off the list.

mod asserted;
mod made;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use placet_sdk::Transport;

use super::genuine::genuine;
use super::{Server, authorization};
use crate::date::day;
use crate::forward::Forwarded;
use crate::interaction::{Interaction, Purpose};
use crate::passkeys::{Refused, RelyingParty};
use crate::respond::see_other;
use crate::session::Handle;
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
        return authorization::show(&server, &visit, Interaction::new(purpose, visit.now));
    };
    let keyring = match passkeys.keyrings.of_subject(&login.user.subject).await {
        Ok(keyring) => keyring,
        Err(e) => return away(&server, &visit, &e),
    };
    let list: Vec<_> = keyring.iter().flat_map(|keyring| &keyring.passkeys).map(shown).collect();
    let (csrf, done) = session.with(|session| (session.csrf.clone(), session.passkey_done.take()));
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
    match removed(&passkeys, &login.user.subject, &id).await {
        Ok(Some(Saved::Kept)) => {
            tracing::info!(subject = login.user.subject, "a passkey was removed");
            done(session, "removed");
            see_other(&here)
        }
        // It is gone already, or somebody signs in with one at this moment: the list shows how things stand.
        Ok(_) => see_other(&here),
        Err(e) => away(&server, &visit, &e),
    }
}

/// `None` where there is no such passkey.
async fn removed(passkeys: &Passkeys<'_>, subject: &str, id: &str) -> Result<Option<Saved>, Unavailable> {
    let Some(mut keyring) = passkeys.keyrings.of_subject(subject).await? else { return Ok(None) };
    let before = keyring.passkeys.len();
    keyring.passkeys.retain(|passkey| passkey.id != id);
    if keyring.passkeys.len() == before {
        return Ok(None);
    }
    passkeys.keyrings.save(keyring).await.map(Some)
}

fn shown(passkey: &Passkey) -> Value {
    let Passkey { id, label, created_at, used_at, .. } = passkey;
    context! { id, label, created => day(*created_at), used => used_at.map(day) }
}

/// What the list says when it is shown next.
fn done(session: &Handle, what: &'static str) {
    session.with(|session| session.passkey_done = Some(what));
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
