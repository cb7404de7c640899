//! What is remembered of a browser between two requests, on this side; the browser holds a random name for it.

mod handle;
mod store;

use std::collections::BTreeSet;

use placet_sdk::Secret;
use serde::{Deserialize, Serialize};

use crate::interaction::Interaction;
use crate::means::Means;
use crate::offer::Offered;
use crate::passkeys::Ceremonies;
use crate::routes::Leaving;
use crate::settings::Strength;
use crate::social::Attempts;
use crate::users::{Developer, User};

pub(crate) use handle::{Handle, Lost};
pub(crate) use store::Sessions;

/// CSRF tokens of pages that were shown before the last logins.
const FORMER: usize = 4;

/// How long an answer may be in the making, in seconds, before whoever comes next makes it: longer than the API is waited
/// for. A process that has ended in the middle takes no request with it.
const DECIDING: i64 = 30;

/// Somebody who has proven who they are.
#[derive(Clone, Serialize, Deserialize)]
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
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Tab {
    Open(Box<Interaction>),
    /// The answer is being made, since then, in seconds since the epoch; whoever comes now waits for it.
    Deciding(Box<Interaction>, i64),
    /// It was answered.
    Answered(Answered),
}

impl Tab {
    /// The interaction, unless it was answered, or somebody is about to.
    pub(crate) fn open(&self, now: i64) -> Option<&Interaction> {
        match self {
            Self::Open(interaction) => Some(interaction),
            Self::Deciding(interaction, since) => (now - since > DECIDING).then_some(interaction),
            Self::Answered(_) => None,
        }
    }
}

/// An answer that went out.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Answered {
    /// The name of the client that it went to.
    pub(crate) client: String,
    pub(crate) reply: Reply,
    /// Seconds since the epoch.
    pub(crate) at: i64,
}

/// How an answer travels to the client.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Reply {
    Location(String),
    Form(String),
}

/// Another release may have written it: what that does not know is as in a new one.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Session {
    pub(crate) csrf: String,
    /// Those that it had before somebody signed in: a page that carries one is ours, and out of date.
    former: Vec<String>,
    pub(crate) login: Option<Login>,
    /// What the browser tells pages of clients about this login (OpenID Connect Session Management 1.0 §4.2).
    pub(crate) browser_state: String,
    /// Clients that have been told of this login, by their ids.
    clients: BTreeSet<String>,
    /// A logout that the person is being asked about.
    pub(crate) leaving: Option<Leaving>,
    /// What became of a wish to take back a client's access just now: the client's id, and its name if there was access.
    pub(crate) revoked: Option<(String, Option<String>)>,
    /// What was done on the page of passkeys just now.
    pub(crate) passkey_done: Option<String>,
    /// The last credential offer that was made here.
    pub(crate) offered: Option<Offered>,
    /// Passkeys that are being made or used.
    pub(crate) ceremonies: Ceremonies,
    /// Sign-ins by way of a social network.
    pub(crate) social: Attempts,
    /// Who is signed in at the pages for developers, and since when: nobody who is a user for that.
    developer: Option<(Developer, i64)>,
    /// The secret of a client that its page shows next, and once.
    pub(crate) client_secret: Option<(String, String)>,
    tabs: Vec<(String, Tab)>,
    last_seen: i64,
}

impl Session {
    fn new(csrf: String, now: i64) -> Self {
        Self { csrf, last_seen: now, ..Self::default() }
    }

    /// What goes on under another name: pages that were shown before are known as such.
    fn moved(self, csrf: String, now: i64) -> Self {
        let mut former = self.former;
        former.insert(0, self.csrf);
        former.truncate(FORMER);
        Self {
            former,
            login: self.login,
            developer: self.developer,
            browser_state: self.browser_state,
            clients: self.clients,
            tabs: self.tabs,
            ..Self::new(csrf, now)
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

    /// A client is told of this login; at most so many are told of its end.
    pub(crate) fn note_client(&mut self, id: String, most: usize) {
        if self.clients.len() < most {
            self.clients.insert(id);
        }
    }

    /// What became of a wish to take back a client's access. A button that is pressed twice has ended it once.
    pub(crate) fn told_of(&mut self, client: &str, name: Option<String>) {
        let before = self.revoked.take().filter(|(known, _)| known == client).and_then(|(_, name)| name);
        self.revoked = Some((client.to_owned(), name.or(before)));
    }

    /// Opens a tab under a new name; the oldest goes when there are too many.
    pub(crate) fn open(&mut self, id: String, interaction: Interaction, most: usize) {
        if self.tabs.len() >= most {
            self.tabs.remove(0);
        }
        self.tabs.push((id, Tab::Open(Box::new(interaction))));
    }

    pub(crate) fn tab(&self, id: &str) -> Option<&Tab> {
        self.tabs.iter().find(|(known, _)| known == id).map(|(_, tab)| tab)
    }

    fn tab_mut(&mut self, id: &str) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|(known, _)| known == id).map(|(_, tab)| tab)
    }

    /// Changes an interaction that is still open.
    pub(crate) fn change_open(&mut self, id: &str, work: impl FnOnce(&mut Interaction)) {
        if let Some(Tab::Open(interaction)) = self.tab_mut(id) {
            work(interaction);
        }
    }

    /// Takes an open interaction, so that nobody else decides on it.
    pub(crate) fn decide(&mut self, id: &str, now: i64) -> Option<Interaction> {
        let tab = self.tab_mut(id)?;
        let interaction = tab.open(now)?.clone();
        *tab = Tab::Deciding(Box::new(interaction.clone()), now);
        Some(interaction)
    }

    /// Puts back what was taken, with an answer or as it was.
    pub(crate) fn settle(&mut self, id: &str, outcome: Tab) {
        if let Some(tab) = self.tab_mut(id) {
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
