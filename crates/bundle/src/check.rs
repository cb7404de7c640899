//! What is refused before anything is asked of a server: members that are none, values that no member has, and what the API
//! would refuse by itself, when other changes had been made.

use placet_api::documents::ApiDocument;
use placet_base::url::RedirectUri;
use placet_jose::JwkSet;
use placet_sdk::types;
use serde_json::{Map, Value};

use crate::bundle::{Members, Tree};
use crate::path::{Path, key};
use crate::problem::Problem;
use crate::secrets::CLIENT_SECRET;
use crate::text::read::Source;

/// Members that a bundle cannot set.
const OF_SERVERS: &[&str] = &[
    "number",
    "apiKey",
    "apiSecret",
    "serviceOwnerNumber",
    "serviceNumber",
    "createdAt",
    "modifiedAt",
    "clientId",
    "clientIdAlias",
    "hsks",
    "supportedScopes",
];

/// Characters of a client's name at most (`CLIENT_ALIAS` of the engine).
const NAME: usize = 255;

/// Characters of a client secret at most (`CLIENT_SECRET` of the engine).
const SECRET: usize = 86;

pub(crate) fn tree(source: &Source, tree: &Tree, problems: &mut Vec<Problem>) {
    let at = |member: &str| Path::service(member);
    typed::<types::Service>(source, &tree.service, at, problems);
    key_sets(source, &tree.service, at, problems);
    for (name, members) in &tree.scopes {
        let at = |member: &str| Path::Scope(name.clone(), Some(member.to_owned()));
        typed::<types::Scope>(source, members, at, problems);
    }
    for (name, members) in &tree.clients {
        let at = |member: &str| Path::client(name, member);
        typed::<types::Client>(source, members, at, problems);
        key_sets(source, members, at, problems);
        client(source, name, members, problems);
    }
}

/// Members by the types of the API. Whatever they ignore is a mistake, or of a newer release.
fn typed<T: ApiDocument>(
    source: &Source,
    members: &Members,
    at: impl Fn(&str) -> Path,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in members {
        let place = source.place(&at(name));
        if OF_SERVERS.contains(&name.as_str()) {
            problems.push(Problem::at(place, "a server assigns this; it is not for a bundle to say"));
            continue;
        }
        let one: Map<String, Value> = [(name.clone(), value.clone())].into_iter().collect();
        for (inner, what) in refusals::<T>(&Value::Object(one)) {
            // The place has the member already.
            let beyond = inner.strip_prefix(name.as_str()).unwrap_or_default();
            problems.push(Problem::at(format!("{place}{beyond}"), what));
        }
    }
}

fn refusals<T: ApiDocument>(document: &Value) -> Vec<(String, String)> {
    let mut unknown = Vec::new();
    match T::checked(document, &mut unknown) {
        Ok(_) => unknown
            .into_iter()
            .map(|path| (path.replace(".?", ""), "there is no such member".to_owned()))
            .collect(),
        Err(wrong) => vec![(wrong.path, wrong.why)],
    }
}

fn key_sets(source: &Source, members: &Members, at: impl Fn(&str) -> Path, problems: &mut Vec<Problem>) {
    for member in ["jwks", "federationJwks", "credentialJwks"] {
        let Some(text) = members.get(member).and_then(Value::as_str).filter(|text| !text.is_empty()) else {
            continue;
        };
        if JwkSet::parse(text).is_err() {
            problems.push(Problem::at(source.place(&at(member)), "this is no JWK Set"));
        }
    }
}

fn client(source: &Source, name: &str, members: &Members, problems: &mut Vec<Problem>) {
    if !is_name(name) {
        let what = format!("a client's name has 1 to {NAME} visible characters of ASCII");
        problems.push(Problem::at(source.place(&Path::whole_client(name)), what));
    }
    let uris = members.get("redirectUris").and_then(Value::as_array).into_iter().flatten();
    for uri in uris.filter_map(Value::as_str).filter(|uri| RedirectUri::parse(uri).is_err()) {
        let place = source.place(&Path::client(name, "redirectUris"));
        problems.push(Problem::at(place, format!("{} is no redirect URI", key(uri))));
    }
    let secret = members.get(CLIENT_SECRET).and_then(Value::as_str);
    if secret.is_some_and(|secret| !is_secret(secret)) {
        let place = source.place(&Path::client(name, CLIENT_SECRET));
        problems.push(Problem::at(place, format!("a secret has 1 to {SECRET} letters, digits, '-' and '_'")));
    }
}

/// What an alias can be.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=NAME).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
}

/// What `client/secret/update` takes.
pub(crate) fn is_secret(secret: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=SECRET).contains(&secret.len()) && secret.bytes().all(allowed)
}
