//! The configuration of a service.

use placet_base::registry::{
    AttachmentType, ClaimType, ClientAuthMethod, ClientRegistrationType, DeliveryMode, Display, FapiMode,
    GrantType, JwsAlg, Prompt, ResponseType, ServiceProfile, Sns, UserCodeCharset,
    VerifiedClaimsValidationSchema,
};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::shared::{Pair, TaggedValue};

/// A service: one authorization server, as its operator wrote it.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Service {
    /// Sequence number, assigned by the server.
    pub number: Option<i32>,
    /// Name for display.
    pub service_name: Option<String>,
    /// Issuer identifier: an https URL without query and fragment.
    pub issuer: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The service id, assigned by the server.
    pub api_key: Option<i64>,
    /// Secret of the old Basic scheme, assigned by the server.
    pub api_secret: Option<String>,
    /// Where the result of a token batch is posted.
    pub token_batch_notification_endpoint: Option<String>,
    /// Whether client assertions must name the issuer alone as audience.
    pub client_assertion_aud_restricted_to_issuer: Option<bool>,
    /// Number of the organization that owns the service, assigned by the server.
    pub service_owner_number: Option<i32>,
    /// Most clients of one developer; 0 for no limit.
    pub clients_per_developer: Option<i32>,
    /// Where an authorization server with pages for developers asks about a login there.
    pub developer_authentication_callback_endpoint: Option<String>,
    /// User name for that call (HTTP Basic).
    pub developer_authentication_callback_api_key: Option<String>,
    /// Password for that call.
    pub developer_authentication_callback_api_secret: Option<String>,
    /// Social networks by way of which people may sign in, at an authorization server that asks the callback.
    pub supported_snses: Option<Vec<Sns>>,
    /// What the authorization server is at those networks.
    pub sns_credentials: Option<Vec<SnsCredentials>>,
    /// Whether the alias may stand in for the numeric client id.
    pub client_id_alias_enabled: Option<bool>,
    /// Key-value pairs that the server reports, such as `clientCount`.
    pub metadata: Option<Vec<Pair>>,
    /// When it was created, in milliseconds since the epoch.
    pub created_at: Option<i64>,
    /// When it was last changed, in milliseconds since the epoch.
    pub modified_at: Option<i64>,
    /// Where an authorization server asks about a login, if it is told to.
    pub authentication_callback_endpoint: Option<String>,
    /// User name for that call (HTTP Basic).
    pub authentication_callback_api_key: Option<String>,
    /// Password for that call.
    pub authentication_callback_api_secret: Option<String>,
    /// Authentication context classes that can be satisfied.
    pub supported_acrs: Option<Vec<String>>,
    /// Grant types that clients may use.
    pub supported_grant_types: Option<Vec<GrantType>>,
    /// Response types that clients may use.
    pub supported_response_types: Option<Vec<ResponseType>>,
    /// Types of authorization details that may be asked for.
    pub supported_authorization_details_types: Option<Vec<String>>,
    /// Profiles that the service is prepared for.
    pub supported_service_profiles: Option<Vec<ServiceProfile>>,
    /// Whether errors leave out `error_description`.
    pub error_description_omitted: Option<bool>,
    /// Whether errors leave out `error_uri`.
    pub error_uri_omitted: Option<bool>,
    /// URL of the authorization endpoint.
    pub authorization_endpoint: Option<String>,
    /// Whether `/api/auth/authorization/direct/{serviceId}` sends browsers on to `authorizationEndpoint`.
    pub direct_authorization_endpoint_enabled: Option<bool>,
    /// Languages of the pages.
    pub supported_ui_locales: Option<Vec<String>>,
    /// Display modes that the pages support.
    pub supported_displays: Option<Vec<Display>>,
    /// Whether authorization code requests must use PKCE.
    pub pkce_required: Option<bool>,
    /// Whether PKCE must use S256.
    pub pkce_s256_required: Option<bool>,
    /// Lifetime of JARM responses, in seconds; 0 for the default.
    pub authorization_response_duration: Option<i64>,
    /// Lifetime of authorization codes, in seconds; 0 for the default.
    pub authorization_code_duration: Option<i64>,
    /// URL of the token endpoint.
    pub token_endpoint: Option<String>,
    /// Whether clients may call `/api/auth/token/direct/{serviceId}` as their token endpoint.
    pub direct_token_endpoint_enabled: Option<bool>,
    /// Client authentication methods of the token endpoint.
    pub supported_token_auth_methods: Option<Vec<ClientAuthMethod>>,
    /// Whether public clients may leave out `client_id` at the token endpoint.
    pub missing_client_id_allowed: Option<bool>,
    /// URL of the revocation endpoint.
    pub revocation_endpoint: Option<String>,
    /// Whether clients may call `/api/auth/revocation/direct/{serviceId}` as their revocation endpoint.
    pub direct_revocation_endpoint_enabled: Option<bool>,
    /// Client authentication methods of the revocation endpoint.
    pub supported_revocation_auth_methods: Option<Vec<ClientAuthMethod>>,
    /// URL of the introspection endpoint.
    pub introspection_endpoint: Option<String>,
    /// Whether `/api/auth/introspection/direct/{serviceId}` answers resource servers that show a token of the API.
    pub direct_introspection_endpoint_enabled: Option<bool>,
    /// Client authentication methods of the introspection endpoint; metadata only.
    pub supported_introspection_auth_methods: Option<Vec<ClientAuthMethod>>,
    /// URL of the pushed authorization request endpoint.
    pub pushed_auth_req_endpoint: Option<String>,
    /// Lifetime of pushed requests, in seconds; 0 for the default.
    pub pushed_auth_req_duration: Option<i64>,
    /// Whether authorization requests must be pushed.
    pub par_required: Option<bool>,
    /// Whether authorization requests must use a request object.
    pub request_object_required: Option<bool>,
    /// Whether OpenID Connect Core §6 applies instead of RFC 9101.
    pub traditional_request_object_processing_applied: Option<bool>,
    /// Whether client certificate chains are validated.
    pub mutual_tls_validate_pki_cert_chain: Option<bool>,
    /// Roots for that validation, PEM.
    pub trusted_root_certificates: Option<Vec<String>>,
    /// Endpoints for clients that use mutual TLS.
    pub mtls_endpoint_aliases: Option<Vec<NamedUri>>,
    /// Value of `token_type` for tokens that are not sender-constrained.
    pub access_token_type: Option<String>,
    /// Whether tokens are bound to client certificates.
    pub tls_client_certificate_bound_access_tokens: Option<bool>,
    /// Lifetime of access tokens, in seconds; 0 for the default.
    pub access_token_duration: Option<i64>,
    /// Whether a new token ends older ones of the same client and subject.
    pub single_access_token_per_subject: Option<bool>,
    /// Signature algorithm of JWT access tokens; absent for opaque ones.
    pub access_token_sign_alg: Option<JwsAlg>,
    /// Key id for JWT access tokens.
    pub access_token_signature_key_id: Option<String>,
    /// Lifetime of refresh tokens, in seconds; 0 for the default.
    pub refresh_token_duration: Option<i64>,
    /// Whether a renewed refresh token inherits the remaining lifetime.
    pub refresh_token_duration_kept: Option<bool>,
    /// Whether the lifetime of a kept refresh token starts again.
    pub refresh_token_duration_reset: Option<bool>,
    /// Whether a refresh token stays the same when used.
    pub refresh_token_kept: Option<bool>,
    /// The scopes of the service.
    pub supported_scopes: Option<Vec<Scope>>,
    /// Whether a request must end up with a scope.
    pub scope_required: Option<bool>,
    /// Lifetime of ID tokens, in seconds; 0 for the default.
    pub id_token_duration: Option<i64>,
    /// Tolerance for the times in JWTs from outside, in seconds.
    pub allowable_clock_skew: Option<i32>,
    /// Kinds of claims that are delivered.
    pub supported_claim_types: Option<Vec<ClaimType>>,
    /// Languages of claims.
    pub supported_claim_locales: Option<Vec<String>>,
    /// Claims that can be asked for by name.
    pub supported_claims: Option<Vec<String>>,
    /// Whether claims behind scopes enter the ID token only when no access token is issued.
    pub claim_shortcut_restrictive: Option<bool>,
    /// URL where the key set of the service is published.
    pub jwks_uri: Option<String>,
    /// Whether anybody may read the public keys at `/api/service/jwks/get/direct/{serviceId}`.
    pub direct_jwks_endpoint_enabled: Option<bool>,
    /// The key set of the service, private keys included, as JSON text.
    pub jwks: Option<String>,
    /// Key id for ID tokens.
    pub id_token_signature_key_id: Option<String>,
    /// Key id for signed userinfo responses.
    pub user_info_signature_key_id: Option<String>,
    /// Key id for JARM responses.
    pub authorization_signature_key_id: Option<String>,
    /// URL of the userinfo endpoint.
    pub user_info_endpoint: Option<String>,
    /// Whether clients may call `/api/auth/userinfo/direct/{serviceId}` as their userinfo endpoint, which knows `sub` alone.
    pub direct_user_info_endpoint_enabled: Option<bool>,
    /// Whether clients may register themselves.
    pub dynamic_registration_supported: Option<bool>,
    /// URL of the client registration endpoint.
    pub registration_endpoint: Option<String>,
    /// Base of the client configuration endpoint.
    pub registration_management_endpoint: Option<String>,
    /// URL of the policy that relying parties accept.
    pub policy_uri: Option<String>,
    /// URL of the terms that relying parties accept.
    pub tos_uri: Option<String>,
    /// URL of documentation for developers.
    pub service_documentation: Option<String>,
    /// URL of the CIBA endpoint.
    pub backchannel_authentication_endpoint: Option<String>,
    /// CIBA delivery modes.
    pub supported_backchannel_token_delivery_modes: Option<Vec<DeliveryMode>>,
    /// Lifetime of `auth_req_id`, in seconds; 0 for the default.
    pub backchannel_auth_req_id_duration: Option<i32>,
    /// CIBA polling interval, in seconds.
    pub backchannel_polling_interval: Option<i32>,
    /// Whether CIBA requests may carry a user code.
    pub backchannel_user_code_parameter_supported: Option<bool>,
    /// Whether FAPI-CIBA requests need a binding message.
    pub backchannel_binding_message_required_in_fapi: Option<bool>,
    /// URL of the device authorization endpoint.
    pub device_authorization_endpoint: Option<String>,
    /// Page where a user enters the code of a device.
    pub device_verification_uri: Option<String>,
    /// The same with the placeholder `USER_CODE`.
    pub device_verification_uri_complete: Option<String>,
    /// Lifetime of device codes, in seconds; 0 for the default.
    pub device_flow_code_duration: Option<i32>,
    /// Device flow polling interval, in seconds.
    pub device_flow_polling_interval: Option<i32>,
    /// Characters of user codes.
    pub user_code_charset: Option<UserCodeCharset>,
    /// Length of user codes; 0 for the default.
    pub user_code_length: Option<i32>,
    /// Trust frameworks of verified claims.
    pub supported_trust_frameworks: Option<Vec<String>>,
    /// Kinds of evidence of verified claims.
    pub supported_evidence: Option<Vec<String>>,
    /// Identity documents, by their older name.
    pub supported_identity_documents: Option<Vec<String>>,
    /// Verification methods, by their older name.
    pub supported_verification_methods: Option<Vec<String>>,
    /// Claims that can be verified.
    pub supported_verified_claims: Option<Vec<String>>,
    /// Schemas that verified claims are held against.
    pub verified_claims_validation_schema_set: Option<VerifiedClaimsValidationSchema>,
    /// Key-value pairs of the operator; echoed in many responses.
    pub attributes: Option<Vec<Pair>>,
    /// Whether FAPI 1 Advanced request objects may lack `nbf`.
    pub nbf_optional: Option<bool>,
    /// Whether authorization responses leave out `iss`.
    pub iss_suppressed: Option<bool>,
    /// Names of further client metadata that registration keeps.
    pub supported_custom_client_metadata: Option<Vec<String>>,
    /// Whether an access token may not outlive its refresh token.
    pub token_expiration_linked: Option<bool>,
    /// Whether request objects through the browser must be encrypted.
    pub front_channel_request_object_encryption_required: Option<bool>,
    /// Whether the key management algorithm must be the registered one.
    pub request_object_encryption_alg_match_required: Option<bool>,
    /// Whether the content encryption must be the registered one.
    pub request_object_encryption_enc_match_required: Option<bool>,
    /// Whether keys in a hardware module may be used.
    pub hsm_enabled: Option<bool>,
    /// Keys in the hardware module; output only.
    pub hsks: Option<Vec<Hsk>>,
    /// URL of the grant management endpoint.
    pub grant_management_endpoint: Option<String>,
    /// Whether authorization requests must name a grant management action.
    pub grant_management_action_required: Option<bool>,
    /// Whether client configuration calls may answer UNAUTHORIZED.
    pub unauthorized_on_client_config_supported: Option<bool>,
    /// Whether registered `scope` limits what the client may request.
    pub dcr_scope_used_as_requestable: Option<bool>,
    /// URL of the logout endpoint.
    pub end_session_endpoint: Option<String>,
    /// Whether the port of a loopback redirect URI may vary.
    pub loopback_redirection_uri_variable: Option<bool>,
    /// Whether a request object must name the issuer as audience.
    pub request_object_audience_checked: Option<bool>,
    /// Whether tokens for external attachments are embedded.
    pub access_token_for_external_attachment_embedded: Option<bool>,
    /// Superior entities of the service.
    pub authority_hints: Option<Vec<String>>,
    /// Trust marks that the service has in its federations, as JWTs.
    pub trust_marks: Option<Vec<String>>,
    /// Whether the service takes part in OpenID Federation.
    pub federation_enabled: Option<bool>,
    /// Key set for entity statements, as JSON text.
    pub federation_jwks: Option<String>,
    /// Key id for entity statements.
    pub federation_signature_key_id: Option<String>,
    /// Lifetime of the entity configuration, in seconds; 0 for the default.
    pub federation_configuration_duration: Option<i64>,
    /// URL of the federation registration endpoint.
    pub federation_registration_endpoint: Option<String>,
    /// Name of the organization in entity statements.
    pub organization_name: Option<String>,
    /// Transformed claims offered by the service, as JSON text.
    pub predefined_transformed_claims: Option<String>,
    /// Whether quick repeats of a refresh get the same answer.
    pub refresh_token_idempotent: Option<bool>,
    /// URL of the signed key set.
    pub signed_jwks_uri: Option<String>,
    /// Kinds of attachments.
    pub supported_attachments: Option<Vec<AttachmentType>>,
    /// Digest algorithms of external attachments.
    pub supported_digest_algorithms: Option<Vec<String>>,
    /// Documents accepted as evidence.
    pub supported_documents: Option<Vec<String>>,
    /// Methods applied to documents.
    pub supported_documents_methods: Option<Vec<String>>,
    /// Validation methods applied to documents.
    pub supported_documents_validation_methods: Option<Vec<String>>,
    /// Verification methods applied to documents.
    pub supported_documents_verification_methods: Option<Vec<String>>,
    /// Electronic records accepted as evidence.
    pub supported_electronic_records: Option<Vec<String>>,
    /// Ways in which federation clients may register.
    pub supported_client_registration_types: Option<Vec<ClientRegistrationType>>,
    /// Whether token exchange needs a client id.
    pub token_exchange_by_identifiable_clients_only: Option<bool>,
    /// Whether token exchange is closed to public clients.
    pub token_exchange_by_confidential_clients_only: Option<bool>,
    /// Whether token exchange needs the permission of the client.
    pub token_exchange_by_permitted_clients_only: Option<bool>,
    /// Whether encrypted JWTs are refused in token exchange.
    pub token_exchange_encrypted_jwt_rejected: Option<bool>,
    /// Whether unsigned JWTs are refused in token exchange.
    pub token_exchange_unsigned_jwt_rejected: Option<bool>,
    /// Whether the JWT grant needs a client id.
    pub jwt_grant_by_identifiable_clients_only: Option<bool>,
    /// Whether encrypted assertions are refused.
    pub jwt_grant_encrypted_jwt_rejected: Option<bool>,
    /// Whether unsigned assertions are refused.
    pub jwt_grant_unsigned_jwt_rejected: Option<bool>,
    /// Whether a known `software_id` is refused.
    pub dcr_duplicate_software_id_blocked: Option<bool>,
    /// Trust anchors and their keys.
    pub trust_anchors: Option<Vec<TrustAnchor>>,
    /// Whether a refresh without `offline_access` loses `openid`.
    pub openid_dropped_on_refresh_without_offline_access: Option<bool>,
    /// Check methods applied to documents.
    pub supported_documents_check_methods: Option<Vec<String>>,
    /// Whether userinfo responses are signed when the request was.
    pub rs_response_signed: Option<bool>,
    /// Lifetime of credential nonces, in seconds; 0 for the default.
    pub cnonce_duration: Option<i64>,
    /// Whether DPoP proofs must carry a nonce.
    pub dpop_nonce_required: Option<bool>,
    /// Whether credentials are issued.
    pub verifiable_credentials_enabled: Option<bool>,
    /// URL of the published key set of the credential issuer.
    pub credential_jwks_uri: Option<String>,
    /// Lifetime of credential offers, in seconds; 0 for the default.
    pub credential_offer_duration: Option<i64>,
    /// Lifetime of DPoP nonces, in seconds; 0 for the default.
    pub dpop_nonce_duration: Option<i64>,
    /// Whether the pre-authorized code grant works without a client id.
    pub pre_authorized_grant_anonymous_access_supported: Option<bool>,
    /// Lifetime of credential transactions, in seconds; 0 for the default.
    pub credential_transaction_duration: Option<i64>,
    /// Key id for JWT introspection responses.
    pub introspection_signature_key_id: Option<String>,
    /// Key id for HTTP message signatures.
    pub resource_signature_key_id: Option<String>,
    /// Length of PINs in old drafts.
    pub user_pin_length: Option<i32>,
    /// Values of `prompt` that are accepted.
    pub supported_prompt_values: Option<Vec<Prompt>>,
    /// Whether a refresh may be answered with a new ID token.
    pub id_token_reissuable: Option<bool>,
    /// Key set for credentials, private keys included, as JSON text.
    pub credential_jwks: Option<String>,
    /// Profiles that every request is judged by.
    pub fapi_modes: Option<Vec<FapiMode>>,
    /// Lifetime of credentials, in seconds; 0 for none.
    pub credential_duration: Option<i64>,
    /// Metadata of the credential issuer.
    pub credential_issuer_metadata: Option<CredentialIssuerMetadata>,
    /// Form of `aud` in ID tokens: `array` or `string`.
    pub id_token_aud_type: Option<String>,
    /// Whether native applications may share a session.
    pub native_sso_supported: Option<bool>,
    /// Version of OpenID for Verifiable Credential Issuance.
    pub oid4vci_version: Option<String>,
    /// Whether the policy is applied to metadata documents.
    pub cimd_metadata_policy_enabled: Option<bool>,
    /// Whether URL client ids are resolved by fetching their document.
    pub client_id_metadata_document_supported: Option<bool>,
    /// Whether URL client ids must match the list.
    pub cimd_allowlist_enabled: Option<bool>,
    /// URLs below which client ids are accepted.
    pub cimd_allowlist: Option<Vec<String>>,
    /// Whether metadata documents are fetched every time.
    pub cimd_always_retrieved: Option<bool>,
    /// Whether URL client ids may use http.
    pub cimd_http_permitted: Option<bool>,
    /// Whether URL client ids may have a query.
    pub cimd_query_permitted: Option<bool>,
    /// Metadata policy in the grammar of OpenID Federation, as JSON text.
    pub cimd_metadata_policy: Option<String>,
    /// Whether aliases that look like URLs are refused.
    pub http_alias_prohibited: Option<bool>,
    /// Window of attestation challenges, in seconds; 0 for the default.
    pub attestation_challenge_time_window: Option<i64>,
    /// Whether logout tokens can be made.
    pub backchannel_logout_supported: Option<bool>,
    /// Whether ID tokens and logout tokens carry a session id.
    pub backchannel_logout_session_supported: Option<bool>,
    /// URL of the attestation challenge endpoint.
    pub challenge_endpoint: Option<String>,
    /// Roots of client attesters.
    pub client_attester_roots: Option<Vec<String>>,
    /// Whether the roots of client attesters are used.
    pub client_attester_roots_enabled: Option<bool>,
    /// Whether the system's roots are left out for client attesters.
    pub client_attester_roots_only: Option<bool>,
    /// Roots of key attesters.
    pub key_attester_roots: Option<Vec<String>>,
    /// Whether the roots of key attesters are used.
    pub key_attester_roots_enabled: Option<bool>,
    /// Whether the system's roots are left out for key attesters.
    pub key_attester_roots_only: Option<bool>,
    /// Version of the High Assurance Interoperability Profile in force.
    pub haip_version: Option<String>,
    /// Social networks by way of which developers may sign in there.
    pub supported_developer_snses: Option<Vec<Sns>>,
    /// What the authorization server is at those networks.
    pub developer_sns_credentials: Option<Vec<SnsCredentials>>,
    /// What Identity Assertion JWT Authorization Grants are signed with; without it none is issued
    /// (draft-ietf-oauth-identity-assertion-authz-grant-04). Not in the hosted product.
    pub id_jag_sign_alg: Option<JwsAlg>,
    /// Whether Identity Assertion JWT Authorization Grants of others are taken. Not in the hosted product.
    pub id_jag_accepted: Option<bool>,
    /// What Txn-Tokens are signed with; without it none is issued (draft-ietf-oauth-transaction-tokens-10). Not in the
    /// hosted product.
    pub txn_token_sign_alg: Option<JwsAlg>,
    /// The trust domain in which Txn-Tokens are good. Not in the hosted product.
    pub trust_domain: Option<String>,
    /// Below which URI status lists are published; with it, credentials say where their status is (Token Status List). Not
    /// in the hosted product.
    pub credential_status_list_uri: Option<String>,
    /// How long a status list may be kept before it is fetched anew, in seconds; 0 for the default. Not in the hosted product.
    pub credential_status_list_duration: Option<i64>,
    /// The introspection endpoint (RFC 7662) of the server that the service was at before: it is asked about tokens that are not known
    /// here, and those that are in force are taken over. Not in the hosted product.
    pub former_introspection_endpoint: Option<String>,
    /// The client that asks there (`client_secret_post`). Not in the hosted product.
    pub former_introspection_client_id: Option<String>,
    /// The secret of that client. Not in the hosted product.
    pub former_introspection_client_secret: Option<String>,
    /// Until when tokens are asked about there, in milliseconds since the epoch; what is taken over lives no longer. Not in the hosted product.
    pub former_tokens_until: Option<i64>,
}

/// A scope of the service.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Scope {
    /// Name.
    pub name: Option<String>,
    /// Whether the scope is assumed when a request names none.
    pub default_entry: Option<bool>,
    /// Free text.
    pub description: Option<String>,
    /// The description in several languages.
    pub descriptions: Option<Vec<TaggedValue>>,
    /// Key-value pairs of the operator; echoed in many responses.
    pub attributes: Option<Vec<Pair>>,
}

/// A URI with a name.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct NamedUri {
    /// Name.
    pub name: Option<String>,
    /// The URI.
    pub uri: Option<String>,
}

/// A trust anchor of a federation.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct TrustAnchor {
    /// Entity id of the anchor.
    pub entity_id: Option<String>,
    /// Key set of the anchor, as JSON text.
    pub jwks: Option<String>,
    /// Types of trust marks that each client below the anchor must have.
    pub trust_mark_types: Option<Vec<String>>,
}

/// A key in a hardware module.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Hsk {
    /// Key type.
    pub kty: Option<String>,
    /// Use of the key.
    pub r#use: Option<String>,
    /// Key id.
    pub kid: Option<String>,
    /// Name of the hardware module.
    pub hsm_name: Option<String>,
    /// Handle of the key in the module.
    pub handle: Option<String>,
    /// The public key, PEM.
    pub public_key: Option<String>,
    /// Algorithm of the key.
    pub alg: Option<String>,
}

/// Credentials at a social network.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct SnsCredentials {
    /// Name of the network.
    pub sns: Option<Sns>,
    /// Key at the network.
    pub api_key: Option<String>,
    /// Secret at the network.
    pub api_secret: Option<String>,
}

/// Metadata of a credential issuer.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CredentialIssuerMetadata {
    /// Authorization servers of the credential issuer.
    pub authorization_servers: Option<Vec<String>>,
    /// URL of the credential issuer.
    pub credential_issuer: Option<String>,
    /// URL of the credential endpoint.
    pub credential_endpoint: Option<String>,
    /// URL of the batch credential endpoint.
    pub batch_credential_endpoint: Option<String>,
    /// URL of the deferred credential endpoint.
    pub deferred_credential_endpoint: Option<String>,
    /// Supported credentials, as JSON text.
    pub credentials_supported: Option<String>,
    /// Key management algorithms of credential responses.
    pub credential_response_encryption_alg_values_supported: Option<Vec<String>>,
    /// Content encryptions of credential responses.
    pub credential_response_encryption_enc_values_supported: Option<Vec<String>>,
    /// Whether credential responses must be encrypted.
    pub require_credential_response_encryption: Option<bool>,
    /// URL of the nonce endpoint.
    pub nonce_endpoint: Option<String>,
    /// URL of the notification endpoint.
    pub notification_endpoint: Option<String>,
    /// Most credentials of one request.
    pub batch_size: Option<i64>,
    /// Names for display, as JSON text.
    pub display: Option<String>,
    /// Keys for credential requests, as JSON text.
    pub credential_request_encryption_jwks: Option<String>,
    /// Content encryptions of credential requests.
    pub credential_request_encryption_enc_values_supported: Option<Vec<String>>,
    /// Compressions of credential requests.
    pub credential_request_encryption_zip_values_supported: Option<Vec<String>>,
    /// Compressions of credential responses.
    pub credential_response_encryption_zip_values_supported: Option<Vec<String>>,
    /// Whether credential requests must be encrypted.
    pub require_credential_request_encryption: Option<bool>,
}

/// A window on the services that the caller may see.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceGetListResponse {
    /// First entry of the window, counted from 0.
    pub start: Option<i32>,
    /// First entry behind the window.
    pub end: Option<i32>,
    /// How many entries there are in all.
    pub total_count: Option<i32>,
    /// The services in the window.
    pub services: Option<Vec<Service>>,
}

/// How the discovery document is wanted.
#[skip_serializing_none]
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceConfigurationRequest {
    /// Whether the document is indented.
    pub pretty: Option<bool>,
    /// JSON Patch (RFC 6902) to apply, as text.
    pub patch: Option<String>,
}
