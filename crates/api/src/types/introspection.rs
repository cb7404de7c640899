//! Introspection, for resource servers.

use placet_base::registry::GrantType;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::service::Scope;
use super::shared::{AuthzDetails, Grant, Pair, Property};

/// An access token to judge, and what the resource demands.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct IntrospectionRequest {
    /// The access token to judge.
    pub token: Option<String>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Certificate of the TLS client, PEM.
    pub client_certificate: Option<String>,
    /// The `DPoP` header.
    pub dpop: Option<String>,
    /// HTTP method of the request to the protected endpoint.
    pub htm: Option<String>,
    /// URL of the request to the protected endpoint.
    pub htu: Option<String>,
    /// Resources that were asked for (RFC 8707).
    pub resources: Option<Vec<String>>,
    /// Authentication context classes that would suffice.
    pub acr_values: Option<Vec<String>>,
    /// Longest age of the user's authentication, in seconds; 0 for no limit.
    pub max_age: Option<i64>,
    /// Components that a signature must cover.
    pub required_components: Option<Vec<String>>,
    /// URL of the request; use `targetUri` instead.
    pub uri: Option<String>,
    /// Body of the request.
    pub message: Option<String>,
    /// Headers of the request.
    pub headers: Option<Vec<Pair>>,
    /// URL of the request, for HTTP message signatures.
    pub target_uri: Option<String>,
    /// Whether DPoP proofs must carry a nonce.
    pub dpop_nonce_required: Option<bool>,
    /// Whether the request has a body.
    pub request_body_contained: Option<bool>,
}

/// The verdict on an access token.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct IntrospectionResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<IntrospectionResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the request named the client by its alias.
    pub client_id_alias_used: Option<bool>,
    /// When it expires, in milliseconds since the epoch.
    pub expires_at: Option<i64>,
    /// The resource owner.
    pub subject: Option<String>,
    /// Scopes.
    pub scopes: Option<Vec<String>>,
    /// Whether the token is known.
    pub existent: Option<bool>,
    /// Whether the token is known and has not expired.
    pub usable: Option<bool>,
    /// Whether the token covers the scopes asked for.
    pub sufficient: Option<bool>,
    /// Whether a refresh token stands behind it.
    pub refreshable: Option<bool>,
    /// Key-value pairs that live with the token.
    pub properties: Option<Vec<Property>>,
    /// Thumbprint of the certificate that the token is bound to.
    pub certificate_thumbprint: Option<String>,
    /// Resources that were asked for (RFC 8707).
    pub resources: Option<Vec<String>>,
    /// Resources that the access token is for.
    pub access_token_resources: Option<Vec<String>>,
    /// Authorization details (RFC 9396).
    pub authorization_details: Option<AuthzDetails>,
    /// Attributes of the service.
    pub service_attributes: Option<Vec<Pair>>,
    /// Attributes of the client.
    pub client_attributes: Option<Vec<Pair>>,
    /// The scopes with their descriptions and attributes.
    pub scope_details: Option<Vec<Scope>>,
    /// Identifier of the grant.
    pub grant_id: Option<String>,
    /// Content of the grant.
    pub grant: Option<Grant>,
    /// Whether the token is for an external attachment.
    pub for_external_attachment: Option<bool>,
    /// Names of the claims that the user consented to.
    pub consented_claims: Option<Vec<String>>,
    /// Grant type of the request.
    pub grant_type: Option<GrantType>,
    /// Authentication context class that was satisfied.
    pub acr: Option<String>,
    /// When the user was authenticated, in seconds since the epoch.
    pub auth_time: Option<i64>,
    /// Entity id of the client.
    pub client_entity_id: Option<String>,
    /// Whether the request named the client by its entity id.
    pub client_entity_id_used: Option<bool>,
    /// Whether the token is for credential issuance.
    pub for_credential_issuance: Option<bool>,
    /// Nonce for credential requests.
    pub cnonce: Option<String>,
    /// When the nonce expires, in milliseconds since the epoch.
    pub cnonce_expires_at: Option<i64>,
    /// Credentials that may be issued, as JSON text.
    pub issuable_credentials: Option<String>,
    /// Nonce for the next DPoP proof.
    pub dpop_nonce: Option<String>,
    /// Whether the resource's response must be signed.
    pub response_signing_required: Option<bool>,
    /// URL of the client's metadata document.
    pub metadata_document_location: Option<String>,
    /// Whether the request named the client by its metadata document.
    pub metadata_document_used: Option<bool>,
}

/// What the caller does with an [`IntrospectionResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IntrospectionResponseAction {
    InternalServerError,
    BadRequest,
    Unauthorized,
    Forbidden,
    Ok,
}

/// A request to the introspection endpoint (RFC 7662).
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct StandardIntrospectionRequest {
    /// The request as the OAuth client sent it: a query string or form body, verbatim.
    pub parameters: Option<String>,
    /// Whether hidden properties are shown.
    pub with_hidden_properties: Option<bool>,
    /// Who asks: the URI of the resource server.
    pub rs_uri: Option<String>,
    /// The `Accept` header of the resource server.
    pub http_accept_header: Option<String>,
    /// Signature algorithm of a JWT answer.
    pub introspection_sign_alg: Option<String>,
    /// Key management algorithm of a JWT answer.
    pub introspection_encryption_alg: Option<String>,
    /// Content encryption of a JWT answer.
    pub introspection_encryption_enc: Option<String>,
    /// Shared key for the signature.
    pub shared_key_for_sign: Option<String>,
    /// Shared key for the encryption.
    pub shared_key_for_encryption: Option<String>,
    /// Public key for the encryption.
    pub public_key_for_encryption: Option<String>,
    /// Of placet's own: who asks is a client, which proves itself by `parameters` and the members below (RFC 7662 §2.1). It learns
    /// of its own tokens only, unless `resourceServers` names it.
    pub require_client_authentication: Option<bool>,
    /// Of placet's own: the clients that learn of every token, by client id or alias.
    pub resource_servers: Option<Vec<String>>,
    /// Of placet's own: client id of the `Authorization: Basic` header.
    pub client_id: Option<String>,
    /// Of placet's own: client secret of the `Authorization: Basic` header.
    pub client_secret: Option<String>,
    /// Of placet's own: certificate of the TLS client, PEM.
    pub client_certificate: Option<String>,
    /// Of placet's own: certificates above it, PEM.
    pub client_certificate_path: Option<Vec<String>>,
    /// Of placet's own: the `OAuth-Client-Attestation` header.
    pub oauth_client_attestation: Option<String>,
    /// Of placet's own: the `OAuth-Client-Attestation-PoP` header.
    pub oauth_client_attestation_pop: Option<String>,
}

/// The response of the introspection endpoint.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct StandardIntrospectionResponse {
    /// Code of the outcome: `A` and six digits.
    pub result_code: Option<String>,
    /// The outcome as a sentence, behind its code in brackets.
    pub result_message: Option<String>,
    /// What the caller does next.
    pub action: Option<StandardIntrospectionResponseAction>,
    /// The content to hand on; what it is depends on `action`.
    pub response_content: Option<String>,
    /// Of placet's own: challenge for the next attestation.
    pub attestation_challenge: Option<String>,
}

/// What the caller does with an [`StandardIntrospectionResponse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StandardIntrospectionResponseAction {
    InternalServerError,
    /// Of placet's own, and answered to `requireClientAuthentication` alone.
    InvalidClient,
    BadRequest,
    Ok,
    Jwt,
}
