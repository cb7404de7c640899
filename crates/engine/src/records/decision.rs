//! What a user decides on another device, and how often a client may ask whether it has (CIBA Core §11, RFC 8628
//! §3.5).

use placet_base::{Timestamp, Ttl};
use serde::{Deserialize, Serialize};

use crate::records::entitlement::Terms;
use crate::records::id_token_plan::IdTokenPlan;

/// What the user has agreed to.
#[derive(Clone, Serialize, Deserialize)]
pub struct Authorized {
    #[serde(rename = "entitlement")]
    pub terms: Terms,
    /// `None` for a request that is no OpenID Connect request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<IdTokenPlan>,
    /// Seconds that the caller asked for.
    pub access_secs: Option<i64>,
    pub refresh_secs: Option<i64>,
}

/// Why there will be no tokens.
#[derive(Clone, Serialize, Deserialize)]
pub struct Refused {
    /// The user has refused; otherwise something went wrong.
    pub by_user: bool,
    pub description: Option<String>,
    pub uri: Option<String>,
}

/// The user has agreed, and the client gets its tokens.
pub struct Redeemed(());

impl Authorized {
    /// The client has come for its tokens.
    pub fn redeemed(self) -> (Self, Redeemed) {
        (self, Redeemed(()))
    }
}

/// A poll, judged by when it came.
pub enum Poll {
    InTime,
    TooSoon,
}

/// When a client may ask again.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Pace {
    /// Not before this time; each time it does, the wait grows.
    pub next_poll: Timestamp,
    /// Seconds between two polls.
    pub interval: i64,
}

/// CIBA Core §11, RFC 8628 §3.5: how much longer a client that asks too soon must wait, in seconds.
const SLOWER: i64 = 5;

impl Pace {
    /// `interval`: seconds between two polls. The first may come at once.
    pub fn new(interval: i64, now: Timestamp) -> Self {
        Self { next_poll: now, interval }
    }

    /// Once there is an answer, nobody has to wait for it.
    pub fn at_once(self, now: Timestamp) -> Self {
        Self { next_poll: now, ..self }
    }

    pub fn poll(self, now: Timestamp) -> Poll {
        if now < self.next_poll { Poll::TooSoon } else { Poll::InTime }
    }

    /// The pace after a poll: whoever asks before the interval is over waits longer from then on.
    pub fn polled(self, now: Timestamp) -> Self {
        let interval = match self.poll(now) {
            Poll::TooSoon => self.interval.saturating_add(SLOWER),
            Poll::InTime => self.interval,
        };
        Self { interval, next_poll: now + Ttl::secs(interval.max(1)) }
    }
}
