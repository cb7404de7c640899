//! OAuth 2.0 Multiple Response Type Encoding Practices – what the client wants back

use placet_api::Reason;
use placet_base::registry::{GrantType, ResponseType};

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// A response type that service and client allow, together with its grant.
pub fn response_type(params: &Params, tenant: &Tenant, client: &Client) -> Result<ResponseType, Fault> {
    let value = params.one("response_type")?.ok_or(Reason::ResponseTypeMissing {})?;
    let response_type = ResponseType::parse(value).ok_or(Reason::ResponseTypeInvalid {})?;
    let value = || response_type.protocol_name().to_owned();
    if !tenant.response_types.contains(&response_type) {
        return Err(Reason::ResponseTypeUnsupported { value: value() }.into());
    }
    if !client.response_types.contains(&response_type) {
        return Err(Reason::ResponseTypeNotRegistered { value: value() }.into());
    }
    let grant = GrantType::AuthorizationCode;
    if !tenant.grant_types.contains(&grant) || !client.grant_types.contains(&grant) {
        return Err(Reason::CodeGrantNotAllowed {}.into());
    }
    Ok(response_type)
}
