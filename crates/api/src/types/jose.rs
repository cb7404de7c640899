//! Verification of JOSE objects.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A JOSE object, and what it must hold.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct JoseVerifyRequest {
    /// The JOSE object, in compact form.
    pub jose: Option<String>,
    /// Names of claims that must be there.
    pub mandatory_claims: Option<Vec<String>>,
    /// Tolerance for time claims, in seconds.
    pub clock_skew: Option<i32>,
    /// The client, by its number or its alias.
    pub client_identifier: Option<String>,
    /// Whether a client has signed it, not the service.
    pub signed_by_client: Option<bool>,
}

/// What was found.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct JoseVerifyResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// Whether the object is good in every respect.
    pub valid: Option<bool>,
    /// Whether the signature is one of the key over the content.
    pub signature_valid: Option<bool>,
    /// Names of mandatory claims that are not there.
    pub missing_claims: Option<Vec<String>>,
    /// Names of claims whose value cannot stand.
    pub invalid_claims: Option<Vec<String>>,
    /// What is wrong, as sentences.
    pub error_descriptions: Option<Vec<String>>,
}
