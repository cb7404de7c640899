//! A device authorization request (RFC 8628).
//!
//! ```text
//! pending ──complete──► authorized ──token endpoint──► (deleted)
//!    └─────complete───► refused ─────token endpoint──► (deleted)
//! ```

use placet_base::{ClientId, RecordNumber, Timestamp, TokenHash};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};

use crate::handle::{Bearer, HandleKind};
use crate::records::decision::{Authorized, Pace, Refused};
use crate::rules::requested_access::RequestedAccess;

#[derive(Clone, Serialize, Deserialize)]
pub struct Device {
    /// Of the device code, which the device has.
    pub device_code: TokenHash,
    /// Of the user code, with a key of the service.
    pub user_code: String,
    pub client: ClientId,
    pub alias_used: bool,
    pub access: RequestedAccess,
    pub state: State,
    #[serde(flatten)]
    pub pace: Pace,
    pub expires_at: Timestamp,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Pending,
    Authorized(Box<Authorized>),
    Refused(Refused),
}

impl Device {
    /// The name under which the request is found by its user code.
    pub const USER_CODE: &'static str = "user_code";

    /// The request after the user's consent.
    pub fn authorized(self, agreed: Authorized, now: Timestamp) -> Self {
        Self { state: State::Authorized(Box::new(agreed)), pace: self.pace.at_once(now), ..self }
    }

    /// The request after the user's refusal, or a failure.
    pub fn refused(self, refused: Refused, now: Timestamp) -> Self {
        Self { state: State::Refused(refused), pace: self.pace.at_once(now), ..self }
    }

    /// The request after a poll (§3.5).
    pub fn polled(self, now: Timestamp) -> Self {
        Self { pace: self.pace.polled(now), ..self }
    }
}

impl Bearer for Device {
    type Kind = ();

    fn tag((): ()) -> HandleKind {
        HandleKind::DeviceCode
    }

    fn hash(&self, (): ()) -> Option<TokenHash> {
        Some(self.device_code)
    }
}

impl Record for Device {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("device");

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry { name: Self::USER_CODE, value: self.user_code.clone(), unique: true }]
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
