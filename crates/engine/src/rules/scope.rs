//! RFC 6749 §3.3 – which scopes a request is for

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::{GrantType, Prompt, ResponseType};
use serde::{Deserialize, Serialize};

use crate::budgets::REQUESTED_SCOPES;
use crate::fault::Fault;
use crate::pattern::MatchBudget;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// What a request asks for, of what there is and the client may have.
#[derive(Clone, Debug, Default)]
pub struct Requested {
    pub registered: Scopes,
    pub parameterised: Vec<ParameterisedScope>,
}

/// A requested scope that is a registered one with a parameter, such as `consent:123`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterisedScope {
    /// The registered scope whose pattern fits.
    pub name: String,
    /// The scope as it was requested.
    pub value: String,
}

impl Requested {
    /// All of them as one set, parameters and all; what each demands hangs on it in this form too.
    pub fn all(&self) -> Scopes {
        let values = self.parameterised.iter().map(|scope| scope.value.as_str());
        self.registered.iter().chain(values).collect()
    }
}

/// What the request asks for, of what the service has and the client may ask for; the defaults where it
/// asks for nothing. Unknown scopes are ignored, as §3.3 allows.
pub fn requested(params: &Params, tenant: &Tenant, client: &Client) -> Result<Requested, Fault> {
    let asked = params.one("scope")?.map(Scopes::split);
    of(&asked.unwrap_or_else(|| tenant.scopes.defaults().clone()), tenant, client)
}

/// The same of scopes that stand elsewhere.
pub fn of(asked: &Scopes, tenant: &Tenant, client: &Client) -> Result<Requested, Fault> {
    if asked.iter().count() > REQUESTED_SCOPES {
        return Err(Reason::ScopesExcessive {}.into());
    }
    let (mut requested, work) = (Requested::default(), MatchBudget::of_request());
    for scope in asked.iter() {
        if allowed(scope, tenant, client) {
            requested.registered.insert(scope);
        } else if let Some(name) = parameterised(scope, tenant, &work)?
            && allowed(name, tenant, client)
        {
            let (name, value) = (name.to_owned(), scope.to_owned());
            requested.parameterised.push(ParameterisedScope { name, value });
        }
    }
    Ok(requested)
}

fn parameterised<'a>(scope: &str, tenant: &'a Tenant, work: &MatchBudget) -> Result<Option<&'a str>, Fault> {
    tenant.scopes.parameterised(scope, work).map_err(|_| Reason::ScopesExcessive {}.into())
}

/// The scopes of a request, whatever they are.
pub fn asked(params: &Params) -> Result<Scopes, Fault> {
    let asked = params.one("scope")?.map(Scopes::split).unwrap_or_default();
    if asked.iter().count() > REQUESTED_SCOPES { Err(Reason::ScopesExcessive {}.into()) } else { Ok(asked) }
}

/// The same where nobody says who asks: what the service demands of clients is not met by nobody.
pub fn of_nobody(params: &Params, tenant: &Tenant, grant: GrantType) -> Result<Scopes, Fault> {
    let scopes = asked(params)?.retained(|scope| tenant.scopes.get(scope).is_some());
    let policy = scopes.iter().flat_map(|scope| tenant.scopes.behind(scope));
    let policy = policy.fold(tenant.policy, |policy, scope| policy.meet(scope.policy));
    if policy.client.confidential {
        return Err(Reason::PublicClientRefused {}.into());
    }
    if !policy.client.grant_types.contains(grant) {
        return Err(Reason::GrantTypeRefused { value: grant.protocol_name().to_owned() }.into());
    }
    Ok(scopes)
}

/// Scopes of another server, which only it can judge: as many as there may be, and such as scopes can be (§3.3).
pub fn elsewhere(asked: Scopes) -> Option<Scopes> {
    let fit = asked.iter().count() <= REQUESTED_SCOPES && asked.iter().all(Scopes::is_token);
    fit.then_some(asked)
}

/// Scopes that the service has and the client may ask for.
pub fn allowed(scope: &str, tenant: &Tenant, client: &Client) -> bool {
    tenant.scopes.get(scope).is_some()
        && client.requestable.as_ref().is_none_or(|scopes| scopes.contains(scope))
}

/// OpenID Connect Core §11: offline access is ignored unless the user is asked for consent.
pub fn without_unasked_offline_access(scopes: Scopes, prompts: &[Prompt]) -> Scopes {
    scopes.retained(|scope| scope != Scopes::OFFLINE_ACCESS || prompts.contains(&Prompt::Consent))
}

/// OpenID Connect Core §3.1.2.1: without `openid` a request is no OpenID Connect request, and has no ID
/// token to get.
pub fn for_response_type(scopes: Scopes, response_type: ResponseType) -> Result<Scopes, Fault> {
    if response_type.has_id_token() && !scopes.contains(Scopes::OPENID) {
        return Err(Reason::OpenidMissing {}.into());
    }
    Ok(scopes)
}

/// The scopes of an access token: all of its grant's, or fewer.
#[derive(Clone)]
pub struct Narrowed(Option<Scopes>);

impl Narrowed {
    /// All that was granted, where nobody can ask for less.
    pub fn whole() -> Self {
        Self(None)
    }

    /// `None` for all.
    pub fn into_scopes(self) -> Option<Scopes> {
        self.0
    }
}

/// RFC 6749 §6: a refresh may ask for less than was granted, never for more. `kept` says of each scope
/// whether the service lets a refresh have it.
pub fn narrowed(params: &Params, granted: &Scopes, kept: impl Fn(&str) -> bool) -> Result<Narrowed, Fault> {
    let asked = params.one("scope")?.map(Scopes::split);
    if asked.as_ref().is_some_and(|asked| !granted.covers(asked)) {
        return Err(Reason::RefreshScopeExceeds {}.into());
    }
    Ok(Narrowed(Some(asked.unwrap_or_else(|| granted.clone()).retained(kept))))
}

/// A set that is not empty where it must not be.
pub fn sufficient(scopes: Scopes, required: bool, otherwise: Reason) -> Result<Scopes, Fault> {
    if required && scopes.is_empty() { Err(otherwise.into()) } else { Ok(scopes) }
}
