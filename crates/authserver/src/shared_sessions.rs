//! Logins that the applications of a device share (OpenID Connect Native SSO 1.0), and the secrets that devices have for
//! them. One outlives its browser session, and ends with a logout, or when a login has become too old.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use placet_ambient::Entropy;
use placet_sdk::Secret;
use quick_cache::sync::Cache;

/// Secrets that one login is good with; the oldest goes. An application that comes without one is given another.
const SECRETS: usize = 8;

struct Shared {
    /// Seconds since the epoch.
    auth_time: i64,
    secrets: Vec<Secret>,
}

pub(crate) struct SharedSessions {
    by_sid: Cache<String, Arc<Mutex<Shared>>>,
    /// How long a login is good for, in seconds.
    longest: i64,
    entropy: Entropy,
}

impl SharedSessions {
    /// `most`: how many are remembered; the least used go first.
    pub(crate) fn new(most: usize, longest: i64, entropy: Entropy) -> Self {
        Self { by_sid: Cache::new(most), longest, entropy }
    }

    /// A client has asked for one. A login that is confirmed once more is good for longer.
    pub(crate) fn begin(&self, sid: &str, auth_time: i64) {
        match self.by_sid.get(sid) {
            Some(shared) => lock(&shared).auth_time = auth_time,
            None => {
                let shared = Shared { auth_time, secrets: Vec::new() };
                self.by_sid.insert(sid.to_owned(), Arc::new(Mutex::new(shared)));
            }
        }
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

    fn hash(secret: &str) -> String {
        BASE64URL_NOPAD.encode(digest(&SHA256, secret.as_bytes()).as_ref())
    }

    #[test]
    fn a_device_keeps_its_secret_and_others_get_their_own() {
        let sessions = SharedSessions::new(10, 100, Entropy::system());
        assert!(sessions.secret("s", None, 0).is_none());
        sessions.begin("s", 0);
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
        let sessions = SharedSessions::new(10, 100, Entropy::system());
        sessions.begin("s", 0);
        let secret = sessions.secret("s", None, 100).unwrap();
        sessions.begin("s", 50);
        assert!(sessions.proven("s", &secret, &hash(&secret), 150).is_some());
        assert!(sessions.secret("s", Some(&secret), 151).is_none());
        sessions.begin("s", 151);
        assert!(sessions.end("s") && !sessions.end("s"));
        assert!(sessions.secret("s", None, 151).is_none());
    }
}
