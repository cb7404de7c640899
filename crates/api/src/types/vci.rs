//! The credential issuer (OpenID for Verifiable Credential Issuance).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::shared::{CredentialOfferInfo, Property};

/// Somebody asks for the metadata of the credential issuer.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciMetadataRequest {
    /// Whether the content is spread over lines.
    pub pretty: Option<bool>,
    /// Whether the issuer is to sign it. Not in the hosted product.
    pub signed: Option<bool>,
}

/// The metadata of the credential issuer, to be published.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciMetadataResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciMetadataResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
}

/// What the caller does with a [`VciMetadataResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciMetadataResponseAction {
    Ok,
    /// Only where `signed` was asked for.
    OkJwt,
    NotFound,
    InternalServerError,
}

/// Somebody asks for the metadata of the issuer of JWT credentials.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciJwtissuerRequest {
    /// Whether the content is spread over lines.
    pub pretty: Option<bool>,
}

/// The metadata of the issuer of JWT credentials, to be published.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciJwtissuerResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciJwtissuerResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
}

/// What the caller does with a [`VciJwtissuerResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciJwtissuerResponseAction {
    Ok,
    NotFound,
    InternalServerError,
}

/// Somebody asks for the published keys of the credential issuer.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciJwksRequest {
    /// Whether the content is spread over lines.
    pub pretty: Option<bool>,
}

/// The published keys of the credential issuer, to be published.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciJwksResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciJwksResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
}

/// What the caller does with a [`VciJwksResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciJwksResponseAction {
    Ok,
    NotFound,
    InternalServerError,
}

/// Somebody has called the nonce endpoint.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciNonceRequest {
    /// Whether the content is spread over lines.
    pub pretty: Option<bool>,
}

/// The nonce for key proofs.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciNonceResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciNonceResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The nonce.
    pub cnonce: Option<String>,
}

/// What the caller does with a [`VciNonceResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciNonceResponseAction {
    Ok,
    NotFound,
    InternalServerError,
}

/// What to offer to whom.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciOfferCreateRequest {
    /// Whether the offer names the authorization code grant.
    pub authorization_code_grant_included: Option<bool>,
    /// Whether the offer carries an issuer state.
    pub issuer_state_included: Option<bool>,
    /// Whether the offer names the pre-authorized code grant.
    pub pre_authorized_code_grant_included: Option<bool>,
    /// The resource owner; required with the pre-authorized code grant.
    pub subject: Option<String>,
    /// Lifetime of the offer, in seconds; absent or 0 for what the service says.
    pub duration: Option<i64>,
    /// Any text; kept with the offer.
    pub context: Option<String>,
    /// Key-value pairs that live with the tokens.
    pub properties: Option<Vec<Property>>,
    /// Further claims of a JWT access token, as JSON text.
    pub jwt_at_claims: Option<String>,
    /// When the user was authenticated, in seconds since the epoch; 0 for not known.
    pub auth_time: Option<i64>,
    /// Authentication context class that was satisfied.
    pub acr: Option<String>,
    /// Credentials on offer, by the names of their configurations.
    pub credential_configuration_ids: Option<Vec<String>>,
    /// Transaction code, which the user types beside the pre-authorized code.
    pub tx_code: Option<String>,
    /// Characters of the transaction code: `numeric` or `text`.
    pub tx_code_input_mode: Option<String>,
    /// Help for the transaction code.
    pub tx_code_description: Option<String>,
}

/// The offer.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciOfferCreateResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciOfferCreateResponseAction>,
    /// The offer.
    pub info: Option<CredentialOfferInfo>,
}

/// What the caller does with a [`VciOfferCreateResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciOfferCreateResponseAction {
    Created,
    Forbidden,
    CallerError,
    AuthleteError,
}

/// Which offer is asked for.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciOfferInfoRequest {
    /// Identifier of the offer.
    pub identifier: Option<String>,
}

/// The offer.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciOfferInfoResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciOfferInfoResponseAction>,
    /// The offer.
    pub info: Option<CredentialOfferInfo>,
}

/// What the caller does with a [`VciOfferInfoResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciOfferInfoResponseAction {
    Ok,
    Forbidden,
    NotFound,
    CallerError,
    AuthleteError,
}

/// A credential request that is in order.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CredentialRequestInfo {
    /// Identifier; an order names it.
    pub identifier: Option<String>,
    /// Format of the credential.
    pub format: Option<String>,
    /// The first key that the credential is bound to, as a JWK.
    pub binding_key: Option<String>,
    /// All of them; there will be a credential for each.
    pub binding_keys: Option<Vec<String>>,
    /// What the credential is, as JSON text.
    pub details: Option<String>,
    /// Name of the credential configuration.
    pub credential_configuration_id: Option<String>,
    /// The credential identifier that was asked for.
    pub credential_identifier: Option<String>,
}

/// What goes into a credential.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CredentialIssuanceOrder {
    /// Identifier of the credential request.
    pub request_identifier: Option<String>,
    /// What the credential says, as JSON text.
    pub credential_payload: Option<String>,
    /// Whether the credential comes later.
    pub issuance_deferred: Option<bool>,
    /// How long it is valid, in seconds; 0 for what the service says, negative for ever.
    pub credential_duration: Option<i64>,
    /// Key id of the key that signs it; absent for one that fits.
    pub signing_key_id: Option<String>,
    /// Of placet's own: which claims of an SD-JWT VC its holder can disclose one by one, and where decoys stand, as JSON text:
    /// `disclosable`, an array of claims path pointers (OpenID4VCI 1.0 appendix C), and `decoys`, an array of objects with
    /// `path` and `count`. Without it each value by itself, and no decoys.
    pub credential_frame: Option<String>,
}

/// A wallet has called the credential endpoint.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciSingleParseRequest {
    /// The access token.
    pub access_token: Option<String>,
    /// The body of the request, verbatim.
    pub request_content: Option<String>,
}

/// Whether the request is in order, and what it asks for.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciSingleParseResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciSingleParseResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The request.
    pub info: Option<CredentialRequestInfo>,
}

/// What the caller does with a [`VciSingleParseResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciSingleParseResponseAction {
    Ok,
    BadRequest,
    Unauthorized,
    Forbidden,
    InternalServerError,
}

/// The credential is to be made.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciSingleIssueRequest {
    /// The access token.
    pub access_token: Option<String>,
    /// What goes into it.
    pub order: Option<Box<CredentialIssuanceOrder>>,
    /// Whether the wallet is to be told that there will be no credential.
    pub denied: Option<bool>,
    /// Seconds until the wallet should ask again for a credential that comes later.
    pub interval: Option<i64>,
}

/// What goes back to the wallet.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciSingleIssueResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciSingleIssueResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// Names a credential that comes later.
    pub transaction_id: Option<String>,
}

/// What the caller does with a [`VciSingleIssueResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciSingleIssueResponseAction {
    Ok,
    OkJwt,
    Accepted,
    AcceptedJwt,
    BadRequest,
    Unauthorized,
    Forbidden,
    InternalServerError,
    CallerError,
}

/// A wallet has called the batch credential endpoint (implementer's draft 1).
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciBatchParseRequest {
    /// The access token.
    pub access_token: Option<String>,
    /// The body of the request, verbatim.
    pub request_content: Option<String>,
}

/// Whether the requests are in order, and what they ask for.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciBatchParseResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciBatchParseResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The requests, in their order.
    pub info: Option<Vec<CredentialRequestInfo>>,
}

/// What the caller does with a [`VciBatchParseResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciBatchParseResponseAction {
    Ok,
    BadRequest,
    Unauthorized,
    Forbidden,
    InternalServerError,
}

/// The credentials of a batch are to be made.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciBatchIssueRequest {
    /// The access token.
    pub access_token: Option<String>,
    /// What goes into them: an order for each request of the batch.
    pub orders: Option<Vec<CredentialIssuanceOrder>>,
}

/// What goes back to the wallet that has sent a batch.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciBatchIssueResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciBatchIssueResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
}

/// What the caller does with a [`VciBatchIssueResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciBatchIssueResponseAction {
    Ok,
    OkJwt,
    Unauthorized,
    Forbidden,
    InternalServerError,
    CallerError,
}

/// A wallet has called the deferred credential endpoint.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciDeferredParseRequest {
    /// The access token.
    pub access_token: Option<String>,
    /// The body of the request, verbatim.
    pub request_content: Option<String>,
}

/// Whether the request is in order, and what it is about.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciDeferredParseResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciDeferredParseResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The request that was deferred.
    pub info: Option<CredentialRequestInfo>,
}

/// What the caller does with a [`VciDeferredParseResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciDeferredParseResponseAction {
    Ok,
    BadRequest,
    Unauthorized,
    Forbidden,
    InternalServerError,
}

/// A credential that was deferred is to be made, or deferred again.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciDeferredIssueRequest {
    /// What goes into it.
    pub order: Option<Box<CredentialIssuanceOrder>>,
    /// Whether the wallet is to be told that there will be no credential.
    pub denied: Option<bool>,
    /// Seconds until the wallet should ask again for a credential that comes later still.
    pub interval: Option<i64>,
}

/// What goes back to the wallet that has asked for a deferred credential.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciDeferredIssueResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciDeferredIssueResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
}

/// What the caller does with a [`VciDeferredIssueResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciDeferredIssueResponseAction {
    Ok,
    OkJwt,
    Accepted,
    AcceptedJwt,
    BadRequest,
    Forbidden,
    InternalServerError,
    CallerError,
}

/// A wallet has called the notification endpoint (OpenID for Verifiable Credential Issuance 1.0 §11).
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciNotificationRequest {
    /// The access token.
    pub access_token: Option<String>,
    /// The body of the request, verbatim.
    pub request_content: Option<String>,
}

/// What was notified.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciNotificationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciNotificationResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The notification.
    pub info: Option<CredentialNotificationInfo>,
}

/// What the caller does with a [`VciNotificationResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciNotificationResponseAction {
    NoContent,
    BadRequest,
    Unauthorized,
    Forbidden,
    InternalServerError,
}

/// What became of something that was issued.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CredentialNotificationInfo {
    /// `notification_id`, which came with the credentials.
    pub notification_id: Option<String>,
    /// `credential_accepted`, `credential_failure` or `credential_deleted`.
    pub event: Option<String>,
    /// What the wallet says of it, for people.
    pub event_description: Option<String>,
    /// Whether the wallet has said the same before: nothing is to be done again.
    pub repeated: Option<bool>,
    /// Identifier of the credential request that it was issued for.
    pub request_identifier: Option<String>,
    /// Name of the credential configuration.
    pub credential_configuration_id: Option<String>,
    /// The client.
    pub client_id: Option<i64>,
    /// The resource owner.
    pub subject: Option<String>,
}
