//! OpenID Connect Core §3.1.2.2, RFC 6749 §4.1.1 – an authorization request that may be put to the user.
//! It is made of proofs only, so that a forgotten rule does not compile.

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::{Display, Prompt, ResponseType};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::policy::{Demand, Policy};
use crate::rules::claims::ClaimsWish;
use crate::rules::params::Params;
use crate::rules::pkce::Challenge;
use crate::rules::{acr, claims, id_token_hint, pkce, prompt, response_type, scope, text};
use crate::tenant::{Client, Tenant};

#[derive(Clone, Serialize, Deserialize)]
pub struct AuthzRequest {
    pub response_type: ResponseType,
    /// As the request named it; the token request must repeat it.
    pub redirect_uri: Option<String>,
    pub scopes: Scopes,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    pub claims: ClaimsWish,
    pub login: LoginWish,
    pub auth_time_required: bool,
}

/// How the client wants the user to be met.
#[derive(Clone, Serialize, Deserialize)]
pub struct LoginWish {
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

impl AuthzRequest {
    /// `scopes` are those that the request asks for, and that `policy` was resolved for.
    pub fn build(
        params: &Params,
        tenant: &Tenant,
        client: &Client,
        scopes: Scopes,
        policy: &Policy,
    ) -> Result<Self, Fault> {
        let params = by_value_and_in_the_open(params.each_once()?, policy)?;
        let response_type = response_type::response_type(params, tenant, client)?;
        let claims = claims::claims(params)?;
        let login = LoginWish::build(params, tenant, client, &claims)?;
        let scopes = scope::without_unasked_offline_access(scopes, &login.prompts);
        Ok(Self {
            response_type,
            redirect_uri: params.one("redirect_uri")?.map(str::to_owned),
            scopes: scope::sufficient(scopes, policy.scope, Reason::NoScopeLeft {})?,
            nonce: text::nonce(params)?,
            challenge: pkce::challenge(params, policy)?,
            claims,
            login,
            auth_time_required: policy.auth_time,
        })
    }
}

impl LoginWish {
    fn build(params: &Params, tenant: &Tenant, client: &Client, claims: &ClaimsWish) -> Result<Self, Fault> {
        let acr = acr::acr(params, claims, tenant, client)?;
        let hinted = id_token_hint::id_token_hint(params, tenant, client)?;
        let settings = &tenant.authorization;
        Ok(Self {
            prompts: prompt::prompts(params, tenant)?,
            display: prompt::display(params, tenant)?,
            max_age: prompt::max_age(params, client)?,
            acrs: acr.values,
            acr_essential: acr.essential,
            subject: claims.subject().or_else(|| hinted.map(|subject| subject.as_str().to_owned())),
            login_hint: params.one("login_hint")?.map(str::to_owned),
            ui_locales: prompt::supported_of(params, "ui_locales", &settings.ui_locales)?,
            claims_locales: prompt::supported_of(params, "claims_locales", &settings.claims_locales)?,
        })
    }
}

/// Request objects and pushed requests are not read yet: a request that uses one, or would have to, is
/// refused with the error that OpenID Connect Core §6 has for it, never read without it.
fn by_value_and_in_the_open<'a>(params: &'a Params, policy: &Policy) -> Result<&'a Params, Fault> {
    let refusal = match (params.one("request")?, params.one("request_uri")?, params.one("registration")?) {
        (Some(_), ..) => Some(Reason::RequestObjectUnsupported {}),
        (_, Some(_), _) => Some(Reason::RequestUriUnsupported {}),
        (.., Some(_)) => Some(Reason::RegistrationUnsupported {}),
        _ => match (policy.pushed, policy.request_object) {
            (Demand::Service, _) => Some(Reason::PushRequiredByService {}),
            (Demand::Client, _) => Some(Reason::PushRequiredByClient {}),
            (_, Demand::Service) => Some(Reason::RequestObjectRequiredByService {}),
            (_, Demand::Client) => Some(Reason::RequestObjectRequiredByClient {}),
            (Demand::Nobody, Demand::Nobody) => None,
        },
    };
    match refusal {
        Some(reason) => Err(reason.into()),
        None => Ok(params),
    }
}
