//! The compiled client.

use std::sync::Arc;

use placet_api::documents::ApiDocument;
use placet_api::types::{Client as Document, ClientExtension, ClientLimitedAuthorization, Pair};
use placet_base::registry::{
    ClientAuthMethod, ClientType, DeliveryMode, GrantType, JweAlg, JweEnc, JwsAlg, ResponseMode,
    ResponseType, SubjectType,
};
use placet_base::spiffe::SpiffePattern;
use placet_base::{ClientId, Scopes, Secret, Timestamp, Ttl};
use placet_jose::{JwkSet, Parsed, SigningKey};

use super::settings::{given, on, pairs};
use super::{Federated, Signer, Tenant};
use crate::fault::Fault;
use crate::policy::{ClientPolicy, Demand, Policy, RequestPolicy, ResourcePolicy, TokenPolicy};

pub struct Client {
    pub id: ClientId,
    /// What it is named by besides its number: its alias, its entity identifier, or where it says what it is.
    pub alias: Option<String>,
    /// Until when what it says there is used, if that is how it is known.
    pub document_until: Option<Timestamp>,
    /// What it is in a federation, if that is how it is known.
    pub federated: Option<Federated>,
    /// Credentials go to it encrypted only.
    pub credentials_encrypted: bool,
    /// Numbers of records below this one mean nothing any more.
    pub revoked_below: i64,
    pub locked: bool,
    /// What runtime responses show of the client.
    pub limited: ClientLimitedAuthorization,
    pub attributes: Option<Vec<Pair>>,
    pub secrecy: Secrecy,
    pub authentication: Authentication,
    pub keys: ClientKeys,
    pub redirect_uris: Vec<String>,
    /// Request objects may be fetched from these.
    pub request_uris: Vec<String>,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    /// `None` for all.
    pub response_modes: Option<Vec<ResponseMode>>,
    /// `None` for all that the service has.
    pub requestable: Option<Scopes>,
    pub details_types: Vec<String>,
    pub request_object: RequestObject,
    pub id_token: Protection,
    pub userinfo: Option<Protection>,
    /// JARM.
    pub answer: Protection,
    /// OpenID Connect Core §8.1: the sector of a client with pairwise subjects.
    pub sector: Option<String>,
    /// Seconds.
    pub default_max_age: Option<i64>,
    pub default_acrs: Vec<String>,
    pub certificate_bound: bool,
    /// Batches may make tokens for the client.
    pub migratable: bool,
    /// The operator lets the client exchange tokens.
    pub exchange_permitted: bool,
    /// What service and client demand together.
    pub(super) demanded: Policy,
    pub backchannel: ClientBackchannel,
    pub logout: Logout,
    /// The key for HTTP message signatures where the signature names none.
    pub message_key: Option<String>,
}

/// Whether the client can keep a secret (RFC 6749 §2.1). A secret exists either way; only a
/// confidential client may use it.
pub enum Secrecy {
    Public,
    Confidential(Secret),
}

/// How the client proves itself.
pub struct Authentication {
    pub method: ClientAuthMethod,
    /// `None` for any that fits.
    pub alg: Option<JwsAlg>,
    /// RFC 8705 §2.1.2: the one name by which a certificate is known.
    pub certificate_name: Option<(CertificateName, String)>,
    /// The key whose certificate is meant by `self_signed_tls_client_auth`.
    pub certificate_key: Option<String>,
    /// The workloads that are the client, and where the keys of their trust domain are.
    pub spiffe: Option<Spiffe>,
}

pub struct Spiffe {
    pub id: SpiffePattern,
    pub bundle_endpoint: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateName {
    Dn,
    Dns,
    Uri,
    Ip,
    Email,
}

/// Where the client's keys are.
pub enum ClientKeys {
    None,
    Set(Box<JwkSet>),
    /// To be fetched; it goes before a set by value.
    At(String),
    /// To be fetched, and signed by the client as an entity of a federation.
    Signed(Box<SignedKeys>),
}

/// OpenID Federation 1.0 §5.2.1.1: where an entity publishes its keys, and the keys that sign them.
pub struct SignedKeys {
    pub url: String,
    pub entity: String,
    pub keys: JwkSet,
}

/// How the client makes its request objects.
pub struct RequestObject {
    pub alg: Option<JwsAlg>,
    pub encryption_alg: Option<JweAlg>,
    pub encryption_enc: JweEnc,
    pub alg_matches: bool,
    pub enc_matches: bool,
}

/// How something made for the client is signed and encrypted.
#[derive(Clone, Copy)]
pub struct Protection {
    /// `None` for plain content.
    pub alg: Option<JwsAlg>,
    pub encryption: Option<(JweAlg, JweEnc)>,
}

/// How the client uses backchannel authentication.
pub struct ClientBackchannel {
    pub mode: Option<DeliveryMode>,
    pub notification_endpoint: Option<String>,
    pub alg: Option<JwsAlg>,
    pub user_code: bool,
}

/// How the client hears of the end of a session (OpenID Connect Back-Channel Logout 1.0 §2.2).
pub struct Logout {
    pub uri: Option<String>,
    pub session_required: bool,
}

impl Client {
    pub fn compile(
        tenant: &Tenant,
        id: ClientId,
        document: serde_json::Value,
        revoked_below: i64,
    ) -> Result<Self, Fault> {
        let d: Document = Document::from_members(document).map_err(Fault::server)?;
        let userinfo = Protection {
            alg: d.user_info_sign_alg.filter(|alg| *alg != JwsAlg::None),
            encryption: encryption(d.user_info_encryption_alg, d.user_info_encryption_enc),
        };
        Ok(Self {
            id,
            alias: location(&d).or_else(|| Federated::of(&d).map(|f| f.entity)).or_else(|| alias(tenant, &d)),
            document_until: location(&d)
                .map(|_| Timestamp(d.metadata_document_expires_at.unwrap_or_default())),
            federated: Federated::of(&d),
            credentials_encrypted: on(d.credential_response_encryption_required),
            revoked_below,
            locked: on(d.locked),
            limited: limited(&d),
            attributes: d.attributes.clone(),
            secrecy: secrecy(&d),
            authentication: authentication(&d),
            keys: keys(&d)?,
            redirect_uris: d.redirect_uris.clone().unwrap_or_default(),
            request_uris: d.request_uris.clone().unwrap_or_default(),
            // RFC 7591 §2: what a client does not say.
            grant_types: d.grant_types.clone().unwrap_or_else(|| vec![GrantType::AuthorizationCode]),
            response_types: d.response_types.clone().unwrap_or_else(|| vec![ResponseType::Code]),
            response_modes: d.response_modes.clone().filter(|modes| !modes.is_empty()),
            requestable: requestable(&d),
            details_types: d.authorization_details_types.clone().unwrap_or_default(),
            request_object: RequestObject {
                alg: d.request_sign_alg,
                encryption_alg: d.request_encryption_alg,
                encryption_enc: d.request_encryption_enc.unwrap_or(JweEnc::A128CbcHs256),
                alg_matches: on(d.request_object_encryption_alg_match_required),
                enc_matches: on(d.request_object_encryption_enc_match_required),
            },
            id_token: Protection {
                alg: Some(d.id_token_sign_alg.unwrap_or(JwsAlg::Rs256)),
                encryption: encryption(d.id_token_encryption_alg, d.id_token_encryption_enc),
            },
            userinfo: Some(userinfo).filter(|p| p.alg.is_some() || p.encryption.is_some()),
            answer: Protection {
                // JARM §3: RS256 where the client says nothing.
                alg: Some(d.authorization_sign_alg.unwrap_or(JwsAlg::Rs256)),
                encryption: encryption(d.authorization_encryption_alg, d.authorization_encryption_enc),
            },
            sector: (d.subject_type == Some(SubjectType::Pairwise))
                .then(|| d.derived_sector_identifier.clone().unwrap_or_default()),
            default_max_age: d.default_max_age.filter(|age| *age > 0).map(i64::from),
            default_acrs: d.default_acrs.clone().unwrap_or_default(),
            certificate_bound: on(d.tls_client_certificate_bound_access_tokens) && tenant.sender.certificates,
            migratable: on(d.in_scope_for_token_migration),
            exchange_permitted: d.extension.as_ref().is_some_and(|e| on(e.token_exchange_permitted)),
            demanded: tenant.policy.meet(policy(&d)),
            backchannel: backchannel(&d),
            logout: Logout {
                uri: given(&d.backchannel_logout_uri),
                session_required: on(d.backchannel_logout_session_required),
            },
            message_key: given(&d.rs_signed_request_key_id),
        })
    }

    pub fn is_public(&self) -> bool {
        matches!(self.secrecy, Secrecy::Public)
    }

    /// The key for what is signed for this client: its own secret for HMAC (OpenID Connect Core §10.1),
    /// else a key of the service, the one called `kid` when that is set.
    pub fn signing_key(&self, tenant: &Tenant, alg: JwsAlg, kid: Option<&str>) -> Option<Signer> {
        match alg.is_symmetric() {
            true => SigningKey::from_secret(self.secret()?.expose(), alg).map(Arc::new).map(Signer::Software),
            false => tenant.keys.signing(alg, kid),
        }
    }

    pub fn secret(&self) -> Option<&Secret> {
        match &self.secrecy {
            Secrecy::Public => None,
            Secrecy::Confidential(secret) => Some(secret),
        }
    }

    /// Whether the client is known by where it says what it is. It has no other name then.
    pub fn is_discovered(&self) -> bool {
        self.document_until.is_some()
    }

    /// The entity identifier of a client that was never registered.
    pub fn unregistered(&self) -> Option<&str> {
        let federated = self.federated.as_ref().filter(|federated| federated.automatic);
        federated.map(|federated| federated.entity.as_str())
    }

    /// Whether a URL is all that names the client: where it says what it is, or its entity identifier.
    pub fn has_url_alone(&self) -> bool {
        self.is_discovered() || self.unregistered().is_some()
    }

    /// How tokens name the client: by its alias when it was named so.
    pub fn identifier(&self, alias_used: bool) -> String {
        self.alias.clone().filter(|_| alias_used).unwrap_or_else(|| self.id.to_string())
    }

    /// Both names of the client, for what comes back from it.
    pub fn names(&self, text: &str) -> bool {
        text == self.id.to_string() || self.alias.as_deref() == Some(text)
    }
}

fn encryption(alg: Option<JweAlg>, enc: Option<JweEnc>) -> Option<(JweAlg, JweEnc)> {
    // OpenID Connect Dynamic Client Registration §2: the default where only `alg` is given.
    alg.map(|alg| (alg, enc.unwrap_or(JweEnc::A128CbcHs256)))
}

fn secrecy(document: &Document) -> Secrecy {
    match (document.client_type, document.token_auth_method) {
        (Some(ClientType::Public), _) | (None, Some(ClientAuthMethod::None)) => Secrecy::Public,
        (Some(ClientType::Confidential) | None, _) => {
            Secrecy::Confidential(Secret::new(document.client_secret.clone().unwrap_or_default()))
        }
    }
}

/// RFC 7591 §2: `client_secret_basic` is what a client that says nothing uses.
fn authentication(d: &Document) -> Authentication {
    let method = match (d.token_auth_method, d.client_type) {
        (Some(method), _) => method,
        (None, Some(ClientType::Public)) => ClientAuthMethod::None,
        (None, _) => ClientAuthMethod::ClientSecretBasic,
    };
    let names = [
        (CertificateName::Dn, &d.tls_client_auth_subject_dn),
        (CertificateName::Dns, &d.tls_client_auth_san_dns),
        (CertificateName::Uri, &d.tls_client_auth_san_uri),
        (CertificateName::Ip, &d.tls_client_auth_san_ip),
        (CertificateName::Email, &d.tls_client_auth_san_email),
    ];
    let names = names.into_iter().filter_map(|(kind, name)| Some((kind, name.clone()?)));
    let mut names = names.filter(|(_, name)| !name.is_empty());
    // RFC 8705 §2.1.2: exactly one.
    let certificate_name = names.next().filter(|_| names.next().is_none());
    Authentication {
        method,
        alg: d.token_auth_sign_alg,
        certificate_name,
        certificate_key: given(&d.self_signed_certificate_key_id),
        spiffe: d
            .spiffe_id
            .as_deref()
            .and_then(SpiffePattern::parse)
            .and_then(|id| Some(Spiffe { id, bundle_endpoint: given(&d.spiffe_bundle_endpoint)? })),
    }
}

fn keys(d: &Document) -> Result<ClientKeys, Fault> {
    if let Some(signed) = signed_keys(d) {
        return Ok(ClientKeys::Signed(Box::new(signed)));
    }
    if let Some(uri) = d.jwks_uri.clone().filter(|uri| !uri.is_empty()) {
        return Ok(ClientKeys::At(uri));
    }
    match d.jwks.as_deref().filter(|text| !text.is_empty()).map(JwkSet::parse) {
        None => Ok(ClientKeys::None),
        Some(Ok(set)) => Ok(ClientKeys::Set(Box::new(set))),
        Some(Err(e)) => Err(Fault::server(format!("the client's jwks: {e:?}"))),
    }
}

/// The keys that sign stand in the configuration that begins the client's chain, which was judged when it was stored.
fn signed_keys(d: &Document) -> Option<SignedKeys> {
    let (url, federated) = given(&d.signed_jwks_uri).zip(Federated::of(d))?;
    let configuration = Parsed::parse(d.trust_chain.as_ref()?.first()?).ok()?;
    let keys = JwkSet::parse(&configuration.unproven_claims().get("jwks")?.to_string()).ok()?;
    Some(SignedKeys { url, entity: federated.entity, keys })
}

fn location(document: &Document) -> Option<String> {
    given(&document.metadata_document_location).filter(|_| on(document.discovered_by_metadata_document))
}

fn alias(tenant: &Tenant, document: &Document) -> Option<String> {
    let enabled = tenant.authorization.aliases && document.client_id_alias_enabled != Some(false);
    document.client_id_alias.clone().filter(|alias| enabled && !alias.is_empty())
}

fn requestable(document: &Document) -> Option<Scopes> {
    let extension = document.extension.as_ref().filter(|e| on(e.requestable_scopes_enabled))?;
    extension.requestable_scopes.as_ref().map(|scopes| scopes.iter().collect())
}

fn backchannel(d: &Document) -> ClientBackchannel {
    let mode = d.bc_delivery_mode.as_deref();
    ClientBackchannel {
        mode: mode.and_then(|mode| DeliveryMode::from_protocol(&mode.to_ascii_lowercase())),
        notification_endpoint: d.bc_notification_endpoint.clone(),
        alg: d.bc_request_sign_alg,
        user_code: on(d.bc_user_code_required),
    }
}

fn policy(d: &Document) -> Policy {
    let demand = |flag| if on(flag) { Demand::Client } else { Demand::Nobody };
    let extension = d.extension.as_ref();
    // OpenID Federation 1.0 §12.1.1: nothing but keys proves such a client, and what they sign is for this server alone.
    let unregistered = on(d.automatically_registered);
    let duration = |read: fn(&ClientExtension) -> Option<i64>, free: Ttl| {
        Ttl::specified(extension.and_then(read)).unwrap_or(free)
    };
    let own = Policy {
        request: RequestPolicy {
            pkce: on(d.pkce_required),
            s256: on(d.pkce_s256_required),
            pushed: demand(d.par_required),
            object: demand(d.request_object_required),
            object_signed: unregistered,
            object_encrypted: on(d.front_channel_request_object_encryption_required),
            ..RequestPolicy::FREE
        },
        client: ClientPolicy { assertion_for_issuer: unregistered, ..ClientPolicy::FREE },
        token: TokenPolicy {
            auth_time: on(d.auth_time_required),
            bound_by_dpop: on(d.dpop_required),
            single: on(d.single_access_token_per_subject),
            access: duration(|e| e.access_token_duration, TokenPolicy::FREE.access),
            refresh: duration(|e| e.refresh_token_duration, TokenPolicy::FREE.refresh),
            id: duration(|e| e.id_token_duration, TokenPolicy::FREE.id),
            ..TokenPolicy::FREE
        },
        resource: ResourcePolicy { requests_signed: on(d.rs_request_signed), ..ResourcePolicy::FREE },
        ..Policy::FREE
    };
    let modes = d.fapi_modes.iter().flatten().map(|mode| Policy::of_mode(*mode));
    let haip = d.haip_version.as_deref().and_then(|version| Policy::of_scope_attribute("haip", version));
    let profiles = pairs(d.attributes.as_ref(), "profile").filter_map(Policy::of_profile);
    modes.chain(haip).chain(profiles).fold(own, Policy::meet)
}

fn limited(d: &Document) -> ClientLimitedAuthorization {
    ClientLimitedAuthorization {
        number: d.number,
        client_name: d.client_name.clone(),
        client_names: d.client_names.clone(),
        description: d.description.clone(),
        descriptions: d.descriptions.clone(),
        client_id: d.client_id,
        client_id_alias: d.client_id_alias.clone(),
        client_id_alias_enabled: d.client_id_alias_enabled,
        client_type: d.client_type,
        logo_uri: d.logo_uri.clone(),
        logo_uris: d.logo_uris.clone(),
        tos_uri: d.tos_uri.clone(),
        tos_uris: d.tos_uris.clone(),
        policy_uri: d.policy_uri.clone(),
        policy_uris: d.policy_uris.clone(),
        service_number: d.service_number,
        default_max_age: d.default_max_age,
        auth_time_required: d.auth_time_required,
        created_at: d.created_at,
        modified_at: d.modified_at,
        pkce_required: d.pkce_required,
        pkce_s256_required: d.pkce_s256_required,
        par_required: d.par_required,
        request_object_required: d.request_object_required,
        dpop_required: d.dpop_required,
        dynamically_registered: d.dynamically_registered,
        client_source: d.client_source,
        metadata_document_location: d.metadata_document_location.clone(),
        metadata_document_expires_at: d.metadata_document_expires_at,
        metadata_document_updated_at: d.metadata_document_updated_at,
        discovered_by_metadata_document: d.discovered_by_metadata_document,
        entity_id: d.entity_id.clone(),
        trust_chain_expires_at: d.trust_chain_expires_at,
        trust_chain_updated_at: d.trust_chain_updated_at,
        automatically_registered: d.automatically_registered,
        explicitly_registered: d.explicitly_registered,
        ..ClientLimitedAuthorization::default()
    }
}
