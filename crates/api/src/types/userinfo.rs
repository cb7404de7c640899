//! The userinfo endpoint (OpenID Connect Core §5.3).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::shared::{Pair, Property};

/// An access token presented at the userinfo endpoint.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UserinfoRequest {
    /// The access token to judge.
    pub token: Option<String>,
    /// Certificate of the TLS client, PEM.
    pub client_certificate: Option<String>,
    /// The `DPoP` header.
    pub dpop: Option<String>,
    /// HTTP method of the request to the protected endpoint.
    pub htm: Option<String>,
    /// URL of the request to the protected endpoint.
    pub htu: Option<String>,
    /// URL of the request; use `targetUri` instead.
    pub uri: Option<String>,
    /// Body of the request.
    pub message: Option<String>,
    /// Headers of the request.
    pub headers: Option<Vec<Pair>>,
    /// URL of the request, for HTTP message signatures.
    pub target_uri: Option<String>,
    /// Whether DPoP proofs must carry a nonce.
    pub dpop_nonce_required: Option<bool>,
    /// Whether the request has a body.
    pub request_body_contained: Option<bool>,
}

/// Which claims to collect.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UserinfoResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<UserinfoResponseAction>,
    /// Names of the claims to deliver.
    pub claims: Option<Vec<String>>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the request named the client by its alias.
    pub client_id_alias_used: Option<bool>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// The resource owner.
    pub subject: Option<String>,
    /// The access token to judge.
    pub token: Option<String>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// The `userinfo` member of the claims request, as JSON text.
    pub user_info_claims: Option<String>,
    /// Attributes of the service.
    pub service_attributes: Option<Vec<Pair>>,
    /// Attributes of the client.
    pub client_attributes: Option<Vec<Pair>>,
    /// Names of the claims that the user consented to.
    pub consented_claims: Option<Vec<String>>,
    /// Source claims of transformed claims.
    pub requested_claims_for_tx: Option<Vec<String>>,
    /// Source claims of transformed claims inside `verified_claims`.
    pub requested_verified_claims_for_tx: Option<Vec<Vec<String>>>,
    /// Transformed claims of the request, as JSON text.
    pub transformed_claims: Option<String>,
    /// Entity id of the client.
    pub client_entity_id: Option<String>,
    /// Whether the request named the client by its entity id.
    pub client_entity_id_used: Option<bool>,
    /// Nonce for the next DPoP proof.
    pub dpop_nonce: Option<String>,
    /// URL of the client's metadata document.
    pub metadata_document_location: Option<String>,
    /// Whether the request named the client by its metadata document.
    pub metadata_document_used: Option<bool>,
}

/// What the caller does with an [`UserinfoResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserinfoResponseAction {
    InternalServerError,
    BadRequest,
    Unauthorized,
    Forbidden,
    Ok,
}

/// The claims that were collected.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UserinfoIssueRequest {
    /// The access token to judge.
    pub token: Option<String>,
    /// Claims as a JSON object, as text.
    pub claims: Option<String>,
    /// Value of `sub` in place of the subject.
    pub sub: Option<String>,
    /// Source values of transformed claims, as JSON text.
    pub claims_for_tx: Option<String>,
    /// Signature of the userinfo request.
    pub request_signature: Option<String>,
    /// Headers of the request.
    pub headers: Option<Vec<Pair>>,
    /// Source values of transformed claims inside `verified_claims`, as JSON texts.
    pub verified_claims_for_tx: Option<Vec<String>>,
}

/// The userinfo response for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UserinfoIssueResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<UserinfoIssueResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// Value of the `Signature` header.
    pub signature: Option<String>,
    /// Value of the `Signature-Input` header.
    pub signature_input: Option<String>,
    /// Value of the `Content-Digest` header.
    pub content_digest: Option<String>,
}

/// What the caller does with an [`UserinfoIssueResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserinfoIssueResponseAction {
    InternalServerError,
    BadRequest,
    Unauthorized,
    Forbidden,
    Json,
    Jwt,
}
