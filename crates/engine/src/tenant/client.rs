//! The compiled client.

use std::sync::Arc;

use placet_api::types::{Client as Document, ClientLimitedAuthorization, Pair};
use placet_base::registry::{
    ClientAuthMethod, ClientType, GrantType, JwsAlg, ResponseMode, ResponseType, SubjectType,
};
use placet_base::{ClientId, Scopes, Secret, Ttl};
use placet_jose::SigningKey;

use super::Tenant;
use crate::fault::Fault;
use crate::policy::{Demand, Policy};

pub struct Client {
    pub id: ClientId,
    pub alias: Option<String>,
    /// What runtime responses show of the client.
    pub limited: ClientLimitedAuthorization,
    pub attributes: Option<Vec<Pair>>,
    pub secrecy: Secrecy,
    pub auth_method: ClientAuthMethod,
    pub redirect_uris: Vec<String>,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    /// `None` for all.
    pub response_modes: Option<Vec<ResponseMode>>,
    /// `None` for all that the service has.
    pub requestable: Option<Scopes>,
    pub policy: Policy,
    pub id_token_alg: JwsAlg,
    pub userinfo_alg: Option<JwsAlg>,
    /// Seconds.
    pub default_max_age: Option<i64>,
    pub default_acrs: Vec<String>,
    /// As in [`Tenant::unsupported`].
    pub unsupported: Option<&'static str>,
}

/// Whether the client can keep a secret (RFC 6749 §2.1). A secret exists either way; only a
/// confidential client may use it.
pub enum Secrecy {
    Public,
    Confidential(Secret),
}

impl Client {
    pub fn compile(tenant: &Tenant, id: ClientId, document: serde_json::Value) -> Result<Self, Fault> {
        let document: Document = serde_json::from_value(document).map_err(Fault::server)?;
        let auth_method = auth_method(&document);
        Ok(Self {
            id,
            alias: alias(tenant, &document),
            limited: limited(&document),
            attributes: document.attributes.clone(),
            secrecy: secrecy(&document),
            auth_method,
            redirect_uris: document.redirect_uris.clone().unwrap_or_default(),
            // RFC 7591 §2: what a client does not say.
            grant_types: document.grant_types.clone().unwrap_or_else(|| vec![GrantType::AuthorizationCode]),
            response_types: document.response_types.clone().unwrap_or_else(|| vec![ResponseType::Code]),
            response_modes: document.response_modes.clone().filter(|modes| !modes.is_empty()),
            requestable: requestable(&document),
            policy: policy(&document),
            id_token_alg: document.id_token_sign_alg.unwrap_or(JwsAlg::Rs256),
            userinfo_alg: document.user_info_sign_alg.filter(|alg| *alg != JwsAlg::None),
            default_max_age: document.default_max_age.filter(|age| *age > 0),
            default_acrs: document.default_acrs.clone().unwrap_or_default(),
            unsupported: unsupported(tenant, &document),
        })
    }

    pub fn is_public(&self) -> bool {
        matches!(self.secrecy, Secrecy::Public)
    }

    /// The key for what is signed for this client: its own secret for HMAC (OpenID Connect Core §10.1),
    /// else a key of the service, the one called `kid` when that is set.
    pub fn signing_key(&self, tenant: &Tenant, alg: JwsAlg, kid: Option<&str>) -> Option<Arc<SigningKey>> {
        match alg {
            JwsAlg::Hs256 | JwsAlg::Hs384 | JwsAlg::Hs512 => {
                SigningKey::from_secret(self.secret()?.expose(), alg).map(Arc::new)
            }
            _ => tenant.keys.signing(alg, kid),
        }
    }

    pub fn secret(&self) -> Option<&Secret> {
        match &self.secrecy {
            Secrecy::Public => None,
            Secrecy::Confidential(secret) => Some(secret),
        }
    }

    /// How tokens name the client: by its alias when it was named so.
    pub fn identifier(&self, alias_used: bool) -> String {
        self.alias.clone().filter(|_| alias_used).unwrap_or_else(|| self.id.to_string())
    }
}

fn on(flag: Option<bool>) -> bool {
    flag == Some(true)
}

fn secrecy(document: &Document) -> Secrecy {
    match (document.client_type, document.token_auth_method) {
        (Some(ClientType::Public), _) | (None, Some(ClientAuthMethod::None)) => Secrecy::Public,
        _ => Secrecy::Confidential(Secret::new(document.client_secret.clone().unwrap_or_default())),
    }
}

/// RFC 7591 §2: `client_secret_basic` is what a client that says nothing uses.
fn auth_method(document: &Document) -> ClientAuthMethod {
    match (document.token_auth_method, document.client_type) {
        (Some(method), _) => method,
        (None, Some(ClientType::Public)) => ClientAuthMethod::None,
        (None, _) => ClientAuthMethod::ClientSecretBasic,
    }
}

fn alias(tenant: &Tenant, document: &Document) -> Option<String> {
    let enabled = tenant.authorization.aliases && document.client_id_alias_enabled != Some(false);
    document.client_id_alias.clone().filter(|alias| enabled && !alias.is_empty())
}

fn requestable(document: &Document) -> Option<Scopes> {
    let extension = document.extension.as_ref().filter(|e| on(e.requestable_scopes_enabled))?;
    Some(extension.requestable_scopes.iter().flatten().collect())
}

fn policy(document: &Document) -> Policy {
    let demand = |flag| if on(flag) { Demand::Client } else { Demand::Nobody };
    let extension = document.extension.as_ref();
    let duration = |read: fn(&placet_api::types::ClientExtension) -> Option<i64>, free: Ttl| {
        Ttl::specified(extension.and_then(read)).unwrap_or(free)
    };
    Policy {
        pkce: on(document.pkce_required),
        s256: on(document.pkce_s256_required),
        pushed: demand(document.par_required),
        request_object: demand(document.request_object_required),
        auth_time: on(document.auth_time_required),
        access_token: duration(|e| e.access_token_duration, Policy::FREE.access_token),
        refresh_token: duration(|e| e.refresh_token_duration, Policy::FREE.refresh_token),
        id_token: duration(|e| e.id_token_duration, Policy::FREE.id_token),
        ..Policy::FREE
    }
}

fn unsupported(tenant: &Tenant, document: &Document) -> Option<&'static str> {
    let bound = on(document.tls_client_certificate_bound_access_tokens)
        && on(tenant.document.tls_client_certificate_bound_access_tokens);
    let asked = [
        ("fapiModes", document.fapi_modes.as_ref().is_some_and(|modes| !modes.is_empty())),
        ("haipVersion", document.haip_version.is_some()),
        ("dpopRequired", on(document.dpop_required)),
        ("tlsClientCertificateBoundAccessTokens", bound),
        ("subjectType", document.subject_type == Some(SubjectType::Pairwise)),
        ("singleAccessTokenPerSubject", on(document.single_access_token_per_subject)),
        ("idTokenEncryptionAlg", document.id_token_encryption_alg.is_some()),
        ("userInfoEncryptionAlg", document.user_info_encryption_alg.is_some()),
        ("rsRequestSigned", on(document.rs_request_signed)),
    ];
    asked.iter().find(|(_, on)| *on).map(|(name, _)| *name)
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
        ..ClientLimitedAuthorization::default()
    }
}
