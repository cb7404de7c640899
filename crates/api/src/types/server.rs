//! What the server tells about itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

/// What the server is, and what it can do.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct InfoResponse {
    /// Version of the server.
    pub version: String,
    /// Features by the names that published clients look for.
    pub features: Vec<String>,
    /// Configuration of the server; not told to strangers.
    pub configuration: Option<Map<String, Value>>,
    /// State of its caches; not told to strangers.
    pub service_token_cache: Option<Map<String, Value>>,
}

/// Parameters of a query, to be sent back.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Echo(pub BTreeMap<String, String>);
