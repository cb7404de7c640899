//! What is remembered of a browser between two requests, on this side; the browser holds a random name for it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;

use crate::entropy;
use crate::interaction::Interaction;
use crate::routes::Leaving;
use crate::settings::{Settings, Strength};
use crate::users::User;

/// Browsers without a login that are remembered; the least used go first, so that a flood of them costs
/// nobody a login.
const STRANGERS: usize = 20_000;
const LOGINS: usize = 200_000;
/// Requests that one browser can have open at a time: its tabs.
const TABS: usize = 8;

/// Somebody who has proven who they are.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) user: User,
    /// Seconds since the epoch.
    pub(crate) auth_time: i64,
    pub(crate) strength: Strength,
    /// The session as clients know it: `sid`. Never the name that the browser holds.
    pub(crate) sid: String,
}

/// What became of a request that this browser had open.
pub(crate) enum Tab {
    Open(Box<Interaction>),
    /// The answer is being made; whoever comes now waits for it.
    Deciding,
    /// It was answered.
    Answered(Answered),
}

/// An answer that went out.
#[derive(Clone)]
pub(crate) struct Answered {
    /// The name of the client that it went to.
    pub(crate) client: String,
    pub(crate) reply: Reply,
    /// Seconds since the epoch.
    pub(crate) at: i64,
}

/// How an answer travels to the client.
#[derive(Clone)]
pub(crate) enum Reply {
    Location(String),
    Form(String),
}

pub(crate) struct Session {
    pub(crate) csrf: String,
    pub(crate) login: Option<Login>,
    /// Clients that have been told of this login, by their ids.
    pub(crate) clients: BTreeSet<String>,
    /// A logout that the person is being asked about.
    pub(crate) leaving: Option<Leaving>,
    /// The client whose access was taken back just now: id and name.
    pub(crate) revoked: Option<(String, String)>,
    tabs: Vec<(String, Tab)>,
    last_seen: i64,
}

impl Session {
    fn new(now: i64) -> Self {
        let (csrf, clients) = (entropy::identifier(), BTreeSet::new());
        Self { csrf, login: None, clients, leaving: None, revoked: None, tabs: Vec::new(), last_seen: now }
    }

    /// Opens a tab; the oldest goes when there are too many.
    pub(crate) fn open(&mut self, interaction: Interaction) -> String {
        let id = entropy::identifier();
        if self.tabs.len() >= TABS {
            self.tabs.remove(0);
        }
        self.tabs.push((id.clone(), Tab::Open(Box::new(interaction))));
        id
    }

    pub(crate) fn tab(&mut self, id: &str) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|(known, _)| known == id).map(|(_, tab)| tab)
    }

    /// Takes an open interaction out, so that nobody else decides on it.
    pub(crate) fn decide(&mut self, id: &str) -> Option<Interaction> {
        let tab = self.tab(id).filter(|tab| matches!(tab, Tab::Open(_)))?;
        match std::mem::replace(tab, Tab::Deciding) {
            Tab::Open(open) => Some(*open),
            Tab::Deciding | Tab::Answered(_) => None,
        }
    }

    /// Puts back what was taken, with an answer or as it was.
    pub(crate) fn settle(&mut self, id: &str, outcome: Tab) {
        if let Some(tab) = self.tab(id) {
            *tab = outcome;
        }
    }

    /// Forgets an interaction.
    pub(crate) fn close(&mut self, id: &str) {
        self.tabs.retain(|(known, _)| known != id);
    }
}

/// A session and its name.
#[derive(Clone)]
pub(crate) struct Handle {
    pub(crate) id: String,
    session: Arc<Mutex<Session>>,
}

impl Handle {
    /// Looks into the session, or changes it. Nothing is awaited inside.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Session) -> R) -> R {
        work(&mut self.session.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn login(&self) -> Option<Login> {
        self.with(|session| session.login.clone())
    }
}

pub(crate) struct Sessions {
    strangers: Cache<String, Arc<Mutex<Session>>>,
    logins: Cache<String, Arc<Mutex<Session>>>,
    idle: i64,
    longest: i64,
}

impl Sessions {
    pub(crate) fn new(settings: &Settings) -> Self {
        let (idle, longest) = (settings.session_idle, settings.session_longest);
        Self { strangers: Cache::new(STRANGERS), logins: Cache::new(LOGINS), idle, longest }
    }

    pub(crate) fn find(&self, id: &str, now: i64) -> Option<Handle> {
        let session = self.logins.get(id).or_else(|| self.strangers.get(id))?;
        let handle = Handle { id: id.to_owned(), session };
        let alive = handle.with(|session| {
            let idle = now - session.last_seen > self.idle;
            let old = session.login.as_ref().is_some_and(|login| now - login.auth_time > self.longest);
            session.last_seen = now;
            !idle && !old
        });
        if !alive {
            self.end(&handle);
        }
        alive.then_some(handle)
    }

    pub(crate) fn start(&self, now: i64) -> Handle {
        let id = entropy::identifier();
        let session = Arc::new(Mutex::new(Session::new(now)));
        self.strangers.insert(id.clone(), session.clone());
        Handle { id, session }
    }

    /// Somebody has signed in. The session gets a new name, so that one that was planted in a browser leads
    /// nowhere, and a new `sid` unless it is the same user again.
    pub(crate) fn sign_in(&self, handle: &Handle, user: User, strength: Strength, now: i64) -> Handle {
        let moved = handle.with(|session| {
            let before = session.login.take().filter(|login| login.user.subject == user.subject);
            let clients = std::mem::take(&mut session.clients);
            Session {
                csrf: entropy::identifier(),
                clients: if before.is_some() { clients } else { BTreeSet::new() },
                tabs: std::mem::take(&mut session.tabs),
                last_seen: now,
                leaving: None,
                revoked: None,
                login: Some(Login {
                    user,
                    auth_time: now,
                    strength,
                    sid: before.map_or_else(entropy::identifier, |login| login.sid),
                }),
            }
        });
        self.end(handle);
        let (id, session) = (entropy::identifier(), Arc::new(Mutex::new(moved)));
        self.logins.insert(id.clone(), session.clone());
        Handle { id, session }
    }

    pub(crate) fn end(&self, handle: &Handle) {
        self.strangers.remove(&handle.id);
        self.logins.remove(&handle.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Issuer;

    fn sessions() -> Sessions {
        Sessions::new(&Settings::new(Issuer::parse("https://as.example").unwrap()))
    }

    fn john() -> User {
        User { subject: "john".to_owned(), ..User::default() }
    }

    #[test]
    fn a_login_renames_the_session() {
        let sessions = sessions();
        let before = sessions.start(0);
        let csrf = before.with(|session| session.csrf.clone());
        let after = sessions.sign_in(&before, john(), Strength::Password, 1);
        assert!(sessions.find(&before.id, 1).is_none());
        assert!(sessions.find(&after.id, 1).is_some());
        assert_ne!(after.with(|session| session.csrf.clone()), csrf);
        assert_ne!(after.login().unwrap().sid, after.id);
    }

    #[test]
    fn the_same_user_again_keeps_the_sid_and_another_does_not() {
        let sessions = sessions();
        let first = sessions.sign_in(&sessions.start(0), john(), Strength::Password, 1);
        let sid = first.login().unwrap().sid;
        first.with(|session| session.clients.insert("1".to_owned()));
        let again = sessions.sign_in(&first, john(), Strength::Password, 2);
        assert_eq!(again.login().unwrap().sid, sid);
        assert!(again.with(|session| session.clients.contains("1")));
        let jane = User { subject: "jane".to_owned(), ..User::default() };
        let other = sessions.sign_in(&again, jane, Strength::Password, 3);
        assert_ne!(other.login().unwrap().sid, sid);
        assert!(other.with(|session| session.clients.is_empty()));
    }

    #[test]
    fn a_login_ends_by_idleness_and_by_age() {
        let sessions = sessions();
        let idle = sessions.sign_in(&sessions.start(0), john(), Strength::Password, 0);
        assert!(sessions.find(&idle.id, 8 * 3600).is_some());
        assert!(sessions.find(&idle.id, 12 * 3600).is_some());
        assert!(sessions.find(&idle.id, 12 * 3600 + 1).is_none());
        let idle = sessions.sign_in(&sessions.start(0), john(), Strength::Password, 0);
        assert!(sessions.find(&idle.id, 8 * 3600 + 1).is_none());
        assert!(sessions.find(&idle.id, 1).is_none());
    }
}
