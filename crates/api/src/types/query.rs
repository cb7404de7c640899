//! What requests without a body carry in their query.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A window on a list. The numbers are texts here, so that a wrong one is refused with its own code.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ListQuery {
    /// First entry, counted from 0; absent for 0.
    #[cfg_attr(feature = "schema", schemars(with = "Option<i32>"))]
    pub start: Option<String>,
    /// First entry behind the window; absent for 5 entries.
    #[cfg_attr(feature = "schema", schemars(with = "Option<i32>"))]
    pub end: Option<String>,
    /// Only clients of this developer.
    pub developer: Option<String>,
}

/// A window on the tokens of a service.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenListQuery {
    /// Only tokens of this client, named by its number or its alias.
    pub client_identifier: Option<String>,
    /// Only tokens of this resource owner.
    pub subject: Option<String>,
    /// First entry, counted from 0; absent for 0.
    #[cfg_attr(feature = "schema", schemars(with = "Option<i32>"))]
    pub start: Option<String>,
    /// First entry behind the window; absent for 5 entries.
    #[cfg_attr(feature = "schema", schemars(with = "Option<i32>"))]
    pub end: Option<String>,
    /// Only tokens of this status; absent for `ALL`.
    pub token_status: Option<TokenStatus>,
}

/// Which tokens a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenStatus {
    /// Those that have not expired.
    Valid,
    /// Those that have.
    Invalid,
    /// All of them.
    All,
}

/// The resource owner that a call is about.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct SubjectRequest {
    /// The resource owner.
    pub subject: Option<String>,
}

/// How a key set is wanted.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct JwksQuery {
    /// Whether private members are shown.
    pub include_private_keys: Option<bool>,
    /// Whether the document is indented.
    pub pretty: Option<bool>,
}

/// How thorough a health check is wanted.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct HealthQuery {
    /// Whether the store is asked too.
    pub extended: Option<bool>,
}

/// A request that carries nothing but its path.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoRequest {}
