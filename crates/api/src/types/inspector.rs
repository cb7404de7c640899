//! What the API was asked of late, and what it decided: for people who want to know why.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::shared::Pair;

/// Which calls are wanted.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct InspectorListQuery {
    /// Where an answer before has ended: only calls that came later are told, the oldest first. Absent for the latest calls.
    pub cursor: Option<String>,
    /// How many calls at most; 100 where nothing is said, 1,000 at most.
    pub limit: Option<i32>,
    /// What a call has to hold, in any case of letters: a part of an endpoint, a client id, a subject, a result code, an error, a request id, or
    /// a whole code, token, ticket or `request_uri`; or the first 16 characters of its SHA-256 in base64url, so that it stands in no URL.
    pub search: Option<String>,
    /// Only calls that were refused.
    pub failed: Option<bool>,
}

/// Calls of the last while, without what they held.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct InspectorGetListResponse {
    /// The calls: the latest first, or after a cursor the oldest first.
    pub calls: Option<Vec<InspectedCall>>,
    /// For the next question: what comes after the latest call that there is.
    pub cursor: Option<String>,
}

/// Which transaction is wanted.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct InspectorGetQuery {
    /// The request id of any of its calls.
    pub request_id: Option<String>,
}

/// The calls that belong together: from an authorization request to what became of its tokens.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct InspectorGetResponse {
    /// What the transaction is called: the request id of its first call.
    pub transaction_id: Option<String>,
    /// Its calls, the oldest first, with what they held.
    pub calls: Option<Vec<InspectedCall>>,
}

/// A call of the API. Codes, tokens, tickets and the like are shown as the beginning of their hash, secrets and texts of users not at all.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct InspectedCall {
    /// The `X-Request-Id` of its answer.
    pub request_id: Option<String>,
    /// The transaction that it belongs to.
    pub transaction_id: Option<String>,
    /// When it was answered, in milliseconds since the epoch.
    pub at: Option<i64>,
    /// How long it took, in microseconds.
    pub micros: Option<i64>,
    /// The endpoint, as the SDK's method is called.
    pub endpoint: Option<String>,
    /// The status of the answer.
    pub status: Option<i32>,
    /// The `action` of the answer.
    pub action: Option<String>,
    /// The `resultCode` of the answer.
    pub result_code: Option<String>,
    /// The `resultMessage` of the answer.
    pub result_message: Option<String>,
    /// The OAuth client, as the call named it or the answer knew it.
    pub client_id: Option<String>,
    /// The user.
    pub subject: Option<String>,
    /// The token of the API that was presented.
    pub token_id: Option<String>,
    /// How many calls of the service that came before it were not kept, since there were too many at once.
    pub left_out: Option<i64>,
    /// What was asked, member by member.
    pub request: Option<Vec<Pair>>,
    /// What was answered, member by member.
    pub answer: Option<Vec<Pair>>,
    /// What decided, and what could be done.
    pub explanation: Option<Explanation>,
}

/// What stands behind a result code.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Explanation {
    /// The outcome, as placet's source calls it.
    pub reason: Option<String>,
    /// The files of placet's source that decide it: what they are called says what rule it is.
    pub rules: Option<Vec<String>>,
    /// Clauses of specifications that those cite for it.
    pub clauses: Option<Vec<String>>,
    /// Members of the service or the client that it depends on.
    pub settings: Option<Vec<String>>,
}
