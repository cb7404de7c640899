//! RFC 7636 – Proof Key for Code Exchange

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use placet_api::Reason;
use placet_base::registry::ResponseType;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::policy::RequestPolicy;
use crate::rules::params::Params;

/// What the client committed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    method: Method,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Method {
    #[serde(rename = "plain")]
    Plain,
    S256,
}

/// The challenge of an authorization request, if it has one and where it must.
pub fn challenge(
    params: &Params,
    policy: &RequestPolicy,
    response_type: ResponseType,
    pushed: bool,
) -> Result<Option<Challenge>, Fault> {
    let method = params.one("code_challenge_method")?;
    // Without a code there is nothing that the proof could protect.
    let required = (policy.pkce || policy.pkce_pushed && pushed) && response_type.has_code();
    let Some(value) = params.one("code_challenge")? else {
        return match method {
            Some(_) => Err(Reason::ChallengeMethodAlone {}.into()),
            None if required => Err(Reason::ChallengeRequired {}.into()),
            None => Ok(None),
        };
    };
    let method = match method {
        Some("S256") => Method::S256,
        Some("plain") if policy.s256 => return Err(Reason::ChallengePlainRefused {}.into()),
        Some("plain") => Method::Plain,
        Some(_) => return Err(Reason::ChallengeMethodUnsupported {}.into()),
        None if policy.s256 => return Err(Reason::ChallengeMethodNotStated {}.into()),
        // §4.3: plain is what a client that says nothing means.
        None => Method::Plain,
    };
    let possible = match method {
        Method::Plain => is_well_formed(value),
        // §4.2: a challenge that is no hash is one that no verifier can have.
        Method::S256 => BASE64URL_NOPAD.decode(value.as_bytes()).is_ok_and(|hash| hash.len() == 32),
    };
    if !possible {
        return Err(Reason::ChallengeMalformed {}.into());
    }
    Ok(Some(Challenge { method, value: value.to_owned() }))
}

/// That whoever redeems the code is who asked for it, as far as PKCE can tell.
#[derive(Debug, PartialEq, Eq)]
pub struct Proven(());

/// Why the proof fails: a wrong verifier counts against the code, a missing one does not.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    Malformed(Fault),
    Wrong(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Malformed(fault)
    }
}

/// Holds the verifier of a token request against the challenge (§4.6). A verifier without a challenge
/// is refused too: somebody has taken the challenge away (RFC 9700 §2.1.1).
pub fn proof(challenge: Option<&Challenge>, params: &Params) -> Result<Proven, Refused> {
    let verifier = params.one("code_verifier")?;
    let (challenge, verifier) = match (challenge, verifier) {
        (None, None) => return Ok(Proven(())),
        (None, Some(_)) => return Err(Fault::from(Reason::VerifierUnexpected {}).into()),
        (Some(_), None) => return Err(Fault::from(Reason::VerifierMissing {}).into()),
        (Some(challenge), Some(verifier)) => (challenge, verifier),
    };
    if !is_well_formed(verifier) {
        return Err(Fault::from(Reason::VerifierMalformed {}).into());
    }
    let committed = match challenge.method {
        Method::Plain => verifier.to_owned(),
        Method::S256 => BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref()),
    };
    match verify_slices_are_equal(committed.as_bytes(), challenge.value.as_bytes()) {
        Ok(()) => Ok(Proven(())),
        Err(_) => Err(Refused::Wrong(Reason::VerifierMismatch {}.into())),
    }
}

/// §4.1, §4.2: 43 to 128 unreserved characters.
fn is_well_formed(value: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&value.len()) && value.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::params::Request;

    // The pair of RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn params(text: &str) -> Params {
        Params::parse(Request::Token, &format!("x=1&{text}")).unwrap()
    }

    fn challenge_of(text: &str, pkce: bool, s256: bool) -> Result<Option<Challenge>, Fault> {
        let policy = RequestPolicy { pkce, s256, ..RequestPolicy::FREE };
        challenge(&params(text), &policy, ResponseType::Code, false)
    }

    #[test]
    fn the_pair_of_the_specification_fits() {
        let text = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
        let challenge = challenge_of(&text, true, true).unwrap();
        let verifier = params(&format!("code_verifier={VERIFIER}"));
        assert_eq!(proof(challenge.as_ref(), &verifier), Ok(Proven(())));
        let wrong = params(&format!("code_verifier={CHALLENGE}"));
        assert!(matches!(proof(challenge.as_ref(), &wrong), Err(Refused::Wrong(_))));
    }

    #[test]
    fn a_challenge_is_one_that_a_verifier_can_have() {
        let of = |value: &str| {
            challenge_of(&format!("code_challenge={value}&code_challenge_method=S256"), true, true)
        };
        assert!(of(CHALLENGE).is_ok());
        for wrong in [
            "a".repeat(42),
            "a".repeat(44),
            "a".repeat(64),
            "a".repeat(128),
            format!("{}~", "a".repeat(42)),
            format!("{}.", "a".repeat(42)),
            format!("{CHALLENGE}%3D"),
            // The last character has two bits that no hash sets.
            format!("{}N", &CHALLENGE[..42]),
        ] {
            assert!(of(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_stored_challenge_needs_a_verifier_and_the_other_way_round() {
        let challenge = challenge_of(&format!("code_challenge={VERIFIER}"), false, false).unwrap();
        assert!(proof(challenge.as_ref(), &params("")).is_err());
        assert!(proof(None, &params(&format!("code_verifier={VERIFIER}"))).is_err());
        assert!(proof(challenge.as_ref(), &params(&format!("code_verifier={VERIFIER}"))).is_ok());
    }
}
