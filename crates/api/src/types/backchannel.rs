//! Client-initiated backchannel authentication (CIBA Core).

use placet_base::registry::{ClientAuthMethod, DeliveryMode, GrantManagementAction};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::service::Scope;
use super::shared::{AuthzDetails, CimdOptions, DynamicScope, Grant, Pair, Property};

/// A backchannel authentication request, as it reached the authorization server.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelAuthenticationRequest {
    /// The request as the OAuth client sent it: a query string or form body, verbatim.
    pub parameters: Option<String>,
    /// The numeric client id.
    pub client_id: Option<String>,
    /// The client secret.
    pub client_secret: Option<String>,
    /// Certificate of the TLS client, PEM.
    pub client_certificate: Option<String>,
    /// Certificates above it, PEM.
    pub client_certificate_path: Option<Vec<String>>,
    /// The `OAuth-Client-Attestation` header.
    pub oauth_client_attestation: Option<String>,
    /// The `OAuth-Client-Attestation-PoP` header.
    pub oauth_client_attestation_pop: Option<String>,
    /// Overrides for client metadata documents.
    pub cimd_options: Option<CimdOptions>,
}

/// What to do with a backchannel authentication request.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelAuthenticationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<BackchannelAuthenticationResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the request named the client by its alias.
    pub client_id_alias_used: Option<bool>,
    /// Name of the client for display.
    pub client_name: Option<String>,
    /// Scopes.
    pub scopes: Option<Vec<Scope>>,
    /// Names of the claims that the scopes and the request ask for.
    pub claim_names: Option<Vec<String>>,
    /// The bearer token for notifying the client.
    pub client_notification_token: Option<String>,
    /// Authentication context classes, the preferred first.
    pub acrs: Option<Vec<String>>,
    /// Which of the three hints it is.
    pub hint_type: Option<String>,
    /// The hint about the user.
    pub hint: Option<String>,
    /// Value of `sub` in place of the subject.
    pub sub: Option<String>,
    /// What both of the user's devices show.
    pub binding_message: Option<String>,
    /// The secret of the user that the client sends.
    pub user_code: Option<String>,
    /// Whether the client must send a user code.
    pub user_code_required: Option<bool>,
    /// Lifetime that the client asks for, in seconds; 0 for none.
    pub requested_expiry: Option<i32>,
    /// What the signed request says of its context, as JSON text.
    pub request_context: Option<String>,
    /// What is odd about the request.
    pub warnings: Option<Vec<String>>,
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// Resources that were asked for (RFC 8707).
    pub resources: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Attributes of the service.
    pub service_attributes: Option<Vec<Pair>>,
    /// Attributes of the client.
    pub client_attributes: Option<Vec<Pair>>,
    /// Requested scopes that match a pattern.
    pub dynamic_scopes: Option<Vec<DynamicScope>>,
    /// How the client gets its tokens.
    pub delivery_mode: Option<DeliveryMode>,
    /// How the client authenticated.
    pub client_auth_method: Option<ClientAuthMethod>,
    /// Grant management action.
    pub gm_action: Option<GrantManagementAction>,
    /// Identifier of the grant.
    pub grant_id: Option<String>,
    /// Content of the grant.
    pub grant: Option<Grant>,
    /// Resource owner of the grant.
    pub grant_subject: Option<String>,
    /// Entity id of the client.
    pub client_entity_id: Option<String>,
    /// Whether the request named the client by its entity id.
    pub client_entity_id_used: Option<bool>,
    /// URL of the client's metadata document.
    pub metadata_document_location: Option<String>,
    /// Whether the request named the client by its metadata document.
    pub metadata_document_used: Option<bool>,
    /// Challenge for the next attestation.
    pub attestation_challenge: Option<String>,
}

/// What the caller does with an [`BackchannelAuthenticationResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BackchannelAuthenticationResponseAction {
    InternalServerError,
    BadRequest,
    Unauthorized,
    UserIdentification,
}

/// The user was found; an auth_req_id is wanted.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelAuthenticationIssueRequest {
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
}

/// The backchannel authentication response for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelAuthenticationIssueResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<BackchannelAuthenticationIssueResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// Identifier of the backchannel authentication request.
    pub auth_req_id: Option<String>,
    /// Lifetime of the identifier, in seconds.
    pub expires_in: Option<i32>,
    /// Seconds between two polls.
    pub interval: Option<i32>,
}

/// What the caller does with an [`BackchannelAuthenticationIssueResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BackchannelAuthenticationIssueResponseAction {
    InternalServerError,
    InvalidTicket,
    Ok,
}

/// The end of a backchannel authentication request without success.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelAuthenticationFailRequest {
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// Why the request fails.
    pub reason: Option<BackchannelAuthenticationFailReason>,
    /// In place of our own description; the characters of RFC 6749 §5.2.
    pub error_description: Option<String>,
    /// A page about the error.
    pub error_uri: Option<String>,
}

/// Why a backchannel authentication request fails (CIBA Core §13): the hint names nobody (`UnknownUserId`) or has
/// expired (`ExpiredLoginHintToken`), the user code is missing or wrong (`MissingUserCode`, `InvalidUserCode`), the
/// binding message cannot be shown (`InvalidBindingMessage`), the user or the service says no (`AccessDenied`,
/// `UnauthorizedClient`, `InvalidTarget`), or the service has failed (`ServerError`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BackchannelAuthenticationFailReason {
    AccessDenied,
    ExpiredLoginHintToken,
    InvalidBindingMessage,
    InvalidTarget,
    InvalidUserCode,
    MissingUserCode,
    ServerError,
    UnauthorizedClient,
    UnknownUserId,
}

/// The error response for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelAuthenticationFailResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<BackchannelAuthenticationFailResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
}

/// What the caller does with an [`BackchannelAuthenticationFailResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BackchannelAuthenticationFailResponseAction {
    InternalServerError,
    BadRequest,
    Forbidden,
}

/// What came of authenticating the user.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelAuthenticationCompleteRequest {
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// What came of authenticating the user.
    pub result: Option<BackchannelAuthenticationCompleteResult>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Value of `sub` in place of the subject.
    pub sub: Option<String>,
    /// When the user was authenticated, in seconds since the epoch.
    pub auth_time: Option<i64>,
    /// Authentication context class that was satisfied.
    pub acr: Option<String>,
    /// Claims as a JSON object, as text.
    pub claims: Option<String>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// Further members of the ID token's header, as JSON text.
    pub idt_header_params: Option<String>,
    /// In place of our own description; the characters of RFC 6749 §5.2.
    pub error_description: Option<String>,
    /// A page about the error.
    pub error_uri: Option<String>,
    /// Names of the claims that the user consented to.
    pub consented_claims: Option<Vec<String>>,
    /// Further claims of a JWT access token, as JSON text.
    pub jwt_at_claims: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
    /// Form of `aud` in ID tokens: `array` or `string`.
    pub id_token_aud_type: Option<String>,
}

/// What came of authenticating the user: agreement (`Authorized`), refusal (`AccessDenied`), or nothing, because the
/// device could not be reached or the like (`TransactionFailed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BackchannelAuthenticationCompleteResult {
    TransactionFailed,
    AccessDenied,
    Authorized,
}

/// What to tell the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelAuthenticationCompleteResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<BackchannelAuthenticationCompleteResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the request named the client by its alias.
    pub client_id_alias_used: Option<bool>,
    /// Name of the client for display.
    pub client_name: Option<String>,
    /// How the client gets its tokens.
    pub delivery_mode: Option<DeliveryMode>,
    /// Where the client wants to be notified.
    pub client_notification_endpoint: Option<String>,
    /// The bearer token for notifying the client.
    pub client_notification_token: Option<String>,
    /// Identifier of the backchannel authentication request.
    pub auth_req_id: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// The ID token.
    pub id_token: Option<String>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
    /// Lifetime of ID tokens, in seconds; 0 for the default.
    pub id_token_duration: Option<i64>,
    /// The access token in its JWT form.
    pub jwt_access_token: Option<String>,
    /// Resources that were asked for (RFC 8707).
    pub resources: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Attributes of the service.
    pub service_attributes: Option<Vec<Pair>>,
    /// Attributes of the client.
    pub client_attributes: Option<Vec<Pair>>,
    /// Identifier of the grant.
    pub grant_id: Option<String>,
    /// Entity id of the client.
    pub client_entity_id: Option<String>,
    /// Whether the request named the client by its entity id.
    pub client_entity_id_used: Option<bool>,
    /// URL of the client's metadata document.
    pub metadata_document_location: Option<String>,
    /// Whether the request named the client by its metadata document.
    pub metadata_document_used: Option<bool>,
}

/// What the caller does with an [`BackchannelAuthenticationCompleteResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BackchannelAuthenticationCompleteResponseAction {
    ServerError,
    NoAction,
    Notification,
}
