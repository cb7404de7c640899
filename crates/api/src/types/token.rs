//! The token endpoint.

use placet_base::registry::ClientAuthMethod;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::input::PropertiesInput;
use super::service::Scope;
use super::shared::{AuthzDetails, CimdOptions, Pair, Property};

/// A token request, as it reached the authorization server.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenRequest {
    /// The request as the OAuth client sent it: a query string or form body, verbatim.
    pub parameters: Option<String>,
    /// Client id of the `Authorization: Basic` header.
    pub client_id: Option<String>,
    /// Client secret of the `Authorization: Basic` header.
    pub client_secret: Option<String>,
    /// Certificate of the TLS client, PEM.
    pub client_certificate: Option<String>,
    /// Certificates above it, PEM.
    pub client_certificate_path: Option<Vec<String>>,
    /// Key-value pairs that live with the token.
    pub properties: Option<PropertiesInput>,
    /// The `DPoP` header.
    pub dpop: Option<String>,
    /// HTTP method of the request to the protected endpoint.
    pub htm: Option<String>,
    /// URL of the request to the protected endpoint.
    pub htu: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// Further claims of a JWT access token, as JSON text.
    pub jwt_at_claims: Option<String>,
    /// The `OAuth-Client-Attestation` header.
    pub oauth_client_attestation: Option<String>,
    /// The `OAuth-Client-Attestation-PoP` header.
    pub oauth_client_attestation_pop: Option<String>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
    /// Whether DPoP proofs must carry a nonce.
    pub dpop_nonce_required: Option<bool>,
    /// Overrides for client metadata documents.
    pub cimd_options: Option<CimdOptions>,
}

/// What to do with a token request.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<TokenResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// User name of the password grant.
    pub username: Option<String>,
    /// Password of the password grant.
    pub password: Option<String>,
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// When the access token expires, in milliseconds since the epoch.
    pub access_token_expires_at: Option<i64>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// When the refresh token expires, in milliseconds since the epoch.
    pub refresh_token_expires_at: Option<i64>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
    /// The ID token.
    pub id_token: Option<String>,
    /// Grant type of the request.
    pub grant_type: Option<String>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the request named the client by its alias.
    pub client_id_alias_used: Option<bool>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// The access token in its JWT form.
    pub jwt_access_token: Option<String>,
    /// Resources that were asked for (RFC 8707).
    pub resources: Option<Vec<String>>,
    /// Resources that the access token is for.
    pub access_token_resources: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Further claims of the token, as JSON text.
    pub additional_claims: Option<String>,
    /// Attributes of the service.
    pub service_attributes: Option<Vec<Pair>>,
    /// Attributes of the client.
    pub client_attributes: Option<Vec<Pair>>,
    /// How the client authenticated.
    pub client_auth_method: Option<ClientAuthMethod>,
    /// Identifier of the grant.
    pub grant_id: Option<String>,
    /// Audiences of the token exchange.
    pub audiences: Option<Vec<String>>,
    /// Token type asked for.
    pub requested_token_type: Option<TokenType>,
    /// Subject token of the token exchange.
    pub subject_token: Option<String>,
    /// Type of the subject token.
    pub subject_token_type: Option<TokenType>,
    /// What is known of the subject token.
    pub subject_token_info: Option<TokenInfo>,
    /// Actor token of the token exchange.
    pub actor_token: Option<String>,
    /// Type of the actor token.
    pub actor_token_type: Option<TokenType>,
    /// What is known of the actor token.
    pub actor_token_info: Option<TokenInfo>,
    /// Assertion of the JWT grant.
    pub assertion: Option<String>,
    /// Whether a repeated refresh was answered again.
    pub previous_refresh_token_used: Option<bool>,
    /// Entity id of the client.
    pub client_entity_id: Option<String>,
    /// Whether the request named the client by its entity id.
    pub client_entity_id_used: Option<bool>,
    /// Lifetime of credential nonces, in seconds; 0 for the default.
    pub cnonce_duration: Option<i64>,
    /// Nonce for the next DPoP proof.
    pub dpop_nonce: Option<String>,
    /// Nonce for credential requests.
    pub cnonce: Option<String>,
    /// When the nonce expires, in milliseconds since the epoch.
    pub cnonce_expires_at: Option<i64>,
    /// Names of the claims asked for the ID token.
    pub requested_id_token_claims: Option<Vec<String>>,
    /// Scopes of the refresh token.
    pub refresh_token_scopes: Option<Vec<String>>,
    /// Session id (`sid`).
    pub session_id: Option<String>,
    /// Device secret of the shared session.
    pub device_secret: Option<String>,
    /// Hash of the device secret.
    pub device_secret_hash: Option<String>,
    /// URL of the client's metadata document.
    pub metadata_document_location: Option<String>,
    /// Whether the request named the client by its metadata document.
    pub metadata_document_used: Option<bool>,
    /// Challenge for the next attestation.
    pub attestation_challenge: Option<String>,
}

/// What the caller does with an [`TokenResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenResponseAction {
    InternalServerError,
    InvalidClient,
    BadRequest,
    Password,
    Ok,
    TokenExchange,
    JwtBearer,
    NativeSso,
    IdTokenReissuable,
}

/// What is known of a token given in a token exchange.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenInfo {
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the request named the client by its alias.
    pub client_id_alias_used: Option<bool>,
    /// The resource owner.
    pub subject: Option<String>,
    /// The scopes of the token, with their descriptions and attributes.
    pub scopes: Option<Vec<Scope>>,
    /// When it expires, in seconds since the epoch.
    pub expires_at: Option<i64>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// Resources that were asked for (RFC 8707).
    pub resources: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Entity id of the client.
    pub client_entity_id: Option<String>,
    /// Whether the request named the client by its entity id.
    pub client_entity_id_used: Option<bool>,
    /// URL of the client's metadata document.
    pub metadata_document_location: Option<String>,
    /// Whether the request named the client by its metadata document.
    pub metadata_document_used: Option<bool>,
}

/// The end of a token request without success.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenFailRequest {
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// Why the request fails.
    pub reason: Option<TokenFailReason>,
}

/// Why a token request fails: the user's name or password is wrong (`InvalidResourceOwnerCredentials`:
/// invalid_grant), the resource is none for this client (`InvalidTarget`), the client may not do this
/// (`UnauthorizedClient`) or is not who it says (`InvalidClient`), the scopes cannot be granted (`InvalidScope`), or
/// anything else (`Unknown`: invalid_request).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenFailReason {
    Unknown,
    InvalidResourceOwnerCredentials,
    InvalidTarget,
    InvalidClient,
    UnauthorizedClient,
    InvalidScope,
}

/// The error response for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenFailResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<TokenFailResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
}

/// What the caller does with an [`TokenFailResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenFailResponseAction {
    InternalServerError,
    BadRequest,
}

/// The successful end of a token request.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenIssueRequest {
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// Further claims of a JWT access token, as JSON text.
    pub jwt_at_claims: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
}

/// The token response for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenIssueResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<TokenIssueResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// When the access token expires, in milliseconds since the epoch.
    pub access_token_expires_at: Option<i64>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// When the refresh token expires, in milliseconds since the epoch.
    pub refresh_token_expires_at: Option<i64>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the request named the client by its alias.
    pub client_id_alias_used: Option<bool>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// The access token in its JWT form.
    pub jwt_access_token: Option<String>,
    /// Resources that the access token is for.
    pub access_token_resources: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Attributes of the service.
    pub service_attributes: Option<Vec<Pair>>,
    /// Attributes of the client.
    pub client_attributes: Option<Vec<Pair>>,
    /// Entity id of the client.
    pub client_entity_id: Option<String>,
    /// Whether the request named the client by its entity id.
    pub client_entity_id_used: Option<bool>,
    /// Scopes of the refresh token.
    pub refresh_token_scopes: Option<Vec<String>>,
    /// URL of the client's metadata document.
    pub metadata_document_location: Option<String>,
    /// Whether the request named the client by its metadata document.
    pub metadata_document_used: Option<bool>,
}

/// What the caller does with an [`TokenIssueResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenIssueResponseAction {
    InternalServerError,
    Ok,
}

/// A token type (RFC 8693 §3, OpenID Connect Native SSO) as responses name it.
///
/// COMPAT: the hosted product's description has three grant types among them, so clients know ten values. Nothing
/// here sends those three. The last two are sent where a service has switched their drafts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenType {
    Jwt,
    AccessToken,
    RefreshToken,
    IdToken,
    Saml1,
    Saml2,
    DeviceSecret,
    DeviceCode,
    TokenExchange,
    JwtBearer,
    IdJag,
    TxnToken,
}

/// What the authorization server gives in exchange for tokens, where that is no access token.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenExchangeRequest {
    /// `ID_JAG` or `TXN_TOKEN`.
    pub issued_token_type: Option<TokenType>,
    /// The client that asks, by its number.
    pub client_id: Option<i64>,
    /// The client that asks, by any of its names; goes before the number.
    pub client_identifier: Option<String>,
    /// Whether the alias of the client stands in the JWT.
    pub client_id_alias_used: Option<bool>,
    /// The user, or the workload, that the JWT speaks of.
    pub subject: Option<String>,
    /// Issuer identifier of the authorization server that an ID-JAG is for.
    pub audience: Option<String>,
    /// What the client is called there, if not as here.
    pub audience_client_id: Option<String>,
    /// What the JWT is good for.
    pub scopes: Option<Vec<String>>,
    /// The resources that an ID-JAG is for (RFC 8707).
    pub resources: Option<Vec<String>>,
    /// Further claims of an ID-JAG as a JSON object: `auth_time`, `acr`, `amr`, `email`, `aud_sub`, `tenant`.
    pub claims: Option<String>,
    /// The claim `rctx` of a Txn-Token, a JSON object.
    pub requester_context: Option<String>,
    /// The claim `tctx` of a Txn-Token, a JSON object.
    pub transaction_context: Option<String>,
    /// How long it is good, in seconds; 0 for five minutes.
    pub duration: Option<i64>,
}

/// The JWT, in a token response.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TokenExchangeResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<TokenExchangeResponseAction>,
    /// The token response (RFC 8693 §2.2).
    pub response_content: Option<String>,
    /// The identifier of the JWT: `jti` of an ID-JAG, `txn` of a Txn-Token.
    pub token_id: Option<String>,
}

/// What the caller does with a [`TokenExchangeResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenExchangeResponseAction {
    Ok,
    CallerError,
    InternalServerError,
}
