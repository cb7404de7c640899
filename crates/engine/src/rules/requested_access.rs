//! RFC 6749 §3.3, RFC 8707, RFC 9396 – what a client asks for where the user is not at its side: the part that CIBA
//! and the device flow share

use placet_base::Scopes;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::policy::Policy;
use crate::rules::grant_management::{self, GrantManagement};
use crate::rules::params::Params;
use crate::rules::prompt::supported_of;
use crate::rules::rar::{self, AuthorizationDetails};
use crate::rules::resource;
use crate::rules::scope::{ParameterisedScope, Requested};
use crate::tenant::{Client, Tenant};

#[derive(Clone, Serialize, Deserialize)]
pub struct RequestedAccess {
    pub scopes: Scopes,
    pub parameterised: Vec<ParameterisedScope>,
    pub acrs: Vec<String>,
    pub resources: Vec<String>,
    pub details: AuthorizationDetails,
    pub grant: Option<GrantManagement>,
}

impl RequestedAccess {
    pub fn build(
        params: &Params,
        tenant: &Tenant,
        client: &Client,
        policy: &Policy,
        requested: Requested,
    ) -> Result<Self, Fault> {
        let acrs = supported_of(params, "acr_values", &tenant.authorization.acrs)?;
        Ok(Self {
            scopes: requested.registered,
            parameterised: requested.parameterised,
            acrs: if acrs.is_empty() { client.default_acrs.clone() } else { acrs },
            resources: resource::resources(params)?,
            details: rar::details(params, tenant, client)?,
            grant: grant_management::grant(params, client, policy.request.grant_action)?,
        })
    }

    /// What was asked for, parameters and all.
    pub fn asked(&self) -> Scopes {
        let parameterised = self.parameterised.iter().map(|scope| scope.value.as_str());
        self.scopes.iter().chain(parameterised).collect()
    }
}
