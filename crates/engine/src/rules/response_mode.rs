//! OAuth 2.0 Multiple Response Type Encoding Practices §2.1, OAuth 2.0 Form Post Response Mode – how the
//! answer travels

use placet_api::Reason;
use placet_base::registry::ResponseMode;

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::Client;

/// The response mode of a request; `query` where the client names none, which is what `code` means.
pub fn response_mode(params: &Params, client: &Client) -> Result<ResponseMode, Fault> {
    let Some(value) = params.one("response_mode")? else { return Ok(ResponseMode::Query) };
    let unsupported = || Reason::ResponseModeUnsupported { value: value.to_owned() };
    let mode = ResponseMode::from_protocol(value).ok_or_else(unsupported)?;
    if !matches!(mode, ResponseMode::Query | ResponseMode::Fragment | ResponseMode::FormPost) {
        return Err(unsupported().into());
    }
    if client.response_modes.as_ref().is_some_and(|modes| !modes.contains(&mode)) {
        return Err(Reason::ResponseModeNotRegistered { value: value.to_owned() }.into());
    }
    Ok(mode)
}
