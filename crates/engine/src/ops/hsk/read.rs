//! GET /api/{serviceId}/hsk/get/{handle}, GET /api/{serviceId}/hsk/get/list

use placet_api::types::{
    Hsk, HskGetListResponse, HskGetListResponseAction as ListAction, HskGetResponse,
    HskGetResponseAction as Action, NoRequest,
};
use placet_api::{Kind, Reason};

use super::{Enabled, enabled, named, reply};
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
    reply!(HskGetResponse { hsk } by Action, Reason::HskRead {}, outcome)
}

pub async fn list(cx: &mut Cx<'_>, _: &NoRequest) -> Result<Vec<Hsk>, Fault> {
    let Enabled = enabled(&cx.tenant, Reason::HsksReadDisabled {})?;
    Ok(cx.tenant.document.hsks.clone().unwrap_or_default())
}

pub fn list_reply(_: &Tenant, outcome: Result<Vec<Hsk>, Fault>) -> HskGetListResponse {
    let (reason, action, hsks) = match outcome {
        Ok(hsks) => (Reason::HsksRead {}, ListAction::Success, Some(hsks)),
        Err(fault) => {
            let action = match fault.reason.kind() {
                Kind::Http(400..500) => ListAction::InvalidRequest,
                Kind::Http(_) | Kind::Oauth(_) | Kind::Success => ListAction::ServerError,
            };
            (fault.reason, action, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    HskGetListResponse { result_code, result_message, action: Some(action), hsks }
}
