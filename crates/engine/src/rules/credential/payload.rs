//! RFC 7519 §4.1.5, draft-ietf-oauth-status-list-21 §6 – what an order may say of the validity of its credential

use placet_api::Reason;
use placet_base::{Timestamp, Ttl};
use serde_json::{Map, Value};

use crate::fault::Fault;

/// Where a verifier looks for the status, it finds what can be one.
pub struct StatusFit;

/// `status` is an object of the mechanisms by which the status is known.
pub fn status(payload: &Map<String, Value>) -> Result<StatusFit, Fault> {
    match payload.get("status") {
        None | Some(Value::Object(_)) => Ok(StatusFit),
        Some(_) => Err(unfit("its 'status' is no object")),
    }
}

/// RFC 3339 §1: the last second, since 1970, of which a date can be written.
const LAST: i64 = 253_402_300_799;

/// The end of a credential, where it has one: no verifier reads one that is no date.
pub fn end(now: Timestamp, lifetime: Option<Ttl>) -> Result<Option<Timestamp>, Fault> {
    match lifetime {
        Some(lifetime) if lifetime.as_secs() > LAST - now.as_secs() => {
            Err(unfit("a time of it is out of bounds"))
        }
        lifetime => Ok(lifetime.map(|lifetime| now + lifetime)),
    }
}

/// The credential is valid for some time.
pub struct BeginsBeforeItsEnd;

/// RFC 7519 §4.1.5: `nbf` is a number of seconds.
pub fn beginning(
    payload: &Map<String, Value>,
    until: Option<Timestamp>,
) -> Result<BeginsBeforeItsEnd, Fault> {
    let Some(nbf) = payload.get("nbf") else { return Ok(BeginsBeforeItsEnd) };
    let nbf = nbf.as_i64().ok_or_else(|| unfit("its 'nbf' is no number of seconds"))?;
    match until.is_some_and(|until| nbf >= until.as_secs()) {
        true => Err(unfit("its 'nbf' is not before its end")),
        false => Ok(BeginsBeforeItsEnd),
    }
}

fn unfit(what: &str) -> Fault {
    Reason::CredentialPayloadUnfit { what: what.to_owned() }.into()
}
