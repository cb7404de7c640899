//! Tokens outside of flows: created, changed, listed and revoked by the operator.

use placet_base::registry::GrantType;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::client_management::ClientLimited;
use super::shared::{AuthzDetails, Property};

/// A token that is to be made outside of any flow.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenCreateRequest {
    /// Grant type of the request.
    pub grant_type: Option<GrantType>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// Whether the request named the client by its alias.
    pub client_id_alias_used: Option<bool>,
    /// The access token.
    pub access_token: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// Whether the access token never expires.
    pub access_token_persistent: Option<bool>,
    /// Thumbprint of the certificate that the token is bound to.
    pub certificate_thumbprint: Option<String>,
    /// Thumbprint of the DPoP key that the token is bound to (RFC 7638).
    pub dpop_key_thumbprint: Option<String>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Resources that were asked for (RFC 8707).
    pub resources: Option<Vec<String>>,
    /// Whether the token is for an external attachment.
    pub for_external_attachment: Option<bool>,
    /// Further claims of a JWT access token, as JSON text.
    pub jwt_at_claims: Option<String>,
    /// Authentication context class that was satisfied.
    pub acr: Option<String>,
    /// When the user was authenticated, in seconds since the epoch.
    pub auth_time: Option<i64>,
    /// Whether the request named the client by its entity id.
    pub client_entity_id_used: Option<bool>,
    /// The client, by its number or its alias.
    pub client_identifier: Option<String>,
    /// Session id (`sid`).
    pub session_id: Option<String>,
    /// Whether the request named the client by its metadata document.
    pub metadata_document_used: Option<bool>,
}

/// Tokens to be made while the caller goes on.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenCreateBatchRequest {
    /// Whether the items are judged only, and no token is made.
    pub dry_run: Option<bool>,
    /// The tokens, each as for `/auth/token/create`, with values of the caller's choice.
    pub items: Vec<TokenCreateRequest>,
}

/// A batch that was taken on.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenCreateBatchResponse {
    /// Result code of the call.
    pub result_code: Option<String>,
    /// Message of the call.
    pub result_message: Option<String>,
    /// What the batch is asked for by.
    pub request_id: Option<String>,
}

/// How far a batch is.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenCreateBatchStatusResponse {
    /// Result code of the call.
    pub result_code: Option<String>,
    /// Message of the call.
    pub result_message: Option<String>,
    /// The status.
    pub status: Option<TokenBatchStatus>,
}

/// What is done to the tokens of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenBatchKind {
    Create,
}

/// How a batch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenBatchResult {
    Succeeded,
    Failed,
}

/// The status of a batch; what `tokenBatchNotificationEndpoint` is sent at its end.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenBatchStatus {
    /// What is done to the tokens.
    pub batch_kind: Option<TokenBatchKind>,
    /// What the batch is asked for by.
    pub request_id: Option<String>,
    /// How it ended; absent as long as it has not.
    pub result: Option<TokenBatchResult>,
    /// How many tokens have been made; of a dry run, how many would be.
    pub token_count: Option<i64>,
    /// Result code of the item at which it ended.
    pub error_code: Option<String>,
    /// Which item it was, and what is wrong with it.
    pub error_description: Option<String>,
    /// When the batch was taken on, in milliseconds since the epoch.
    pub created_at: Option<i64>,
    /// When it last went on, in milliseconds since the epoch.
    pub modified_at: Option<i64>,
}

/// The token that was made.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenCreateResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<TokenCreateResponseAction>,
    /// The access token.
    pub access_token: Option<String>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// When it expires, in milliseconds since the epoch.
    pub expires_at: Option<i64>,
    /// Remaining life of the access token, in seconds.
    pub expires_in: Option<i64>,
    /// Grant type of the request.
    pub grant_type: Option<String>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Type of the access token.
    pub token_type: Option<String>,
    /// The access token in its JWT form.
    pub jwt_access_token: Option<String>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Whether the token is for an external attachment.
    pub for_external_attachment: Option<bool>,
    /// The token by its number, which is no secret.
    pub token_id: Option<String>,
    /// Scopes of the refresh token.
    pub refresh_token_scopes: Option<Vec<String>>,
    /// The client, by its number or its alias.
    pub client_identifier: Option<String>,
    /// Session id (`sid`).
    pub session_id: Option<String>,
}

/// What the caller does with an [`TokenCreateResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenCreateResponseAction {
    InternalServerError,
    BadRequest,
    Forbidden,
    Ok,
}

/// Which token is to be changed, and what of it.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenUpdateRequest {
    /// The access token.
    pub access_token: Option<String>,
    /// When the access token expires, in milliseconds since the epoch.
    pub access_token_expires_at: Option<i64>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// Whether new scopes bring a new end of the access token.
    pub access_token_expires_at_updated_on_scope_update: Option<bool>,
    /// Hash of the access token, by which it can be named.
    pub access_token_hash: Option<String>,
    /// Whether the access token gets a new value.
    pub access_token_value_updated: Option<bool>,
    /// Whether the access token never expires.
    pub access_token_persistent: Option<bool>,
    /// Thumbprint of the certificate that the token is bound to.
    pub certificate_thumbprint: Option<String>,
    /// Thumbprint of the DPoP key that the token is bound to (RFC 7638).
    pub dpop_key_thumbprint: Option<String>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Whether the token is for an external attachment.
    pub for_external_attachment: Option<bool>,
    /// When the refresh token expires, in milliseconds since the epoch.
    pub refresh_token_expires_at: Option<i64>,
    /// Whether new scopes bring a new end of the refresh token.
    pub refresh_token_expires_at_updated_on_scope_update: Option<bool>,
    /// The token by its number, which is no secret.
    pub token_id: Option<String>,
    /// The refresh token, where it names the token to change.
    pub refresh_token: Option<String>,
    /// Hash of the refresh token, where it names the token to change.
    pub refresh_token_hash: Option<String>,
}

/// The token as it is now.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenUpdateResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<TokenUpdateResponseAction>,
    /// The access token.
    pub access_token: Option<String>,
    /// When the access token expires, in milliseconds since the epoch.
    pub access_token_expires_at: Option<i64>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Type of the access token.
    pub token_type: Option<String>,
    /// Whether the token is for an external attachment.
    pub for_external_attachment: Option<bool>,
    /// The token by its number, which is no secret.
    pub token_id: Option<String>,
    /// When the refresh token expires, in milliseconds since the epoch.
    pub refresh_token_expires_at: Option<i64>,
}

/// What the caller does with an [`TokenUpdateResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenUpdateResponseAction {
    InternalServerError,
    BadRequest,
    Forbidden,
    NotFound,
    Ok,
}

/// Which tokens are to be revoked.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenRevokeRequest {
    /// The access token, or its hash.
    pub access_token_identifier: Option<String>,
    /// The refresh token, or its hash.
    pub refresh_token_identifier: Option<String>,
    /// The client, by its number or its alias.
    pub client_identifier: Option<String>,
    /// The resource owner.
    pub subject: Option<String>,
}

/// How many tokens were revoked.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenRevokeResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// How many there are.
    pub count: Option<i64>,
}

/// An access token in a list.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AccessToken {
    /// Hash of the access token, by which it can be named.
    pub access_token_hash: Option<String>,
    /// When the access token expires, in milliseconds since the epoch.
    pub access_token_expires_at: Option<i64>,
    /// Hash of the refresh token, by which it can be named.
    pub refresh_token_hash: Option<String>,
    /// When the refresh token expires, in milliseconds since the epoch.
    pub refresh_token_expires_at: Option<i64>,
    /// When it was created, in milliseconds since the epoch.
    pub created_at: Option<i64>,
    /// When it was last refreshed, in milliseconds since the epoch; 0 for never.
    pub last_refreshed_at: Option<i64>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Grant type of the request.
    pub grant_type: Option<GrantType>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// Scopes of the refresh token.
    pub refresh_token_scopes: Option<Vec<String>>,
}

/// A window on the tokens of a service.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenGetListResponse {
    /// First entry of the window, counted from 0.
    pub start: Option<i32>,
    /// First entry behind the window.
    pub end: Option<i32>,
    /// How many entries there are in all.
    pub total_count: Option<i32>,
    /// The client that asks.
    pub client: Option<ClientLimited>,
    /// The resource owner.
    pub subject: Option<String>,
    /// The tokens in the window.
    pub access_tokens: Option<Vec<AccessToken>>,
}

/// A new ID token for a refresh.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct IdtokenReissueRequest {
    /// The access token.
    pub access_token: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// Value of `sub` in place of the subject.
    pub sub: Option<String>,
    /// Claims as a JSON object, as text.
    pub claims: Option<String>,
    /// Further members of the ID token's header, as JSON text.
    pub idt_header_params: Option<String>,
    /// Form of `aud` in ID tokens: `array` or `string`.
    pub id_token_aud_type: Option<String>,
}

/// The token response with a new ID token.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct IdtokenReissueResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<IdtokenReissueResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The ID token.
    pub id_token: Option<String>,
}

/// What the caller does with an [`IdtokenReissueResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdtokenReissueResponseAction {
    Ok,
    InternalServerError,
    CallerError,
}
