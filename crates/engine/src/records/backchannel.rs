//! A backchannel authentication request (CIBA Core).
//!
//! ```text
//! opened ──issue──► pending ──complete──► authorized ──token endpoint──► (deleted)
//!    │                 │  └─complete────► refused ─────token endpoint──► (deleted)
//!    │                 └──complete, push─► (deleted, the tokens are on their way)
//!    └──fail──► (deleted)
//! ```

use placet_base::registry::DeliveryMode;
use placet_base::{ClientId, RecordNumber, Timestamp, TokenHash, Ttl};
use placet_store::{Kind, Record, Sealed};
use serde::{Deserialize, Serialize};

use crate::handle::{Bearer, HandleKind};
use crate::records::entitlement::Terms;
use crate::records::id_token_plan::IdTokenPlan;
use crate::rules::ciba::BackchannelRequest;

#[derive(Clone, Serialize, Deserialize)]
pub struct Backchannel {
    /// Of the ticket, which only the authorization server has.
    pub ticket: TokenHash,
    /// Of the `auth_req_id`, which the client has.
    pub auth_req_id: Option<TokenHash>,
    /// The `auth_req_id` itself, sealed: ping and push tell it to the client.
    pub sealed_id: Option<Sealed>,
    pub client: ClientId,
    pub alias_used: bool,
    pub mode: DeliveryMode,
    pub request: BackchannelRequest,
    pub state: State,
    /// The client may not ask again before this time; each time it does, the wait grows.
    pub next_poll: Timestamp,
    /// Seconds between two polls.
    pub interval: i64,
    pub expires_at: Timestamp,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Opened,
    Pending,
    Authorized(Box<Authorized>),
    Refused(Refused),
}

/// What the user has agreed to.
#[derive(Clone, Serialize, Deserialize)]
pub struct Authorized {
    #[serde(rename = "entitlement")]
    pub terms: Terms,
    pub id_token: IdTokenPlan,
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

/// Which of the two values is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestValue {
    Ticket,
    AuthReqId,
}

/// The user has agreed, and the client gets its tokens.
pub struct Redeemed(());

impl Authorized {
    /// The client has come for its tokens.
    pub fn redeemed(self) -> (Self, Redeemed) {
        (self, Redeemed(()))
    }
}

/// A poll, judged by when it came (§11).
pub enum Poll {
    InTime,
    TooSoon,
}

/// §11: how much longer a client that asks too soon must wait, in seconds.
const SLOWER: i64 = 5;

impl Backchannel {
    /// The request once the client has its `auth_req_id`.
    pub fn issued(self, id: (TokenHash, Sealed), interval: i64, now: Timestamp, lifetime: Ttl) -> Self {
        let (auth_req_id, sealed_id) = id;
        Self {
            auth_req_id: Some(auth_req_id),
            sealed_id: Some(sealed_id),
            state: State::Pending,
            next_poll: now,
            interval,
            expires_at: now + lifetime,
            ..self
        }
    }

    /// The request after the user's consent.
    pub fn authorized(self, agreed: Authorized, now: Timestamp) -> Self {
        Self { state: State::Authorized(Box::new(agreed)), next_poll: now, ..self }
    }

    /// The request after the user's refusal, or a failure.
    pub fn refused(self, refused: Refused, now: Timestamp) -> Self {
        Self { state: State::Refused(refused), next_poll: now, ..self }
    }

    pub fn poll(&self, now: Timestamp) -> Poll {
        if now < self.next_poll { Poll::TooSoon } else { Poll::InTime }
    }

    /// The request after a poll; §7.3, §11: whoever asks before the interval is over waits longer from
    /// then on.
    pub fn polled(self, now: Timestamp) -> Self {
        let interval = match self.poll(now) {
            Poll::TooSoon => self.interval + SLOWER,
            Poll::InTime => self.interval,
        };
        Self { interval, next_poll: now + Ttl::secs(interval.max(1)), ..self }
    }

    /// Where the sealed identifier belongs.
    pub fn place(ticket: &TokenHash) -> String {
        format!("auth_req_id/{}", ticket.encoded())
    }
}

impl Bearer for Backchannel {
    type Kind = RequestValue;

    fn tag(which: RequestValue) -> HandleKind {
        match which {
            RequestValue::Ticket => HandleKind::BackchannelTicket,
            RequestValue::AuthReqId => HandleKind::AuthReqId,
        }
    }

    fn hash(&self, which: RequestValue) -> Option<TokenHash> {
        match which {
            RequestValue::Ticket => Some(self.ticket),
            RequestValue::AuthReqId => self.auth_req_id,
        }
    }
}

impl Record for Backchannel {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("backchannel");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
