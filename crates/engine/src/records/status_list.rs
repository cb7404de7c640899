//! Status lists (Token Status List): which credentials count. Lists have numbers, and one is open for new credentials.

use placet_base::{RecordNumber, Timestamp, Ttl};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A list. It is compressed when a status changes, and not when it is given.
#[derive(Clone, Serialize, Deserialize)]
pub struct StatusListRecord {
    pub list: i64,
    /// Where it is found. Its credentials say that, whatever is set later.
    pub uri: String,
    /// The claim `status_list` (§4.2).
    pub claim: Value,
    /// Until when a credential may have an entry in it; `None` for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Timestamp>,
}

impl StatusListRecord {
    pub const LIST: &'static str = "list";
}

impl Record for StatusListRecord {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("status_list");

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry { name: Self::LIST, value: self.list.to_string(), unique: true }]
    }

    fn expires_at(&self) -> Option<Timestamp> {
        self.kept
    }
}

/// Which list new credentials get their entries in. It is read for each credential, and written when a list is opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenStatusList {
    pub list: i64,
    pub uri: String,
    /// Until when there are new entries in it.
    pub until: Timestamp,
    /// As the list itself says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Timestamp>,
}

/// How much longer than a credential its entry stays: clocks of verifiers differ.
pub const AFTER: Ttl = Ttl::secs(24 * 60 * 60);

impl OpenStatusList {
    /// The one of a service.
    pub const ID: &'static str = "open";

    /// Whether the list is there for as long as a credential that ends then.
    pub fn outlasts(&self, until: Option<Timestamp>) -> bool {
        self.kept.is_none_or(|kept| until.is_some_and(|until| until + AFTER <= kept))
    }
}

impl Record for OpenStatusList {
    type Id = String;
    const KIND: Kind = Kind::catalogue("open_status_list");
}
