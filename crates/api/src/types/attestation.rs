//! Challenges for proofs of client attestations (draft-ietf-oauth-attestation-based-client-auth).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// Somebody has called the challenge endpoint.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AttestationChallengeRequest {
    /// Whether the content is spread over lines.
    pub pretty: Option<bool>,
}

/// The challenge for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AttestationChallengeResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<AttestationChallengeResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The challenge.
    pub attestation_challenge: Option<String>,
}

/// What the caller does with an [`AttestationChallengeResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttestationChallengeResponseAction {
    Ok,
    InternalServerError,
}
