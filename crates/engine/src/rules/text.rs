//! RFC 6749 appendix A – the characters of values that are echoed: `state`, and `nonce` of OpenID
//! Connect Core §3.1.2.1.

use placet_api::Reason;

use crate::fault::Fault;
use crate::rules::params::Params;

/// RFC 6749 appendix A.5: `state` is made of visible ASCII and spaces.
pub fn state(params: &Params) -> Result<Option<String>, Fault> {
    printable(params.one("state")?, Reason::StateNotAscii {})
}

pub fn nonce(params: &Params) -> Result<Option<String>, Fault> {
    printable(params.one("nonce")?, Reason::NonceNotAscii {})
}

fn printable(value: Option<&str>, otherwise: Reason) -> Result<Option<String>, Fault> {
    match value {
        Some(value) if !value.bytes().all(|b| (0x20..=0x7e).contains(&b)) => Err(otherwise.into()),
        value => Ok(value.map(str::to_owned)),
    }
}
