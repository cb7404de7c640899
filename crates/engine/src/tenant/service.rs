//! The compiled service.

use placet_api::types::{Pair, Service};
use placet_base::registry::{ClientAuthMethod, Display, GrantType, Prompt, ResponseType};
use placet_base::{OrganizationId, ServiceId, Ttl};
use placet_jose::JwkSet;
use placet_store::{Loaded, Seal};

use super::{Keys, ScopeTable};
use crate::fault::Fault;
use crate::mint::handle::Handles;
use crate::policy::{Demand, Policy};
use crate::records::service::ServiceRecord;

/// Lifetimes where the operator has set none.
const CODE: Ttl = Ttl::secs(5 * 60);
const ACCESS_TOKEN: Ttl = Ttl::secs(60 * 60);
const REFRESH_TOKEN: Ttl = Ttl::secs(10 * 24 * 60 * 60);
const ID_TOKEN: Ttl = Ttl::secs(60 * 60);

pub struct Tenant {
    pub id: ServiceId,
    pub organization: OrganizationId,
    /// The version of the record that this was compiled from.
    pub version: i64,
    /// The whole document, secrets included; for the management calls and discovery.
    pub document: Service,
    /// What runtime responses show of the service.
    pub limited: Service,
    pub attributes: Option<Vec<Pair>>,
    pub issuer: String,
    pub handles: Handles,
    pub keys: Keys,
    pub scopes: ScopeTable,
    pub policy: Policy,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    pub token_auth_methods: Vec<ClientAuthMethod>,
    pub revocation_auth_methods: Vec<ClientAuthMethod>,
    pub authorization: Authorization,
    pub tokens: Tokens,
    pub errors: ErrorContent,
    /// A setting that asks for something this release does not do, so that no request is served as if
    /// it had not been made.
    pub unsupported: Option<&'static str>,
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
    pub loopback_port_varies: bool,
    pub aliases: bool,
    /// `iss` in authorization responses (RFC 9207).
    pub issuer_in_response: bool,
}

/// How tokens are made and renewed.
pub struct Tokens {
    pub token_type: String,
    pub refresh_kept: bool,
    pub refresh_duration_kept: bool,
    pub refresh_duration_reset: bool,
    pub expiration_linked: bool,
    pub openid_dropped_without_offline_access: bool,
    pub audience_as_string: bool,
    pub id_token_key: Option<String>,
    pub userinfo_key: Option<String>,
    pub client_id_omissible: bool,
}

/// What errors tell.
pub struct ErrorContent {
    pub description: bool,
    pub uri: bool,
}

impl Tenant {
    pub fn compile(id: ServiceId, record: &Loaded<ServiceRecord>, seal: &Seal) -> Result<Self, Fault> {
        let document = record.open(id, seal)?;
        let document: Service = serde_json::from_value(document).map_err(Fault::server)?;
        let handle_key = seal.derive(&["handle", "/", &id.to_string()]).ok();
        let handles =
            handle_key.and_then(|key| Handles::new(&key)).ok_or_else(|| Fault::server("handle key"))?;
        let set = document.jwks.as_deref().filter(|text| !text.is_empty()).map(JwkSet::parse);
        let set = set.transpose().map_err(|e| Fault::server(format!("jwks: {e:?}")))?;
        Ok(Self {
            id,
            organization: record.organization,
            version: record.version(),
            limited: limited(&document),
            attributes: document.attributes.clone(),
            issuer: document.issuer.clone().unwrap_or_default(),
            handles,
            keys: Keys::new(set),
            scopes: ScopeTable::new(document.supported_scopes.as_ref()),
            policy: policy(&document),
            grant_types: grant_types(&document),
            response_types: response_types(&document),
            token_auth_methods: auth_methods(document.supported_token_auth_methods.as_ref()),
            revocation_auth_methods: auth_methods(document.supported_revocation_auth_methods.as_ref()),
            authorization: authorization(&document),
            tokens: tokens(&document),
            errors: ErrorContent {
                description: !on(document.error_description_omitted),
                uri: !on(document.error_uri_omitted),
            },
            unsupported: unsupported(&document),
            document,
        })
    }
}

fn on(flag: Option<bool>) -> bool {
    flag == Some(true)
}

/// What the authorization server's pages show of the service.
fn limited(document: &Service) -> Service {
    Service {
        number: document.number,
        service_name: document.service_name.clone(),
        description: document.description.clone(),
        api_key: document.api_key,
        client_id_alias_enabled: document.client_id_alias_enabled,
        ..Service::default()
    }
}

fn policy(document: &Service) -> Policy {
    let demand = |flag| if on(flag) { Demand::Service } else { Demand::Nobody };
    Policy {
        pkce: on(document.pkce_required),
        s256: on(document.pkce_s256_required),
        pushed: demand(document.par_required),
        request_object: demand(document.request_object_required),
        scope: on(document.scope_required),
        auth_time: false,
        code: Ttl::specified(document.authorization_code_duration).unwrap_or(CODE),
        access_token: Ttl::specified(document.access_token_duration).unwrap_or(ACCESS_TOKEN),
        refresh_token: Ttl::specified(document.refresh_token_duration).unwrap_or(REFRESH_TOKEN),
        id_token: Ttl::specified(document.id_token_duration).unwrap_or(ID_TOKEN),
    }
}

/// What this release can do, of what the operator allows. COMPAT: clients of the hosted product update
/// a service with a few properties and go on with the code flow, so absent lists allow it.
fn grant_types(document: &Service) -> Vec<GrantType> {
    use GrantType::{AuthorizationCode, ClientCredentials, Password, RefreshToken};
    let default = [AuthorizationCode, RefreshToken];
    let allowed = document.supported_grant_types.as_deref().unwrap_or(&default);
    let able = [AuthorizationCode, RefreshToken, ClientCredentials, Password];
    allowed.iter().copied().filter(|grant| able.contains(grant)).collect()
}

fn response_types(document: &Service) -> Vec<ResponseType> {
    let allowed = document.supported_response_types.as_deref().unwrap_or(&[ResponseType::Code]);
    allowed.iter().copied().filter(|response| *response == ResponseType::Code).collect()
}

fn auth_methods(allowed: Option<&Vec<ClientAuthMethod>>) -> Vec<ClientAuthMethod> {
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
    let able = [ClientSecretBasic, ClientSecretPost];
    let allowed = allowed.map_or(&able[..], Vec::as_slice);
    allowed.iter().copied().filter(|method| able.contains(method)).collect()
}

fn authorization(document: &Service) -> Authorization {
    Authorization {
        displays: document.supported_displays.clone(),
        prompts: document.supported_prompt_values.clone().filter(|p| !p.is_empty()),
        acrs: document.supported_acrs.clone().unwrap_or_default(),
        ui_locales: document.supported_ui_locales.clone().unwrap_or_default(),
        claims_locales: document.supported_claim_locales.clone().unwrap_or_default(),
        claims: document.supported_claims.clone().filter(|c| !c.is_empty()),
        claim_shortcut_restrictive: on(document.claim_shortcut_restrictive),
        loopback_port_varies: on(document.loopback_redirection_uri_variable),
        // COMPAT: aliases work unless they are switched off; the hosted product has retired the switch.
        aliases: document.client_id_alias_enabled != Some(false),
        issuer_in_response: !on(document.iss_suppressed) && document.issuer.is_some(),
    }
}

fn tokens(document: &Service) -> Tokens {
    Tokens {
        token_type: document.access_token_type.clone().unwrap_or_else(|| "Bearer".to_owned()),
        refresh_kept: on(document.refresh_token_kept),
        refresh_duration_kept: on(document.refresh_token_duration_kept),
        refresh_duration_reset: on(document.refresh_token_duration_reset),
        expiration_linked: on(document.token_expiration_linked),
        openid_dropped_without_offline_access: on(document.openid_dropped_on_refresh_without_offline_access),
        audience_as_string: document.id_token_aud_type.as_deref() == Some("string"),
        id_token_key: document.id_token_signature_key_id.clone(),
        userinfo_key: document.user_info_signature_key_id.clone(),
        client_id_omissible: on(document.missing_client_id_allowed),
    }
}

/// Settings whose silent neglect would make the service weaker, or its tokens other, than it says.
fn unsupported(document: &Service) -> Option<&'static str> {
    let asked = [
        ("fapiModes", document.fapi_modes.as_ref().is_some_and(|modes| !modes.is_empty())),
        ("haipVersion", document.haip_version.is_some()),
        ("accessTokenSignAlg", document.access_token_sign_alg.is_some()),
        ("singleAccessTokenPerSubject", on(document.single_access_token_per_subject)),
        ("dpopNonceRequired", on(document.dpop_nonce_required)),
        ("grantManagementActionRequired", on(document.grant_management_action_required)),
        ("hsmEnabled", on(document.hsm_enabled)),
    ];
    asked.iter().find(|(_, on)| *on).map(|(name, _)| *name)
}
