//! An access token for the API itself. The record's id is the hash of the value.

use placet_api::{Caller, Right, TokenName};
use placet_base::{ClientId, OrganizationId, ServiceId, Timestamp, TokenHash};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Serialize, Deserialize)]
pub struct ApiToken {
    /// The name by which it is managed; never part of the value.
    pub token_id: String,
    pub hash: TokenHash,
    pub organization: OrganizationId,
    /// The one service that it is for; `None` for all of the organization.
    pub service: Option<ServiceId>,
    /// The one client that client rights are limited to.
    pub client: Option<ClientId>,
    pub rights: Vec<Right>,
    pub description: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// Another value has taken the place of this one, which works a little longer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub superseded: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl ApiToken {
    pub const TOKEN_ID: &'static str = "token_id";
    /// What whoever knows a service's `apiSecret` may do: everything but change or delete the service.
    pub const OF_API_SECRET: [Right; 1] = [Right::CreateClient];
    pub const OWNER: &'static str = "owner";
    /// The name under which the former value of a token is found.
    pub const FORMER: &'static str = "former";

    pub fn id(hash: &TokenHash) -> String {
        hash.encoded()
    }

    /// The value of the index [`Self::OWNER`].
    pub fn owner(organization: OrganizationId, service: Option<ServiceId>) -> String {
        match service {
            Some(service) => format!("service/{service}"),
            None => format!("organization/{organization}"),
        }
    }

    /// The token with another description.
    pub fn described(self, description: String) -> Self {
        Self { description, ..self }
    }

    /// The token with other rights.
    pub fn with_rights(self, rights: Vec<Right>) -> Self {
        Self { rights, ..self }
    }

    /// The token with another value.
    pub fn revalued(self, hash: TokenHash) -> Self {
        Self { hash, ..self }
    }

    /// The former value of a token, which works until then.
    pub fn superseded(self, until: Timestamp) -> Self {
        Self { expires_at: Some(until), superseded: true, ..self }
    }

    /// Whoever presents the token, while it is in force.
    pub fn caller(&self, now: Timestamp) -> Option<Caller> {
        if self.expires_at.is_some_and(|at| at.is_past(now)) {
            return None;
        }
        Some(Caller {
            organization: self.organization,
            token: TokenName::new(&self.token_id),
            rights: self.rights.iter().copied().collect(),
            service: self.service,
            client: self.client,
            expires_at: self.expires_at,
        })
    }
}

impl Record for ApiToken {
    type Id = String;
    const KIND: Kind = Kind::catalogue("api_token");

    fn audited(&self) -> Option<serde_json::Value> {
        Some(json!({
            "tokenId": self.token_id,
            "serviceId": self.service,
            "clientId": self.client,
            "permissions": self.rights,
            "description": self.description,
            "expiresAt": self.expires_at,
            "superseded": self.superseded,
        }))
    }

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![
            match self.superseded {
                false => IndexEntry { name: Self::TOKEN_ID, value: self.token_id.clone(), unique: true },
                true => IndexEntry { name: Self::FORMER, value: self.token_id.clone(), unique: false },
            },
            IndexEntry {
                name: Self::OWNER,
                value: Self::owner(self.organization, self.service),
                unique: false,
            },
        ]
    }
}
