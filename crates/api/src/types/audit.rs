//! What was changed, by whom, and from where.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A page of the audit log.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuditListQuery {
    /// Where the page before has ended; absent for the beginning.
    pub cursor: Option<String>,
    /// How many entries at most; 100 where nothing is said, 1,000 at most.
    pub limit: Option<i32>,
}

/// Entries of the audit log, the oldest first.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuditGetListResponse {
    /// The entries; none when there are no more.
    pub entries: Option<Vec<AuditEntryView>>,
    /// Where the next page begins.
    pub cursor: Option<String>,
    /// The number of the last entry that there is.
    pub head_sequence: Option<i64>,
    /// The hash of the last entry that there is.
    pub head_hash: Option<String>,
}

/// An entry of the audit log.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuditEntryView {
    /// SHA-256 of the text of the entry, base64url; the next entry names it as `previous`.
    pub hash: Option<String>,
    /// The entry, as the text of a JSON object: what its hash is of.
    pub entry: Option<String>,
}
