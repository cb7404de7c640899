//! A person of an organization.
//!
//! ```text
//! invited{code, until} ──accept, sign in──► accepted{at, token, sign_ins}
//! ```

use placet_api::MemberRole;
use placet_base::{OrganizationId, Timestamp, TokenHash};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::budgets::SIGN_INS;

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
        /// The name of the member's token; of whoever has only ever signed in, that of the first sign-in.
        token: String,
        /// The names of the tokens of sign-ins, the latest last.
        #[serde(default)]
        sign_ins: Vec<String>,
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
        Self { state: State::Accepted { at, token, sign_ins: Vec::new() }, ..self }
    }

    /// The member in another role.
    pub fn as_role(self, role: MemberRole) -> Self {
        Self { role, ..self }
    }

    /// Whether it was invited, and can accept no more.
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        matches!(&self.state, State::Invited { until, .. } if until.is_past(now))
    }

    /// The member with a token of a sign-in, and the names of those that end by that: nobody is signed in everywhere.
    pub fn signed_in(self, now: Timestamp, sign_in: String) -> (Self, Vec<String>) {
        let (at, token, mut sign_ins) = match self.state {
            State::Accepted { at, token, sign_ins } => (at, token, sign_ins),
            State::Invited { .. } => (now, sign_in.clone(), Vec::new()),
        };
        sign_ins.push(sign_in);
        let ended = sign_ins.drain(..sign_ins.len().saturating_sub(SIGN_INS)).collect();
        (Self { state: State::Accepted { at, token, sign_ins }, ..self }, ended)
    }

    /// The names of the member's tokens, some of which may have ended.
    pub fn tokens(&self) -> Vec<&str> {
        match &self.state {
            State::Accepted { token, sign_ins, .. } => {
                let others = sign_ins.iter().filter(|sign_in| *sign_in != token);
                std::iter::once(token).chain(others).map(String::as_str).collect()
            }
            State::Invited { .. } => Vec::new(),
        }
    }
}

impl Record for Member {
    type Id = String;
    const KIND: Kind = Kind::catalogue("member");

    fn audited(&self) -> Option<serde_json::Value> {
        let state = match &self.state {
            State::Invited { until, .. } => json!({ "invitedUntil": until }),
            State::Accepted { at, token, .. } => json!({ "acceptedAt": at, "memberTokenId": token }),
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
