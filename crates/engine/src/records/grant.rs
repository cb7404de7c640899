//! A grant that a client manages by its identifier (OAuth 2.0 Grant Management §6).

use placet_base::{ClientId, Scopes, Subject, Timestamp};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::rules::rar::AuthorizationDetails;

#[derive(Clone, Serialize, Deserialize)]
pub struct Grant {
    pub client: ClientId,
    pub subject: Subject,
    /// Scopes, each set with the resources that it was granted for.
    pub scopes: Vec<(Scopes, Vec<String>)>,
    pub claims: Vec<String>,
    pub details: AuthorizationDetails,
    pub modified_at: Timestamp,
}

impl Grant {
    /// What both grants come to together.
    pub fn merged(mut self, more: Grant) -> Self {
        for entry in more.scopes {
            if !self.scopes.contains(&entry) {
                self.scopes.push(entry);
            }
        }
        for claim in more.claims {
            if !self.claims.contains(&claim) {
                self.claims.push(claim);
            }
        }
        let details = self.details.iter().chain(more.details.iter()).cloned();
        self.details = AuthorizationDetails::granted(details.collect());
        self.modified_at = more.modified_at;
        self
    }
}

impl Record for Grant {
    type Id = String;
    const KIND: Kind = Kind::catalogue("grant");
}
