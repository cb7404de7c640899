//! What is remembered of a browser between two requests, on this side; the browser holds a random name for it.

mod store;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use placet_ambient::Entropy;
use placet_sdk::Secret;

use crate::interaction::Interaction;
use crate::means::Means;
use crate::offer::Offered;
use crate::passkeys::{Ceremonies, Ceremony};
use crate::routes::Leaving;
use crate::settings::Strength;
use crate::social::Attempts;
use crate::users::{Developer, User};

pub(crate) use store::Sessions;

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
    /// What became of a wish to take back a client's access just now: the client's id, and its name if there was access.
    pub(crate) revoked: Option<(String, Option<String>)>,
    /// What was done on the page of passkeys just now.
    pub(crate) passkey_done: Option<&'static str>,
    /// The last credential offer that was made here.
    pub(crate) offered: Option<Offered>,
    /// Passkeys that are being made or used.
    pub(crate) ceremonies: Ceremonies,
    /// Sign-ins by way of a social network.
    pub(crate) social: Attempts,
    /// Who is signed in at the pages for developers, and since when: nobody who is a user for that.
    developer: Option<(Developer, i64)>,
    /// The secret of a client that its page shows next, and once.
    pub(crate) client_secret: Option<(String, Secret)>,
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
            offered: None,
            ceremonies: Ceremonies::default(),
            social: Attempts::default(),
            developer: None,
            client_secret: None,
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

    /// The developer who is signed in, if that is no longer ago.
    pub(crate) fn developer(&self, now: i64, longest: i64) -> Option<Developer> {
        let (developer, since) = self.developer.as_ref()?;
        (now - since <= longest).then(|| developer.clone())
    }

    pub(crate) fn developer_leaves(&mut self) {
        self.developer = None;
        self.client_secret = None;
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

    /// What became of a wish to take back a client's access. A button that is pressed twice has ended it once.
    pub(crate) fn told_of(&mut self, client: &str, name: Option<String>) {
        let before = self.revoked.take().filter(|(known, _)| known == client).and_then(|(_, name)| name);
        self.revoked = Some((client.to_owned(), name.or(before)));
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
