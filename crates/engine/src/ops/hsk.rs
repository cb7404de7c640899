//! /api/{serviceId}/hsk/… – keys of the service in hardware

mod create;
mod delete;
mod read;

use placet_api::types::Hsk;
use placet_api::{Kind, Reason};

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

/// What has become of a call, in the words that the answers of this family share.
enum Become {
    Success,
    InvalidRequest,
    NotFound,
    ServerError,
}

fn become_of<T>(success: Reason, outcome: Result<T, Fault>) -> (Reason, Become, Option<T>) {
    let fault = match outcome {
        Ok(done) => return (success, Become::Success, Some(done)),
        Err(fault) => fault,
    };
    let action = match fault.reason.kind() {
        Kind::Http(404) => Become::NotFound,
        Kind::Http(400..500) => Become::InvalidRequest,
        Kind::Http(_) | Kind::Oauth(_) | Kind::Success => Become::ServerError,
    };
    (fault.reason, action, None)
}

/// The key with this handle.
fn named<'a>(hsks: Option<&'a Vec<Hsk>>, handle: &str) -> Option<&'a Hsk> {
    hsks?.iter().find(|hsk| hsk.handle.as_deref() == Some(handle))
}
