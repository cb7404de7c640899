//! Logout tokens (OpenID Connect Back-Channel Logout 1.0).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// Whose session has ended, and which client is to hear of it.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelLogoutTokenRequest {
    /// The client, by its number or its alias.
    pub client_identifier: Option<String>,
    /// The resource owner; one of this and `sessionId` is required.
    pub subject: Option<String>,
    /// Session id (`sid`).
    pub session_id: Option<String>,
}

/// A logout token, and where to post it.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct BackchannelLogoutTokenResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<BackchannelLogoutTokenResponseAction>,
    /// The logout token.
    pub logout_token: Option<String>,
    /// Where the client takes logout tokens, if it has said so.
    pub backchannel_logout_uri: Option<String>,
}

/// What the caller does with a [`BackchannelLogoutTokenResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BackchannelLogoutTokenResponseAction {
    Ok,
    ServerError,
    CallerError,
}
