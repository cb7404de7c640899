//! OAuth 2.0 Multiple Response Type Encoding Practices – what the client wants back

use placet_api::Reason;
use placet_base::registry::{GrantType, ResponseMode, ResponseType};

use crate::fault::Fault;
use crate::policy::RequestPolicy;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// A response type that service, client and policy allow, together with its grants.
pub fn response_type(
    params: &Params,
    tenant: &Tenant,
    client: &Client,
    policy: &RequestPolicy,
    mode: ResponseMode,
) -> Result<ResponseType, Fault> {
    let value = params.one("response_type")?.ok_or(Reason::ResponseTypeMissing {})?;
    let response_type = ResponseType::parse(value).ok_or(Reason::ResponseTypeInvalid {})?;
    let value = || response_type.protocol_name().to_owned();
    if !tenant.response_types.contains(&response_type) {
        return Err(Reason::ResponseTypeUnsupported { value: value() }.into());
    }
    if !client.response_types.contains(&response_type) {
        return Err(Reason::ResponseTypeNotRegistered { value: value() }.into());
    }
    if !policy.response_types.contains(response_type) {
        return Err(Reason::ResponseTypeRefused { value: value() }.into());
    }
    let in_jwt = policy.answer_in_jwt || policy.code_in_jwt && response_type == ResponseType::Code;
    if in_jwt && !mode.is_jwt() {
        return Err(Reason::ResponseModeMustBeJwt {}.into());
    }
    let code = response_type.has_code().then_some(GrantType::AuthorizationCode);
    let implicit = response_type.has_token() || response_type.has_id_token();
    let implicit = implicit.then_some(GrantType::Implicit);
    for grant in code.into_iter().chain(implicit) {
        // OpenID Connect Dynamic Client Registration §2 pairs each response type with its grants.
        if !tenant.grant_types.contains(&grant) || !client.grant_types.contains(&grant) {
            let value = grant.protocol_name().to_owned();
            return Err(Reason::ResponseGrantNotAllowed { value }.into());
        }
    }
    Ok(response_type)
}
