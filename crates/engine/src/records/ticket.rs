//! An authorization ticket: a valid request that waits for the authorization server's decision.
//!
//! ```text
//! open ──issue──► (deleted, a code is born)
//!   ├───fail───► (deleted)
//!   └───another ticket of the same pushed request is answered──► (of no use)
//! ```

use placet_base::{ClientId, RecordNumber, ServiceId, Timestamp, TokenHash, Ttl};
use placet_store::{Kind, Record, Sealed};
use serde::{Deserialize, Serialize};

use crate::handle::{Bearer, HandleKind};
use crate::records::sealed::HoldsSealed;
use crate::rules::authorization::AuthzRequest;
use crate::rules::redirect_uri::Destination;

/// How long the authorization server may take.
pub const LIFETIME: Ttl = Ttl::secs(24 * 60 * 60);

#[derive(Clone, Serialize, Deserialize)]
pub struct Ticket {
    pub hash: TokenHash,
    pub client: ClientId,
    /// The request named the client by its alias.
    pub alias_used: bool,
    pub request: AuthzRequest,
    /// The payload of the request object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    pub destination: Destination,
    /// Where the pushed request is that this one came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<RecordNumber>,
    /// What the authorization server keeps here, sealed for [`Ticket::place`].
    pub context: Option<Sealed>,
    pub expires_at: Timestamp,
}

impl Ticket {
    /// The ticket with another text kept with it.
    pub fn keeping(self, context: Option<Sealed>) -> Self {
        Self { context, ..self }
    }

    /// Where the context belongs.
    pub fn place(hash: &TokenHash) -> String {
        format!("ticket/{}", hash.encoded())
    }
}

impl Bearer for Ticket {
    type Kind = ();

    fn tag((): ()) -> HandleKind {
        HandleKind::Ticket
    }

    fn hash(&self, (): ()) -> Option<TokenHash> {
        Some(self.hash)
    }
}

impl HoldsSealed for Ticket {
    fn sealed(&mut self, _: ServiceId, _: &RecordNumber) -> Option<(String, &mut Sealed)> {
        let place = Self::place(&self.hash);
        self.context.as_mut().map(|context| (place, context))
    }
}

impl Record for Ticket {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("ticket");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
