//! Calls that the inspector has kept, as pages show them.

use minijinja::{Value, context};
use placet_api::reasons::is_refusal;
use placet_api::settings::{self, CLIENT, SERVICE};
use placet_base::TokenHash;
use placet_sdk::types::{Explanation, InspectedCall, Pair};
use serde_json::Value as Json;

use crate::clauses;
use crate::fields::moment;
use crate::told::redacted;

/// Characters of a hash by which the inspector knows a value.
const MARK: usize = 16;
/// What is no shorter, and one word, is taken for a token, a code or the like.
const SECRET: usize = 24;

/// What the API is asked for when somebody looks for this: of a value that may be secret, its mark alone.
pub(crate) fn sought(text: &str) -> String {
    let text = text.trim();
    match may_be_secret(text) {
        true => mark(text),
        false => text.to_owned(),
    }
}

/// The beginning of the hash by which calls are found that had the value.
pub(crate) fn mark(value: &str) -> String {
    TokenHash::of(value).encoded().chars().take(MARK).collect()
}

/// Names of users and clients are shorter mostly, or URLs, addresses and UUIDs.
fn may_be_secret(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~+/=:".contains(c);
    let is_uuid = text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4;
    let is_url = text.contains("://");
    text.len() >= SECRET && text.chars().all(is_plain) && !is_uuid && !is_url
}

/// Whether a call was refused, by the API or by the protocol.
pub(crate) fn is_refused(call: &InspectedCall) -> bool {
    call.status.unwrap_or_default() >= 400 || call.result_code.as_deref().is_some_and(is_refusal)
}

/// A call as a row of a list.
pub(crate) fn row(call: &InspectedCall) -> Value {
    context! {
        id => &call.request_id, at => call.at.map(moment), endpoint => &call.endpoint, client => &call.client_id,
        subject => &call.subject, code => &call.result_code, action => &call.action, status => call.status,
        micros => call.micros, refused => is_refused(call), left_out => call.left_out,
    }
}

/// A call with what it held; how long after the one before it was answered.
pub(crate) fn whole(call: &InspectedCall, before: Option<&InspectedCall>, documents: &Documents) -> Value {
    let gap = before.and_then(|before| Some(call.at? - before.at?));
    context! {
        message => &call.result_message, token => &call.token_id, gap => gap,
        request => pairs(call.request.as_deref()), answer => pairs(call.answer.as_deref()),
        why => call.explanation.as_ref().map(|why| explained(why, documents)), ..row(call)
    }
}

fn pairs(members: Option<&[Pair]>) -> Vec<Value> {
    let one = |pair: &Pair| context! { name => &pair.key, value => &pair.value };
    members.unwrap_or_default().iter().map(one).collect()
}

/// The documents that the settings of an explanation are members of.
pub(crate) struct Documents {
    pub(crate) service: Json,
    /// The client, if it is known, and its number.
    pub(crate) client: Option<(i64, Json)>,
}

fn explained(why: &Explanation, documents: &Documents) -> Value {
    let clauses: Vec<_> = why.clauses.iter().flatten().map(|clause| clauses::shown(clause)).collect();
    let settings: Vec<_> =
        why.settings.iter().flatten().map(|member| setting(member, Some(documents))).collect();
    context! { reason => &why.reason, rules => &why.rules, clauses, settings }
}

/// A setting that something depends on: whose it is, and what it says now.
pub(crate) fn setting(member: &str, documents: Option<&Documents>) -> Value {
    let of_service = settings::named(SERVICE, member).is_some();
    let of_client = !of_service && settings::named(CLIENT, member).is_some();
    let client = documents.and_then(|documents| documents.client.as_ref()).filter(|_| of_client);
    let document = match client {
        Some((_, client)) => Some(client),
        None => documents.map(|documents| &documents.service).filter(|_| of_service),
    };
    let value = document.map(|document| present(document, member));
    context! { member, of_service, client => client.map(|(id, _)| id.to_string()), of_client, value }
}

fn present(document: &Json, member: &str) -> String {
    let hidden = redacted(&serde_json::json!({ member: document[member] }));
    match &hidden[member] {
        Json::Null => "–".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_goes_as_its_mark() {
        let token = "SUtEVc3Tj3D3xOdysQtssQxe9egAhI4fimexNVMjRyU";
        assert_eq!(sought(&format!(" {token} ")), mark(token));
        assert_eq!(mark(token).len(), MARK);
        for plain in [
            "john",
            "A050305",
            "5899463614448063",
            "8f14e45f-ceea-467f-9575-3b1c1b1a2b1a",
            "https://client.example/metadata.json",
            "somebody.with.a.name@example.com",
            "the code is not known any more",
        ] {
            assert_eq!(sought(plain), plain);
        }
    }

    #[test]
    fn secrets_of_settings_are_not_shown() {
        let documents =
            Documents { service: serde_json::json!({ "jwks": "k", "pkceRequired": true }), client: None };
        let shown = |member: &str| setting(member, Some(&documents)).get_attr("value").unwrap().to_string();
        assert_eq!((shown("jwks"), shown("pkceRequired")), ("…".to_owned(), "true".to_owned()));
        assert_eq!(shown("parRequired"), "–");
    }
}
