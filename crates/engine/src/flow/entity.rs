//! The service as an entity of its federations: what every statement of its own takes (OpenID Federation 1.0 §3).

use placet_api::Reason;
use placet_jose::JwkSet;

use crate::fault::Fault;
use crate::tenant::{Federation, Signer, Tenant};

/// A service that can make statements.
pub struct Entity<'a> {
    pub federation: &'a Federation,
    /// All its keys, and the one that signs.
    pub keys: &'a JwkSet,
    pub key: Signer,
}

/// The service with its keys. Its issuer is its entity identifier.
pub fn of_service(tenant: &Tenant) -> Result<Entity<'_>, Fault> {
    let federation = tenant.federation.as_ref().ok_or(Reason::FederationDisabled {})?;
    if tenant.issuer.is_empty() {
        return Err(Reason::FederationIssuerMissing {}.into());
    }
    let keys = federation.keys.set().ok_or(Reason::FederationKeysMissing {})?;
    let key = federation.keys.proving(federation.key.as_deref()).ok_or(Reason::FederationKeyUnfit {})?;
    Ok(Entity { federation, keys, key })
}
