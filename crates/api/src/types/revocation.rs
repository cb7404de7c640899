//! The revocation endpoint (RFC 7009).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A revocation request, as it reached the authorization server.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct RevocationRequest {
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
    /// The `OAuth-Client-Attestation` header.
    pub oauth_client_attestation: Option<String>,
    /// The `OAuth-Client-Attestation-PoP` header.
    pub oauth_client_attestation_pop: Option<String>,
}

/// What to do with a revocation request.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct RevocationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<RevocationResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// Challenge for the next attestation.
    pub attestation_challenge: Option<String>,
}

/// What the caller does with an [`RevocationResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RevocationResponseAction {
    InternalServerError,
    InvalidClient,
    BadRequest,
    Ok,
}
