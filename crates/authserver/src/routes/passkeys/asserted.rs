//! Signing in with a passkey (WebAuthn Level 3 §7.2). It is a whole login, of two factors: where a login is asked for, and
//! where a stronger one is.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use placet_sdk::Transport;

use super::{Failed, Passkeys, TRIES, unsaved};
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::interaction::Step;
use crate::means::Means;
use crate::passkeys::{After, Ceremony, Refused};
use crate::respond::see_other;
use crate::routes::Server;
use crate::routes::interaction::{Page, Place, at, sent};
use crate::routes::sign_in::{forgetful, signed_in, unavailable};
use crate::session::Handle;
use crate::users::{Saved, User};
use crate::visit::Visit;

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
    let login = session.login();
    let step = interaction.step(login.as_ref(), &server.settings, visit.now);
    let is_asked_for = matches!(step, Step::SignIn(_) | Step::SecondFactor);
    let Some(passkeys) = server.passkeys().filter(|_| is_asked_for) else {
        return see_other(&at(&server, &id));
    };
    // Who confirms a login is the one who has signed in.
    let login = login.filter(|_| step == Step::SecondFactor);
    let only = login.as_ref().map(|login| login.user.subject.as_str());
    let place = Place { server: &server, visit: &visit, session: &session, id: &id };
    let problem = match proven(&server, &passkeys, (&visit, &session), only).await {
        Ok(proven) => return let_in(place, &passkeys, proven).await,
        Err(Failed::Unavailable(e)) => return unavailable(place, &e),
        Err(Failed::Over) => "passkey_over",
        Err(Failed::Refused(Refused(why))) => {
            tracing::warn!(why, "a passkey was refused");
            "passkey_refused"
        }
    };
    let user = login.map(|login| login.user.name).unwrap_or_default();
    let page = Page { place, interaction: &interaction, user: &user };
    match step {
        Step::SecondFactor => {
            page.second_factor(StatusCode::UNPROCESSABLE_ENTITY, context! { problem }).await
        }
        _ => page.sign_in_with(StatusCode::UNPROCESSABLE_ENTITY, context! { problem }).await,
    }
}

/// Who has proven to have a passkey, and which one.
struct Proven {
    user: User,
    passkey: String,
}

/// The login, unless somebody has taken the passkey off the list since it was looked at. They have ended the logins that there
/// were: this one ends here.
async fn let_in<T: Transport + 'static>(
    place: Place<'_, T>,
    passkeys: &Passkeys<'_>,
    Proven { user, passkey }: Proven,
) -> Response {
    let subject = user.subject.clone();
    let response = signed_in(place, user, Means::Passkey(passkey.clone()), &subject).await;
    let keyring = passkeys.keyrings.of_subject(&subject).await.ok().flatten();
    if !keyring.is_some_and(|keyring| keyring.passkeys.iter().any(|known| known.id == passkey)) {
        let Place { server, visit, .. } = place;
        if let Err(e) = server.sessions.end_opened_with((&subject, &passkey), None, visit.now).await {
            return forgetful(place, &e);
        }
    }
    response
}

/// Whose passkey it is. One that is known nowhere, one of somebody who is gone, and one that proves nothing are refused
/// alike.
async fn proven<T: Transport + 'static>(
    server: &AuthServer<T>,
    passkeys: &Passkeys<'_>,
    (visit, session): (&Visit, &Handle),
    only: Option<&str>,
) -> Result<Proven, Failed> {
    let field = |name| visit.field(name).unwrap_or_default();
    let ended = session.change(|session| session.ceremonies.end(&field("ceremony"), visit.now)).await?;
    let Some(Ceremony::Authentication(state)) = ended else { return Err(Failed::Over) };
    let (handle, sent) = passkeys.party.claimed(&field("credential"))?;
    let mut saved = Saved::Outdated;
    // Somebody who signs in with another passkey of the same user at this moment is in nobody's way.
    for _ in 0..TRIES {
        let keyring = passkeys.keyrings.of_handle(handle).await?;
        let keyring = keyring.ok_or_else(|| Refused("a user handle that nobody has".to_owned()))?;
        if only.is_some_and(|only| only != keyring.subject) {
            return Err(Refused("the passkey of another user".to_owned()).into());
        }
        let user = server.users.find(&keyring.subject).await?;
        let user = user.ok_or_else(|| Refused("the passkey of a user who is gone".to_owned()))?;
        let (passkey, after) = passkeys.party.asserted(state.clone(), &sent, keyring, visit.now)?;
        let proven = Proven { user, passkey };
        saved = match after {
            After::Changed(keyring) => passkeys.keyrings.save(keyring).await?,
            After::Used(keyring) => {
                if let Err(e) = passkeys.keyrings.save(keyring).await {
                    tracing::error!(source = %e.0, "when a passkey was used last cannot be kept");
                }
                return Ok(proven);
            }
            After::Same => return Ok(proven),
        };
        match saved {
            Saved::Kept => return Ok(proven),
            Saved::Outdated => {}
            Saved::Taken => break,
        }
    }
    Err(unsaved(saved).into())
}
