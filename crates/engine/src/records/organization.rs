//! An organization: the owner of services and of the tokens that manage them.

use placet_base::{OrganizationId, Timestamp};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Serialize, Deserialize)]
pub struct Organization {
    pub name: String,
    pub created_at: Timestamp,
}

impl Record for Organization {
    type Id = OrganizationId;
    const KIND: Kind = Kind::catalogue("organization");

    fn audited(&self) -> Option<serde_json::Value> {
        Some(json!({ "name": self.name }))
    }
}
