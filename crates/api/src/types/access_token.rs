//! Tokens for the API itself, and the management of services by an organization. The shapes are those
//! of the hosted product's identity provider; `permissions` and `expiresAt` are our additions.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::service::Service;

/// Names one service of an organization, and what is to happen to its tokens.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceTokenRequest {
    /// The service that the token is for.
    pub service_id: Option<i64>,
    /// The organization that owns the service.
    pub organization_id: Option<i64>,
    /// The API server; this installation is one, whatever its number.
    pub api_server_id: Option<i64>,
    /// The token to rename, rotate or revoke.
    pub token_id: Option<String>,
    /// What the token is for, in the words of its owner.
    pub description: Option<String>,
    /// Rights of the token, such as `use_service`; absent for `modify_service`.
    pub permissions: Option<Vec<String>>,
    /// The one client that client rights are limited to.
    pub client_id: Option<i64>,
    /// When the token expires, in milliseconds since the epoch; absent or 0 for when its maker does, if it does.
    pub expires_at: Option<i64>,
    /// How long the former value of a token that is rotated still works, in seconds; absent or 0 for not at all.
    pub grace_period: Option<i64>,
}

/// A token of a service. Its value is shown when it is made or rotated, and never again.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceTokenResponse {
    /// The service that the token is for.
    pub service_id: Option<i64>,
    /// The organization that owns the service.
    pub organization_id: Option<i64>,
    /// The API server, as the request named it.
    pub api_server_id: Option<i64>,
    /// The value of the token.
    pub access_token: Option<String>,
    /// The token's name for renaming, rotating and revoking it.
    pub token_id: Option<String>,
    /// What the token is for.
    pub description: Option<String>,
    /// Rights of the token.
    pub permissions: Option<Vec<String>>,
    /// The one client that client rights are limited to.
    pub client_id: Option<i64>,
    /// When the token expires, in milliseconds since the epoch.
    pub expires_at: Option<i64>,
    /// When the token was last used, to the minute, in milliseconds since the epoch; absent for never. In lists.
    pub last_used_at: Option<i64>,
    /// Until when the value before the present one works, in milliseconds since the epoch; absent when it does not.
    pub former_value_expires_at: Option<i64>,
}

/// Names an organization, and what is to happen to its tokens.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct OrganizationTokenRequest {
    /// The organization.
    pub organization_id: Option<i64>,
    /// The token to rename, rotate or revoke.
    pub token_id: Option<String>,
    /// What the token is for, in the words of its owner.
    pub description: Option<String>,
    /// Rights of the token; absent for `admin` and `delete_service`.
    pub permissions: Option<Vec<String>>,
    /// When the token expires, in milliseconds since the epoch; absent or 0 for when its maker does, if it does.
    pub expires_at: Option<i64>,
    /// How long the former value of a token that is rotated still works, in seconds; absent or 0 for not at all.
    pub grace_period: Option<i64>,
}

/// A token of an organization. Its value is shown when it is made or rotated, and never again.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct OrganizationTokenResponse {
    /// The organization.
    pub organization_id: Option<i64>,
    /// The value of the token.
    pub access_token: Option<String>,
    /// The token's name for renaming, rotating and revoking it.
    pub token_id: Option<String>,
    /// What the token is for.
    pub description: Option<String>,
    /// Rights of the token.
    pub permissions: Option<Vec<String>>,
    /// When the token expires, in milliseconds since the epoch.
    pub expires_at: Option<i64>,
    /// When the token was last used, to the minute, in milliseconds since the epoch; absent for never. In lists.
    pub last_used_at: Option<i64>,
    /// Until when the value before the present one works, in milliseconds since the epoch; absent when it does not.
    pub former_value_expires_at: Option<i64>,
}

/// The token that calls: what it is, and what it may.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ApiTokenGetResponse {
    /// The organization that it is of.
    pub organization_id: Option<i64>,
    /// The one service that it is for; absent for all of the organization.
    pub service_id: Option<i64>,
    /// The one client that it is limited to.
    pub client_id: Option<i64>,
    /// The token's name.
    pub token_id: Option<String>,
    /// What the token is for.
    pub description: Option<String>,
    /// Its rights, with those that they include.
    pub permissions: Option<Vec<String>>,
    /// When it expires, in milliseconds since the epoch; absent when it does not.
    pub expires_at: Option<i64>,
}

/// A service to create for an organization.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CreateServiceRequest {
    /// The API server; this installation is one, whatever its number.
    pub api_server_id: Option<i64>,
    /// The organization that will own the service.
    pub organization_id: Option<i64>,
    /// The configuration; absent for the defaults.
    pub service: Option<Box<Service>>,
}

/// A service to remove from an organization.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct DeleteServiceRequest {
    /// The API server; this installation is one, whatever its number.
    pub api_server_id: Option<i64>,
    /// The organization that owns the service.
    pub organization_id: Option<i64>,
    /// The service.
    pub service_id: Option<i64>,
}
