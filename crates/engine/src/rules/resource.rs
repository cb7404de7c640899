//! RFC 8707 – resource indicators

use placet_api::Reason;
use placet_base::url::AbsoluteUri;

use crate::budgets::RESOURCES;
use crate::fault::Fault;
use crate::rules::params::Params;

/// The resources that a request names: absolute URIs without fragments (§2).
pub fn resources(params: &Params) -> Result<Vec<String>, Fault> {
    usable(params.all("resource"))
}

/// The same of resources that stand elsewhere.
pub fn usable<'a>(named: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, Fault> {
    let mut resources: Vec<String> = Vec::new();
    for value in named {
        let resource = AbsoluteUri::parse(value).ok().filter(|_| resources.len() < RESOURCES);
        if resource.ok_or(Reason::ResourceNotAbsolute {})?.has_fragment() {
            return Err(Reason::ResourceHasFragment {}.into());
        }
        if !resources.iter().any(|known| known == value) {
            resources.push(value.to_owned());
        }
    }
    Ok(resources)
}

/// The resources of an access token: all of its grant's, or fewer.
#[derive(Clone)]
pub struct Narrowed(Option<Vec<String>>);

impl Narrowed {
    /// All that was granted, where nobody can ask for less.
    pub fn whole() -> Self {
        Self(None)
    }

    /// `None` for all.
    pub fn into_audience(self) -> Option<Vec<String>> {
        self.0
    }
}

/// §2.2: a token request may narrow what was granted, never widen it.
pub fn narrowed(params: &Params, granted: &[String]) -> Result<Narrowed, Fault> {
    let asked = resources(params)?;
    if asked.is_empty() {
        return Ok(Narrowed::whole());
    }
    // A grant without resources is for whatever the client asks for.
    if !granted.is_empty() && asked.iter().any(|resource| !granted.contains(resource)) {
        return Err(Reason::ResourceNotGranted {}.into());
    }
    Ok(Narrowed(Some(asked)))
}
