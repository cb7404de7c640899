//! What a bundle has.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::path::Path;
use crate::secrets::Secrets;

/// The format that is written. One that a former release cannot read gets another number.
pub const FORMAT: i64 = 1;

/// Members by their names in the API.
pub type Members = BTreeMap<String, Value>;

/// What is compared, merged and applied: nothing secret, and nothing that a server assigns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// Settings of the service that differ from those of a new one.
    pub service: Members,
    /// Scopes by their names.
    pub scopes: BTreeMap<String, Members>,
    /// Clients by their aliases, or their numbers where they have none.
    pub clients: BTreeMap<String, Members>,
}

/// A service as a text has it.
#[derive(Default)]
pub struct Bundle {
    /// The service that it is of; none where it was made of another server's data.
    pub service_id: Option<i64>,
    /// Its settings, scopes and clients.
    pub tree: Tree,
    /// Secrets that exist, and are not in the text.
    pub left_out: BTreeSet<Path>,
    /// Secrets that are at hand.
    pub secrets: Secrets,
    /// Secrets that are encrypted, as an age file in its armor.
    pub sealed: Option<String>,
    /// What another server has, and this one cannot take over.
    pub not_carried: Vec<NotCarried>,
}

/// Something that is not in a bundle, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotCarried {
    /// By its name where it came from.
    pub what: String,
    /// The reason, and what can be done instead.
    pub why: String,
}

impl NotCarried {
    /// That `what` stays behind because of `why`.
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into() }
    }
}
