//! RFC 8707 – resource indicators

use placet_api::Reason;

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::rules::redirect_uri::is_absolute;

/// The most resources of one request.
const MOST: usize = 32;

/// The resources that a request names: absolute URIs without fragments (§2).
pub fn resources(params: &Params) -> Result<Vec<String>, Fault> {
    let mut resources: Vec<String> = Vec::new();
    for value in params.all("resource") {
        if !value.bytes().all(|b| b.is_ascii_graphic()) || !is_absolute(value) || resources.len() == MOST {
            return Err(Reason::ResourceNotAbsolute {}.into());
        }
        if value.contains('#') {
            return Err(Reason::ResourceHasFragment {}.into());
        }
        if !resources.iter().any(|known| known == value) {
            resources.push(value.to_owned());
        }
    }
    Ok(resources)
}

/// §2.2: a token request may narrow what was granted, never widen it. `None` when it names none.
pub fn narrowed(params: &Params, granted: &[String]) -> Result<Option<Vec<String>>, Fault> {
    let asked = resources(params)?;
    if asked.is_empty() {
        return Ok(None);
    }
    // A grant without resources is for whatever the client asks for.
    if !granted.is_empty() && asked.iter().any(|resource| !granted.contains(resource)) {
        return Err(Reason::ResourceNotGranted {}.into());
    }
    Ok(Some(asked))
}
