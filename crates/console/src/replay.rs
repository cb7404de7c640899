//! The authorization request of a transaction, to be sent again at the playground: as much of it as is kept, and nothing secret.

use minijinja::{Value, context};
use placet_sdk::form;
use placet_sdk::types::{InspectedCall, Pair};

use crate::Playground;

/// How the inspector says that it does not tell something, or not all of it.
const HIDDEN: char = '‹';
const CUT: char = '…';

/// Where the request can be sent again, or the text that says why it cannot.
#[derive(Debug, PartialEq)]
pub(crate) enum Replay {
    At(String),
    Not(&'static str),
}

impl Replay {
    pub(crate) fn shown(&self) -> Value {
        match self {
            Self::At(address) => context! { address },
            Self::Not(why) => context! { why => *why },
        }
    }
}

/// The request of the call that somebody looks at, or that its transaction has begun with.
pub(crate) fn of(calls: &[InspectedCall], looked_at: &str, service: i64, playground: &Playground) -> Replay {
    if service != playground.service {
        return Replay::Not("replay.other_service");
    }
    let is_request = |call: &&InspectedCall| call.endpoint.as_deref() == Some("authorization");
    let is_this = |call: &&InspectedCall| call.request_id.as_deref() == Some(looked_at);
    let requests = || calls.iter().filter(is_request);
    match requests().find(is_this).or_else(|| requests().next()) {
        Some(call) => again(call.request.as_deref().unwrap_or_default(), &playground.path),
        None => Replay::Not("replay.no_request"),
    }
}

fn again(request: &[Pair], path: &str) -> Replay {
    let parameters: Vec<_> = request.iter().filter_map(parameter).collect();
    let is_whole = !request.iter().any(|pair| pair.key.as_deref() == Some("…"));
    let has = |name: &str| parameters.iter().any(|(known, _)| *known == name);
    if has("request") || has("request_uri") {
        return Replay::Not("replay.carried");
    }
    match is_whole && !parameters.is_empty() {
        true => Replay::At(format!("{path}/again?{}", form::encode(parameters))),
        false => Replay::Not("replay.cut"),
    }
}

/// A parameter of the request; empty where its value is not kept, or not as a whole: then somebody types it in.
fn parameter(pair: &Pair) -> Option<(&str, &str)> {
    let name = pair.key.as_deref()?.strip_prefix("parameters.")?;
    let value = pair.value.as_deref().unwrap_or_default();
    let is_kept = !value.starts_with(HIDDEN) && !value.ends_with(CUT);
    Some((name, if is_kept { value } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, endpoint: &str, pairs: &[(&str, &str)]) -> InspectedCall {
        let pair = |(key, value): &(&str, &str)| Pair {
            key: Some((*key).to_owned()),
            value: Some((*value).to_owned()),
        };
        InspectedCall {
            request_id: Some(id.to_owned()),
            endpoint: Some(endpoint.to_owned()),
            request: Some(pairs.iter().map(pair).collect()),
            ..Default::default()
        }
    }

    #[test]
    fn a_request_is_sent_again_as_far_as_it_is_kept() {
        let playground = Playground { path: "/play".to_owned(), service: 7 };
        let first = call(
            "1",
            "authorization",
            &[
                ("parameters.client_id", "5"),
                ("parameters.login_hint", "‹text of 4 characters›"),
                ("parameters.redirect_uri", "https://a/cb?…"),
                ("ticket", "x"),
            ],
        );
        let calls = [first, call("2", "token", &[("clientSecret", "‹secret›")])];
        let address = "/play/again?client_id=5&login_hint=&redirect_uri=".to_owned();
        assert_eq!(of(&calls, "2", 7, &playground), Replay::At(address));
        assert_eq!(of(&calls, "2", 8, &playground), Replay::Not("replay.other_service"));
        assert_eq!(of(&calls[1..], "2", 7, &playground), Replay::Not("replay.no_request"));
        for (pairs, why) in [
            (&[("parameters.request_uri", "‹request URI abc›")][..], "replay.carried"),
            (&[("parameters.client_id", "5"), ("…", "there was more")], "replay.cut"),
            (&[], "replay.cut"),
        ] {
            assert_eq!(of(&[call("1", "authorization", pairs)], "1", 7, &playground), Replay::Not(why));
        }
    }
}
