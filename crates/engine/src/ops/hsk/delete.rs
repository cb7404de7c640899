//! DELETE and GET /api/{serviceId}/hsk/delete/{handle}

use placet_api::types::{Hsk, HskDeleteResponse, HskDeleteResponseAction as Action};
use placet_api::{CallError, Kind, NoContent, Reason};
use placet_hsm::Destroyed;

use super::{Enabled, enabled, named, reply};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::hardware_keys::{self, Apart, Staged};
use crate::flow::reply::result;
use crate::tenant::Tenant;

/// Destroys the key in its module, and then takes it out of the service. In this order a call that was cut off can be
/// made again: what is destroyed already is found to be so.
pub async fn delete(cx: &mut Cx<'_>, handle: &str) -> Result<Hsk, Fault> {
    let Enabled = enabled(&cx.tenant, Reason::HskDeleteDisabled {})?;
    let (record, document) = hardware_keys::of_service(cx).await?;
    let hsk = named(document.hsks.as_ref(), handle).ok_or(Reason::HskDeleteUnknown {})?.clone();
    let Destroyed = hardware_keys::destroy(cx, &hsk).await?;
    let others = Apart::without(&hsk, &document);
    let Staged = hardware_keys::put(cx, record, document, others)?;
    Ok(hsk)
}

/// With DELETE, which has no words for it.
pub async fn deleted(cx: &mut Cx<'_>, handle: &str) -> Result<NoContent, CallError> {
    delete(cx, handle).await?;
    Ok(NoContent)
}

/// With GET, as a published client does it.
pub fn delete_reply(_: &Tenant, outcome: Result<Hsk, Fault>) -> HskDeleteResponse {
    reply!(HskDeleteResponse { hsk } by Action, Reason::HskDeleted {}, outcome)
}
