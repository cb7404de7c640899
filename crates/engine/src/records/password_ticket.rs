//! A password grant that waits for the authorization server to judge the password. The password itself
//! is not kept.

use placet_base::registry::GrantType;
use placet_base::{ClientId, RecordNumber, Scopes, Subject, Timestamp, TokenHash, Ttl};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

use super::entitlement::Terms;
use super::property::Properties;
use crate::handle::{Bearer, HandleKind};
use crate::rules::sender::Binding;

/// How long the authorization server may take.
pub const LIFETIME: Ttl = Ttl::secs(10 * 60);

#[derive(Serialize, Deserialize)]
pub struct PasswordTicket {
    pub hash: TokenHash,
    pub client: ClientId,
    pub alias_used: bool,
    pub scopes: Scopes,
    pub properties: Properties,
    /// The keys that the tokens are to be bound to.
    #[serde(default, skip_serializing_if = "Binding::is_none")]
    pub binding: Binding,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Seconds that the token request's caller asked for.
    pub access_secs: Option<i64>,
    pub refresh_secs: Option<i64>,
    pub expires_at: Timestamp,
}

/// The authorization server has judged the password, and says whose it is.
pub struct Judged(());

impl PasswordTicket {
    /// What is granted to the client now that the password was the `subject`'s.
    pub fn judged(&self, subject: Subject) -> (Terms, Judged) {
        let terms = Terms {
            subject: Some(subject),
            scopes: self.scopes.clone(),
            properties: self.properties.clone(),
            resources: self.resources.clone(),
            ..Terms::new(self.client, self.alias_used, GrantType::Password)
        };
        (terms, Judged(()))
    }
}

impl Bearer for PasswordTicket {
    type Kind = ();

    fn tag((): ()) -> HandleKind {
        HandleKind::PasswordTicket
    }

    fn hash(&self, (): ()) -> Option<TokenHash> {
        Some(self.hash)
    }
}

impl Record for PasswordTicket {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("password_ticket");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
