//! POST /api/{serviceId}/nativesso/logout – the end of a session ends what came of it

use placet_api::Reason;
use placet_api::types::{
    NativeSsoLogoutRequest, NativeSsoLogoutResponse, NativeSsoLogoutResponseAction as Action,
};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::reply::{int32, result};
use crate::flow::shared_sessions;
use crate::tenant::Tenant;

/// How many tokens the session had.
pub struct Ended(pub usize);

pub async fn logout(cx: &mut Cx<'_>, call: &NativeSsoLogoutRequest) -> Result<Ended, Fault> {
    let session = call.session_id.as_deref().filter(|session| !session.is_empty());
    let session = session.ok_or(Reason::NativeSsoSessionMissing {})?;
    shared_sessions::end(cx, session).await.map(Ended)
}

pub fn reply(_: &Tenant, outcome: Result<Ended, Fault>) -> NativeSsoLogoutResponse {
    let (reason, action, count) = match outcome {
        Ok(Ended(count)) => {
            (Reason::NativeSsoLoggedOut { count: count.to_string() }, Action::Ok, Some(int32(count)))
        }
        Err(fault) => {
            let caller = fault.reason == (Reason::NativeSsoSessionMissing {});
            let action = if caller { Action::CallerError } else { Action::ServerError };
            (fault.reason, action, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    NativeSsoLogoutResponse { result_code, result_message, action: Some(action), count }
}
