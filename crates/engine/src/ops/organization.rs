//! What organizations do: services and tokens, on the paths of the hosted product's identity provider.

pub mod token;

use placet_api::{Call, CallError, Caller, Reason, Right};
use placet_base::{OrganizationId, ServiceId};

use crate::Engine;

/// The caller's authority over what a request names: its own organization, and the service within the
/// reach of its token.
pub(crate) async fn authority(
    engine: &Engine,
    call: &Call,
    organization: Option<i64>,
    service: Option<i64>,
    right: Right,
) -> Result<(Caller, Option<ServiceId>), CallError> {
    let caller = call.caller.ok_or_else(|| CallError::internal("no caller"))?;
    let missing = || CallError::from(Reason::RightMissing { right: right.name().to_owned() });
    if organization.is_some_and(|named| OrganizationId(named) != caller.organization) {
        return Err(missing());
    }
    match service.map(ServiceId) {
        // A token for one service has no say over the organization.
        None if caller.service.is_some() => Err(missing()),
        None => Ok((caller, None)),
        Some(service) => {
            let tenant = engine.tenant(service).await?;
            let mine = tenant.organization == caller.organization && caller.may(right, service);
            if mine { Ok((caller, Some(service))) } else { Err(missing()) }
        }
    }
}
