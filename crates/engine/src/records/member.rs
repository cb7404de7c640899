//! A person of an organization.
//!
//! ```text
//! invited{code, until} ──accept──► accepted{at, token}
//! ```

use placet_api::MemberRole;
use placet_base::{OrganizationId, Timestamp, TokenHash};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The record's id is the name by which the member is managed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Member {
    pub organization: OrganizationId,
    pub email: String,
    pub role: MemberRole,
    pub state: State,
}

#[derive(Clone, Serialize, Deserialize)]
pub enum State {
    Invited {
        code: TokenHash,
        until: Timestamp,
    },
    Accepted {
        at: Timestamp,
        /// The name of the member's token.
        token: String,
    },
}

impl Member {
    pub const ORGANIZATION: &'static str = "organization";
    /// Who is a member of what: nobody is twice.
    pub const PERSON: &'static str = "person";
    pub const INVITATION: &'static str = "invitation";

    pub fn person(organization: OrganizationId, email: &str) -> String {
        format!("{organization}/{}", email.to_lowercase())
    }

    /// The member, once it has accepted.
    pub fn accepted(self, at: Timestamp, token: String) -> Self {
        Self { state: State::Accepted { at, token }, ..self }
    }

    /// The member in another role.
    pub fn as_role(self, role: MemberRole) -> Self {
        Self { role, ..self }
    }

    /// The name of the member's token.
    pub fn token(&self) -> Option<&str> {
        match &self.state {
            State::Accepted { token, .. } => Some(token),
            State::Invited { .. } => None,
        }
    }
}

impl Record for Member {
    type Id = String;
    const KIND: Kind = Kind::catalogue("member");

    fn audited(&self) -> Option<serde_json::Value> {
        let state = match &self.state {
            State::Invited { until, .. } => json!({ "invitedUntil": until }),
            State::Accepted { at, token } => json!({ "acceptedAt": at, "memberTokenId": token }),
        };
        Some(
            json!({ "organizationId": self.organization, "email": self.email, "role": self.role, "state": state }),
        )
    }

    fn indexes(&self) -> Vec<IndexEntry> {
        let entry = |name, value, unique| IndexEntry { name, value, unique };
        let mut entries = vec![
            entry(Self::ORGANIZATION, self.organization.to_string(), false),
            entry(Self::PERSON, Self::person(self.organization, &self.email), true),
        ];
        if let State::Invited { code, .. } = &self.state {
            entries.push(entry(Self::INVITATION, code.encoded(), true));
        }
        entries
    }
}
