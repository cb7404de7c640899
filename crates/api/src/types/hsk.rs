//! Keys in hardware security modules.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Hsk;

/// A key that is to be made in an HSM.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct HskCreateRequest {
    /// Key type: `EC` or `RSA`.
    pub kty: Option<String>,
    /// Use of the key: `sig` or `enc`.
    pub r#use: Option<String>,
    /// Key id; a random one where it is empty.
    pub kid: Option<String>,
    /// Name of the HSM; the default one where it is empty.
    pub hsm_name: Option<String>,
    /// Algorithm of the key, by its name in RFC 7518.
    pub alg: Option<String>,
}

/// A key that was made in an HSM.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct HskCreateResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What has become of the call.
    pub action: Option<HskCreateResponseAction>,
    /// The key.
    pub hsk: Option<Hsk>,
}

/// What a [`HskCreateResponse`] says of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HskCreateResponseAction {
    Success,
    InvalidRequest,
    NotFound,
    ServerError,
}

/// A key in an HSM.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct HskGetResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What has become of the call.
    pub action: Option<HskGetResponseAction>,
    /// The key.
    pub hsk: Option<Hsk>,
}

/// What a [`HskGetResponse`] says of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HskGetResponseAction {
    Success,
    InvalidRequest,
    NotFound,
    ServerError,
}

/// The keys in HSMs.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct HskGetListResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What has become of the call.
    pub action: Option<HskGetListResponseAction>,
    /// The keys.
    pub hsks: Option<Vec<Hsk>>,
}

/// What a [`HskGetListResponse`] says of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HskGetListResponseAction {
    Success,
    InvalidRequest,
    ServerError,
}

/// A key that was destroyed in its HSM.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct HskDeleteResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What has become of the call.
    pub action: Option<HskDeleteResponseAction>,
    /// What the key was.
    pub hsk: Option<Hsk>,
}

/// What a [`HskDeleteResponse`] says of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HskDeleteResponseAction {
    Success,
    InvalidRequest,
    NotFound,
    ServerError,
}
