//! What a wallet may say something of: credentials that went out in one response (OpenID for Verifiable Credential Issuance
//! 1.0 §11).
//!
//! ```text
//! issued{told} ──notified──► issued{told + event}
//! ```
//!
//! What was said is kept, because a wallet may say it again, and then nothing happens.

use placet_base::{RecordNumber, Timestamp, TokenHash};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::handle::{Bearer, HandleKind};
use crate::rules::credential::notification::NotificationEvent;

#[derive(Clone, Serialize, Deserialize)]
pub struct CredentialNotification {
    pub hash: TokenHash,
    /// The access token that they were asked for with.
    pub token: RecordNumber,
    /// The identifier of the request, which is of no use any more.
    pub request: String,
    /// The credential configuration.
    pub configuration: String,
    /// What the wallet has said so far.
    pub told: Vec<NotificationEvent>,
    pub expires_at: Timestamp,
}

impl CredentialNotification {
    /// After the wallet has said that.
    pub fn notified(mut self, event: NotificationEvent) -> Self {
        self.told.push(event);
        self
    }
}

impl Bearer for CredentialNotification {
    type Kind = ();

    fn tag((): ()) -> HandleKind {
        HandleKind::CredentialNotification
    }

    fn hash(&self, (): ()) -> Option<TokenHash> {
        Some(self.hash)
    }
}

impl Record for CredentialNotification {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("credential_notification");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
