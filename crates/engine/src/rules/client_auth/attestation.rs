//! OAuth 2.0 Attestation-Based Client Authentication – `attest_jwt_client_auth`: an attester vouches for an instance of
//! a client, which proves that it holds the key that the attester has seen. Sections are those of
//! draft-ietf-oauth-attestation-based-client-auth-07.

use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::claims::{Claims, Untimely};
use placet_jose::jwt::{
    self, Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
};
use placet_jose::{Jwk, VerifyingKey};
use serde_json::Value;

use super::assertion::Assertion;
use super::secret::misplaced;
use super::{AuthenticationContext, Credentials};
use crate::budgets::CERTIFICATE_PATH;
use crate::fault::Fault;
use crate::rules::standing::Standing;
use crate::tenant::Client;

/// How old a proof may be, in seconds: its identifier is remembered that long.
const OLDEST: i64 = 5 * 60;

/// The two headers of a request (§6.1).
#[derive(Clone, Copy)]
pub struct Attestation<'a> {
    pub attestation: Option<&'a str>,
    pub proof: Option<&'a str>,
}

/// An instance of the client: the thumbprint of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance(String);

/// An instance with its proof, if the attestation still counts.
pub(super) struct Attested {
    pub proof: Assertion,
    pub instance: Instance,
    pub standing: Option<Standing>,
}

impl Instance {
    pub fn thumbprint(&self) -> &str {
        &self.0
    }

    pub fn into_thumbprint(self) -> String {
        self.0
    }
}

pub(super) fn verified(
    client: &Client,
    credentials: &Credentials<'_>,
    on: &AuthenticationContext<'_>,
) -> Result<Attested, Fault> {
    let Attestation { attestation, proof } = credentials.attestation;
    let attestation = attestation.ok_or_else(|| misplaced(client.authentication.method))?;
    let proof = proof.ok_or(Reason::AttestationProofMissing {})?;
    let (key, standing) = attested(client, attestation, on)?;
    let jkt = key.thumbprint().ok_or(Reason::AttestationKeyUnusable {})?;
    let (jti, until) = proven(client, proof, &key, on)?;
    let proof = Assertion { jti: format!("{jkt} {jti}"), until };
    Ok(Attested { proof, instance: Instance(jkt), standing })
}

/// §5.1: the key of the instance, as an attester that the service trusts has seen it, and where it says that it can be looked up
/// whether that still counts (OpenID for Verifiable Credential Issuance 1.0, appendix E).
fn attested(
    client: &Client,
    text: &str,
    on: &AuthenticationContext<'_>,
) -> Result<(Jwk, Option<Standing>), Fault> {
    let expected = Expected {
        kind: Kind::ClientAttestation,
        signature: Signature::Required,
        algs: algs(on),
        issuer: Party::Elsewhere("its certificate says who the attester is"),
        audience: Party::Elsewhere("an attestation is for every server"),
        timing: timing(on, Presence::Required, Presence::Optional, MaxLifetime::Unlimited),
    };
    let claims = jwt::read(text, &expected, |found| attester(found, on)).map_err(unattested)?.into_claims();
    if !claims.get("sub").and_then(Value::as_str).is_some_and(|sub| client.names(sub)) {
        return Err(Reason::AttestationOfAnother {}.into());
    }
    let key = claims.get("cnf").and_then(|cnf| cnf.get("jwk")).and_then(Jwk::parse);
    let key = key.filter(|key| !key.is_private() && !key.is_symmetric());
    let standing = Standing::read(claims.get("status")).map_err(|_| Reason::AttestationMalformed {})?;
    Ok((key.ok_or(Reason::AttestationKeyUnusable {})?, standing))
}

/// The key of the attester's certificate, if a chain leads from there to a root of the service. COMPAT: what the
/// machine trusts besides is never asked: anybody can have a certificate from there, and would be an attester.
fn attester(found: &UnverifiedJwt<'_>, on: &AuthenticationContext<'_>) -> Option<VerifyingKey> {
    found.certified(&on.tenant.attestation.roots, CERTIFICATE_PATH, on.now)
}

/// §5.2: the instance has just made this for us. Its identifier, and how long that must be remembered.
fn proven(
    client: &Client,
    text: &str,
    key: &Jwk,
    on: &AuthenticationContext<'_>,
) -> Result<(String, Timestamp), Fault> {
    let from_client = |name: &str| client.names(name);
    let for_us = |name: &str| name == on.tenant.issuer && !name.is_empty();
    let remembered = OLDEST + on.tenant.tolerance.late;
    let expected = Expected {
        kind: Kind::ClientAttestationProof,
        signature: Signature::Required,
        algs: algs(on),
        // Drafts disagree whether it is wanted; whoever says it must say the truth.
        issuer: Party::NamedIfPresent(&from_client),
        audience: Party::Alone(&for_us),
        // One second less than it is remembered for.
        timing: timing(on, Presence::Optional, Presence::Required, MaxLifetime::SinceIssue(remembered - 1)),
    };
    let verified = jwt::read(text, &expected, |found| key.verifying_key(found.alg)).map_err(unproven)?;
    let iat = verified.times().iat.ok_or(Reason::AttestationProofMalformed {})?;
    let Fresh = challenged(verified.claims(), on)?;
    let jti = verified.required("jti").map_err(|_| Reason::AttestationProofJtiMissing {})?.to_owned();
    Ok((jti, Timestamp::from_secs(iat.saturating_add(remembered))))
}

/// It was made for a challenge of ours, where one is demanded.
struct Fresh;

/// §8: a missing challenge and a wrong one have the same answer, which brings the right one.
fn challenged(claims: &Claims, on: &AuthenticationContext<'_>) -> Result<Fresh, Fault> {
    let Some(challenges) = &on.tenant.attestation.challenges else { return Ok(Fresh) };
    let presented = claims.get("challenge").and_then(Value::as_str);
    match presented.filter(|challenge| challenges.accepts(challenge, on.now)) {
        Some(_) => Ok(Fresh),
        None => Err(Reason::AttestationChallengeWanted {}.into()),
    }
}

fn algs(on: &AuthenticationContext<'_>) -> Set<JwsAlg> {
    jwt::asymmetric().meet(on.policy.algs)
}

fn timing(on: &AuthenticationContext<'_>, exp: Presence, iat: Presence, longest: MaxLifetime) -> Timing {
    Timing {
        now: on.now,
        tolerance: on.tenant.tolerance,
        exp,
        nbf: Presence::Optional,
        iat,
        expired: Expired::Refused,
        longest,
    }
}

fn unattested(error: JwtError) -> Fault {
    match error {
        JwtError::Kind => Reason::AttestationKindWrong {},
        JwtError::Algorithm(alg) => {
            Reason::AttestationAlgUnacceptable { alg: alg.protocol_name().to_owned() }
        }
        JwtError::NoKey => Reason::AttestationUntrusted {},
        JwtError::Signature => Reason::AttestationSignatureWrong {},
        JwtError::Untimely(Untimely::Expired | Untimely::NotYet | Untimely::FromTheFuture)
        | JwtError::TooLong => Reason::AttestationUntimely {},
        JwtError::Malformed
        | JwtError::Missing(_)
        | JwtError::Wrong(_)
        | JwtError::Untimely(Untimely::Malformed(_)) => Reason::AttestationMalformed {},
    }
    .into()
}

fn unproven(error: JwtError) -> Fault {
    match error {
        JwtError::Kind => Reason::AttestationProofKindWrong {},
        JwtError::Algorithm(alg) => {
            Reason::AttestationProofAlgUnacceptable { alg: alg.protocol_name().to_owned() }
        }
        JwtError::NoKey | JwtError::Signature => Reason::AttestationProofSignatureWrong {},
        JwtError::Missing("aud") | JwtError::Wrong("aud") => Reason::AttestationProofAudienceWrong {},
        JwtError::Wrong("iss") => Reason::AttestationProofIssuerWrong {},
        JwtError::Untimely(Untimely::Expired | Untimely::NotYet | Untimely::FromTheFuture)
        | JwtError::TooLong => Reason::AttestationProofUntimely {},
        JwtError::Malformed
        | JwtError::Missing(_)
        | JwtError::Wrong(_)
        | JwtError::Untimely(Untimely::Malformed(_)) => Reason::AttestationProofMalformed {},
    }
    .into()
}
