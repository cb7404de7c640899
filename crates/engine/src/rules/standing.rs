//! Token Status List §8.3 – whether an attestation still counts: one of keys (OpenID for Verifiable Credential Issuance 1.0,
//! appendix D.1), or of a wallet (appendix E).

use placet_base::{Timestamp, Ttl};
use placet_jose::Certificate;
use placet_jose::claims::Tolerance;
use placet_jose::jwt;
use placet_vc::status::{self, Expected, Reference, VALID};
use serde_json::Value;

use crate::budgets::CERTIFICATE_PATH;

/// How long a list is used that says nothing of that itself.
const KEPT: Ttl = Ttl::secs(5 * 60);

/// Where an attestation says that it can be looked up: an entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing(Reference);

/// What it says there cannot be read, or it is said in a way that is not known: nobody can tell whether the attestation counts.
#[derive(Debug)]
pub struct Unreadable;

/// It counted a moment ago.
#[derive(Debug, PartialEq, Eq)]
pub struct Counting {
    /// Until when the list may be used for others.
    pub until: Timestamp,
}

/// Why an attestation is not believed.
#[derive(Debug, PartialEq, Eq)]
pub enum NotCounting {
    /// It was taken back, or suspended.
    Over,
    /// The list does not say so: for the operator.
    Unknown(String),
}

impl Standing {
    /// Of the claim `status`.
    pub fn read(status: Option<&Value>) -> Result<Option<Self>, Unreadable> {
        let Some(status) = status else { return Ok(None) };
        match Reference::read(status) {
            Ok(Some(reference)) => Ok(Some(Self(reference))),
            Ok(None) | Err(_) => Err(Unreadable),
        }
    }

    /// Where the list is.
    pub fn list(&self) -> &str {
        &self.0.uri
    }

    /// What the list says, which has to be signed by somebody whom the roots vouch for, as the attestation is.
    pub fn counts(
        &self,
        list: &str,
        roots: &[Certificate],
        (now, tolerance): (Timestamp, Tolerance),
    ) -> Result<Counting, NotCounting> {
        let expected = Expected { uri: &self.0.uri, algs: jwt::asymmetric(), now, tolerance };
        let verified =
            status::verified(list, &expected, |found| found.certified(roots, CERTIFICATE_PATH, now));
        let verified =
            verified.map_err(|error| NotCounting::Unknown(format!("{}: {error:?}", self.0.uri)))?;
        match verified.list.get(self.0.idx) {
            Some(VALID) => {
                let kept = now + verified.ttl.unwrap_or(KEPT);
                Ok(Counting { until: verified.until.map_or(kept, |until| until.min(kept)) })
            }
            Some(_) => Err(NotCounting::Over),
            None => Err(NotCounting::Unknown(format!("{}: no entry {}", self.0.uri, self.0.idx))),
        }
    }
}
