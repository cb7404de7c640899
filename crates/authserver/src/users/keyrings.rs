//! Passkeys of users (WebAuthn), as a store keeps them.

use serde::{Deserialize, Serialize};

use super::{BoxFuture, Unavailable};

/// The public key of a passkey, its counter and the like.
pub use webauthn_rs::prelude::Passkey as Credential;
/// What authenticators know a user by. It is random and says nothing of the user (WebAuthn Level 3 §5.4.3, §14.6.1).
pub use webauthn_rs::prelude::Uuid as UserHandle;

/// The passkeys of a user, kept and saved as one value. Nothing of it is secret.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Keyring {
    /// Whose it is.
    pub subject: String,
    /// Stays the same as long as there is the user, also when all passkeys are gone.
    pub handle: UserHandle,
    /// The passkeys, in the order that they were added in.
    pub passkeys: Vec<Passkey>,
    /// How often it has been saved; 0 for one that never was.
    pub version: u64,
}

/// A passkey, as its owner knows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Passkey {
    /// What pages call it.
    pub id: String,
    /// What the user calls it; may be empty.
    pub label: String,
    /// Seconds since the epoch.
    pub created_at: i64,
    /// When somebody signed in with it last, in seconds since the epoch.
    pub used_at: Option<i64>,
    /// What an authenticator is held against.
    pub credential: Credential,
}

impl Keyring {
    /// An empty one, not yet saved.
    pub fn new(subject: String, handle: UserHandle) -> Self {
        Self { subject, handle, passkeys: Vec::new(), version: 0 }
    }
}

/// A store of passkeys.
pub trait Keyrings: Send + Sync {
    /// The keyring of a user; `None` for one who never had a passkey.
    fn of_subject<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Option<Keyring>, Unavailable>>;

    /// The keyring with this handle.
    fn of_handle(&self, handle: UserHandle) -> BoxFuture<'_, Result<Option<Keyring>, Unavailable>>;

    /// Keeps a keyring in place of the user's last one, as one step and durably; its version goes up by one. Of two who have
    /// read the same version, one saves: a counter that somebody else has moved on is not moved back.
    fn save(&self, keyring: Keyring) -> BoxFuture<'_, Result<Saved, Unavailable>>;
}

/// What became of a keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is kept.
    Kept,
    /// Somebody has saved another one since this one was read.
    Outdated,
    /// One of its passkeys, or its handle, is on the keyring of somebody else (WebAuthn Level 3 §7.1).
    Taken,
}
