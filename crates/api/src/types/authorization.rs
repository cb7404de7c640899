//! The authorization endpoint.

use placet_base::registry::{Display, GrantManagementAction, Prompt};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::client::ClientLimitedAuthorization;
use super::input::TicketInfoInput;
use super::service::{Scope, Service};
use super::shared::{AuthzDetails, CimdOptions, CredentialOfferInfo, DynamicScope, Grant, Property};

/// An authorization request, as it reached the authorization server.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationRequest {
    /// The request as the OAuth client sent it: a query string or form body, verbatim.
    pub parameters: Option<String>,
    /// Any text; kept with the ticket.
    pub context: Option<String>,
    /// Overrides for client metadata documents.
    pub cimd_options: Option<CimdOptions>,
}

/// What to do with an authorization request.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<AuthorizationResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// The client that asks.
    pub client: Option<ClientLimitedAuthorization>,
    /// How the page is to be shown.
    pub display: Option<Display>,
    /// Longest age of the user's authentication, in seconds; 0 for no limit.
    pub max_age: Option<i32>,
    /// The service that is asked.
    pub service: Option<Box<Service>>,
    /// The scopes asked for, with their descriptions and attributes.
    pub scopes: Option<Vec<Scope>>,
    /// Languages that the user prefers for pages.
    pub ui_locales: Option<Vec<String>>,
    /// Languages that the user prefers for claims.
    pub claims_locales: Option<Vec<String>>,
    /// Names of the claims asked for the ID token.
    pub claims: Option<Vec<String>>,
    /// Whether one of `acrs` must be satisfied.
    pub acr_essential: Option<bool>,
    /// Whether the request named the client by its alias.
    pub client_id_alias_used: Option<bool>,
    /// Authentication context classes, the preferred first.
    pub acrs: Option<Vec<String>>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Hint about who will log in.
    pub login_hint: Option<String>,
    /// Values of `prompt`.
    pub prompts: Option<Vec<Prompt>>,
    /// One value of `prompt`; use `prompts` instead.
    pub lowest_prompt: Option<Prompt>,
    /// Payload of the request object.
    pub request_object_payload: Option<String>,
    /// The `id_token` member of the claims request, as JSON text.
    pub id_token_claims: Option<String>,
    /// The `userinfo` member of the claims request, as JSON text.
    pub user_info_claims: Option<String>,
    /// Resources that were asked for (RFC 8707).
    pub resources: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Why the client asks, in its words.
    pub purpose: Option<String>,
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
    /// Source claims of transformed claims.
    pub requested_claims_for_tx: Option<Vec<String>>,
    /// Source claims of transformed claims inside `verified_claims`.
    pub requested_verified_claims_for_tx: Option<Vec<Vec<String>>>,
    /// Transformed claims of the request, as JSON text.
    pub transformed_claims: Option<String>,
    /// Whether the request named the client by its entity id.
    pub client_entity_id_used: Option<bool>,
    /// Names of the claims asked for the userinfo endpoint.
    pub claims_at_user_info: Option<Vec<String>>,
    /// The credential offer behind the request.
    pub credential_offer_info: Option<CredentialOfferInfo>,
    /// Credentials that may be issued, as JSON text.
    pub issuable_credentials: Option<String>,
    /// Whether a shared session of native applications was asked for.
    pub native_sso_requested: Option<bool>,
    /// Whether the request named the client by its metadata document.
    pub metadata_document_used: Option<bool>,
}

/// What the caller does with an [`AuthorizationResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthorizationResponseAction {
    InternalServerError,
    BadRequest,
    Location,
    Form,
    NoInteraction,
    Interaction,
}

/// The end of an authorization request without success.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationFailRequest {
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// Why the request fails.
    pub reason: Option<AuthorizationFailReason>,
    /// Text for `error_description` in place of the standard one.
    pub description: Option<String>,
}

/// Why an authorization request fails, and with which error the client hears of it: nobody is signed in
/// (`NotLoggedIn`: login_required), the login is too old (`ExceedsMaxAge`) or its age cannot be told
/// (`MaxAgeNotSupported`), it is another user's (`DifferentSubject`), it is not strong enough (`AcrNotSatisfied`), the
/// person said no (`Denied`: access_denied) or could not prove who they are (`NotAuthenticated`), a page is needed that
/// may not be shown (`AccountSelectionRequired`, `ConsentRequired`, `InteractionRequired`), or the request cannot be
/// granted for another reason (`InvalidTarget`, `InvalidScope`, `UnauthorizedClient`, `TemporarilyUnavailable`,
/// `ServerError`, `Unknown`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthorizationFailReason {
    Unknown,
    NotLoggedIn,
    MaxAgeNotSupported,
    ExceedsMaxAge,
    DifferentSubject,
    AcrNotSatisfied,
    Denied,
    ServerError,
    NotAuthenticated,
    AccountSelectionRequired,
    ConsentRequired,
    InteractionRequired,
    InvalidTarget,
    InvalidScope,
    UnauthorizedClient,
    TemporarilyUnavailable,
}

/// The error response for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationFailResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<AuthorizationFailResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
}

/// What the caller does with an [`AuthorizationFailResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthorizationFailResponseAction {
    InternalServerError,
    BadRequest,
    Location,
    Form,
}

/// The successful end of an authorization request.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationIssueRequest {
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// The resource owner.
    pub subject: Option<String>,
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
    /// Value of `sub` in place of the subject.
    pub sub: Option<String>,
    /// Further members of the ID token's header, as JSON text.
    pub idt_header_params: Option<String>,
    /// Source values of transformed claims, as JSON text.
    pub claims_for_tx: Option<String>,
    /// Names of the claims that the user consented to.
    pub consented_claims: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Further claims of a JWT access token, as JSON text.
    pub jwt_at_claims: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// Session id (`sid`).
    pub session_id: Option<String>,
    /// Form of `aud` in ID tokens: `array` or `string`.
    pub id_token_aud_type: Option<String>,
    /// Source values of transformed claims inside `verified_claims`, as JSON texts.
    pub verified_claims_for_tx: Option<Vec<String>>,
}

/// The authorization response for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationIssueResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<AuthorizationIssueResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The access token.
    pub access_token: Option<String>,
    /// When the access token expires, in milliseconds since the epoch.
    pub access_token_expires_at: Option<i64>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// The ID token.
    pub id_token: Option<String>,
    /// The authorization code.
    pub authorization_code: Option<String>,
    /// The access token in its JWT form.
    pub jwt_access_token: Option<String>,
    /// What was kept with the ticket.
    pub ticket_info: Option<AuthorizationTicketInfo>,
}

/// What the caller does with an [`AuthorizationIssueResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthorizationIssueResponseAction {
    InternalServerError,
    BadRequest,
    Location,
    Form,
}

/// What is kept with a ticket.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationTicketInfo {
    /// Any text; kept with the ticket.
    pub context: Option<String>,
}

/// Asks for what is kept with a ticket.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationTicketInfoRequest {
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
}

/// What is kept with a ticket.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationTicketInfoResponse {
    /// What is kept with the ticket.
    pub info: Option<AuthorizationTicketInfo>,
    /// What the caller does next.
    pub action: Option<AuthorizationTicketInfoResponseAction>,
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
}

/// What the caller does with an [`AuthorizationTicketInfoResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthorizationTicketInfoResponseAction {
    Ok,
    NotFound,
    CallerError,
    AuthleteError,
}

/// Replaces what is kept with a ticket.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationTicketUpdateRequest {
    /// The ticket that continues this request; never for browsers.
    pub ticket: Option<String>,
    /// What is kept with the ticket.
    pub info: Option<TicketInfoInput>,
}

/// What is kept with the ticket now.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationTicketUpdateResponse {
    /// What is kept with the ticket.
    pub info: Option<AuthorizationTicketInfo>,
    /// What the caller does next.
    pub action: Option<AuthorizationTicketUpdateResponseAction>,
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
}

/// What the caller does with an [`AuthorizationTicketUpdateResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthorizationTicketUpdateResponseAction {
    Ok,
    NotFound,
    CallerError,
    AuthleteError,
}
