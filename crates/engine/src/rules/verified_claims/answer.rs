//! OpenID Connect for Identity Assurance 1.0 §5.6, §5.7 – what is given of what is asked for

use std::collections::BTreeMap;

use placet_base::Timestamp;
use serde_json::{Map, Value, json};

use super::VERIFIED_CLAIMS;
use super::element::{Found, named};
use super::given::Given;
use super::request::Requested;
use crate::pattern::MatchBudget;
use crate::rules::transformed_claims::Transformed;
use crate::tenant::SupportedVerifiedClaims;

/// All that an answer is made of besides the request.
pub struct Material<'a> {
    pub given: Vec<Given>,
    pub supported: &'a SupportedVerifiedClaims,
    /// Claims that the user has consented to.
    pub consented: &'a [String],
    /// Transformed claims by the names that they are asked for with.
    pub transformed: &'a BTreeMap<String, Transformed>,
    /// Sources of transformed claims, a set for each set of the request.
    pub sources: &'a [Map<String, Value>],
    pub now: Timestamp,
}

/// The value of `verified_claims`; `None` where nothing of what is asked for can be given.
pub fn answer(requested: &[Requested], mut material: Material<'_>) -> Option<Value> {
    let supported = material.supported;
    material.given = material.given.into_iter().filter_map(|given| supported.of(given)).collect();
    let work = MatchBudget::of_request();
    let mut sets: Vec<Value> = Vec::new();
    for (index, wanted) in requested.iter().enumerate() {
        let none = Map::new();
        let sources = material.sources.get(index).unwrap_or(&none);
        for given in &material.given {
            // §5.6: each set of the request for itself, with every set that meets it; what is the same comes once.
            match set(wanted, given, (&material, sources), &work) {
                Some(set) if !sets.contains(&set) => sets.push(set),
                _ => {}
            }
        }
    }
    match sets.len() {
        0 => None,
        1 => sets.pop(),
        _ => Some(sets.into()),
    }
}

/// §5.7.3: a requirement of the verification that is not met leaves out the whole, one of a claim the claim.
fn set(
    wanted: &Requested,
    given: &Given,
    (material, sources): (&Material<'_>, &Map<String, Value>),
    work: &MatchBudget,
) -> Option<Value> {
    let found = named(&wanted.verification, ("verification", &given.verification), material.now);
    let Found::Given(verification) = found else { return None };
    let mut claims = Map::new();
    for (name, constraint) in &wanted.claims {
        let value = value(name, given, (material, sources), work);
        if let Some(value) = value.filter(|value| constraint.holds(value, material.now)) {
            claims.insert(name.clone(), value);
        }
    }
    // §5.7.4: both are required for a valid answer.
    let valid = verification.get("trust_framework").is_some() && !claims.is_empty();
    valid.then(|| json!({ "verification": verification, "claims": claims }))
}

/// A claim that there is, that the service supports, and that the user lets the client have.
fn value(
    name: &str,
    given: &Given,
    (material, sources): (&Material<'_>, &Map<String, Value>),
    work: &MatchBudget,
) -> Option<Value> {
    if !material.consented.iter().any(|consented| covers(consented, name)) {
        return None;
    }
    if !name.starts_with(':') {
        return given.claims.get(name).filter(|_| material.supported.has_claim(name)).cloned();
    }
    let transformed = material.transformed.get(name)?;
    let source = given.claims.get(&transformed.claim).or_else(|| sources.get(&transformed.claim))?;
    let supported = material.supported.has_claim(&transformed.claim);
    supported.then(|| transformed.of(source, material.now, work)).flatten()
}

/// Whether a consent is about a verified claim: `verified_claims` about all of them, `verified_claims.given_name` about
/// one. That somebody may know a name does not mean that they may know how it was verified.
fn covers(consented: &str, name: &str) -> bool {
    match consented.strip_prefix(VERIFIED_CLAIMS) {
        Some("") => true,
        Some(rest) => rest.strip_prefix('.') == Some(name),
        None => false,
    }
}
