//! Whether credentials still count (Token Status List). Not in the hosted product.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// Somebody asks for a status list, or for where the lists are.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciStatusListRequest {
    /// Which one: what follows `credentialStatusListUri` in its URI. Absent for where all of them are, which is JSON.
    pub identifier: Option<String>,
    /// As what; absent for a JWT.
    pub format: Option<StatusListFormat>,
}

/// What a status list can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StatusListFormat {
    /// `application/statuslist+jwt`.
    Jwt,
    /// `application/statuslist+cwt`; in the content it is base64url.
    Cwt,
}

/// The status list, or where the lists are, to be published.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciStatusListResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciStatusListResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
}

/// What the caller does with a [`VciStatusListResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciStatusListResponseAction {
    Ok,
    NotFound,
    InternalServerError,
}

/// Which credentials get which status: one by itself, one by its entry, or all of a user.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciStatusUpdateRequest {
    /// The status.
    pub status: Option<CredentialStatus>,
    /// The credential, as it was issued; of an SD-JWT with whatever disclosures.
    pub credential: Option<String>,
    /// `uri` of the credential's `status_list`; with `statusListIndex`.
    pub status_list_uri: Option<String>,
    /// `idx` of the credential's `status_list`.
    pub status_list_index: Option<i64>,
    /// The resource owner, for all credentials that were issued and have not expired.
    pub subject: Option<String>,
    /// Where to go on: `cursor` of the answer before.
    pub cursor: Option<String>,
}

/// Whether a credential counts (Token Status List §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CredentialStatus {
    /// It counts.
    Valid,
    /// It never counts again.
    Invalid,
    /// It does not count for now.
    Suspended,
}

/// What came of it.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct VciStatusUpdateResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<VciStatusUpdateResponseAction>,
    /// How many credentials have another status than before.
    pub count: Option<i32>,
    /// There are more credentials of the user: call again with this.
    pub cursor: Option<String>,
}

/// What the caller does with a [`VciStatusUpdateResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VciStatusUpdateResponseAction {
    Ok,
    BadRequest,
    Forbidden,
    NotFound,
    InternalServerError,
}
