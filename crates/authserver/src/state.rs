//! What is remembered between two requests, as a store sees it: values under names, each with an end. A process of its own
//! keeps them in its memory; many processes share a store that is handed in.

pub mod contract;
mod in_memory;
mod typed;

use std::future::Future;
use std::pin::Pin;

pub use in_memory::InMemory;
pub(crate) use typed::{Next, State, decoded, encoded};

/// What the methods of [`StateStore`] return, so that stores can be trait objects.
pub type StateFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StateUnavailable>> + Send + 'a>>;

/// The store does not answer; the text is for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateUnavailable(pub String);

/// Whoever comes now is told what they are told when the API is away.
impl From<StateUnavailable> for placet_sdk::Error {
    fn from(e: StateUnavailable) -> Self {
        Self::Transport(placet_sdk::TransportError::Unreached(e.0))
    }
}

/// What a value is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// Sessions of browsers in which nobody has signed in.
    Strangers,
    /// Sessions in which somebody has signed in.
    Logins,
    /// Which sessions a user has.
    OfUsers,
    /// Which sessions a developer has.
    OfDevelopers,
    /// Logins that the applications of a device share.
    Devices,
    /// Which of these a user has.
    OfDevices,
    /// Requests that wait for a user's answer.
    Inbox,
    /// Which of these a user has.
    OfInboxes,
    /// When credentials that come later are ready.
    Later,
    /// Wrong answers that were counted.
    Guesses,
    /// Keys that all processes have to have.
    Keys,
}

impl Shelf {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Strangers,
        Self::Logins,
        Self::OfUsers,
        Self::OfDevelopers,
        Self::Devices,
        Self::OfDevices,
        Self::Inbox,
        Self::OfInboxes,
        Self::Later,
        Self::Guesses,
        Self::Keys,
    ];

    /// A short name that never changes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strangers => "strangers",
            Self::Logins => "logins",
            Self::OfUsers => "of_users",
            Self::OfDevelopers => "of_developers",
            Self::Devices => "devices",
            Self::OfDevices => "of_devices",
            Self::Inbox => "inbox",
            Self::OfInboxes => "of_inboxes",
            Self::Later => "later",
            Self::Guesses => "guesses",
            Self::Keys => "keys",
        }
    }
}

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// What it is about.
    pub shelf: Shelf,
    /// What tells it apart there. Names of sessions are what browsers prove themselves with: a store that outlives the process
    /// keeps no more than their hashes.
    pub name: String,
}

impl Place {
    pub(crate) fn new(shelf: Shelf, name: impl Into<String>) -> Self {
        Self { shelf, name: name.into() }
    }
}

/// The end of what has none.
pub const NEVER: i64 = i64::MAX;

/// A value that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Another one with each change.
    pub version: i64,
    /// Whoever reads it is let in: a store that outlives the process seals it.
    pub value: Vec<u8>,
    /// Until when it means something, in seconds since the epoch; [`NEVER`] where it has no end.
    pub until: i64,
}

/// A store of what is remembered. What one process has changed is seen by all of them at once; of two that change the same
/// version, one does.
pub trait StateStore: Send + Sync {
    /// The value; one that has ended may be there still.
    fn get<'a>(&'a self, place: &'a Place) -> StateFuture<'a, Option<Kept>>;

    /// Keeps a value where there is none, and says its version; nothing where there is one.
    fn insert<'a>(&'a self, place: &'a Place, value: Vec<u8>, until: i64) -> StateFuture<'a, Option<i64>>;

    /// Replaces a value that has not changed since it was read, and says its new version; nothing where it has.
    fn replace<'a>(
        &'a self,
        place: &'a Place,
        version: i64,
        value: Vec<u8>,
        until: i64,
    ) -> StateFuture<'a, Option<i64>>;

    /// Removes a value that has not changed since it was read: whether it did.
    fn remove<'a>(&'a self, place: &'a Place, version: i64) -> StateFuture<'a, bool>;
}
