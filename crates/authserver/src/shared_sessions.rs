//! Logins that the applications of a device share (OpenID Connect Native SSO 1.0), and the secrets that devices have for
//! them. One outlives its browser session, and ends with a logout, or when a login has become too old.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use placet_ambient::Entropy;
use placet_sdk::Secret;
use quick_cache::sync::Cache;

use crate::budgets::Budgets;
use crate::means::Means;
use crate::of_users::OfUsers;
use crate::session::Login;

/// Secrets that one login is good with; the oldest goes. An application that comes without one is given another.
const SECRETS: usize = 8;

struct Shared {
    /// Seconds since the epoch.
    auth_time: i64,
    means: Means,
    secrets: Vec<Secret>,
}

pub(crate) struct SharedSessions {
    by_sid: Cache<String, Arc<Mutex<Shared>>>,
    of_users: OfUsers,
    /// How long a login is good for, in seconds.
    longest: i64,
    entropy: Entropy,
}

impl SharedSessions {
    /// As many are remembered as there are logins; of all users the least used go first, of one the oldest.
    pub(crate) fn new(budgets: &Budgets, longest: i64, entropy: Entropy) -> Self {
        Self { by_sid: Cache::new(budgets.logins), of_users: OfUsers::new(budgets), longest, entropy }
    }

    /// A client has asked for one. A login that is confirmed once more is good for longer.
    pub(crate) fn begin(&self, login: &Login) {
        let Login { user, auth_time, means, sid, .. } = login;
        match self.by_sid.get(sid) {
            Some(shared) => {
                let mut shared = lock(&shared);
                (shared.auth_time, shared.means) = (*auth_time, means.clone());
            }
            None => {
                let shared = Shared { auth_time: *auth_time, means: means.clone(), secrets: Vec::new() };
                self.by_sid.insert(sid.clone(), Arc::new(Mutex::new(shared)));
            }
        }
        for ended in self.of_users.note(&user.subject, sid, |sid| self.by_sid.peek(sid).is_some()) {
            self.by_sid.remove(&ended);
        }
    }

    /// Those that somebody has opened with a passkey.
    pub(crate) fn opened_with(&self, (subject, passkey): (&str, &str)) -> Vec<String> {
        let is_by = |shared: Arc<Mutex<Shared>>| lock(&shared).means.is_by(passkey);
        let sids = self.of_users.of(subject).into_iter();
        sids.filter(|sid| self.by_sid.peek(sid).is_some_and(is_by)).collect()
    }

    fn alive(&self, sid: &str, now: i64) -> Option<Arc<Mutex<Shared>>> {
        let shared = self.by_sid.get(sid)?;
        let is_old = now - lock(&shared).auth_time > self.longest;
        if is_old {
            self.by_sid.remove(sid);
        }
        (!is_old).then_some(shared)
    }

    /// §3.3: the secret for the device: what it has presented, if that is right, else a new one. `None` when the session
    /// is over.
    pub(crate) fn secret(&self, sid: &str, presented: Option<&str>, now: i64) -> Option<String> {
        let shared = self.alive(sid, now)?;
        let mut shared = lock(&shared);
        if let Some(known) = presented.filter(|presented| shared.holds(presented)) {
            return Some(known.to_owned());
        }
        let secret = self.entropy.identifier();
        if shared.secrets.len() >= SECRETS {
            shared.secrets.remove(0);
        }
        shared.secrets.push(Secret::new(secret.clone()));
        Some(secret)
    }

    /// §4.3: the secret that was presented, if the session still lives, and it is the one that the ID token is tied to.
    pub(crate) fn proven(&self, sid: &str, presented: &str, hash: &str, now: i64) -> Option<String> {
        let shared = self.alive(sid, now)?;
        let own = BASE64URL_NOPAD.encode(digest(&SHA256, presented.as_bytes()).as_ref());
        let good = lock(&shared).holds(presented) && Secret::new(own).matches(hash);
        good.then(|| presented.to_owned())
    }

    /// Whether there was one to end.
    pub(crate) fn end(&self, sid: &str) -> bool {
        self.by_sid.remove(sid).is_some()
    }
}

impl Shared {
    fn holds(&self, presented: &str) -> bool {
        self.secrets.iter().any(|secret| secret.matches(presented))
    }
}

fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::User;

    fn sessions() -> SharedSessions {
        SharedSessions::new(&Budgets { logins_of_one: 2, ..Budgets::default() }, 100, Entropy::system())
    }

    fn login(sid: &str, auth_time: i64) -> Login {
        let user = User { subject: "john".to_owned(), ..User::default() };
        Login { user, auth_time, means: Means::Password, has_passkey: false, sid: sid.to_owned() }
    }

    fn hash(secret: &str) -> String {
        BASE64URL_NOPAD.encode(digest(&SHA256, secret.as_bytes()).as_ref())
    }

    #[test]
    fn a_device_keeps_its_secret_and_others_get_their_own() {
        let sessions = sessions();
        assert!(sessions.secret("s", None, 0).is_none());
        sessions.begin(&login("s", 0));
        let first = sessions.secret("s", None, 1).unwrap();
        assert_eq!(sessions.secret("s", Some(&first), 1).unwrap(), first);
        let second = sessions.secret("s", Some("guessed"), 1).unwrap();
        assert!(second != first && second != "guessed");
        assert!(sessions.proven("s", &first, &hash(&first), 1).is_some());
        assert!(sessions.proven("s", &first, &hash(&second), 1).is_none());
        assert!(sessions.proven("s", "guessed", &hash("guessed"), 1).is_none());
        assert!(sessions.proven("t", &first, &hash(&first), 1).is_none());
        // The oldest of too many goes.
        for _ in 0..SECRETS - 1 {
            sessions.secret("s", None, 1);
        }
        assert!(sessions.proven("s", &first, &hash(&first), 1).is_none());
        assert!(sessions.proven("s", &second, &hash(&second), 1).is_some());
    }

    #[test]
    fn it_ends_with_a_logout_or_when_the_login_is_old() {
        let sessions = sessions();
        sessions.begin(&login("s", 0));
        let secret = sessions.secret("s", None, 100).unwrap();
        sessions.begin(&login("s", 50));
        assert!(sessions.proven("s", &secret, &hash(&secret), 150).is_some());
        assert!(sessions.secret("s", Some(&secret), 151).is_none());
        sessions.begin(&login("s", 151));
        assert!(sessions.end("s") && !sessions.end("s"));
        assert!(sessions.secret("s", None, 151).is_none());
    }

    #[test]
    fn there_is_an_end_to_those_of_one_user() {
        let sessions = sessions();
        for sid in ["a", "b", "c"] {
            sessions.begin(&login(sid, 0));
        }
        assert!(sessions.secret("a", None, 0).is_none());
        assert!(sessions.secret("b", None, 0).is_some() && sessions.secret("c", None, 0).is_some());
    }

    #[test]
    fn those_of_a_passkey_are_found() {
        let sessions = sessions();
        sessions.begin(&Login { means: Means::Passkey("a".to_owned()), ..login("s", 0) });
        sessions.begin(&login("t", 0));
        assert_eq!(sessions.opened_with(("john", "a")), ["s"]);
        assert!(sessions.opened_with(("john", "b")).is_empty());
        assert!(sessions.opened_with(("jane", "a")).is_empty());
        // It is whatever it was confirmed with last.
        sessions.begin(&login("s", 1));
        assert!(sessions.opened_with(("john", "a")).is_empty());
    }
}
