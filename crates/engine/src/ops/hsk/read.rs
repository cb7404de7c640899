//! GET /api/{serviceId}/hsk/get/{handle}, GET /api/{serviceId}/hsk/get/list

use placet_api::Reason;
use placet_api::types::{
    Hsk, HskGetListResponse, HskGetListResponseAction as ListAction, HskGetResponse,
    HskGetResponseAction as Action, NoRequest,
};

use super::{Become, Enabled, become_of, enabled, named};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::reply::result;
use crate::tenant::Tenant;

pub async fn get(cx: &mut Cx<'_>, handle: &str) -> Result<Hsk, Fault> {
    let Enabled = enabled(&cx.tenant, Reason::HskReadDisabled {})?;
    let found = named(cx.tenant.document.hsks.as_ref(), handle);
    Ok(found.ok_or(Reason::HskUnknown {})?.clone())
}

pub fn get_reply(_: &Tenant, outcome: Result<Hsk, Fault>) -> HskGetResponse {
    let (reason, action, hsk) = become_of(Reason::HskRead {}, outcome);
    let action = match action {
        Become::Success => Action::Success,
        Become::InvalidRequest => Action::InvalidRequest,
        Become::NotFound => Action::NotFound,
        Become::ServerError => Action::ServerError,
    };
    let (result_code, result_message) = result(&reason);
    HskGetResponse { result_code, result_message, action: Some(action), hsk }
}

pub async fn list(cx: &mut Cx<'_>, _: &NoRequest) -> Result<Vec<Hsk>, Fault> {
    let Enabled = enabled(&cx.tenant, Reason::HsksReadDisabled {})?;
    Ok(cx.tenant.document.hsks.clone().unwrap_or_default())
}

pub fn list_reply(_: &Tenant, outcome: Result<Vec<Hsk>, Fault>) -> HskGetListResponse {
    let (reason, action, hsks) = become_of(Reason::HsksRead {}, outcome);
    let action = match action {
        Become::Success => ListAction::Success,
        Become::InvalidRequest | Become::NotFound => ListAction::InvalidRequest,
        Become::ServerError => ListAction::ServerError,
    };
    let (result_code, result_message) = result(&reason);
    HskGetListResponse { result_code, result_message, action: Some(action), hsks }
}
