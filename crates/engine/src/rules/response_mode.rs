//! OAuth 2.0 Multiple Response Type Encoding Practices §2.1, OAuth 2.0 Form Post Response Mode, JWT Secured
//! Authorization Response Mode for OAuth 2.0 §2.3 – how the answer travels

use placet_api::Reason;
use placet_base::registry::{ResponseMode, ResponseType};

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::Client;

/// The response mode of a request: what it names, else `query` for a code and `fragment` for whatever
/// brings a token. Tokens never travel in a query (§5 of Multiple Response Types).
pub fn response_mode(params: &Params, client: &Client) -> Result<ResponseMode, Fault> {
    // What cannot be read as a response type is refused later, and that refusal travels in the query.
    let wanted = params.one("response_type")?.and_then(ResponseType::parse);
    let with_token = wanted.is_some_and(|wanted| wanted.has_token() || wanted.has_id_token());
    let Some(value) = params.one("response_mode")? else {
        return Ok(if with_token { ResponseMode::Fragment } else { ResponseMode::Query });
    };
    let unsupported = || Reason::ResponseModeUnsupported { value: value.to_owned() };
    let mode = ResponseMode::from_protocol(value).ok_or_else(unsupported)?;
    if client.response_modes.as_ref().is_some_and(|modes| !modes.contains(&mode)) {
        return Err(Reason::ResponseModeNotRegistered { value: value.to_owned() }.into());
    }
    match mode {
        ResponseMode::Query | ResponseMode::QueryJwt if with_token => {
            Err(Reason::ResponseModeLeaksToken { value: value.to_owned() }.into())
        }
        ResponseMode::Jwt if with_token => Ok(ResponseMode::FragmentJwt),
        ResponseMode::Jwt => Ok(ResponseMode::QueryJwt),
        mode => Ok(mode),
    }
}
