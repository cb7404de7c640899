//! Who is signed in, on this side: the browser holds a random name, and never the token.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use placet_ambient::Ambient;
use placet_base::TokenHash;
use placet_sdk::Secret;

use crate::budgets::{IDLE, KNOWN, LONGEST, SESSIONS, TOLD};
use crate::rights::Known;
use crate::told::Told;

/// By what a session calls the API. Members and people of an OpenID provider get theirs from a sign-in of the API; then the
/// token is short-lived, and the session ends with it.
pub(crate) struct Credential {
    pub(crate) token: Secret,
    /// Who that is, as far as it is known: the address of a member, what a token is for.
    pub(crate) who: String,
    /// When the token ends, in seconds since the epoch, if it is known.
    pub(crate) until: Option<i64>,
    /// It was made for the session, and ends when somebody signs out.
    pub(crate) is_of_session: bool,
}

/// A session.
pub(crate) struct Session {
    pub(crate) credential: Credential,
    /// What each form of the session has to carry.
    pub(crate) csrf: String,
    /// What the token is, and when that was asked for.
    known: Mutex<(Arc<Known>, i64)>,
    made: i64,
    seen: Mutex<i64>,
    /// What the next pages tell, once.
    told: Mutex<VecDeque<Told>>,
    /// The token that somebody has looked at last, which can be taken away without being sent to a page.
    looked_at: Mutex<Option<Secret>>,
}

impl Session {
    /// What the token is and may, as of late.
    pub(crate) fn known(&self) -> Arc<Known> {
        locked(&self.known).0.clone()
    }

    /// Whether somebody may have changed meanwhile what the token may.
    pub(crate) fn is_to_be_asked(&self, now: i64) -> bool {
        now - locked(&self.known).1 >= KNOWN
    }

    pub(crate) fn learn(&self, known: Known, now: i64) {
        *locked(&self.known) = (Arc::new(known), now);
    }

    /// Has the next page tell something.
    pub(crate) fn tell(&self, told: Told) {
        let mut waiting = locked(&self.told);
        if waiting.len() >= TOLD {
            waiting.pop_front();
        }
        waiting.push_back(told);
    }

    /// What is to be told, which is told once.
    pub(crate) fn take_told(&self) -> Vec<Told> {
        locked(&self.told).drain(..).collect()
    }

    pub(crate) fn look_at(&self, token: String) {
        *locked(&self.looked_at) = Some(Secret::new(token));
    }

    /// The token that was looked at last, if this is its hash.
    pub(crate) fn looked_at(&self, hash: &str) -> Option<String> {
        let token = locked(&self.looked_at);
        let value = token.as_ref().map(Secret::expose)?;
        (TokenHash::of(value).encoded() == hash).then(|| value.clone())
    }

    fn is_over(&self, now: i64) -> bool {
        let ended = self.credential.until.is_some_and(|until| now >= until);
        ended || now - self.made >= LONGEST || now - *locked(&self.seen) >= IDLE
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All of them, by the hashes of their names.
pub(crate) struct Sessions {
    ambient: Ambient,
    table: Mutex<HashMap<TokenHash, Arc<Session>>>,
}

impl Sessions {
    pub(crate) fn new(ambient: &Ambient) -> Self {
        Self { ambient: ambient.clone(), table: Mutex::default() }
    }

    /// Makes a session, and says its name.
    pub(crate) fn open(&self, credential: Credential, known: Known) -> String {
        let now = self.ambient.clock.seconds();
        let [name, csrf] = std::array::from_fn(|_| self.ambient.entropy.identifier());
        let session = Session {
            credential,
            csrf,
            known: Mutex::new((Arc::new(known), now)),
            made: now,
            seen: Mutex::new(now),
            told: Mutex::default(),
            looked_at: Mutex::default(),
        };
        let mut table = locked(&self.table);
        table.retain(|_, session| !session.is_over(now));
        if table.len() >= SESSIONS {
            let oldest =
                table.iter().min_by_key(|(_, session)| *locked(&session.seen)).map(|(name, _)| *name);
            oldest.and_then(|name| table.remove(&name));
        }
        table.insert(TokenHash::of(&name), Arc::new(session));
        name
    }

    /// The session of this name, which is in use now.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Session>> {
        let session = self.peek(name)?;
        *locked(&session.seen) = self.ambient.clock.seconds();
        Some(session)
    }

    /// The session of this name, which nobody uses for that.
    pub(crate) fn peek(&self, name: &str) -> Option<Arc<Session>> {
        let now = self.ambient.clock.seconds();
        let mut table = locked(&self.table);
        let hash = TokenHash::of(name);
        let session = table.get(&hash)?.clone();
        if session.is_over(now) {
            table.remove(&hash);
            return None;
        }
        Some(session)
    }

    /// Ends the session of this name, which may have a token to end.
    pub(crate) fn close(&self, name: &str) -> Option<Arc<Session>> {
        locked(&self.table).remove(&TokenHash::of(name))
    }
}

#[cfg(test)]
mod tests {
    use placet_ambient::Clock;
    use placet_base::Ttl;
    use placet_sdk::types::ApiTokenGetResponse;

    use super::*;

    fn credential(until: Option<i64>) -> Credential {
        Credential { token: Secret::new("t".to_owned()), who: String::new(), until, is_of_session: false }
    }

    fn known() -> Known {
        Known::of(ApiTokenGetResponse::default())
    }

    fn sessions() -> (Sessions, Clock) {
        let ambient = Ambient { clock: Clock::stopped(), ..Ambient::default() };
        (Sessions::new(&ambient), ambient.clock)
    }

    #[test]
    fn a_session_ends_idle_or_old_or_with_its_token() {
        let (sessions, clock) = sessions();
        let name = sessions.open(credential(None), known());
        assert!(sessions.find(&name).is_some() && sessions.find("other").is_none());
        for _ in 0..LONGEST / (IDLE - 1) {
            clock.advance(Ttl::secs(IDLE - 1));
            assert!(sessions.find(&name).is_some());
        }
        clock.advance(Ttl::secs(IDLE - 1));
        assert!(sessions.find(&name).is_none(), "it is old");
        let name = sessions.open(credential(None), known());
        clock.advance(Ttl::secs(IDLE - 1));
        assert!(sessions.peek(&name).is_some());
        clock.advance(Ttl::secs(1));
        assert!(sessions.find(&name).is_none(), "it was idle, whatever a page asked of itself");
        let name = sessions.open(credential(Some(clock.seconds() + 60)), known());
        clock.advance(Ttl::secs(60));
        assert!(sessions.find(&name).is_none(), "its token has ended");
        let name = sessions.open(credential(None), known());
        assert!(sessions.close(&name).is_some() && sessions.close(&name).is_none());
        assert!(sessions.find(&name).is_none());
    }

    #[test]
    fn what_a_token_may_is_asked_for_now_and_then() {
        let (sessions, clock) = sessions();
        let session = sessions.find(&sessions.open(credential(None), known())).unwrap();
        assert!(!session.is_to_be_asked(clock.seconds()));
        clock.advance(Ttl::secs(KNOWN));
        assert!(session.is_to_be_asked(clock.seconds()));
        session.learn(known(), clock.seconds());
        assert!(!session.is_to_be_asked(clock.seconds()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (sessions, clock) = sessions();
        let first = sessions.open(credential(None), known());
        clock.advance(Ttl::secs(1));
        let second = sessions.open(credential(None), known());
        for _ in 2..=SESSIONS {
            sessions.open(credential(None), known());
        }
        assert_eq!(locked(&sessions.table).len(), SESSIONS);
        assert!(sessions.find(&first).is_none() && sessions.find(&second).is_some());
        let session = sessions.find(&second).unwrap();
        (0..=TOLD).for_each(|_| session.tell(Told::done("x")));
        assert_eq!((session.take_told().len(), session.take_told().len()), (TOLD, 0));
    }
}
