//! A request that was made before, as somebody has found it: changed or not, it is sent again, and watched.

use placet_sdk::form;

use super::Run;
use super::flow::{hashed, query};

/// Parameters of a request, and the characters of each, that are taken.
const PARAMETERS: usize = 40;
const CHARACTERS: usize = 4096;

/// The parameters, in their order. What can be no name of one is none.
pub(super) fn parameters(text: &str) -> Vec<(String, String)> {
    let is_name = |name: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        (1..=64).contains(&name.len()) && name.chars().all(is_plain) && name != "lang"
    };
    let pairs = form::pairs(text).filter(|(name, _)| is_name(name)).take(PARAMETERS);
    pairs.map(|(name, value)| (name, value.chars().take(CHARACTERS).collect())).collect()
}

/// Where the browser goes with them. What has to be new is the run's own: an answer is recognized by its `state`, and of a
/// challenge only that run has the verifier.
pub(super) fn address(run: &Run, parameters: &[(String, String)]) -> String {
    let method = parameters.iter().find(|(name, _)| name == "code_challenge_method");
    let is_hashed = method.is_some_and(|(_, method)| method == "S256");
    let own = |name: &str, value: &str| match name {
        "state" => run.state.clone(),
        "nonce" => run.nonce.clone(),
        "code_challenge" if is_hashed => hashed(&run.verifier),
        "code_challenge" => run.verifier.clone(),
        _ => value.to_owned(),
    };
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), own(name, value)));
    let sent: Vec<_> = pairs.filter(|(_, value)| !value.is_empty()).collect();
    format!("/as/authorize?{}", query(&sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parameters_are_taken() {
        let taken = parameters("client_id=5&scope=a+b&%3Cb%3E=1&=2&lang=ja&login_hint=");
        let names: Vec<_> = taken.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(names, [("client_id", "5"), ("scope", "a b"), ("login_hint", "")]);
        assert_eq!(parameters(&"a=1&".repeat(PARAMETERS + 1)).len(), PARAMETERS);
    }
}
