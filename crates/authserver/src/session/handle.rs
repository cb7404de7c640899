//! A session as one request sees it: what it was when it was read, and changes that nobody has come in between of.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Login, Session};
use crate::state::{Kept, Place, Shelf, State, StateUnavailable, decoded, encoded};

/// How often a change is tried again that another request of the same session has come before.
const TRIES: usize = 16;

/// How long sessions live, in seconds.
#[derive(Clone, Copy)]
pub(super) struct Lifetimes {
    pub(super) idle: i64,
    /// The same, where nobody has signed in.
    pub(super) idle_of_strangers: i64,
    /// Of a login.
    pub(super) longest: i64,
}

impl Lifetimes {
    pub(super) fn until(self, shelf: Shelf, session: &Session) -> i64 {
        let idle = if shelf == Shelf::Strangers { self.idle_of_strangers } else { self.idle };
        // What was seen so long ago still counts.
        session.last_seen.saturating_add(idle).saturating_add(1)
    }
}

/// A session and its name.
#[derive(Clone)]
pub(crate) struct Handle {
    pub(crate) id: String,
    state: State,
    lifetimes: Lifetimes,
    seen: Arc<Mutex<Seen>>,
}

/// The session when it was read, or changed, last.
struct Seen {
    version: i64,
    text: Vec<u8>,
    session: Session,
}

/// Why a session does not change.
#[derive(Debug)]
pub(crate) enum Lost {
    /// It has ended in the meantime.
    Gone,
    Away(StateUnavailable),
}

impl From<StateUnavailable> for Lost {
    fn from(e: StateUnavailable) -> Self {
        Self::Away(e)
    }
}

/// Strangers have names of their own, so that a name says where its session is.
const STRANGER: char = 's';
const LOGIN: char = 'l';

pub(super) fn named(shelf: Shelf, random: &str) -> String {
    format!("{}{random}", if shelf == Shelf::Strangers { STRANGER } else { LOGIN })
}

pub(super) fn place(id: &str) -> Place {
    Place::new(if id.starts_with(STRANGER) { Shelf::Strangers } else { Shelf::Logins }, id)
}

impl Handle {
    pub(super) fn new(
        id: String,
        version: i64,
        session: &Session,
        state: State,
        lifetimes: Lifetimes,
    ) -> Result<Self, StateUnavailable> {
        let seen = Seen { version, text: encoded(session)?, session: session.clone() };
        Ok(Self { id, state, lifetimes, seen: Arc::new(Mutex::new(seen)) })
    }

    pub(super) fn read(kept: Kept, id: &str, state: State, lifetimes: Lifetimes) -> Option<Self> {
        let session = decoded(&place(id), &kept)?;
        let seen = Seen { version: kept.version, text: kept.value, session };
        Some(Self { id: id.to_owned(), state, lifetimes, seen: Arc::new(Mutex::new(seen)) })
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks into the session.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&Session) -> R) -> R {
        look(&self.lock().session)
    }

    pub(crate) fn login(&self) -> Option<Login> {
        self.with(|session| session.login.clone())
    }

    pub(super) fn seen(&self) -> (i64, Session) {
        let seen = self.lock();
        (seen.version, seen.session.clone())
    }

    /// Changes the session: on what it is by then, so that of two requests which take something, at one process or at two, one
    /// gets it. `work` may be done several times.
    pub(crate) async fn change<R: Send>(
        &self,
        mut work: impl FnMut(&mut Session) -> R + Send,
    ) -> Result<R, Lost> {
        let place = place(&self.id);
        for _ in 0..TRIES {
            let (version, mut session) = self.seen();
            let outcome = work(&mut session);
            let text = encoded(&session)?;
            if self.lock().text == text {
                return Ok(outcome);
            }
            let until = self.lifetimes.until(place.shelf, &session);
            if let Some(version) = self.state.replace(&place, version, (text.clone(), until)).await? {
                *self.lock() = Seen { version, text, session };
                return Ok(outcome);
            }
            self.refresh().await?;
        }
        Err(StateUnavailable("too many change one session at once".to_owned()).into())
    }

    /// The same of what is lost without harm: what a page says once.
    pub(crate) async fn change_lightly<R: Default + Send>(
        &self,
        work: impl FnMut(&mut Session) -> R + Send,
    ) -> R {
        self.change(work).await.unwrap_or_else(|lost| {
            tracing::warn!(?lost, "a session was not changed");
            R::default()
        })
    }

    /// Reads the session again.
    pub(crate) async fn refresh(&self) -> Result<(), Lost> {
        let place = place(&self.id);
        let kept = self.state.kept(&place, i64::MIN).await?.ok_or(Lost::Gone)?;
        let session = decoded(&place, &kept).ok_or(Lost::Gone)?;
        *self.lock() = Seen { version: kept.version, text: kept.value, session };
        Ok(())
    }
}
