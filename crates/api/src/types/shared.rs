//! Small types that several families use.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

/// A key and a value.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Pair {
    /// Key.
    pub key: Option<String>,
    /// Value.
    pub value: Option<String>,
}

/// A key and a value that live with a token.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Property {
    /// Key.
    pub key: Option<String>,
    /// Value.
    pub value: Option<String>,
    /// Whether the property is kept from the OAuth client.
    pub hidden: Option<bool>,
}

/// A value in one language.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TaggedValue {
    /// Language tag (RFC 5646).
    pub tag: Option<String>,
    /// Value.
    pub value: Option<String>,
}

/// Authorization details (RFC 9396).
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthzDetails {
    /// The elements of the array.
    pub elements: Option<Vec<AuthorizationDetailsElement>>,
}

/// One element of authorization details.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AuthorizationDetailsElement {
    /// Type of the authorization details.
    pub r#type: String,
    /// Where access is wanted.
    pub locations: Option<Vec<String>>,
    /// What is to be done.
    pub actions: Option<Vec<String>>,
    /// Which data is wanted.
    pub data_types: Option<Vec<String>>,
    /// Identifier.
    pub identifier: Option<String>,
    /// Which privileges are wanted.
    pub privileges: Option<Vec<String>>,
    /// All other members, as JSON text.
    pub other_fields: Option<String>,
}

/// A requested scope that matches a pattern.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct DynamicScope {
    /// Name.
    pub name: Option<String>,
    /// Value.
    pub value: Option<String>,
}

/// What was granted (Grant Management for OAuth 2.0 §6.1).
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Grant {
    /// Scopes.
    pub scopes: Option<Vec<GrantScope>>,
    /// Names of the claims of the grant.
    pub claims: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
}

/// Scopes and the resources they are for.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GrantScope {
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// Resources of the scopes.
    pub resource: Option<Vec<String>>,
}

/// Overrides for client metadata documents.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CimdOptions {
    /// Whether the document is fetched in any case.
    pub always_retrieved: Option<bool>,
    /// Whether the URL may use http.
    pub http_permitted: Option<bool>,
    /// Whether the URL may have a query.
    pub query_permitted: Option<bool>,
}

/// A credential offer.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CredentialOfferInfo {
    /// Identifier.
    pub identifier: Option<String>,
    /// The offer, as JSON text.
    pub credential_offer: Option<String>,
    /// URL of the credential issuer.
    pub credential_issuer: Option<String>,
    /// Whether the offer names the authorization code grant.
    pub authorization_code_grant_included: Option<bool>,
    /// Whether the offer carries an issuer state.
    pub issuer_state_included: Option<bool>,
    /// The issuer state.
    pub issuer_state: Option<String>,
    /// Whether the offer names the pre-authorized code grant.
    pub pre_authorized_code_grant_included: Option<bool>,
    /// The pre-authorized code.
    pub pre_authorized_code: Option<String>,
    /// The resource owner.
    pub subject: Option<String>,
    /// When it expires, in milliseconds since the epoch.
    pub expires_at: Option<i64>,
    /// Any text; kept with the ticket.
    pub context: Option<String>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// Further claims of a JWT access token, as JSON text.
    pub jwt_at_claims: Option<String>,
    /// When the user was authenticated, in seconds since the epoch.
    pub auth_time: Option<i64>,
    /// Authentication context class that was satisfied.
    pub acr: Option<String>,
    /// Credentials on offer.
    pub credential_configuration_ids: Option<Vec<String>>,
    /// Transaction code.
    pub tx_code: Option<String>,
    /// Characters of the transaction code.
    pub tx_code_input_mode: Option<String>,
    /// Help for the transaction code.
    pub tx_code_description: Option<String>,
}

/// Members to be changed (RFC 7396): each replaces the one that there is, `null` takes it away, and objects are changed
/// member by member.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct MergePatch(pub Map<String, Value>);
