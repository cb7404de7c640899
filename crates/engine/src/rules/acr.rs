//! OpenID Connect Core §3.1.2.1, §5.5.1.1 – which authentication context the client wants

use crate::fault::Fault;
use crate::rules::claims::ClaimsWish;
use crate::rules::params::Params;
use crate::rules::prompt::supported_of;
use crate::tenant::{Client, Tenant};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcrWish {
    pub values: Vec<String>,
    /// One of the values must be reached.
    pub essential: bool,
}

/// An essential `acr` claim goes before `acr_values`, and that before the client's default. Values that
/// the service does not support are dropped: `acr_values` is a voluntary wish (§3.1.2.1).
pub fn acr(params: &Params, claims: &ClaimsWish, tenant: &Tenant, client: &Client) -> Result<AcrWish, Fault> {
    if let Some(values) = claims.essential_acrs() {
        return Ok(AcrWish { values, essential: true });
    }
    let values = supported_of(params, "acr_values", &tenant.authorization.acrs)?;
    let values = if values.is_empty() { client.default_acrs.clone() } else { values };
    Ok(AcrWish { values, essential: false })
}
