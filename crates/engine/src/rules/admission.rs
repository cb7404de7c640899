//! RFC 6749 §2.1, §5.2 – whether a client may use a grant for the scopes that it comes to

use placet_api::Reason;
use placet_base::registry::GrantType;

use crate::fault::Fault;
use crate::policy::Policy;
use crate::tenant::Client;

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
