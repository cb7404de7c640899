//! RFC 6749 appendix A – the characters of values that are echoed: `state`, and `nonce` of OpenID Connect
//! Core §3.1.2.1, §3.2.2.1; `purpose` of OpenID Connect for Identity Assurance §8; `dpop_jkt` of RFC 9449
//! §10.

use data_encoding::BASE64URL_NOPAD;
use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::ResponseType;

use crate::fault::Fault;
use crate::policy::RequestPolicy;
use crate::rules::params::Params;

/// RFC 6749 appendix A.5: `state` is made of visible ASCII and spaces.
pub fn state(params: &Params) -> Result<Option<String>, Fault> {
    printable(params.one("state")?, Reason::StateNotAscii {})
}

/// OpenID Connect Core §3.2.2.1: an ID token of the authorization endpoint needs a nonce. Profiles ask for
/// one with every `openid` request, and for `state` with any other.
pub fn nonce(
    params: &Params,
    scopes: &Scopes,
    response_type: ResponseType,
    policy: &RequestPolicy,
) -> Result<Option<String>, Fault> {
    let nonce = printable(params.one("nonce")?, Reason::NonceNotAscii {})?;
    let openid = scopes.contains(Scopes::OPENID);
    if nonce.is_none() && (response_type.has_id_token() || policy.nonce_or_state && openid) {
        return Err(Reason::NonceMissing {}.into());
    }
    if policy.nonce_or_state && !openid && params.one("state")?.is_none() {
        return Err(Reason::StateMissing {}.into());
    }
    Ok(nonce)
}

fn printable(value: Option<&str>, otherwise: Reason) -> Result<Option<String>, Fault> {
    match value {
        Some(value) if !value.bytes().all(|b| (0x20..=0x7e).contains(&b)) => Err(otherwise.into()),
        value => Ok(value.map(str::to_owned)),
    }
}

/// 3 to 300 characters, for the user's eyes.
pub fn purpose(params: &Params) -> Result<Option<String>, Fault> {
    let Some(purpose) = params.one("purpose")? else { return Ok(None) };
    match purpose.chars().count() {
        0..3 => Err(Reason::PurposeTooShort {}.into()),
        301.. => Err(Reason::PurposeTooLong {}.into()),
        _ => Ok(Some(purpose.to_owned())),
    }
}

/// The key that the code is to be bound to: a SHA-256 thumbprint. Where the request was pushed with a
/// proof, both must be the same key (RFC 9449 §10.1).
pub fn dpop_jkt(params: &Params, proven: Option<&str>) -> Result<Option<String>, Fault> {
    let named = params.one("dpop_jkt")?;
    if let Some(named) = named
        && BASE64URL_NOPAD.decode(named.as_bytes()).map_or(true, |bytes| bytes.len() != 32)
    {
        return Err(Reason::ThumbprintMalformed {}.into());
    }
    match (named, proven) {
        (Some(named), Some(proven)) if named != proven => Err(Reason::ThumbprintDiffers {}.into()),
        (named, proven) => Ok(named.or(proven).map(str::to_owned)),
    }
}
