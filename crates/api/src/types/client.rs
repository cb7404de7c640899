//! The configuration of a client.

use placet_base::registry::{
    ApplicationType, ClientAuthMethod, ClientRegistrationType, ClientSource, ClientType, FapiMode, GrantType,
    JweAlg, JweEnc, JwsAlg, ResponseMode, ResponseType, SubjectType,
};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::shared::{Pair, TaggedValue};

/// A client of a service, as it was registered.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Client {
    /// Sequence number, assigned by the server.
    pub number: Option<i32>,
    /// Sequence number of the client's service, assigned by the server.
    pub service_number: Option<i32>,
    /// Name of the client for display.
    pub client_name: Option<String>,
    /// The name in several languages.
    pub client_names: Option<Vec<TaggedValue>>,
    /// Free text.
    pub description: Option<String>,
    /// The description in several languages.
    pub descriptions: Option<Vec<TaggedValue>>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The client secret.
    pub client_secret: Option<String>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the alias may stand in for the numeric client id.
    pub client_id_alias_enabled: Option<bool>,
    /// Whether the client can keep a secret.
    pub client_type: Option<ClientType>,
    /// Whether the client is a web or a native application.
    pub application_type: Option<ApplicationType>,
    /// URL of the logo.
    pub logo_uri: Option<String>,
    /// The logo in several languages.
    pub logo_uris: Option<Vec<TaggedValue>>,
    /// Addresses of responsible people.
    pub contacts: Option<Vec<String>>,
    /// Whether tokens are bound to client certificates.
    pub tls_client_certificate_bound_access_tokens: Option<bool>,
    /// Whether the client registered itself.
    pub dynamically_registered: Option<bool>,
    /// Identifier of the software.
    pub software_id: Option<String>,
    /// Who owns the client.
    pub developer: Option<String>,
    /// Version of the software.
    pub software_version: Option<String>,
    /// Hash of the registration access token.
    pub registration_access_token_hash: Option<String>,
    /// When it was created, in milliseconds since the epoch.
    pub created_at: Option<i64>,
    /// When it was last changed, in milliseconds since the epoch.
    pub modified_at: Option<i64>,
    /// Grant types that the client may use.
    pub grant_types: Option<Vec<GrantType>>,
    /// Response types that the client may use.
    pub response_types: Option<Vec<ResponseType>>,
    /// Redirect URIs, compared exactly.
    pub redirect_uris: Option<Vec<String>>,
    /// Signature algorithm of JARM responses.
    pub authorization_sign_alg: Option<JwsAlg>,
    /// Key management algorithm of JARM responses.
    pub authorization_encryption_alg: Option<JweAlg>,
    /// Content encryption of JARM responses.
    pub authorization_encryption_enc: Option<JweEnc>,
    /// How the client authenticates.
    pub token_auth_method: Option<ClientAuthMethod>,
    /// Signature algorithm of its client assertions.
    pub token_auth_sign_alg: Option<JwsAlg>,
    /// Key id of its self-signed certificate.
    pub self_signed_certificate_key_id: Option<String>,
    /// Subject of its certificate.
    pub tls_client_auth_subject_dn: Option<String>,
    /// DNS name in its certificate.
    pub tls_client_auth_san_dns: Option<String>,
    /// URI in its certificate.
    pub tls_client_auth_san_uri: Option<String>,
    /// Address in its certificate.
    pub tls_client_auth_san_ip: Option<String>,
    /// Mail address in its certificate.
    pub tls_client_auth_san_email: Option<String>,
    /// Whether authorization requests must be pushed.
    pub par_required: Option<bool>,
    /// Whether authorization requests must use a request object.
    pub request_object_required: Option<bool>,
    /// Signature algorithm of its request objects.
    pub request_sign_alg: Option<JwsAlg>,
    /// Key management algorithm of its request objects.
    pub request_encryption_alg: Option<JweAlg>,
    /// Content encryption of its request objects.
    pub request_encryption_enc: Option<JweEnc>,
    /// URLs of request objects that may be fetched.
    pub request_uris: Option<Vec<String>>,
    /// `max_age` when a request names none, in seconds; 0 for none.
    pub default_max_age: Option<i32>,
    /// ACR values when a request names none.
    pub default_acrs: Option<Vec<String>>,
    /// Signature algorithm of ID tokens.
    pub id_token_sign_alg: Option<JwsAlg>,
    /// Key management algorithm of ID tokens.
    pub id_token_encryption_alg: Option<JweAlg>,
    /// Content encryption of ID tokens.
    pub id_token_encryption_enc: Option<JweEnc>,
    /// Whether ID tokens must carry `auth_time`.
    pub auth_time_required: Option<bool>,
    /// Whether the client sees public or pairwise subjects.
    pub subject_type: Option<SubjectType>,
    /// URL of the sector's redirect URIs.
    pub sector_identifier_uri: Option<String>,
    /// The sector identifier, computed by the server.
    pub derived_sector_identifier: Option<String>,
    /// URL of the client's key set; goes before `jwks`.
    pub jwks_uri: Option<String>,
    /// The client's key set, as JSON text.
    pub jwks: Option<String>,
    /// Signature algorithm of userinfo responses.
    pub user_info_sign_alg: Option<JwsAlg>,
    /// Key management algorithm of userinfo responses.
    pub user_info_encryption_alg: Option<JweAlg>,
    /// Content encryption of userinfo responses.
    pub user_info_encryption_enc: Option<JweEnc>,
    /// Where a login may be started from outside.
    pub login_uri: Option<String>,
    /// URL of the client's terms.
    pub tos_uri: Option<String>,
    /// The terms in several languages.
    pub tos_uris: Option<Vec<TaggedValue>>,
    /// URL of the client's privacy policy.
    pub policy_uri: Option<String>,
    /// The policy in several languages.
    pub policy_uris: Option<Vec<TaggedValue>>,
    /// Home page of the client.
    pub client_uri: Option<String>,
    /// The home page in several languages.
    pub client_uris: Option<Vec<TaggedValue>>,
    /// CIBA delivery mode.
    pub bc_delivery_mode: Option<String>,
    /// Where CIBA notifications go.
    pub bc_notification_endpoint: Option<String>,
    /// Signature algorithm of CIBA requests.
    pub bc_request_sign_alg: Option<JwsAlg>,
    /// Whether CIBA requests need a user code.
    pub bc_user_code_required: Option<bool>,
    /// Key-value pairs of the operator; echoed in many responses.
    pub attributes: Option<Vec<Pair>>,
    /// Settings that the client's developer does not control.
    pub extension: Option<ClientExtension>,
    /// Types of authorization details that the client may ask for.
    pub authorization_details_types: Option<Vec<String>>,
    /// Further registered metadata, as JSON text.
    pub custom_metadata: Option<String>,
    /// Whether request objects through the browser must be encrypted.
    pub front_channel_request_object_encryption_required: Option<bool>,
    /// Whether the key management algorithm must be the registered one.
    pub request_object_encryption_alg_match_required: Option<bool>,
    /// Whether the content encryption must be the registered one.
    pub request_object_encryption_enc_match_required: Option<bool>,
    /// Digest algorithm of external attachments.
    pub digest_algorithm: Option<String>,
    /// Whether a new token ends older ones of the same client and subject.
    pub single_access_token_per_subject: Option<bool>,
    /// Whether authorization code requests must use PKCE.
    pub pkce_required: Option<bool>,
    /// Whether PKCE must use S256.
    pub pkce_s256_required: Option<bool>,
    /// Whether the client's tokens must be bound to a DPoP key.
    pub dpop_required: Option<bool>,
    /// Whether the client was registered automatically.
    pub automatically_registered: Option<bool>,
    /// Whether the client was registered explicitly.
    pub explicitly_registered: Option<bool>,
    /// Whether the client's resource requests must be signed.
    pub rs_request_signed: Option<bool>,
    /// Key id of those signatures.
    pub rs_signed_request_key_id: Option<String>,
    /// Ways in which the client registers in a federation.
    pub client_registration_types: Option<Vec<ClientRegistrationType>>,
    /// Name of the organization in entity statements.
    pub organization_name: Option<String>,
    /// URL of the signed key set.
    pub signed_jwks_uri: Option<String>,
    /// Entity id in a federation.
    pub entity_id: Option<String>,
    /// Trust anchor of the chain in use.
    pub trust_anchor_id: Option<String>,
    /// Entity statements of the chain, leaf first.
    pub trust_chain: Option<Vec<String>>,
    /// When the chain expires, in milliseconds since the epoch.
    pub trust_chain_expires_at: Option<i64>,
    /// When the chain was resolved, in milliseconds since the epoch.
    pub trust_chain_updated_at: Option<i64>,
    /// Whether the client is locked; a locked client is refused everywhere.
    pub locked: Option<bool>,
    /// Where the wallet takes credential offers.
    pub credential_offer_endpoint: Option<String>,
    /// Profiles that every request is judged by.
    pub fapi_modes: Option<Vec<FapiMode>>,
    /// Response modes that the client may use; absent for all.
    pub response_modes: Option<Vec<ResponseMode>>,
    /// Whether credential responses must be encrypted.
    pub credential_response_encryption_required: Option<bool>,
    /// Whether the client uses the mutual TLS endpoints.
    pub mtls_endpoint_aliases_used: Option<bool>,
    /// Whether tokens of the client may be migrated.
    pub in_scope_for_token_migration: Option<bool>,
    /// URL of the client's metadata document.
    pub metadata_document_location: Option<String>,
    /// When the cached document expires, in milliseconds since the epoch.
    pub metadata_document_expires_at: Option<i64>,
    /// When the document was fetched, in milliseconds since the epoch.
    pub metadata_document_updated_at: Option<i64>,
    /// Whether the client is known by its document.
    pub discovered_by_metadata_document: Option<bool>,
    /// How the client came to be known.
    pub client_source: Option<ClientSource>,
    /// Where logout tokens go.
    pub backchannel_logout_uri: Option<String>,
    /// Whether logout tokens must carry a session id.
    pub backchannel_logout_session_required: Option<bool>,
    /// Version of the High Assurance Interoperability Profile in force.
    pub haip_version: Option<String>,
    /// SPIFFE id of the client.
    pub spiffe_id: Option<String>,
    /// Where its SPIFFE bundle is fetched.
    pub spiffe_bundle_endpoint: Option<String>,
}

/// Settings of a client that its developer does not control.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientExtension {
    /// Scopes that the client may request; absent for all.
    pub requestable_scopes: Option<Vec<String>>,
    /// Whether that limit is in force.
    pub requestable_scopes_enabled: Option<bool>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
    /// Lifetime of ID tokens, in seconds; 0 for the default.
    pub id_token_duration: Option<i64>,
    /// Whether the client may exchange tokens.
    pub token_exchange_permitted: Option<bool>,
}

/// What pages need to know of a client.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientLimitedAuthorization {
    /// Sequence number, assigned by the server.
    pub number: Option<i32>,
    /// Name of the client for display.
    pub client_name: Option<String>,
    /// The name in several languages.
    pub client_names: Option<Vec<TaggedValue>>,
    /// Free text.
    pub description: Option<String>,
    /// The description in several languages.
    pub descriptions: Option<Vec<TaggedValue>>,
    /// The numeric client id.
    pub client_id: Option<i64>,
    /// The alias of the client id.
    pub client_id_alias: Option<String>,
    /// Whether the alias may stand in for the numeric client id.
    pub client_id_alias_enabled: Option<bool>,
    /// Whether the client can keep a secret.
    pub client_type: Option<ClientType>,
    /// URL of the logo.
    pub logo_uri: Option<String>,
    /// The logo in several languages.
    pub logo_uris: Option<Vec<TaggedValue>>,
    /// URL of the client's terms.
    pub tos_uri: Option<String>,
    /// The terms in several languages.
    pub tos_uris: Option<Vec<TaggedValue>>,
    /// URL of the client's privacy policy.
    pub policy_uri: Option<String>,
    /// The policy in several languages.
    pub policy_uris: Option<Vec<TaggedValue>>,
    /// Sequence number of the client's service, assigned by the server.
    pub service_number: Option<i32>,
    /// `max_age` when a request names none, in seconds; 0 for none.
    pub default_max_age: Option<i32>,
    /// Whether ID tokens must carry `auth_time`.
    pub auth_time_required: Option<bool>,
    /// When it was created, in milliseconds since the epoch.
    pub created_at: Option<i64>,
    /// When it was last changed, in milliseconds since the epoch.
    pub modified_at: Option<i64>,
    /// Whether tokens are bound to client certificates.
    pub tls_client_certificate_bound_access_tokens: Option<bool>,
    /// Whether CIBA requests need a user code.
    pub bc_user_code_required: Option<bool>,
    /// Whether the client registered itself.
    pub dynamically_registered: Option<bool>,
    /// Whether authorization requests must be pushed.
    pub par_required: Option<bool>,
    /// Whether authorization requests must use a request object.
    pub request_object_required: Option<bool>,
    /// Whether request objects through the browser must be encrypted.
    pub front_channel_request_object_encryption_required: Option<bool>,
    /// Whether the key management algorithm must be the registered one.
    pub request_object_encryption_alg_match_required: Option<bool>,
    /// Whether the content encryption must be the registered one.
    pub request_object_encryption_enc_match_required: Option<bool>,
    /// Whether a new token ends older ones of the same client and subject.
    pub single_access_token_per_subject: Option<bool>,
    /// Whether authorization code requests must use PKCE.
    pub pkce_required: Option<bool>,
    /// Whether PKCE must use S256.
    pub pkce_s256_required: Option<bool>,
    /// Whether the client's resource requests must be signed.
    pub rs_request_signed: Option<bool>,
    /// Whether the client's tokens must be bound to a DPoP key.
    pub dpop_required: Option<bool>,
    /// Whether the client is locked; a locked client is refused everywhere.
    pub locked: Option<bool>,
    /// Whether the client uses the mutual TLS endpoints.
    pub mtls_endpoint_aliases_used: Option<bool>,
    /// Whether tokens of the client may be migrated.
    pub in_scope_for_token_migration: Option<bool>,
    /// When the chain expires, in milliseconds since the epoch.
    pub trust_chain_expires_at: Option<i64>,
    /// When the chain was resolved, in milliseconds since the epoch.
    pub trust_chain_updated_at: Option<i64>,
    /// Whether the client was registered automatically.
    pub automatically_registered: Option<bool>,
    /// Whether the client was registered explicitly.
    pub explicitly_registered: Option<bool>,
    /// Whether credential responses must be encrypted.
    pub credential_response_encryption_required: Option<bool>,
    /// URL of the client's metadata document.
    pub metadata_document_location: Option<String>,
    /// When the cached document expires, in milliseconds since the epoch.
    pub metadata_document_expires_at: Option<i64>,
    /// When the document was fetched, in milliseconds since the epoch.
    pub metadata_document_updated_at: Option<i64>,
    /// Whether the client is known by its document.
    pub discovered_by_metadata_document: Option<bool>,
    /// How the client came to be known.
    pub client_source: Option<ClientSource>,
    /// Entity id in a federation.
    pub entity_id: Option<String>,
}

/// A window on the clients of a service.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ClientGetListResponse {
    /// First entry of the window, counted from 0.
    pub start: Option<i32>,
    /// First entry behind the window.
    pub end: Option<i32>,
    /// How many entries there are in all.
    pub total_count: Option<i32>,
    /// The clients in the window.
    pub clients: Option<Vec<Client>>,
}
