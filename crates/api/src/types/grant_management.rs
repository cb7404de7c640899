//! The grant management endpoint (OAuth 2.0 Grant Management §6).

use placet_base::registry::GrantManagementAction;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A request about a grant, as it reached the authorization server.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GrantManagementRequest {
    /// The access token.
    pub access_token: Option<String>,
    /// Certificate of the TLS client, PEM.
    pub client_certificate: Option<String>,
    /// The `DPoP` header.
    pub dpop: Option<String>,
    /// HTTP method of the request to the protected endpoint.
    pub htm: Option<String>,
    /// URL of the request to the protected endpoint.
    pub htu: Option<String>,
    /// `QUERY` for GET, `REVOKE` for DELETE.
    pub gm_action: Option<GrantManagementAction>,
    /// Identifier of the grant, the last segment of the path.
    pub grant_id: Option<String>,
    /// Whether DPoP proofs must carry a nonce.
    pub dpop_nonce_required: Option<bool>,
}

/// What to answer about a grant.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GrantManagementResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<GrantManagementResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// Nonce for the next DPoP proof.
    pub dpop_nonce: Option<String>,
}

/// What the caller does with a [`GrantManagementResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GrantManagementResponseAction {
    Ok,
    NoContent,
    Unauthorized,
    Forbidden,
    NotFound,
    CallerError,
    AuthleteError,
}
