//! The device authorization grant (RFC 8628).

use placet_base::registry::{ClientAuthMethod, GrantManagementAction};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::service::Scope;
use super::shared::{AuthzDetails, CimdOptions, DynamicScope, Grant, Pair, Property};

/// A device authorization request, as it reached the authorization server.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceAuthorizationRequest {
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

/// The device authorization response for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceAuthorizationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<DeviceAuthorizationResponseAction>,
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
    /// How the client authenticated.
    pub client_auth_method: Option<ClientAuthMethod>,
    /// Scopes.
    pub scopes: Option<Vec<Scope>>,
    /// Names of the claims that the scopes and the request ask for.
    pub claim_names: Option<Vec<String>>,
    /// Authentication context classes, the preferred first.
    pub acrs: Option<Vec<String>>,
    /// What the device asks the token endpoint with.
    pub device_code: Option<String>,
    /// What the user types in.
    pub user_code: Option<String>,
    /// The page where the user does so.
    pub verification_uri: Option<String>,
    /// The same with the code in it, for pictures that a camera reads.
    pub verification_uri_complete: Option<String>,
    /// Lifetime of both codes, in seconds.
    pub expires_in: Option<i32>,
    /// Seconds between two polls.
    pub interval: Option<i32>,
    /// What is odd about the request.
    pub warnings: Option<Vec<String>>,
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

/// What the caller does with a [`DeviceAuthorizationResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeviceAuthorizationResponseAction {
    InternalServerError,
    BadRequest,
    Unauthorized,
    Ok,
}

/// A user has typed in a code.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceVerificationRequest {
    /// The code as the user typed it; case and punctuation do not matter.
    pub user_code: Option<String>,
}

/// What the user is asked about.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceVerificationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<DeviceVerificationResponseAction>,
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
    /// Authentication context classes, the preferred first.
    pub acrs: Option<Vec<String>>,
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
    /// When the codes expire, in milliseconds since the epoch.
    pub expires_at: Option<i64>,
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
}

/// What the caller does with a [`DeviceVerificationResponse`].
///
/// COMPAT: what fails on the side of the server goes by two names among published clients (`SERVER_ERROR` and
/// `INTERNAL_SERVER_ERROR`); such a call is answered with HTTP 500, and neither is ever sent in an answer of 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeviceVerificationResponseAction {
    InternalServerError,
    NotExist,
    Expired,
    Valid,
}

/// What the user has decided.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceCompleteRequest {
    /// The code as the user typed it; case and punctuation do not matter.
    pub user_code: Option<String>,
    /// What came of asking the user.
    pub result: Option<DeviceCompleteResult>,
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
    /// In place of our own description; the characters of RFC 6749 §5.2.
    pub error_description: Option<String>,
    /// A page about the error.
    pub error_uri: Option<String>,
    /// Further members of the ID token's header, as JSON text.
    pub idt_header_params: Option<String>,
    /// Names of the claims that the user consented to.
    pub consented_claims: Option<Vec<String>>,
    /// Further claims of a JWT access token, as JSON text.
    pub jwt_at_claims: Option<String>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
    /// Form of `aud` in ID tokens: `array` or `string`.
    pub id_token_aud_type: Option<String>,
}

/// What came of asking the user: agreement (`Authorized`), refusal (`AccessDenied`), or nothing (`TransactionFailed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeviceCompleteResult {
    TransactionFailed,
    AccessDenied,
    Authorized,
}

/// Whether the decision was taken.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceCompleteResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<DeviceCompleteResponseAction>,
}

/// What the caller does with a [`DeviceCompleteResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeviceCompleteResponseAction {
    ServerError,
    UserCodeNotExist,
    UserCodeExpired,
    InvalidRequest,
    Success,
}
