//! Status lists (Token Status List): which credentials count. Lists have numbers, and one is open for new credentials.

use placet_base::{RecordNumber, Timestamp};
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
}

/// Which list new credentials get their entries in. It is read for each credential, and written when a list is opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenStatusList {
    pub list: i64,
    pub uri: String,
    /// Until when there are new entries in it.
    pub until: Timestamp,
}

impl OpenStatusList {
    /// The one of a service.
    pub const ID: &'static str = "open";
}

impl Record for OpenStatusList {
    type Id = String;
    const KIND: Kind = Kind::catalogue("open_status_list");
}
