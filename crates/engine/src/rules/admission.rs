//! RFC 6749 §2.1, §5.2 – whether a client may use a grant for the scopes that it comes to

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::GrantType;

use crate::fault::Fault;
use crate::policy::Policy;
use crate::rules::scope;
use crate::rules::sender::Binding;
use crate::tenant::{Client, Tenant};

/// A client that the policy of what it asks for admits: its type, its way to prove itself, and the grant.
/// The policy goes with it, so that whoever makes the tokens cannot be under another.
#[derive(Clone, Copy)]
pub struct Admitted {
    policy: Policy,
}

impl Admitted {
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// A client whose type and way to prove itself are enough for what its request demands.
#[derive(Clone, Copy)]
pub struct Suited<'a> {
    policy: &'a Policy,
}

impl<'a> Suited<'a> {
    pub fn policy(&self) -> &'a Policy {
        self.policy
    }
}

/// What scopes demand can be known only when the scopes are: until then, the client was held against what
/// is demanded of every request.
pub fn suited<'a>(client: &Client, policy: &'a Policy) -> Result<Suited<'a>, Fault> {
    let method = client.authentication.method;
    if policy.client.confidential && client.is_public() {
        return Err(Reason::PublicClientRefused {}.into());
    }
    if !client.is_public() && !policy.client.auth_methods.contains(method) {
        return Err(Reason::AuthMethodTooWeak { method: method.protocol_name().to_owned() }.into());
    }
    Ok(Suited { policy })
}

/// The same, and the grant is one that the policy admits.
pub fn admitted(client: &Client, grant: GrantType, policy: Policy) -> Result<Admitted, Fault> {
    let suited = suited(client, &policy)?;
    if !suited.policy().client.grant_types.contains(grant) {
        return Err(Reason::GrantTypeRefused { value: grant.protocol_name().to_owned() }.into());
    }
    Ok(Admitted { policy })
}

/// Scopes that a token may be given which exists already.
pub struct Regranted(Scopes);

impl Regranted {
    pub fn into_scopes(self) -> Scopes {
        self.0
    }
}

/// A token of which an operator changes the scopes, and perhaps the keys.
pub struct Regrant<'a> {
    pub grant: GrantType,
    pub former: &'a Scopes,
    pub binding: &'a Binding,
}

/// The scopes that the service has and the client may ask for. What those demand that the token did not have is demanded
/// of it as of one that is made for them; it may lose any.
pub fn regranted(
    tenant: &Tenant,
    client: &Client,
    token: &Regrant<'_>,
    scopes: Scopes,
) -> Result<Regranted, Fault> {
    let scopes = scopes.retained(|name| scope::allowed(name, tenant, client));
    let gained = scopes.clone().retained(|name| !token.former.contains(name));
    if !gained.is_empty() {
        let admitted = admitted(client, token.grant, tenant.policy(client, &gained))?;
        token.binding.clone().sufficient(&admitted.policy().token, client.certificate_bound)?;
    }
    Ok(Regranted(scopes))
}
