//! Pushed authorization requests (RFC 9126).

use placet_base::registry::ClientAuthMethod;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A pushed authorization request, as it reached the authorization server.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct PushedAuthorizationRequest {
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
    /// The `DPoP` header.
    pub dpop: Option<String>,
    /// HTTP method of the request to the protected endpoint.
    pub htm: Option<String>,
    /// URL of the request to the protected endpoint.
    pub htu: Option<String>,
    /// The `OAuth-Client-Attestation` header.
    pub oauth_client_attestation: Option<String>,
    /// The `OAuth-Client-Attestation-PoP` header.
    pub oauth_client_attestation_pop: Option<String>,
    /// Whether DPoP proofs must carry a nonce.
    pub dpop_nonce_required: Option<bool>,
}

/// What to do with a pushed authorization request.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct PushedAuthorizationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<PushedAuthorizationResponseAction>,
    /// The request URI that stands for the request.
    pub request_uri: Option<String>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// How the client authenticated.
    pub client_auth_method: Option<ClientAuthMethod>,
    /// Nonce for the next DPoP proof.
    pub dpop_nonce: Option<String>,
    /// Challenge for the next attestation.
    pub attestation_challenge: Option<String>,
}

/// What the caller does with an [`PushedAuthorizationResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PushedAuthorizationResponseAction {
    Created,
    BadRequest,
    Unauthorized,
    Forbidden,
    PayloadTooLarge,
    InternalServerError,
}
