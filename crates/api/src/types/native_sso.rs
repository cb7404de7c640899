//! Sessions that applications of one device share (OpenID Connect Native SSO 1.0).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// The session and the device are good: a token response is wanted.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct NativeSsoRequest {
    /// The access token, in its JWT form where there is one.
    pub access_token: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// Value of `sub` in place of the subject.
    pub sub: Option<String>,
    /// Claims as a JSON object, as text.
    pub claims: Option<String>,
    /// Further members of the ID token's header, as JSON text.
    pub idt_header_params: Option<String>,
    /// Form of `aud` in ID tokens: `array` or `string`.
    pub id_token_aud_type: Option<String>,
    /// The secret of the device.
    pub device_secret: Option<String>,
    /// Value of `ds_hash`; the SHA-256 of the secret, base64url, where it is not given.
    pub device_secret_hash: Option<String>,
}

/// The token response for the client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct NativeSsoResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<NativeSsoResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The ID token.
    pub id_token: Option<String>,
}

/// What the caller does with a [`NativeSsoResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NativeSsoResponseAction {
    Ok,
    InternalServerError,
    CallerError,
}

/// A session has ended.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct NativeSsoLogoutRequest {
    /// Session id (`sid`).
    pub session_id: Option<String>,
}

/// What ended with the session.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct NativeSsoLogoutResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<NativeSsoLogoutResponseAction>,
    /// How many tokens ended.
    pub count: Option<i32>,
}

/// What the caller does with a [`NativeSsoLogoutResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NativeSsoLogoutResponseAction {
    Ok,
    ServerError,
    CallerError,
}
