//! OpenID Federation 1.0: the entity configuration of a service, and clients that register explicitly.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Client;

/// What the entity configuration is to say.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct FederationConfigurationRequest {
    /// What the service is to be shown as: `OPENID_PROVIDER`, which is also meant where nothing is said, and
    /// `OPENID_CREDENTIAL_ISSUER` where it issues credentials. Other values are ignored.
    pub entity_types: Option<Vec<String>>,
}

/// An entity configuration.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct FederationConfigurationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<FederationConfigurationResponseAction>,
    /// The signed entity configuration, or an error as JSON.
    pub response_content: Option<String>,
}

/// What the caller does with a [`FederationConfigurationResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FederationConfigurationResponseAction {
    Ok,
    NotFound,
    InternalServerError,
}

/// The keys of the service are to be signed.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct FederationJwksRequest {}

/// The public keys of the service, signed as an entity.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct FederationJwksResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<FederationJwksResponseAction>,
    /// The signed key set, or an error as JSON.
    pub response_content: Option<String>,
}

/// What the caller does with a [`FederationJwksResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FederationJwksResponseAction {
    Ok,
    NotFound,
    InternalServerError,
}

/// What an entity sends to the federation registration endpoint: one of the two.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct FederationRegistrationRequest {
    /// The entity configuration of the client, as it came as `application/entity-statement+jwt`.
    pub entity_configuration: Option<String>,
    /// The trust chain of the client, as it came as `application/trust-chain+json`.
    pub trust_chain: Option<String>,
}

/// What has become of a registration.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct FederationRegistrationResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<FederationRegistrationResponseAction>,
    /// The signed statement about the registration, or an error as JSON.
    pub response_content: Option<String>,
    /// The client as it is registered.
    pub client: Option<Client>,
}

/// What the caller does with a [`FederationRegistrationResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FederationRegistrationResponseAction {
    Ok,
    BadRequest,
    NotFound,
    InternalServerError,
}
