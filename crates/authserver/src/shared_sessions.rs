//! Logins that the applications of a device share (OpenID Connect Native SSO 1.0), and the secrets that devices have for
//! them. One outlives its browser session, and ends with a logout, or when a login has become too old.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use placet_ambient::Entropy;
use placet_sdk::Secret;
use serde::{Deserialize, Serialize};

use crate::means::Means;
use crate::of_users::OfUsers;
use crate::session::Login;
use crate::settings::Settings;
use crate::state::{Next, Place, Shelf, State, StateUnavailable};

/// Secrets that one login is good with; the oldest goes. An application that comes without one is given another.
const SECRETS: usize = 8;

#[derive(Clone, Serialize, Deserialize)]
struct Shared {
    /// Whose login it is.
    subject: String,
    /// Seconds since the epoch.
    auth_time: i64,
    means: Means,
    secrets: Vec<String>,
}

pub(crate) struct SharedSessions {
    state: State,
    of_users: OfUsers,
    /// How long a login is good for, in seconds.
    longest: i64,
    entropy: Entropy,
}

fn place(sid: &str) -> Place {
    Place::new(Shelf::Devices, sid)
}

impl SharedSessions {
    /// Of one user there are as many as there may be logins; the oldest goes.
    pub(crate) fn new(settings: &Settings, state: &State) -> Self {
        let of_users = OfUsers::new(state.clone(), Shelf::OfDevices, settings.budgets.logins_of_one);
        let entropy = settings.ambient.entropy.clone();
        Self { state: state.clone(), of_users, longest: settings.session_longest, entropy }
    }

    fn until(&self, auth_time: i64) -> i64 {
        auth_time.saturating_add(self.longest).saturating_add(1)
    }

    /// A client has asked for one. A login that is confirmed once more is good for longer.
    pub(crate) async fn begin(&self, login: &Login, now: i64) -> Result<(), StateUnavailable> {
        let Login { user, auth_time, means, sid, .. } = login;
        let until = self.until(*auth_time);
        let begun = |known: Option<Shared>| {
            let secrets = known.map(|shared| shared.secrets).unwrap_or_default();
            let subject = user.subject.clone();
            (Next::Is(Shared { subject, auth_time: *auth_time, means: means.clone(), secrets }, until), ())
        };
        self.state.update(&place(sid), now, begun).await?;
        for ended in self.of_users.note(&user.subject, (sid, until), None, now).await? {
            self.state.take::<Shared>(&place(&ended), now).await?;
        }
        Ok(())
    }

    /// Those that somebody has opened with a passkey.
    pub(crate) async fn opened_with(
        &self,
        (subject, passkey): (&str, &str),
        now: i64,
    ) -> Result<Vec<String>, StateUnavailable> {
        let mut opened = Vec::new();
        for sid in self.of_users.of(subject, now).await? {
            let shared = self.state.get::<Shared>(&place(&sid), now).await?;
            if shared.is_some_and(|shared| shared.means.is_by(passkey)) {
                opened.push(sid);
            }
        }
        Ok(opened)
    }

    /// §3.3: the secret for the device: what it has presented, if that is right, else a new one. `None` when the session
    /// is over.
    pub(crate) async fn secret(
        &self,
        sid: &str,
        presented: Option<&str>,
        now: i64,
    ) -> Result<Option<String>, StateUnavailable> {
        let new = self.entropy.identifier();
        let given = |known: Option<Shared>| {
            let Some(mut shared) = known else { return (Next::Same, None) };
            if let Some(known) = presented.filter(|presented| shared.holds(presented)) {
                return (Next::Same, Some(known.to_owned()));
            }
            if shared.secrets.len() >= SECRETS {
                shared.secrets.remove(0);
            }
            shared.secrets.push(new.clone());
            let until = self.until(shared.auth_time);
            (Next::Is(shared, until), Some(new.clone()))
        };
        self.state.update(&place(sid), now, given).await
    }

    /// §4.3: the secret that was presented, if the session still lives, and it is the one that the ID token is tied to.
    pub(crate) async fn proven(
        &self,
        sid: &str,
        presented: &str,
        hash: &str,
        now: i64,
    ) -> Result<Option<String>, StateUnavailable> {
        let Some(shared) = self.state.get::<Shared>(&place(sid), now).await? else { return Ok(None) };
        let own = BASE64URL_NOPAD.encode(digest(&SHA256, presented.as_bytes()).as_ref());
        let good = shared.holds(presented) && Secret::new(own).matches(hash);
        Ok(good.then(|| presented.to_owned()))
    }

    /// Whether there was one to end.
    pub(crate) async fn end(&self, sid: &str, now: i64) -> Result<bool, StateUnavailable> {
        let Some(shared) = self.state.take::<Shared>(&place(sid), now).await? else { return Ok(false) };
        self.of_users.forget(&shared.subject, sid, now).await?;
        Ok(true)
    }
}

impl Shared {
    fn holds(&self, presented: &str) -> bool {
        self.secrets.iter().any(|secret| Secret::new(secret.clone()).matches(presented))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::budgets::Budgets;
    use crate::settings::Issuer;
    use crate::state::InMemory;
    use crate::users::User;

    fn sessions() -> SharedSessions {
        let budgets = Budgets { logins_of_one: 2, ..Budgets::default() };
        let state = State::new(Arc::new(InMemory::new(&budgets, placet_ambient::Clock::stopped())));
        let settings = Settings::new(Issuer::parse("https://as.example").unwrap());
        SharedSessions::new(&Settings { budgets, session_longest: 100, ..settings }, &state)
    }

    fn login(sid: &str, auth_time: i64) -> Login {
        let user = User { subject: "john".to_owned(), ..User::default() };
        Login { user, auth_time, means: Means::Password, has_passkey: false, sid: sid.to_owned() }
    }

    fn hash(secret: &str) -> String {
        BASE64URL_NOPAD.encode(digest(&SHA256, secret.as_bytes()).as_ref())
    }

    #[tokio::test]
    async fn a_device_keeps_its_secret_and_others_get_their_own() {
        let sessions = sessions();
        assert!(sessions.secret("s", None, 0).await.unwrap().is_none());
        sessions.begin(&login("s", 0), 0).await.unwrap();
        let first = sessions.secret("s", None, 1).await.unwrap().unwrap();
        assert_eq!(sessions.secret("s", Some(&first), 1).await.unwrap().unwrap(), first);
        let second = sessions.secret("s", Some("guessed"), 1).await.unwrap().unwrap();
        assert!(second != first && second != "guessed");
        assert!(sessions.proven("s", &first, &hash(&first), 1).await.unwrap().is_some());
        assert!(sessions.proven("s", &first, &hash(&second), 1).await.unwrap().is_none());
        assert!(sessions.proven("s", "guessed", &hash("guessed"), 1).await.unwrap().is_none());
        assert!(sessions.proven("t", &first, &hash(&first), 1).await.unwrap().is_none());
        // The oldest of too many goes.
        for _ in 0..SECRETS - 1 {
            sessions.secret("s", None, 1).await.unwrap();
        }
        assert!(sessions.proven("s", &first, &hash(&first), 1).await.unwrap().is_none());
        assert!(sessions.proven("s", &second, &hash(&second), 1).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn it_ends_with_a_logout_or_when_the_login_is_old() {
        let sessions = sessions();
        sessions.begin(&login("s", 0), 0).await.unwrap();
        let secret = sessions.secret("s", None, 100).await.unwrap().unwrap();
        sessions.begin(&login("s", 50), 50).await.unwrap();
        assert!(sessions.proven("s", &secret, &hash(&secret), 150).await.unwrap().is_some());
        assert!(sessions.secret("s", Some(&secret), 151).await.unwrap().is_none());
        sessions.begin(&login("s", 151), 151).await.unwrap();
        assert!(sessions.end("s", 151).await.unwrap() && !sessions.end("s", 151).await.unwrap());
        assert!(sessions.secret("s", None, 151).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn there_is_an_end_to_those_of_one_user() {
        let sessions = sessions();
        for sid in ["a", "b", "c"] {
            sessions.begin(&login(sid, 0), 0).await.unwrap();
        }
        assert!(sessions.secret("a", None, 0).await.unwrap().is_none());
        assert!(
            sessions.secret("b", None, 0).await.unwrap().is_some()
                && sessions.secret("c", None, 0).await.unwrap().is_some()
        );
    }

    #[tokio::test]
    async fn those_of_a_passkey_are_found() {
        let sessions = sessions();
        sessions.begin(&Login { means: Means::Passkey("a".to_owned()), ..login("s", 0) }, 0).await.unwrap();
        sessions.begin(&login("t", 0), 0).await.unwrap();
        assert_eq!(sessions.opened_with(("john", "a"), 0).await.unwrap(), ["s"]);
        assert!(sessions.opened_with(("john", "b"), 0).await.unwrap().is_empty());
        assert!(sessions.opened_with(("jane", "a"), 0).await.unwrap().is_empty());
        // It is whatever it was confirmed with last.
        sessions.begin(&login("s", 1), 1).await.unwrap();
        assert!(sessions.opened_with(("john", "a"), 0).await.unwrap().is_empty());
    }
}
