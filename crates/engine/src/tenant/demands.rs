//! What is required of a request: by its service, its client, and each scope that it is for.

use placet_base::Scopes;

use super::{Client, Tenant};
use crate::policy::Policy;

impl Client {
    /// What service and client require of every request, before its scopes are known.
    pub fn general(&self) -> &Policy {
        &self.demanded
    }
}

impl Tenant {
    /// What is required of a request of `client` for `scopes`, each with or without its parameter. This is
    /// resolved once for a request and handed on.
    pub fn policy(&self, client: &Client, scopes: &Scopes) -> Policy {
        let of_scopes = scopes.iter().flat_map(|scope| self.scopes.behind(scope));
        of_scopes.fold(*client.general(), |policy, scope| policy.meet(scope.policy))
    }
}
