//! What was changed, by whom, and from where: for each organization a chain of entries, of which each names the hash of the
//! one before it.

use placet_base::{OrganizationId, RecordNumber, TokenHash};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct AuditEntry {
    pub organization: OrganizationId,
    /// The entry as JSON, letter for letter what its hash is of.
    pub text: String,
}

impl AuditEntry {
    pub const ORGANIZATION: &'static str = "organization";

    pub fn hash(&self) -> String {
        TokenHash::of(&self.text).encoded()
    }
}

impl Record for AuditEntry {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("audit");

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry { name: Self::ORGANIZATION, value: self.organization.to_string(), unique: false }]
    }
}

/// The end of the chain.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct AuditHead {
    pub sequence: u64,
    /// The hash of the last entry; none before the first.
    pub hash: Option<String>,
    /// The number of the last entry, which that of the next one is above.
    pub number: i64,
}

impl Record for AuditHead {
    type Id = OrganizationId;
    const KIND: Kind = Kind::catalogue("audit_head");
}
