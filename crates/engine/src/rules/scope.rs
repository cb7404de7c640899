//! RFC 6749 §3.3 – which scopes a request is for

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::Prompt;

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// What the request asks for, of what the service has and the client may ask for; the defaults where it
/// asks for nothing. Unknown scopes are ignored, as §3.3 allows.
pub fn requested(params: &Params, tenant: &Tenant, client: &Client) -> Result<Scopes, Fault> {
    let asked = params.one("scope")?.map(Scopes::split);
    let asked = asked.unwrap_or_else(|| tenant.scopes.defaults().clone());
    Ok(asked.retained(|scope| allowed(scope, tenant, client)))
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

/// A set that is not empty where it must not be.
pub fn sufficient(scopes: Scopes, required: bool, otherwise: Reason) -> Result<Scopes, Fault> {
    if required && scopes.is_empty() { Err(otherwise.into()) } else { Ok(scopes) }
}
