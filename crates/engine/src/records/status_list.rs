//! Status lists (Token Status List): which credentials count. Lists have numbers, and one is open for new credentials.

use placet_base::{RecordNumber, Timestamp, Ttl};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::budgets::STATUS_LISTS;

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

/// The lists of a service that can be found, by which verifiers fetch them before they need them (§9).
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct StatusLists {
    lists: Vec<KnownStatusList>,
}

#[derive(Clone, Serialize, Deserialize)]
struct KnownStatusList {
    list: i64,
    uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<Timestamp>,
}

impl KnownStatusList {
    fn is_there(&self, now: Timestamp) -> bool {
        self.kept.is_none_or(|kept| !kept.is_past(now))
    }
}

impl StatusLists {
    /// The one of a service.
    pub const ID: &'static str = "all";

    /// With this list as it is now, and without those that have ended. Of too many the oldest are left out.
    pub fn with(mut self, list: &OpenStatusList, now: Timestamp) -> Self {
        self.lists.retain(|known| known.list != list.list && known.is_there(now));
        let OpenStatusList { list, uri, kept, .. } = list.clone();
        self.lists.push(KnownStatusList { list, uri, kept });
        self.lists.sort_by_key(|known| known.list);
        let others = self.lists.len().saturating_sub(STATUS_LISTS);
        self.lists.drain(..others);
        self
    }

    /// Where they are found.
    pub fn uris(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.lists.iter().filter(move |known| known.is_there(now)).map(|known| known.uri.as_str())
    }
}

impl Record for StatusLists {
    type Id = String;
    const KIND: Kind = Kind::catalogue("status_lists");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_lists_of_too_many_are_left_out() {
        let (now, kept) = (Timestamp::from_secs(10), Some(Timestamp::from_secs(20)));
        let open = |list: i64, kept| OpenStatusList { list, uri: list.to_string(), until: now, kept };
        let most = i64::try_from(STATUS_LISTS).unwrap();
        let all = (1..=most).fold(StatusLists::default(), |all, list| all.with(&open(list, None), now));
        assert_eq!(all.uris(now).count(), STATUS_LISTS);
        let all = all.with(&open(most + 1, None), now);
        assert_eq!(all.uris(now).count(), STATUS_LISTS);
        assert_eq!(all.uris(now).next(), Some("2"));
        // One that is there already, and ends now.
        let all = all.with(&open(2, kept), now);
        assert_eq!(all.uris(now).count(), STATUS_LISTS);
        assert_eq!(all.uris(Timestamp::from_secs(20)).next(), Some("3"));
    }
}
