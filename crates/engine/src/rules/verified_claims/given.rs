//! OpenID Identity Assurance Schema Definition 1.0 – the verified claims that the authorization server has of a user

use serde_json::{Map, Value};

use super::shape::VERIFICATION;
use super::{attachment, within};
use crate::budgets::{
    EXTERNAL_ATTACHMENTS, GIVEN_VERIFIED_CLAIMS, GIVEN_VERIFIED_CLAIMS_SETS, VERIFIED_CLAIMS_DEPTH,
};
use crate::tenant::SupportedVerifiedClaims;

/// One set of verified claims, its form known.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    pub(super) verification: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
}

/// Why a value is no verified claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenError {
    /// The element of this name is missing, or not what it must be.
    Flaw(&'static str),
    /// More than the budgets allow.
    Excessive,
}

/// Reads what the authorization server hands over: one set, or an array of them.
pub fn given(value: &Value, supported: &SupportedVerifiedClaims) -> Result<Vec<Given>, GivenError> {
    let sets = match value {
        Value::Array(sets) => sets.as_slice(),
        set => std::slice::from_ref(set),
    };
    let few = sets.len() <= GIVEN_VERIFIED_CLAIMS_SETS;
    if !few || !within(value, VERIFIED_CLAIMS_DEPTH, GIVEN_VERIFIED_CLAIMS) {
        return Err(GivenError::Excessive);
    }
    let given: Vec<_> = sets.iter().map(|set| Given::parse(set, supported)).collect::<Result<_, _>>()?;
    match given.iter().map(Given::external_attachments).sum::<usize>() > EXTERNAL_ATTACHMENTS {
        true => Err(GivenError::Excessive),
        false => Ok(given),
    }
}

impl Given {
    fn parse(set: &Value, supported: &SupportedVerifiedClaims) -> Result<Self, GivenError> {
        let member = |name| set.get(name).and_then(Value::as_object).cloned().ok_or(GivenError::Flaw(name));
        let (verification, claims) = (member("verification")?, member("claims")?);
        let flaw = VERIFICATION.flaw("verification", &set["verification"], supported.former_evidence);
        match flaw {
            Some(name) => Err(GivenError::Flaw(name)),
            None => Ok(Self { verification, claims }),
        }
    }

    fn external_attachments(&self) -> usize {
        let entries = self.verification.get("evidence").and_then(Value::as_array).into_iter().flatten();
        let attachments = entries.filter_map(|entry| entry.get("attachments")?.as_array()).flatten();
        attachments.filter(|one| attachment::kind(one) == super::supported::EXTERNAL).count()
    }
}
