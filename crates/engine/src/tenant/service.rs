//! The compiled service.

use std::sync::{Arc, OnceLock};

use placet_api::documents::ApiDocument;
use placet_api::types::{Pair, Service};
use placet_base::registry::{ClientAuthMethod, GrantType, JwsAlg, ResponseType, ServiceProfile};
use placet_base::{OrganizationId, ServiceId, Ttl};
use placet_jose::JwkSet;
use placet_jose::claims::Tolerance;
use placet_store::{Loaded, Seal};

use super::credential_issuer::CredentialIssuer;
use super::direct::Direct;
use super::federation::Federation;
use super::former::FormerServer;
use super::settings::{
    Attesting, Authorization, Backchannel, Device, Discovering, ErrorContent, JwtGrant, Registration,
    RequestObjects, Sender, TokenExchange, Tokens, on, pairs,
};
use super::verified_claims::{self, SupportedVerifiedClaims};
use super::{Client, HardwareKey, Keys, ScopeTable};
use crate::fault::Fault;
use crate::handle::Handles;
use crate::metadata_policy::NoPolicy;
use crate::policy::{ClientPolicy, Demand, EARLY, Policy, RequestPolicy, TokenPolicy};
use crate::records::service::ServiceRecord;

/// Lifetimes where the operator has set none.
const CODE: Ttl = Ttl::secs(5 * 60);
const ACCESS_TOKEN: Ttl = Ttl::secs(60 * 60);
const REFRESH_TOKEN: Ttl = Ttl::secs(10 * 24 * 60 * 60);
const ID_TOKEN: Ttl = Ttl::secs(60 * 60);
const PUSHED: Ttl = Ttl::secs(90);

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
    /// Secrets of the service that never leave it, made from the installation's key.
    pub secrets: Secrets,
    /// Whether it may have keys in hardware.
    pub hardware: bool,
    /// Whoever is no client, once somebody has come so.
    pub(super) nobody: OnceLock<Arc<Client>>,
    pub keys: Keys,
    pub scopes: ScopeTable,
    pub policy: Policy,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    pub token_auth_methods: Vec<ClientAuthMethod>,
    pub revocation_auth_methods: Vec<ClientAuthMethod>,
    pub introspection_auth_methods: Vec<ClientAuthMethod>,
    pub authorization: Authorization,
    pub verified_claims: SupportedVerifiedClaims,
    pub request_objects: RequestObjects,
    pub tokens: Tokens,
    pub sender: Sender,
    pub attestation: Attesting,
    pub registration: Registration,
    pub discovering: Option<Discovering>,
    pub federation: Option<Federation>,
    pub backchannel: Backchannel,
    pub device: Device,
    pub token_exchange: TokenExchange,
    pub jwt_grant: JwtGrant,
    /// `None` where the service was nowhere before, or nobody asks there.
    pub former: Option<FormerServer>,
    pub errors: ErrorContent,
    pub direct: Direct,
    /// `None` where the service issues no credentials.
    pub credentials: Option<CredentialIssuer>,
    /// For time claims from outside.
    pub tolerance: Tolerance,
}

/// Keys for values that only this service reads back.
pub struct Secrets {
    pub dpop_nonce: [u8; 32],
    pub pairwise: [u8; 32],
    pub user_code: [u8; 32],
}

impl Tenant {
    /// What DPoP proofs and requests of clients may be signed with (RFC 9449 §4.3-5: nothing symmetric).
    pub fn proof_algs(&self) -> Vec<JwsAlg> {
        let algs = self.policy.client.algs.of_list(JwsAlg::ALL);
        algs.into_iter().filter(|alg| alg.is_asymmetric()).collect()
    }

    pub fn compile(id: ServiceId, record: &Loaded<ServiceRecord>, seal: &Seal) -> Result<Self, Fault> {
        let document = record.open(id, seal)?;
        let document: Service = Service::from_members(document).map_err(Fault::server)?;
        let derived = |purpose: &str| {
            seal.derive(&[purpose, "/", &id.to_string()]).map_err(|_| Fault::server("a key of the service"))
        };
        let handles = Handles::new(&derived("handle")?).ok_or_else(|| Fault::server("handle key"))?;
        let set = document.jwks.as_deref().filter(|text| !text.is_empty()).map(JwkSet::parse);
        let set = set.transpose().map_err(|e| Fault::server(format!("jwks: {e:?}")))?;
        let hardware = hardware(&document)?;
        Ok(Self {
            id,
            organization: record.organization,
            version: record.version(),
            limited: limited(&document),
            attributes: document.attributes.clone(),
            issuer: document.issuer.clone().unwrap_or_default(),
            handles,
            secrets: Secrets {
                dpop_nonce: derived("dpop-nonce")?,
                pairwise: derived("pairwise")?,
                user_code: derived("user-code")?,
            },
            hardware: on(document.hsm_enabled),
            nobody: OnceLock::new(),
            scopes: ScopeTable::new(document.supported_scopes.as_ref(), profiles_of_scopes(&document)),
            policy: policy(&document),
            grant_types: grant_types(&document),
            response_types: response_types(&document),
            token_auth_methods: auth_methods(document.supported_token_auth_methods.as_ref()),
            revocation_auth_methods: auth_methods(document.supported_revocation_auth_methods.as_ref()),
            introspection_auth_methods: auth_methods(document.supported_introspection_auth_methods.as_ref()),
            authorization: Authorization::compile(&document),
            verified_claims: verified_claims::compile(&document),
            request_objects: RequestObjects::compile(&document),
            tokens: Tokens::compile(&document),
            sender: Sender::compile(&document),
            attestation: Attesting::compile(&document, &derived("attestation-challenge")?),
            registration: Registration::compile(&document),
            discovering: Discovering::compile(&document)
                .map_err(|NoPolicy| Fault::server("cimdMetadataPolicy is no policy"))?,
            federation: Federation::compile(&document, &hardware)?,
            backchannel: Backchannel::compile(&document),
            former: FormerServer::compile(&document),
            device: Device::compile(&document),
            token_exchange: TokenExchange::compile(&document),
            jwt_grant: JwtGrant::compile(&document),
            errors: ErrorContent::compile(&document),
            direct: Direct::compile(&document),
            credentials: CredentialIssuer::compile(&document, &derived("credential-nonce")?, &hardware)
                .map_err(Fault::server)?,
            tolerance: tolerance(document.allowable_clock_skew.unwrap_or(0).max(0).into()),
            keys: Keys::new(set, hardware),
            document,
        })
    }
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

/// The keys in hardware, where the service may use them.
fn hardware(document: &Service) -> Result<Vec<Arc<HardwareKey>>, Fault> {
    let used = document.hsks.iter().flatten().filter(|_| on(document.hsm_enabled));
    let broken = |handle: &Option<String>| Fault::server(format!("the hsk {handle:?} is none"));
    used.map(|hsk| HardwareKey::of(hsk).map(Arc::new).ok_or_else(|| broken(&hsk.handle))).collect()
}

/// Attributes of scopes switch profiles on where the service declares the profile.
fn profiles_of_scopes(document: &Service) -> bool {
    document.supported_service_profiles.iter().flatten().any(|p| *p == ServiceProfile::Fapi)
        || document.haip_version.is_some()
}

fn policy(document: &Service) -> Policy {
    let demand = |flag| if on(flag) { Demand::Service } else { Demand::Nobody };
    let own = Policy {
        request: RequestPolicy {
            pkce: on(document.pkce_required),
            s256: on(document.pkce_s256_required),
            pushed: demand(document.par_required),
            object: demand(document.request_object_required),
            object_signed: !on(document.traditional_request_object_processing_applied),
            object_audience: on(document.request_object_audience_checked),
            object_encrypted: on(document.front_channel_request_object_encryption_required),
            scope: on(document.scope_required),
            issuer: !on(document.iss_suppressed) && document.issuer.is_some(),
            grant_action: on(document.grant_management_action_required),
            ..RequestPolicy::FREE
        },
        client: ClientPolicy {
            assertion_for_issuer: on(document.client_assertion_aud_restricted_to_issuer),
            ..ClientPolicy::FREE
        },
        token: TokenPolicy {
            single: on(document.single_access_token_per_subject),
            code: Ttl::specified(document.authorization_code_duration).unwrap_or(CODE),
            access: Ttl::specified(document.access_token_duration).unwrap_or(ACCESS_TOKEN),
            refresh: Ttl::specified(document.refresh_token_duration).unwrap_or(REFRESH_TOKEN),
            id: Ttl::specified(document.id_token_duration).unwrap_or(ID_TOKEN),
            pushed: Ttl::specified(document.pushed_auth_req_duration).unwrap_or(PUSHED),
            ..TokenPolicy::FREE
        },
        ..Policy::FREE
    };
    let modes = document.fapi_modes.iter().flatten().map(|mode| Policy::of_mode(*mode));
    let declared = document.supported_service_profiles.iter().flatten();
    let declared = declared.map(|profile| Policy::of_service_profile(*profile));
    let haip = document.haip_version.as_deref().filter(|version| !version.is_empty());
    let haip = haip.and_then(|version| Policy::of_scope_attribute("haip", version));
    let profiles = pairs(document.attributes.as_ref(), "profile").filter_map(Policy::of_profile);
    let mut whole = modes.chain(declared).chain(haip).chain(profiles).fold(own, Policy::meet);
    // FAPI 1.0 tests: the operator may lift the demand for nbf, and with it that for the lifetime.
    if on(document.nbf_optional) {
        whole.request.object_lifetime = None;
    }
    whole
}

/// COMPAT: clients of the hosted product update
/// a service with a few properties and go on with the code flow, so absent lists allow it.
fn grant_types(document: &Service) -> Vec<GrantType> {
    let default = [GrantType::AuthorizationCode, GrantType::RefreshToken];
    let allowed = document.supported_grant_types.as_deref().unwrap_or(&default);
    allowed.to_vec()
}

fn response_types(document: &Service) -> Vec<ResponseType> {
    document.supported_response_types.clone().unwrap_or_else(|| vec![ResponseType::Code])
}

/// `none` is not a way to prove anything.
fn auth_methods(allowed: Option<&Vec<ClientAuthMethod>>) -> Vec<ClientAuthMethod> {
    let default = [ClientAuthMethod::ClientSecretBasic, ClientAuthMethod::ClientSecretPost];
    let allowed = allowed.map_or(&default[..], Vec::as_slice);
    allowed.iter().copied().filter(|method| *method != ClientAuthMethod::None).collect()
}

/// What begins soon is accepted for every service; how soon, it decides within the bounds.
fn tolerance(skew: i64) -> Tolerance {
    let (least, most) = EARLY;
    Tolerance { late: skew, early: skew.clamp(least, most) }
}
