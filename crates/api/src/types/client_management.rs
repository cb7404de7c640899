//! What is done about clients besides their documents.

use placet_base::registry::ClientType;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::shared::{Grant, TaggedValue};

/// Whether a client is to be locked.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientFlagUpdateRequest {
    /// Whether the client is to be locked.
    pub client_locked: Option<bool>,
}

/// The flag is set.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientFlagUpdateResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
}

/// The new secret of a client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientSecretRefreshResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// The secret from now on.
    pub new_client_secret: Option<String>,
    /// The secret until now.
    pub old_client_secret: Option<String>,
}

/// A secret of the operator's choice.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientSecretUpdateRequest {
    /// The client secret.
    pub client_secret: Option<String>,
}

/// The new secret of a client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientSecretUpdateResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// The secret from now on.
    pub new_client_secret: Option<String>,
    /// The secret until now.
    pub old_client_secret: Option<String>,
}

/// What lists show of a client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientLimited {
    /// Sequence number, assigned by the server.
    pub number: Option<i32>,
    /// Name of the client for display.
    pub client_name: Option<String>,
    /// The name in several languages.
    pub client_names: Option<Vec<TaggedValue>>,
    /// Free text.
    pub description: Option<String>,
    /// The description in several languages.
    pub descriptions: Option<Vec<TaggedValue>>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the alias may stand in for the numeric client id.
    pub client_id_alias_enabled: Option<bool>,
    /// Whether the client can keep a secret.
    pub client_type: Option<ClientType>,
}

/// Whose authorized clients are asked for.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientAuthorizationGetListRequest {
    /// The resource owner.
    pub subject: Option<String>,
    /// Who owns the client.
    pub developer: Option<String>,
    /// First entry of the window, counted from 0.
    pub start: Option<i32>,
    /// First entry behind the window.
    pub end: Option<i32>,
}

/// The clients that hold tokens of a user.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientAuthorizationGetListResponse {
    /// First entry of the window, counted from 0.
    pub start: Option<i32>,
    /// First entry behind the window.
    pub end: Option<i32>,
    /// Who owns the client.
    pub developer: Option<String>,
    /// The resource owner.
    pub subject: Option<String>,
    /// How many entries there are in all.
    pub total_count: Option<i32>,
    /// The clients in the window.
    pub clients: Option<Vec<ClientLimited>>,
}

/// The scopes that the tokens of a user are to have.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientAuthorizationUpdateRequest {
    /// The resource owner.
    pub subject: Option<String>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
}

/// The tokens are updated.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientAuthorizationUpdateResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
}

/// What a user has granted to a client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientAuthorizationDeleteResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// The service id.
    pub service_api_key: Option<i64>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Scopes of the last grant.
    pub latest_granted_scopes: Option<Vec<String>>,
    /// Scopes of all grants.
    pub merged_granted_scopes: Option<Vec<String>>,
    /// When it was last changed, in milliseconds since the epoch.
    pub modified_at: Option<i64>,
}

/// The record is gone.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientGrantedScopesDeleteResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
}

/// Grants that a user has given a client to manage.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientGrantsGetResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// The grants, in no order.
    pub grants: Option<Vec<ManagedGrant>>,
}

/// A grant that a client manages by its identifier.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ManagedGrant {
    /// Its identifier (`grant_id`).
    pub grant_id: Option<String>,
    /// What was granted.
    pub grant: Option<Grant>,
    /// When it changed last, in milliseconds.
    pub modified_at: Option<i64>,
}

/// The grant that is to end.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientGrantsDeleteRequest {
    /// The resource owner, whose grant it has to be.
    pub subject: Option<String>,
    /// Its identifier (`grant_id`).
    pub grant_id: Option<String>,
}

/// The grant has ended.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientGrantsDeleteResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
}

/// The scopes that a client may ask for.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientExtensionRequestableScopesGetResponse {
    /// Scopes that the client may request; `null` for all (COMPAT: a published client reads the member
    /// without asking whether it is there).
    #[cfg_attr(feature = "schema", schemars(extend("x-null" = true)))]
    pub requestable_scopes: Option<Vec<String>>,
}

/// The scopes that a client may ask for.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientExtensionRequestableScopesUpdateRequest {
    /// Scopes that the client may request; absent for all.
    pub requestable_scopes: Option<Vec<String>>,
}

/// The scopes that a client may ask for.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientExtensionRequestableScopesUpdateResponse {
    /// Scopes that the client may request; `null` for all (COMPAT: a published client reads the member
    /// without asking whether it is there).
    #[cfg_attr(feature = "schema", schemars(extend("x-null" = true)))]
    pub requestable_scopes: Option<Vec<String>>,
}
