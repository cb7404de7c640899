//! A backchannel authentication request (CIBA Core).
//!
//! ```text
//! opened ──issue──► pending ──complete──► authorized ──token endpoint──► (deleted)
//!    │                 │  └─complete────► refused ─────token endpoint──► (deleted)
//!    │                 └──complete, push─► (deleted, the tokens are on their way)
//!    └──fail──► (deleted)
//! ```

use placet_base::registry::DeliveryMode;
use placet_base::{ClientId, RecordNumber, ServiceId, Timestamp, TokenHash, Ttl};
use placet_store::{Kind, Record, Sealed};
use serde::{Deserialize, Serialize};

use crate::handle::{Bearer, HandleKind};
use crate::records::decision::{Authorized, Pace, Refused};
use crate::records::sealed::HoldsSealed;
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
    #[serde(flatten)]
    pub pace: Pace,
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

/// Which of the two values is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestValue {
    Ticket,
    AuthReqId,
}

impl Backchannel {
    /// The request once the client has its `auth_req_id`.
    pub fn issued(self, id: (TokenHash, Sealed), interval: i64, now: Timestamp, lifetime: Ttl) -> Self {
        let (auth_req_id, sealed_id) = id;
        Self {
            auth_req_id: Some(auth_req_id),
            sealed_id: Some(sealed_id),
            state: State::Pending,
            pace: Pace::new(interval, now),
            expires_at: now + lifetime,
            ..self
        }
    }

    /// The request after the user's consent.
    pub fn authorized(self, agreed: Authorized, now: Timestamp) -> Self {
        Self { state: State::Authorized(Box::new(agreed)), pace: self.pace.at_once(now), ..self }
    }

    /// The request after the user's refusal, or a failure.
    pub fn refused(self, refused: Refused, now: Timestamp) -> Self {
        Self { state: State::Refused(refused), pace: self.pace.at_once(now), ..self }
    }

    /// The request after a poll (§7.3, §11).
    pub fn polled(self, now: Timestamp) -> Self {
        Self { pace: self.pace.polled(now), ..self }
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

impl HoldsSealed for Backchannel {
    fn sealed(&mut self, _: ServiceId, _: &RecordNumber) -> Option<(String, &mut Sealed)> {
        let place = Self::place(&self.ticket);
        self.sealed_id.as_mut().map(|sealed| (place, sealed))
    }
}

impl Record for Backchannel {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("backchannel");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
