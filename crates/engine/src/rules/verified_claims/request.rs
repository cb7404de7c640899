//! OpenID Connect for Identity Assurance 1.0 §5.3 to §5.6 – a request for verified claims

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::element::{Constraint, Element};
use super::within;
use crate::budgets::{REQUESTED_VERIFIED_CLAIMS, VERIFIED_CLAIMS_DEPTH, VERIFIED_CLAIMS_REQUEST};

/// One set of verified claims that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Requested {
    pub(super) verification: BTreeMap<String, Element>,
    pub(super) claims: Vec<(String, Constraint)>,
}

/// Why a request for verified claims is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// Not built as it must be.
    Malformed,
    /// The special member of this name is not what it must be.
    Constraint(String),
    /// A `purpose` that is too short or too long.
    Purpose,
    /// `evidence` that does not say which types are wanted.
    Evidence,
    /// More than the budgets allow.
    Excessive,
}

/// Reads the value of `verified_claims`: one set, or an array of them.
pub fn requested(value: &Value) -> Result<Vec<Requested>, RequestError> {
    let sets = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(sets) => sets.as_slice(),
        set => std::slice::from_ref(set),
    };
    let bounded = |set| within(set, VERIFIED_CLAIMS_DEPTH, VERIFIED_CLAIMS_REQUEST);
    if sets.len() > REQUESTED_VERIFIED_CLAIMS || !sets.iter().all(bounded) {
        return Err(RequestError::Excessive);
    }
    sets.iter().map(Requested::parse).collect()
}

impl Requested {
    fn parse(value: &Value) -> Result<Self, RequestError> {
        let malformed = RequestError::Malformed;
        let members = value.as_object().ok_or(malformed.clone())?;
        let verification = members.get("verification").and_then(Value::as_object).ok_or(malformed.clone())?;
        let claims = members.get("claims").ok_or(malformed.clone())?;
        if members.len() > 2 || !verification.contains_key("trust_framework") {
            return Err(malformed);
        }
        evidence(verification.get("evidence"))?;
        Ok(Self { verification: Element::members(verification)?, claims: self::claims(claims)? })
    }

    /// The names of the claims.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.claims.iter().map(|(name, _)| name.as_str())
    }
}

/// §5.3: names, each with null or an object.
fn claims(value: &Value) -> Result<Vec<(String, Constraint)>, RequestError> {
    let claims = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Object(claims) if !claims.is_empty() => claims,
        _ => return Err(RequestError::Malformed),
    };
    let read = |(name, request): (&String, &Value)| match request {
        Value::Null => Ok((name.clone(), Constraint::default())),
        Value::Object(request) => Ok((name.clone(), Constraint::parse(request)?)),
        _ => Err(RequestError::Malformed),
    };
    claims.iter().map(read).collect()
}

/// §5.4: each entry is about evidence of one type, which it says with `value`, never with `values`.
fn evidence(value: Option<&Value>) -> Result<&[Value], RequestError> {
    let of_a_type = |entry: &Value| {
        let wanted = entry.get("type").and_then(Value::as_object);
        wanted.is_some_and(|wanted: &Map<String, Value>| {
            wanted.get("value").is_some_and(Value::is_string) && !wanted.contains_key("values")
        })
    };
    match value {
        None => Ok(&[]),
        Some(Value::Array(entries)) if !entries.is_empty() && entries.iter().all(of_a_type) => Ok(entries),
        Some(_) => Err(RequestError::Evidence),
    }
}
