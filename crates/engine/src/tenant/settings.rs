//! The settings of a service, grouped by what they are about.

use placet_api::types::{Pair, Service};
use placet_base::Ttl;
use placet_base::registry::{DeliveryMode, Display, JwsAlg, Prompt, UserCodeCharset};
use placet_jose::Certificate;
use placet_jose::dpop::Nonces;
use serde_json::{Map, Value};

use crate::metadata_policy::{MetadataPolicy, NoPolicy};

/// Lifetimes where the operator has set none.
const ANSWER: Ttl = Ttl::secs(10 * 60);
const NONCE: Ttl = Ttl::secs(5 * 60);
const AUTH_REQ_ID: Ttl = Ttl::secs(10 * 60);
const DEVICE_CODE: Ttl = Ttl::secs(10 * 60);
/// Characters of a user code (RFC 8628 §6.1).
const USER_CODE: usize = 8;

/// A text that says something: forms send an empty one where nothing is meant.
pub(super) fn given(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

pub(super) fn on(flag: Option<bool>) -> bool {
    flag == Some(true)
}

/// Certificates that vouch for others, where the operator has switched them on.
pub(super) fn roots(list: Option<&Vec<String>>, enabled: Option<bool>) -> Vec<Certificate> {
    let list = list.into_iter().flatten().filter(|_| on(enabled));
    list.filter_map(|root| Certificate::parse(root)).collect()
}

/// The values of the pairs with this key.
pub(super) fn pairs<'a>(list: Option<&'a Vec<Pair>>, key: &'a str) -> impl Iterator<Item = &'a str> {
    let list = list.into_iter().flatten();
    list.filter(move |pair| pair.key.as_deref() == Some(key)).filter_map(|pair| pair.value.as_deref())
}

/// How authorization requests are read and answered.
pub struct Authorization {
    /// `None` for all.
    pub displays: Option<Vec<Display>>,
    /// `None` for all.
    pub prompts: Option<Vec<Prompt>>,
    pub acrs: Vec<String>,
    pub ui_locales: Vec<String>,
    pub claims_locales: Vec<String>,
    /// `None` for all.
    pub claims: Option<Vec<String>>,
    pub claim_shortcut_restrictive: bool,
    /// Claims that are made of others, by their names (OpenID Connect Advanced Syntax for Claims).
    pub transformed_claims: Map<String, Value>,
    /// Types of authorization details (RFC 9396).
    pub details_types: Vec<String>,
    pub loopback_port_varies: bool,
    pub aliases: bool,
    /// How long a JARM answer lives.
    pub answer: Ttl,
    /// The key that signs JARM answers.
    pub answer_key: Option<String>,
}

impl Authorization {
    pub(super) fn compile(document: &Service) -> Self {
        let transformed = document.predefined_transformed_claims.as_deref().unwrap_or_default();
        Self {
            displays: document.supported_displays.clone(),
            prompts: document.supported_prompt_values.clone().filter(|p| !p.is_empty()),
            acrs: document.supported_acrs.clone().unwrap_or_default(),
            ui_locales: document.supported_ui_locales.clone().unwrap_or_default(),
            claims_locales: document.supported_claim_locales.clone().unwrap_or_default(),
            claims: document.supported_claims.clone().filter(|c| !c.is_empty()),
            claim_shortcut_restrictive: on(document.claim_shortcut_restrictive),
            transformed_claims: serde_json::from_str(transformed).unwrap_or_default(),
            details_types: document.supported_authorization_details_types.clone().unwrap_or_default(),
            loopback_port_varies: on(document.loopback_redirection_uri_variable),
            // COMPAT: aliases work unless they are switched off; the hosted product has retired the switch.
            aliases: document.client_id_alias_enabled != Some(false),
            answer: Ttl::specified(document.authorization_response_duration).unwrap_or(ANSWER),
            answer_key: given(&document.authorization_signature_key_id),
        }
    }
}

/// How request objects are read.
pub struct RequestObjects {
    /// OpenID Connect Core §6 instead of RFC 9101: what stands outside counts too.
    pub traditional: bool,
    /// The encryption must be the one that the client has registered.
    pub alg_matches: bool,
    pub enc_matches: bool,
}

impl RequestObjects {
    pub(super) fn compile(document: &Service) -> Self {
        Self {
            traditional: on(document.traditional_request_object_processing_applied),
            alg_matches: on(document.request_object_encryption_alg_match_required),
            enc_matches: on(document.request_object_encryption_enc_match_required),
        }
    }
}

/// How tokens are made and renewed.
pub struct Tokens {
    pub token_type: String,
    /// `None` for opaque access tokens.
    pub access_alg: Option<JwsAlg>,
    pub access_key: Option<String>,
    pub refresh_kept: bool,
    pub refresh_duration_kept: bool,
    pub refresh_duration_reset: bool,
    /// A repeated refresh is answered as the first one was.
    pub refresh_idempotent: bool,
    pub expiration_linked: bool,
    pub openid_dropped_without_offline_access: bool,
    pub id_token_reissuable: bool,
    pub audience_as_string: bool,
    pub id_token_key: Option<String>,
    pub userinfo_key: Option<String>,
    pub introspection_key: Option<String>,
    pub resource_key: Option<String>,
    pub client_id_omissible: bool,
    /// Who hears of the end of a batch of tokens.
    pub batch_notification_endpoint: Option<String>,
    pub sessions: bool,
    /// Applications of a device may share a session.
    pub native_sso: bool,
    /// Whether logout tokens are made.
    pub logout: bool,
    pub userinfo_responses_signed: bool,
}

impl Tokens {
    pub(super) fn compile(document: &Service) -> Self {
        Self {
            token_type: given(&document.access_token_type).unwrap_or_else(|| "Bearer".to_owned()),
            access_alg: document.access_token_sign_alg,
            access_key: given(&document.access_token_signature_key_id),
            refresh_kept: on(document.refresh_token_kept),
            refresh_duration_kept: on(document.refresh_token_duration_kept),
            refresh_duration_reset: on(document.refresh_token_duration_reset),
            refresh_idempotent: on(document.refresh_token_idempotent),
            expiration_linked: on(document.token_expiration_linked),
            openid_dropped_without_offline_access: on(
                document.openid_dropped_on_refresh_without_offline_access
            ),
            id_token_reissuable: on(document.id_token_reissuable),
            audience_as_string: document.id_token_aud_type.as_deref() == Some("string"),
            id_token_key: given(&document.id_token_signature_key_id),
            userinfo_key: given(&document.user_info_signature_key_id),
            introspection_key: given(&document.introspection_signature_key_id),
            resource_key: given(&document.resource_signature_key_id),
            client_id_omissible: on(document.missing_client_id_allowed),
            batch_notification_endpoint: given(&document.token_batch_notification_endpoint),
            sessions: on(document.backchannel_logout_session_supported),
            native_sso: on(document.native_sso_supported),
            logout: on(document.backchannel_logout_supported),
            userinfo_responses_signed: on(document.rs_response_signed),
        }
    }
}

/// How tokens are bound to keys, and how certificates are judged.
pub struct Sender {
    /// Access tokens may be bound to certificates (RFC 8705 §3).
    pub certificates: bool,
    pub nonce_required: bool,
    pub nonce: Ttl,
    /// Who judges the chain of a certificate for `tls_client_auth`.
    pub chain: Chain,
    /// What a call is taken to be about when it does not say: the endpoint, and its aliases for mutual TLS
    /// (RFC 8705 §5).
    pub token_endpoint: Vec<String>,
    pub pushed_endpoint: Vec<String>,
    pub userinfo_endpoint: Vec<String>,
    /// Below it are the grants that clients manage.
    pub grants_endpoint: Vec<String>,
    /// Where assertions may be meant for: the endpoints, and their aliases for mutual TLS.
    pub audiences: Vec<String>,
}

/// RFC 8705 §2.1: where the chain of a client's certificate is validated. It must be somewhere: anybody can write
/// any name into a certificate.
pub enum Chain {
    /// By the engine, up to one of these.
    Here { roots: Vec<Certificate> },
    /// The operator says that whatever ends TLS hands on certificates that an authority vouches for, and no
    /// others.
    WhereTlsEnds,
    /// Nobody has said.
    Nowhere,
}

impl Sender {
    pub(super) fn compile(document: &Service) -> Self {
        let roots = document.trusted_root_certificates.iter().flatten();
        let endpoints = [
            &document.token_endpoint,
            &document.pushed_auth_req_endpoint,
            &document.revocation_endpoint,
            &document.introspection_endpoint,
            &document.backchannel_authentication_endpoint,
        ];
        let aliases = document.mtls_endpoint_aliases.iter().flatten().filter_map(|alias| alias.uri.clone());
        let addresses = |own: &Option<String>, name: &str| {
            let named = document.mtls_endpoint_aliases.iter().flatten();
            let named = named.filter(|alias| alias.name.as_deref() == Some(name));
            let aliases = named.filter_map(|alias| alias.uri.clone());
            own.iter().cloned().chain(aliases).filter(|uri| !uri.is_empty()).collect()
        };
        Self {
            certificates: on(document.tls_client_certificate_bound_access_tokens),
            nonce_required: on(document.dpop_nonce_required),
            nonce: Ttl::specified(document.dpop_nonce_duration).unwrap_or(NONCE),
            chain: match document.mutual_tls_validate_pki_cert_chain {
                Some(true) => {
                    Chain::Here { roots: roots.filter_map(|root| Certificate::parse(root)).collect() }
                }
                Some(false) => Chain::WhereTlsEnds,
                None => Chain::Nowhere,
            },
            token_endpoint: addresses(&document.token_endpoint, "token_endpoint"),
            pushed_endpoint: addresses(
                &document.pushed_auth_req_endpoint,
                "pushed_authorization_request_endpoint",
            ),
            userinfo_endpoint: addresses(&document.user_info_endpoint, "userinfo_endpoint"),
            grants_endpoint: addresses(&document.grant_management_endpoint, "grant_management_endpoint"),
            audiences: endpoints.into_iter().flatten().cloned().chain(aliases).collect(),
        }
    }
}

/// How attested clients are judged (draft-ietf-oauth-attestation-based-client-auth).
pub struct Attesting {
    /// Who may vouch for attesters; nobody, unless the service has switched its own roots on.
    pub roots: Vec<Certificate>,
    /// Where challenges are demanded: what is a good one.
    pub challenges: Option<Nonces>,
}

impl Attesting {
    /// `key`: what challenges are made with.
    pub(super) fn compile(document: &Service, key: &[u8; 32]) -> Self {
        let window = Ttl::specified(document.attestation_challenge_time_window).unwrap_or(NONCE);
        Self {
            roots: roots(document.client_attester_roots.as_ref(), document.client_attester_roots_enabled),
            challenges: given(&document.challenge_endpoint).map(|_| Nonces::new(key, window)),
        }
    }
}

/// How clients register themselves.
pub struct Registration {
    pub supported: bool,
    pub unauthorized: bool,
    pub scope_is_requestable: bool,
    pub duplicates_blocked: bool,
    /// Names of further metadata that is kept.
    pub custom: Vec<String>,
    /// Where `registration_client_uri` begins.
    pub base: Option<String>,
    pub http_alias_prohibited: bool,
}

impl Registration {
    pub(super) fn compile(document: &Service) -> Self {
        let base = given(&document.registration_management_endpoint);
        Self {
            supported: on(document.dynamic_registration_supported),
            // RFC 7592 §2: a wrong token is answered with 401.
            // COMPAT: the hosted product does so only where this is on; who says `false` does not expect it.
            unauthorized: document.unauthorized_on_client_config_supported != Some(false),
            scope_is_requestable: on(document.dcr_scope_used_as_requestable),
            duplicates_blocked: on(document.dcr_duplicate_software_id_blocked),
            custom: document.supported_custom_client_metadata.clone().unwrap_or_default(),
            base: base.or_else(|| document.registration_endpoint.clone()),
            http_alias_prohibited: on(document.http_alias_prohibited),
        }
    }
}

/// How clients are found that are named by the URL of what they say of themselves.
pub struct Discovering {
    /// `None` for all.
    pub allowlist: Option<Vec<String>>,
    /// Documents are fetched each time.
    pub always: bool,
    pub http: bool,
    pub query: bool,
    /// What the operator lets them say.
    pub policy: Option<MetadataPolicy>,
}

impl Discovering {
    /// `None` where no such clients are known.
    pub(super) fn compile(document: &Service) -> Result<Option<Self>, NoPolicy> {
        if !on(document.client_id_metadata_document_supported) {
            return Ok(None);
        }
        let listed = on(document.cimd_allowlist_enabled);
        let policy = given(&document.cimd_metadata_policy);
        let policy = policy.filter(|_| on(document.cimd_metadata_policy_enabled));
        Ok(Some(Self {
            allowlist: listed.then(|| document.cimd_allowlist.clone().unwrap_or_default()),
            always: on(document.cimd_always_retrieved),
            http: on(document.cimd_http_permitted),
            query: on(document.cimd_query_permitted),
            policy: policy.as_deref().map(MetadataPolicy::parse).transpose()?,
        }))
    }
}

/// How backchannel authentication goes (CIBA Core).
pub struct Backchannel {
    pub modes: Vec<DeliveryMode>,
    /// Seconds between two polls.
    pub interval: i64,
    pub auth_req_id: Ttl,
    pub user_code: bool,
    /// Where a profile asks for signed requests, a binding message is asked for too.
    pub binding_message_with_signature: bool,
}

impl Backchannel {
    pub(super) fn compile(document: &Service) -> Self {
        Self {
            modes: document.supported_backchannel_token_delivery_modes.clone().unwrap_or_default(),
            // CIBA Core §7.3: 5 seconds where nothing is said.
            interval: document.backchannel_polling_interval.filter(|secs| *secs > 0).unwrap_or(5).into(),
            auth_req_id: Ttl::specified(document.backchannel_auth_req_id_duration.map(i64::from))
                .unwrap_or(AUTH_REQ_ID),
            user_code: on(document.backchannel_user_code_parameter_supported),
            binding_message_with_signature: on(document.backchannel_binding_message_required_in_fapi),
        }
    }
}

/// The kind of user codes that a service gives (RFC 8628 §6.1).
#[derive(Clone, Copy, Debug)]
pub struct UserCodes {
    pub charset: UserCodeCharset,
    /// Characters.
    pub length: usize,
}

/// How the device flow goes (RFC 8628).
pub struct Device {
    pub verification_uri: Option<String>,
    /// The same, with a place for the user code.
    verification_uri_complete: Option<String>,
    /// Lifetime of both codes.
    pub code: Ttl,
    /// Seconds between two polls.
    pub interval: i64,
    pub user_codes: UserCodes,
}

impl UserCodes {
    pub(super) fn compile(document: &Service) -> Self {
        let length = document.user_code_length.filter(|length| *length > 0);
        Self {
            charset: document.user_code_charset.unwrap_or(UserCodeCharset::Base20),
            length: length.and_then(|length| length.try_into().ok()).unwrap_or(USER_CODE),
        }
    }
}

impl Device {
    pub(super) fn compile(document: &Service) -> Self {
        Self {
            verification_uri: given(&document.device_verification_uri),
            verification_uri_complete: given(&document.device_verification_uri_complete),
            code: Ttl::specified(document.device_flow_code_duration.map(i64::from)).unwrap_or(DEVICE_CODE),
            // RFC 8628 §3.2: 5 seconds where nothing is said.
            interval: document.device_flow_polling_interval.filter(|secs| *secs > 0).unwrap_or(5).into(),
            user_codes: UserCodes::compile(document),
        }
    }

    /// `verification_uri_complete` (§3.3.1). A template without a place for the code would lead every user to an empty
    /// page, so it counts as none.
    pub fn uri_with(&self, user_code: &str) -> Option<String> {
        const PLACE: &str = "USER_CODE";
        let template = self.verification_uri_complete.as_deref().filter(|uri| uri.contains(PLACE))?;
        Some(template.replace(PLACE, user_code))
    }
}

/// Whether a restriction holds: unless the operator has lifted it. COMPAT: to the hosted product, a restriction that
/// nobody mentions is none; its clients and its console say each of them, so that silence is nobody's wish.
fn unless_lifted(flag: Option<bool>) -> bool {
    flag != Some(false)
}

/// Who may exchange tokens, and what is taken (RFC 8693).
pub struct TokenExchange {
    pub identifiable_only: bool,
    pub confidential_only: bool,
    pub permitted_only: bool,
    pub encrypted_rejected: bool,
    pub unsigned_rejected: bool,
    /// What ID-JAGs are signed with, where they are issued.
    pub id_jag: Option<JwsAlg>,
    /// Where Txn-Tokens are issued.
    pub transactions: Option<Transactions>,
}

/// The issuing of Txn-Tokens (draft-ietf-oauth-transaction-tokens-10 §7).
pub struct Transactions {
    pub trust_domain: String,
    pub alg: JwsAlg,
}

impl Transactions {
    fn compile(document: &Service) -> Option<Self> {
        let trust_domain = document.trust_domain.clone().filter(|name| !name.is_empty())?;
        Some(Self { trust_domain, alg: document.txn_token_sign_alg? })
    }
}

impl TokenExchange {
    pub(super) fn compile(document: &Service) -> Self {
        Self {
            identifiable_only: unless_lifted(document.token_exchange_by_identifiable_clients_only),
            confidential_only: unless_lifted(document.token_exchange_by_confidential_clients_only),
            permitted_only: unless_lifted(document.token_exchange_by_permitted_clients_only),
            encrypted_rejected: unless_lifted(document.token_exchange_encrypted_jwt_rejected),
            unsigned_rejected: unless_lifted(document.token_exchange_unsigned_jwt_rejected),
            id_jag: document.id_jag_sign_alg,
            transactions: Transactions::compile(document),
        }
    }
}

/// Who may use JWTs as grants, and what is taken (RFC 7523 §2.1).
pub struct JwtGrant {
    pub identifiable_only: bool,
    pub encrypted_rejected: bool,
    pub unsigned_rejected: bool,
    /// Grants of authorization servers that vouch for their users are taken (ID-JAG).
    pub id_jag: bool,
}

impl JwtGrant {
    pub(super) fn compile(document: &Service) -> Self {
        Self {
            identifiable_only: unless_lifted(document.jwt_grant_by_identifiable_clients_only),
            encrypted_rejected: unless_lifted(document.jwt_grant_encrypted_jwt_rejected),
            unsigned_rejected: unless_lifted(document.jwt_grant_unsigned_jwt_rejected),
            id_jag: on(document.id_jag_accepted),
        }
    }
}

/// What errors tell.
pub struct ErrorContent {
    pub description: bool,
    pub uri: bool,
}

impl ErrorContent {
    pub(super) fn compile(document: &Service) -> Self {
        Self { description: !on(document.error_description_omitted), uri: !on(document.error_uri_omitted) }
    }
}
