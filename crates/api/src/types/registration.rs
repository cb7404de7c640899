//! Dynamic client registration (RFC 7591, RFC 7592).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::client::Client;

/// A registration request, or a request to the client configuration endpoint.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientRegistrationRequest {
    /// Client metadata, as JSON text.
    pub json: Option<String>,
    /// Initial access token, or registration access token.
    pub token: Option<String>,
    /// The client that is asked about.
    pub client_id: Option<String>,
}

/// What to do with a registration request.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientRegistrationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<ClientRegistrationResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The client that asks.
    pub client: Option<Client>,
}

/// What the caller does with an [`ClientRegistrationResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClientRegistrationResponseAction {
    BadRequest,
    Created,
    Deleted,
    InternalServerError,
    Ok,
    Unauthorized,
    Updated,
}
