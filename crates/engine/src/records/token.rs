//! An access token and its refresh token: one record from issuance through every refresh.
//!
//! ```text
//! live{generation} ──refresh──► live{generation + 1}
//!        └──revoke, replay────► (deleted)
//! ```
//!
//! Both values lie in one record, so that revoking one ends the other, and a refresh ends the access
//! token before it. A refresh token of an earlier generation is a replay (RFC 9700 §4.14.2).

use placet_base::{Timestamp, TokenHash};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::mint::entitlement::Entitlement;
use crate::mint::handle::{Bearer, Tag};

#[derive(Clone, Serialize, Deserialize)]
pub struct Token {
    pub entitlement: Entitlement,
    pub access: Value,
    pub refresh: Option<Value>,
    pub generation: u32,
    pub issued_at: Timestamp,
}

/// One of the two values.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Value {
    pub hash: TokenHash,
    pub expires_at: Timestamp,
}

/// Which of the two values is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Access,
    Refresh,
}

impl Token {
    /// Whether the refresh token can still be used.
    pub fn is_refreshable(&self, now: Timestamp) -> bool {
        self.refresh.is_some_and(|refresh| !refresh.expires_at.is_past(now))
    }
}

impl Bearer for Token {
    type Kind = Which;

    fn tag(which: Which) -> Tag {
        match which {
            Which::Access => Tag::AccessToken,
            Which::Refresh => Tag::RefreshToken,
        }
    }

    fn hash(&self, which: Which) -> Option<TokenHash> {
        match which {
            Which::Access => Some(self.access.hash),
            Which::Refresh => self.refresh.map(|refresh| refresh.hash),
        }
    }

    fn generation(&self) -> u32 {
        self.generation
    }
}

impl Record for Token {
    const KIND: Kind = Kind::log("token");

    fn expires_at(&self) -> Option<Timestamp> {
        let refresh = self.refresh.map(|refresh| refresh.expires_at);
        Some(refresh.unwrap_or(self.access.expires_at).max(self.access.expires_at))
    }
}
