//! A grant that a client manages by its identifier (OAuth 2.0 Grant Management §6).

use placet_base::{ClientId, Scopes, Subject, Timestamp};
use placet_store::{IndexEntry, Kind, Record};
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
    /// How often the grant was replaced: what came of an earlier one means nothing any more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generation: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(generation: &u32) -> bool {
    *generation == 0
}

impl Grant {
    /// The name under which the grants of a user at a client are found.
    pub const HOLDER: &'static str = "holder";

    pub fn holder(client: ClientId, subject: &Subject) -> String {
        format!("{client}/{}", subject.as_str())
    }

    /// The grant after another has taken its place (§5.3).
    pub fn replaced(self, by: Grant) -> Self {
        Self { generation: self.generation.wrapping_add(1), ..by }
    }

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

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry {
            name: Self::HOLDER,
            value: Self::holder(self.client, &self.subject),
            unique: false,
        }]
    }
}
