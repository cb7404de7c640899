//! /api/{serviceId}/hsk/… – keys of the service in hardware

mod create;
mod delete;
mod read;

use placet_api::Reason;
use placet_api::types::Hsk;

use crate::fault::Fault;
use crate::tenant::Tenant;

pub use create::{MadeKey, create_reply, keep, make};
pub use delete::{delete, delete_reply, deleted};
pub use read::{get, get_reply, list, list_reply};

/// That the service may have keys in hardware.
struct Enabled;

fn enabled(tenant: &Tenant, otherwise: Reason) -> Result<Enabled, Fault> {
    if tenant.hardware { Ok(Enabled) } else { Err(otherwise.into()) }
}

/// What a call is answered with; the answers of this family have the same actions.
macro_rules! reply {
    ($response:ident { $done:ident } by $action:ident, $success:expr, $outcome:expr) => {{
        let (reason, action, $done) = match $outcome {
            Ok(done) => ($success, $action::Success, Some(done)),
            Err(fault) => {
                let action = match fault.reason.kind() {
                    Kind::Http(404) => $action::NotFound,
                    Kind::Http(400..500) => $action::InvalidRequest,
                    Kind::Http(_) | Kind::Oauth(_) | Kind::Success => $action::ServerError,
                };
                (fault.reason, action, None)
            }
        };
        let (result_code, result_message) = result(&reason);
        $response { result_code, result_message, action: Some(action), $done }
    }};
}
use reply;

/// The key with this handle.
fn named<'a>(hsks: Option<&'a Vec<Hsk>>, handle: &str) -> Option<&'a Hsk> {
    hsks?.iter().find(|hsk| hsk.handle.as_deref() == Some(handle))
}
