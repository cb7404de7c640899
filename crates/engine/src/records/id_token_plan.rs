//! What an ID token will say, kept until it is made.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the authorization server has said about the user, kept with the code until its redemption.
#[derive(Clone, Serialize, Deserialize)]
pub struct IdTokenPlan {
    /// Value of `sub`.
    pub sub: String,
    pub nonce: Option<String>,
    pub acr: Option<String>,
    /// Seconds since the epoch.
    pub auth_time: Option<i64>,
    /// Further claims.
    pub claims: Map<String, Value>,
    /// Further members of the header.
    pub header: Map<String, Value>,
    pub audience_as_string: bool,
    /// The user's session at the authorization server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}
