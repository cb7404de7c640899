//! OpenID Connect Core §3.1.2.1, §5.5.1.1 – which authentication context the client wants

use placet_api::Reason;

use crate::fault::Fault;
use crate::rules::claims::ClaimsRequest;
use crate::rules::params::Params;
use crate::rules::prompt::supported_of;
use crate::tenant::{Client, Tenant};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedAcr {
    pub values: Vec<String>,
    /// One of the values must be reached.
    pub essential: bool,
}

/// An essential `acr` claim goes before `acr_values`, those before a voluntary `acr` claim, and that before the
/// client's default. Values that the service does not support are dropped from voluntary wishes (§3.1.2.1,
/// §5.5.1.1); an essential one that cannot be met is refused.
pub fn acr(
    params: &Params,
    claims: &ClaimsRequest,
    tenant: &Tenant,
    client: &Client,
) -> Result<RequestedAcr, Fault> {
    let supported = &tenant.authorization.acrs;
    let asked = claims.acrs();
    if asked.essential && !asked.values.is_empty() {
        if !supported.is_empty() && !asked.values.iter().any(|value| supported.contains(value)) {
            return Err(Reason::AcrUnsupported {}.into());
        }
        return Ok(asked);
    }
    let values = supported_of(params, "acr_values", supported)?;
    let voluntary = asked.values.into_iter().filter(|value| supported.contains(value));
    let values = if values.is_empty() { voluntary.collect() } else { values };
    let values = if values.is_empty() { client.default_acrs.clone() } else { values };
    Ok(RequestedAcr { values, essential: false })
}
