//! Rules about the keys of services.

use std::collections::HashSet;

use data_encoding::BASE64URL_NOPAD;
use placet_api::types::Service;
use placet_base::registry::JwsAlg;
use placet_jose::{Jwk, KeyUse};
use serde_json::Value;

use super::{Finding, Rule, Severity};

const NONE: Rule = Rule::new("keys-missing", Severity::Error, "jwks", "OpenID Connect Core §10.1");
const BROKEN: Rule = Rule::new("keys-unreadable", Severity::Error, "jwks", "RFC 7517 §5");
const SHORT: Rule = Rule::new("key-short", Severity::Error, "jwks", "RFC 7518 §3.3");
const UNNAMED: Rule = Rule::new("key-id-missing", Severity::Warning, "jwks", "OpenID Connect Core §10.1");
const TWICE: Rule = Rule::new("key-id-twice", Severity::Error, "jwks", "RFC 7517 §4.5");
const PUBLIC: Rule = Rule::new("key-public", Severity::Notice, "jwks", "RFC 7517 §4.2");
const SPARE: Rule = Rule::new("key-spare-missing", Severity::Notice, "jwks", "OpenID Connect Core §10.1.1");
const PADDING: Rule = Rule::new("key-rsa1_5", Severity::Warning, "jwks", "RFC 8725 §3.2");

pub(super) const RULES: &[&Rule] = &[&NONE, &BROKEN, &SHORT, &UNNAMED, &TWICE, &PUBLIC, &SPARE, &PADDING];

/// RFC 7518 §3.3
const SHORTEST_RSA: usize = 2048;

pub(super) fn findings(service: &Service) -> Vec<Finding> {
    let hardware = service.hsks.as_ref().is_some_and(|keys| !keys.is_empty());
    let keys = match service.jwks.as_deref().map(serde_json::from_str::<Value>) {
        None if hardware => return Vec::new(),
        None => Vec::new(),
        Some(Ok(set)) => set.get("keys").and_then(Value::as_array).cloned().unwrap_or_default(),
        Some(Err(_)) => return vec![BROKEN.finds("the key set is no JSON")],
    };
    let keys: Vec<_> = keys.iter().filter_map(|key| Some((Jwk::parse(key)?, key))).collect();
    let mut found = Vec::new();
    if !hardware && !keys.iter().any(|(key, _)| signs(key)) {
        found.push(NONE.finds("there is no private key that signs: no ID token and no JWT can be made"));
    }
    if let Some(alg) = alone(&keys) {
        found.push(
            SPARE.finds_with("there is no key for {0} to go to when the present one has to go", [&alg]),
        );
    }
    found.extend(keys.iter().flat_map(|(key, value)| of_key(key, value)));
    found.extend(repeated(&keys));
    found
}

/// An algorithm for which there is one key that signs, and none to follow it.
fn alone(keys: &[(Jwk, &Value)]) -> Option<String> {
    let signing = keys.iter().map(|(key, _)| key).filter(|key| signs(key));
    let mut algs: Vec<_> = signing.filter_map(|key| key.alg()).collect();
    algs.sort_unstable();
    let alone = algs.chunk_by(|one, other| one == other).find(|keys| keys.len() == 1);
    alone.and_then(|keys| keys.first()).map(|alg| (*alg).to_owned())
}

fn signs(key: &Jwk) -> bool {
    key.is_private() && JwsAlg::ALL.iter().any(|alg| alg.is_asymmetric() && key.fits(*alg))
}

fn of_key(key: &Jwk, value: &Value) -> Vec<Finding> {
    let name = key.kid().unwrap_or("without an id");
    let mut found = Vec::new();
    if let Some(bits) = modulus_bits(value).filter(|bits| *bits < SHORTEST_RSA) {
        found.push(
            SHORT.finds_with("key {0} has {1} bits; {2} are the fewest", [&name, &bits, &SHORTEST_RSA]),
        );
    }
    if key.kid().is_none() {
        found.push(UNNAMED.finds("a key has no id, so that nobody can say which of several has signed"));
    }
    if !key.is_private() && key.key_use() == Some(KeyUse::Signature) {
        found.push(
            PUBLIC.finds_with("key {0} has no private part: it is published, and signs nothing", [&name]),
        );
    }
    if key.alg() == Some("RSA1_5") {
        found.push(
            PADDING.finds_with("key {0} is for RSA1_5, whose padding tells attackers too much", [&name]),
        );
    }
    found
}

fn modulus_bits(key: &Value) -> Option<usize> {
    let rsa = key.get("kty").and_then(Value::as_str) == Some("RSA");
    let modulus = rsa.then(|| BASE64URL_NOPAD.decode(key.get("n")?.as_str()?.as_bytes()).ok()).flatten()?;
    let leading = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(leading)?;
    Some((modulus.len() - leading) * 8 - first.leading_zeros() as usize)
}

fn repeated(keys: &[(Jwk, &Value)]) -> Option<Finding> {
    let mut seen = HashSet::new();
    let ids = keys.iter().filter_map(|(key, _)| key.kid());
    let twice = ids.filter(|kid| !seen.insert(*kid)).collect::<Vec<_>>();
    let first = twice.first()?;
    Some(TWICE.finds_with("several keys have the id {0}", [first]))
}
