//! What is required of a request: by its service, its client, and each scope that it is for.

use placet_api::Reason;
use placet_base::Scopes;

use super::{Client, Tenant};
use crate::fault::Fault;
use crate::policy::Policy;

impl Client {
    /// What service and client require of every request, before its scopes are known.
    ///
    /// A setting that cannot be honoured is a fault: serving the request as if the setting were not there
    /// would make service or client weaker than its operator believes.
    pub fn general(&self) -> Result<&Policy, Fault> {
        match self.unsupported {
            Some(setting) => Err(Reason::SettingUnsupported { setting: setting.to_owned() }.into()),
            None => Ok(&self.demanded),
        }
    }
}

impl Tenant {
    /// What is required of a request of `client` for `scopes`, each with or without its parameter. This is
    /// resolved once for a request and handed on.
    ///
    /// # Errors
    /// As [`Client::general`].
    pub fn policy(&self, client: &Client, scopes: &Scopes) -> Result<Policy, Fault> {
        let of_scopes = scopes.iter().flat_map(|scope| self.scopes.behind(scope));
        Ok(of_scopes.fold(*client.general()?, |policy, scope| policy.meet(scope.policy)))
    }
}
