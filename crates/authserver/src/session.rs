//! What is remembered of a browser between two requests, on this side; the browser holds a random name for it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use placet_ambient::Entropy;
use placet_sdk::Secret;
use quick_cache::sync::Cache;

use crate::interaction::Interaction;
use crate::means::Means;
use crate::passkeys::{Ceremonies, Ceremony};
use crate::routes::Leaving;
use crate::settings::{Settings, Strength};
use crate::users::User;

/// CSRF tokens of pages that were shown before the last logins.
const FORMER: usize = 4;

/// Somebody who has proven who they are.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) user: User,
    /// Seconds since the epoch.
    pub(crate) auth_time: i64,
    pub(crate) means: Means,
    /// Whether the user has a passkey, as far as it has been looked up.
    pub(crate) has_passkey: bool,
    /// The session as clients know it: `sid`. Never the name that the browser holds.
    pub(crate) sid: String,
}

impl Login {
    pub(crate) fn strength(&self) -> Strength {
        self.means.strength()
    }

    /// Whether the user could not be surer than this, as far as their passkeys have been looked up.
    pub(crate) fn is_strongest(&self) -> bool {
        self.strength() == Strength::SecondFactor || !(self.user.has_second_factor || self.has_passkey)
    }
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
    /// Those that it had before somebody signed in: a page that carries one is ours, and out of date.
    former: Vec<String>,
    pub(crate) login: Option<Login>,
    /// What the browser tells pages of clients about this login (OpenID Connect Session Management 1.0 §4.2).
    pub(crate) browser_state: String,
    /// Clients that have been told of this login, by their ids.
    clients: BTreeSet<String>,
    /// As many of them as are told of its end, and as many tabs.
    most: (usize, usize),
    /// A logout that the person is being asked about.
    pub(crate) leaving: Option<Leaving>,
    /// The client whose access was taken back just now: id and name.
    pub(crate) revoked: Option<(String, String)>,
    /// What was done on the page of passkeys just now.
    pub(crate) passkey_done: Option<&'static str>,
    /// Passkeys that are being made or used.
    pub(crate) ceremonies: Ceremonies,
    tabs: Vec<(String, Tab)>,
    last_seen: i64,
    entropy: Entropy,
}

impl Session {
    fn new(now: i64, most: (usize, usize), entropy: Entropy) -> Self {
        Self {
            csrf: entropy.identifier(),
            former: Vec::new(),
            login: None,
            browser_state: String::new(),
            clients: BTreeSet::new(),
            most,
            leaving: None,
            revoked: None,
            passkey_done: None,
            ceremonies: Ceremonies::default(),
            tabs: Vec::new(),
            last_seen: now,
            entropy,
        }
    }

    /// Whether a form with this token was shown to this browser, and whether before somebody signed in.
    pub(crate) fn shown(&self, csrf: &str) -> Option<Shown> {
        let is = |known: &String| Secret::new(known.clone()).matches(csrf);
        match (is(&self.csrf), self.former.iter().any(is)) {
            (true, _) => Some(Shown::Now),
            (false, true) => Some(Shown::Before),
            (false, false) => None,
        }
    }

    /// A client has been told of this login.
    pub(crate) fn note_client(&mut self, id: String) {
        if self.clients.len() < self.most.0 {
            self.clients.insert(id);
        }
    }

    pub(crate) fn take_clients(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.clients)
    }

    /// Begins a ceremony; what names it goes into the page.
    pub(crate) fn begin(&mut self, ceremony: Ceremony, now: i64) -> String {
        let id = self.entropy.identifier();
        self.ceremonies.begin(id.clone(), ceremony, now);
        id
    }

    /// Opens a tab; the oldest goes when there are too many.
    pub(crate) fn open(&mut self, interaction: Interaction) -> String {
        let id = self.entropy.identifier();
        if self.tabs.len() >= self.most.1 {
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

/// When a form was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Now,
    /// Before somebody signed in, in another tab most likely.
    Before,
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
    most: (usize, usize),
    entropy: Entropy,
}

impl Sessions {
    pub(crate) fn new(settings: &Settings) -> Self {
        let (idle, longest, budgets) = (settings.session_idle, settings.session_longest, &settings.budgets);
        let most = (budgets.clients, budgets.tabs);
        let (strangers, logins) = (Cache::new(budgets.strangers), Cache::new(budgets.logins));
        Self { strangers, logins, idle, longest, most, entropy: settings.ambient.entropy.clone() }
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
        let id = self.entropy.identifier();
        let session = Arc::new(Mutex::new(Session::new(now, self.most, self.entropy.clone())));
        self.strangers.insert(id.clone(), session.clone());
        Handle { id, session }
    }

    /// Somebody has signed in. The session gets a new `sid` unless it is the same user again.
    pub(crate) fn sign_in(&self, handle: &Handle, user: User, means: Means, now: i64) -> Handle {
        handle.with(|session| {
            let before = session.login.take().filter(|login| login.user.subject == user.subject);
            if before.is_none() {
                session.clients.clear();
                session.browser_state = self.entropy.identifier();
            }
            let sid = before.map_or_else(|| self.entropy.identifier(), |login| login.sid);
            session.login = Some(Login { user, auth_time: now, means, has_passkey: false, sid });
        });
        self.renamed(handle, now)
    }

    /// Whoever is signed in has confirmed it with a second factor. That is no new login: when it was, was when the
    /// password came (OpenID Connect Core §2, `auth_time`).
    pub(crate) fn strengthen(&self, handle: &Handle, now: i64) -> Handle {
        handle.with(|session| {
            if let Some(login) = &mut session.login {
                login.means = Means::PasswordAndCode;
            }
        });
        self.renamed(handle, now)
    }

    /// The session under a new name, so that one that was planted in a browser leads nowhere.
    fn renamed(&self, handle: &Handle, now: i64) -> Handle {
        let moved = handle.with(|session| {
            let mut former = std::mem::take(&mut session.former);
            former.insert(0, session.csrf.clone());
            former.truncate(FORMER);
            Session {
                former,
                login: session.login.take(),
                browser_state: session.browser_state.clone(),
                clients: session.take_clients(),
                tabs: std::mem::take(&mut session.tabs),
                ..Session::new(now, self.most, self.entropy.clone())
            }
        });
        self.end(handle);
        let (id, session) = (self.entropy.identifier(), Arc::new(Mutex::new(moved)));
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
    use crate::budgets::Budgets;
    use crate::interaction::Purpose;
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
        let after = sessions.sign_in(&before, john(), Means::Password, 1);
        assert!(sessions.find(&before.id, 1).is_none());
        assert!(sessions.find(&after.id, 1).is_some());
        assert_ne!(after.with(|session| session.csrf.clone()), csrf);
        assert_ne!(after.login().unwrap().sid, after.id);
        // A page from before is known as such.
        assert_eq!(after.with(|session| session.shown(&csrf)), Some(Shown::Before));
        assert_eq!(after.with(|session| session.shown(&session.csrf)), Some(Shown::Now));
        assert_eq!(after.with(|session| session.shown("")), None);
        let many =
            (2..9).fold(after, |session, now| sessions.sign_in(&session, john(), Means::Password, now));
        assert_eq!(many.with(|session| session.shown(&csrf)), None);
    }

    #[test]
    fn the_same_user_again_keeps_the_sid_and_another_does_not() {
        let sessions = sessions();
        let first = sessions.sign_in(&sessions.start(0), john(), Means::Password, 1);
        let sid = first.login().unwrap().sid;
        let state = first.with(|session| session.browser_state.clone());
        first.with(|session| session.note_client("1".to_owned()));
        let stronger = sessions.strengthen(&first, 2);
        let login = stronger.login().unwrap();
        assert_eq!((login.auth_time, login.strength(), &login.sid), (1, Strength::SecondFactor, &sid));
        let again = sessions.sign_in(&stronger, john(), Means::Password, 2);
        assert_eq!((again.login().unwrap().sid, again.login().unwrap().auth_time), (sid.clone(), 2));
        assert_eq!(again.with(|session| session.browser_state.clone()), state);
        assert!(again.with(|session| session.clients.contains("1")));
        let jane = User { subject: "jane".to_owned(), ..User::default() };
        let other = sessions.sign_in(&again, jane, Means::Password, 3);
        assert_ne!(other.login().unwrap().sid, sid);
        assert_ne!(other.with(|session| session.browser_state.clone()), state);
        assert!(other.with(|session| session.clients.is_empty()));
    }

    #[test]
    fn a_login_ends_by_idleness_and_by_age() {
        let sessions = sessions();
        let idle = sessions.sign_in(&sessions.start(0), john(), Means::Password, 0);
        assert!(sessions.find(&idle.id, 8 * 3600).is_some());
        assert!(sessions.find(&idle.id, 12 * 3600).is_some());
        assert!(sessions.find(&idle.id, 12 * 3600 + 1).is_none());
        let idle = sessions.sign_in(&sessions.start(0), john(), Means::Password, 0);
        assert!(sessions.find(&idle.id, 8 * 3600 + 1).is_none());
        assert!(sessions.find(&idle.id, 1).is_none());
    }

    #[test]
    fn there_is_an_end_to_sessions_tabs_and_clients() {
        let budgets = Budgets { strangers: 20, logins: 30, tabs: 2, clients: 3, ..Budgets::default() };
        let settings = Settings { budgets, ..Settings::new(Issuer::parse("https://as.example").unwrap()) };
        let sessions = Sessions::new(&settings);
        let owner = sessions.sign_in(&sessions.start(0), john(), Means::Password, 0);
        (0..500).for_each(|_| drop(sessions.start(0)));
        assert!(sessions.strangers.len() <= 20, "{}", sessions.strangers.len());
        // A flood of strangers costs nobody a login.
        assert!(sessions.find(&owner.id, 1).is_some());
        let ids: Vec<_> = owner.with(|session| {
            (0..3).map(|_| session.open(Interaction::new(Purpose::Account("/apps".to_owned()), 0))).collect()
        });
        assert!(owner.with(|session| session.tab(&ids[0]).is_none() && session.tab(&ids[2]).is_some()));
        owner.with(|session| (0..9).for_each(|n| session.note_client(n.to_string())));
        assert_eq!(owner.with(Session::take_clients).len(), 3);
        (0..500).for_each(|_| drop(sessions.sign_in(&sessions.start(0), john(), Means::Password, 0)));
        assert!(sessions.logins.len() <= 30, "{}", sessions.logins.len());
    }
}
