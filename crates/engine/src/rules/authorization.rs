//! OpenID Connect Core §3.1.2.2, RFC 6749 §4.1.1 – an authorization request that may be put to the user.
//! It is made of proofs only, so that a forgotten rule does not compile.

use placet_api::Reason;
use placet_base::registry::{Display, Prompt, ResponseMode, ResponseType};
use placet_base::{Scopes, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::policy::Policy;
use crate::rules::claims::ClaimsRequest;
use crate::rules::grant_management::GrantManagement;
use crate::rules::jar::AssembledRequest;
use crate::rules::params::Params;
use crate::rules::pkce::Challenge;
use crate::rules::rar::AuthorizationDetails;
use crate::rules::scope::{self, ParameterisedScope};
use crate::rules::{
    acr, claims, grant_management, id_token_hint, native_sso, pkce, prompt, rar, resource, response_type,
    text,
};
use crate::tenant::{Client, Tenant};

#[derive(Clone, Serialize, Deserialize)]
pub struct AuthzRequest {
    pub response_type: ResponseType,
    /// As the request named it; the token request must repeat it.
    pub redirect_uri: Option<String>,
    pub scopes: Scopes,
    /// Requested scopes that are registered ones with a parameter.
    #[serde(default)]
    pub parameterised: Vec<ParameterisedScope>,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    pub claims: ClaimsRequest,
    pub login: RequestedLogin,
    pub purpose: Option<String>,
    #[serde(default)]
    pub resources: Vec<String>,
    #[serde(default)]
    pub details: AuthorizationDetails,
    pub grant: Option<GrantManagement>,
    /// The key that the code is bound to (RFC 9449 §10).
    pub jkt: Option<String>,
    /// The attested instance of the client that the code is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    pub auth_time_required: bool,
    #[serde(default)]
    pub state_hash: bool,
    /// The session is to be shared with other applications of the device.
    #[serde(default)]
    pub native_sso: bool,
}

/// How the client wants the user to be met.
#[derive(Clone, Serialize, Deserialize)]
pub struct RequestedLogin {
    pub prompts: Vec<Prompt>,
    pub display: Display,
    /// Seconds.
    pub max_age: Option<i64>,
    pub acrs: Vec<String>,
    pub acr_essential: bool,
    /// The one subject that will do.
    pub subject: Option<String>,
    pub login_hint: Option<String>,
    pub ui_locales: Vec<String>,
    pub claims_locales: Vec<String>,
}

/// What is required of a request, and for which scopes that was found out.
pub struct Required {
    pub scopes: scope::Requested,
    pub policy: Policy,
    pub mode: ResponseMode,
}

impl AuthzRequest {
    pub fn build(
        asked: &AssembledRequest,
        tenant: &Tenant,
        client: &Client,
        required: Required,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let params = asked.params.each_once()?;
        let Required { scopes, policy, mode } = required;
        if params.one("registration")?.is_some() {
            return Err(Reason::RegistrationUnsupported {}.into());
        }
        asked.judged(&policy.request, &policy.client)?;
        let response_type = response_type::response_type(params, tenant, client, &policy.request, mode)?;
        let claims = claims::claims(params)?;
        let claims_ask_for_auth_time = claims.auth_time();
        let hinted = id_token_hint::id_token_hint(asked, tenant, client, now)?;
        let login = RequestedLogin::build(params, tenant, client, &claims, hinted)?;
        let registered = scope::without_unasked_offline_access(scopes.registered, &login.prompts);
        let registered = scope::for_response_type(registered, response_type)?;
        let none = registered.is_empty() && scopes.parameterised.is_empty();
        if policy.request.scope && none {
            return Err(Reason::NoScopeLeft {}.into());
        }
        let native_sso = native_sso::requested(tenant, &registered, response_type);
        Ok(Self {
            response_type,
            redirect_uri: params.one("redirect_uri")?.map(str::to_owned),
            nonce: text::nonce(params, &registered, response_type, &policy.request)?,
            challenge: pkce::challenge(params, &policy.request, response_type, asked.provenance.pushed)?,
            scopes: registered,
            parameterised: scopes.parameterised,
            claims,
            login,
            purpose: text::purpose(params)?,
            resources: resource::resources(params)?,
            details: rar::details(params, tenant, client)?,
            grant: grant_management::grant(params, client, policy.request.grant_action)?,
            jkt: text::dpop_jkt(params, asked.jkt.as_deref())?,
            instance: asked.instance.clone(),
            auth_time_required: policy.token.auth_time || claims_ask_for_auth_time,
            state_hash: policy.token.state_hash,
            native_sso,
        })
    }
}

impl RequestedLogin {
    pub fn build(
        params: &Params,
        tenant: &Tenant,
        client: &Client,
        claims: &ClaimsRequest,
        hinted: Option<String>,
    ) -> Result<Self, Fault> {
        let acr = acr::acr(params, claims, tenant, client)?;
        let settings = &tenant.authorization;
        Ok(Self {
            prompts: prompt::prompts(params, tenant)?,
            display: prompt::display(params, tenant)?,
            max_age: prompt::max_age(params, client)?,
            acrs: acr.values,
            acr_essential: acr.essential,
            subject: claims.subject().or(hinted),
            login_hint: params.one("login_hint")?.map(str::to_owned),
            ui_locales: prompt::supported_of(params, "ui_locales", &settings.ui_locales)?,
            claims_locales: prompt::supported_of(params, "claims_locales", &settings.claims_locales)?,
        })
    }
}
