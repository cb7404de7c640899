//! A pushed authorization request (RFC 9126): verified, waiting to be used once.
//!
//! ```text
//! pushed ──visited──► visited, any number of tickets ──one of them is answered──► (deleted)
//! ```
//!
//! A person may load the page again before answering, so a visit does not use the request up (§7.3).

use placet_base::{ClientId, RecordNumber, Timestamp, TokenHash};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::handle::{Bearer, HandleKind};
use crate::records::ticket;
use crate::rules::jar::Provenance;
use crate::rules::params::Params;

#[derive(Clone, Serialize, Deserialize)]
pub struct Pushed {
    pub hash: TokenHash,
    pub client: ClientId,
    pub params: Params,
    pub provenance: Provenance,
    pub payload: Option<String>,
    /// The DPoP key that the request was proven with.
    pub jkt: Option<String>,
    /// The attested instance of the client that pushed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The end of visits.
    pub expires_at: Timestamp,
    /// Once visited: the end of the last ticket that a visit can make. The row stays until then, because
    /// a ticket whose request is gone has been overtaken by another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<Timestamp>,
}

impl Pushed {
    /// The record after its first visit.
    pub fn visited(self) -> Self {
        Self { kept_until: Some(self.expires_at + ticket::LIFETIME), ..self }
    }
}

impl Bearer for Pushed {
    type Kind = ();

    fn tag((): ()) -> HandleKind {
        HandleKind::Pushed
    }

    fn hash(&self, (): ()) -> Option<TokenHash> {
        Some(self.hash)
    }
}

impl Record for Pushed {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("pushed");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.kept_until.unwrap_or(self.expires_at))
    }
}
