//! OpenID for Verifiable Credential Issuance 1.0, appendix F.1 – a wallet proves that it has the key that a credential is
//! to be bound to.

pub mod attestation;
mod certified;

use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::claims::{Tolerance, Untimely};
use placet_jose::jwt::{
    self, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt, Verified,
};
use placet_jose::{Header, Jwk};
use serde_json::Value;

use attestation::{Attestation, AttestationError, Attesters};

/// Who asks for the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client<'a> {
    /// The client of the access token.
    Known(&'a str),
    /// Nobody in particular: the token came by a pre-authorized code, without a client.
    Anonymous,
}

/// What a proof must be.
pub struct Expected<'a> {
    /// The Credential Issuer Identifier.
    pub issuer: &'a str,
    /// Who must have made it.
    pub client: Client<'a>,
    /// The algorithms that are taken. Of those that are not asymmetric none is.
    pub algs: Set<JwsAlg>,
    /// The time.
    pub now: Timestamp,
    /// How far the clocks of others may be off.
    pub tolerance: Tolerance,
    /// How old it may be, in seconds.
    pub oldest: i64,
    /// Tells a nonce of ours, where one is demanded. Where none is, the caller judges what is found.
    pub nonces: Option<&'a dyn Fn(&str) -> bool>,
    /// Who may vouch for keys.
    pub attesters: Attesters<'a>,
}

/// A key that a wallet has.
pub struct Proof {
    /// The public key.
    pub key: Jwk,
    /// What it was made for.
    pub nonce: Option<String>,
    /// Who vouches for the key, where anybody does.
    pub attestation: Option<Attestation>,
}

/// What is wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// Not a JWT whose header and claims can be read.
    Malformed,
    /// `typ` is not `openid4vci-proof+jwt`.
    Type,
    /// The algorithm is symmetric, `none`, or not one of those that are taken.
    Algorithm(JwsAlg),
    /// None of `jwk`, `kid` and `x5c` is there.
    KeyMissing,
    /// More than one of them is.
    KeyAmbiguous,
    /// `jwk` shows a private or a shared key.
    KeyPrivate,
    /// `kid` names a key that nobody here knows: only one of a key attestation can be named.
    KeyUnknown,
    /// `jwk` or `x5c` has no key that fits the algorithm.
    KeyUnusable,
    /// `x5c` is no array of certificates.
    Certificate,
    /// The signature is not one of the key.
    Signature,
    /// There is no `aud`.
    AudienceMissing,
    /// It is for another issuer.
    Audience,
    /// It was made by another client, or by one where there is none.
    Client,
    /// There is no `iat`.
    IssuedAtMissing,
    /// It is too old, or from the future.
    Untimely,
    /// A nonce is demanded, and there is none.
    NonceMissing,
    /// The nonce is none of ours.
    Nonce,
    /// The key attestation in the header is not what it must be.
    Attestation(AttestationError),
    /// The key attestation is about other keys.
    Unattested,
}

/// Judges a proof of the type `jwt`.
///
/// # Errors
///
/// What is wrong with it, as [`ProofError`] has it.
pub fn jwt(text: &str, expected: &Expected<'_>) -> Result<Proof, ProofError> {
    let from_client = |name: &str| matches!(expected.client, Client::Known(client) if client == name);
    let for_us = |name: &str| name == expected.issuer;
    let mut shown = Err(ProofError::Malformed);
    let verified = jwt::read(text, &judged(expected, &from_client, &for_us), |found| {
        shown = self::shown(found, expected);
        let key = shown.as_ref().ok().and_then(|shown| shown.key.verifying_key(found.alg));
        if shown.is_ok() && key.is_none() {
            shown = Err(ProofError::KeyUnusable);
        }
        key
    });
    let verified = match (verified, &shown) {
        (Err(JwtError::NoKey), Err(error)) => return Err(*error),
        (verified, _) => verified.map_err(ProofError::from)?,
    };
    let Shown { key, attestation } = shown?;
    let nonce = nonce(&verified, expected.nonces)?;
    Ok(Proof { key, nonce, attestation })
}

fn judged<'a>(
    expected: &Expected<'_>,
    from_client: &'a dyn Fn(&str) -> bool,
    for_us: &'a dyn Fn(&str) -> bool,
) -> jwt::Expected<'a> {
    jwt::Expected {
        kind: Kind::KeyProof,
        signature: Signature::Required,
        algs: expected.algs.meet(jwt::asymmetric()),
        issuer: Party::NamedIfPresent(from_client),
        audience: Party::Alone(for_us),
        timing: Timing {
            now: expected.now,
            tolerance: expected.tolerance,
            exp: Presence::Optional,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired: Expired::Refused,
            longest: MaxLifetime::SinceIssue(expected.oldest),
        },
    }
}

/// The nonce, which must be one of ours where one is demanded.
fn nonce(verified: &Verified, nonces: Option<&dyn Fn(&str) -> bool>) -> Result<Option<String>, ProofError> {
    let nonce = verified.text("nonce").map_err(|_| ProofError::Nonce)?;
    match (nonces, nonce) {
        (Some(_), None) => Err(ProofError::NonceMissing),
        (Some(is_ours), Some(nonce)) if !is_ours(nonce) => Err(ProofError::Nonce),
        (_, nonce) => Ok(nonce.map(str::to_owned)),
    }
}

impl From<JwtError> for ProofError {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::Kind => Self::Type,
            JwtError::Algorithm(alg) => Self::Algorithm(alg),
            JwtError::NoKey => Self::KeyUnusable,
            JwtError::Signature => Self::Signature,
            JwtError::Missing("aud") => Self::AudienceMissing,
            JwtError::Wrong("aud") => Self::Audience,
            JwtError::Wrong("iss") => Self::Client,
            JwtError::Missing("iat") => Self::IssuedAtMissing,
            JwtError::TooLong
            | JwtError::Untimely(Untimely::Expired | Untimely::NotYet | Untimely::FromTheFuture) => {
                Self::Untimely
            }
            JwtError::Malformed
            | JwtError::Missing(_)
            | JwtError::Wrong(_)
            | JwtError::Untimely(Untimely::Malformed(_)) => Self::Malformed,
        }
    }
}

/// The key that the header shows, and who vouches for it.
struct Shown {
    key: Jwk,
    attestation: Option<Attestation>,
}

/// Exactly one of `jwk`, `kid` and `x5c` shows the key; where there is an attestation, it is one of that.
fn shown(found: &UnverifiedJwt<'_>, expected: &Expected<'_>) -> Result<Shown, ProofError> {
    let attestation = attestation_of(found.header, expected)?;
    let key = match ["jwk", "kid", "x5c"].map(|name| found.header.get(name)) {
        [None, None, None] => return Err(ProofError::KeyMissing),
        [Some(jwk), None, None] => public(jwk)?,
        [None, Some(kid), None] => named(kid, attestation.as_ref()).ok_or(ProofError::KeyUnknown)?,
        [None, None, Some(x5c)] => certified::key(x5c, found.alg)?,
        _ => return Err(ProofError::KeyAmbiguous),
    };
    let is_among = |attestation: &Attestation| {
        let thumbprint = key.thumbprint();
        thumbprint.is_some() && attestation.keys.iter().any(|attested| attested.thumbprint() == thumbprint)
    };
    if attestation.as_ref().is_none_or(is_among) {
        Ok(Shown { key, attestation })
    } else {
        Err(ProofError::Unattested)
    }
}

/// Appendix D.1: with a proof, an attestation says until when it counts.
fn attestation_of(header: &Header, expected: &Expected<'_>) -> Result<Option<Attestation>, ProofError> {
    let Some(found) = header.get("key_attestation") else { return Ok(None) };
    let text = found.as_str().ok_or(ProofError::Attestation(AttestationError::Malformed))?;
    let wanted = attestation::Expected {
        algs: expected.algs,
        now: expected.now,
        tolerance: expected.tolerance,
        attesters: expected.attesters,
        expires: Presence::Required,
    };
    attestation::verified(text, &wanted).map(Some).map_err(ProofError::Attestation)
}

fn public(jwk: &Value) -> Result<Jwk, ProofError> {
    let key = Jwk::parse(jwk).ok_or(ProofError::KeyUnusable)?;
    // What else a private key has may stand there alone, and is no less a secret.
    let secret = ["p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|name| jwk.get(name).is_some());
    if secret || key.is_private() || key.is_symmetric() { Err(ProofError::KeyPrivate) } else { Ok(key) }
}

/// A key of the attestation: by its `kid`, or by its place, as the example of appendix F.1 has it.
fn named(kid: &Value, attestation: Option<&Attestation>) -> Option<Jwk> {
    let (kid, keys) = (kid.as_str()?, &attestation?.keys);
    let by_place = || keys.get(kid.parse::<usize>().ok()?);
    keys.iter().find(|key| key.kid() == Some(kid)).or_else(by_place).cloned()
}

#[cfg(test)]
mod tests;
