//! OpenID Connect Core §3.1.2.1 – `prompt`, `display` and `max_age`

use placet_api::Reason;
use placet_base::registry::{Display, Prompt};

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// How the user is to be met; empty when the client does not say.
pub fn prompts(params: &Params, tenant: &Tenant) -> Result<Vec<Prompt>, Fault> {
    let mut prompts = Vec::new();
    for value in params.one("prompt")?.unwrap_or_default().split(' ').filter(|v| !v.is_empty()) {
        let prompt = Prompt::from_protocol(value).ok_or(Reason::PromptInvalid {})?;
        if tenant.authorization.prompts.as_ref().is_some_and(|supported| !supported.contains(&prompt)) {
            return Err(Reason::PromptUnsupported { value: value.to_owned() }.into());
        }
        if !prompts.contains(&prompt) {
            prompts.push(prompt);
        }
    }
    if prompts.len() > 1 && prompts.contains(&Prompt::None) {
        return Err(Reason::PromptNoneNotAlone {}.into());
    }
    Ok(prompts)
}

pub fn display(params: &Params, tenant: &Tenant) -> Result<Display, Fault> {
    let Some(value) = params.one("display")? else { return Ok(Display::Page) };
    let display = Display::from_protocol(value).ok_or(Reason::DisplayInvalid {})?;
    if tenant.authorization.displays.as_ref().is_some_and(|supported| !supported.contains(&display)) {
        return Err(Reason::DisplayUnsupported { value: value.to_owned() }.into());
    }
    Ok(display)
}

/// The longest age of the authentication, in seconds; the client's default where the request has none.
pub fn max_age(params: &Params, client: &Client) -> Result<Option<i64>, Fault> {
    let Some(value) = params.one("max_age")? else { return Ok(client.default_max_age) };
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    if !digits {
        return Err(Reason::MaxAgeInvalid {}.into());
    }
    // The specification has no upper bound; 68 years, the most that the answer can say, are as good as any.
    Ok(Some(value.parse::<i32>().unwrap_or(i32::MAX).into()))
}

/// Values of a space-separated parameter that are among the supported ones.
pub fn supported_of(params: &Params, name: &str, supported: &[String]) -> Result<Vec<String>, Fault> {
    let asked = params.one(name)?.unwrap_or_default().split(' ');
    Ok(asked.filter(|value| supported.iter().any(|s| s == value)).map(str::to_owned).collect())
}
