//! OpenID for Verifiable Credential Issuance 1.0, appendix D – somebody whom the issuer trusts vouches for the keys of a
//! wallet.

use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::claims::{Claims, Tolerance, Untimely};
use placet_jose::jwt::{
    self, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
};
use placet_jose::{Certificate, Jwk};
use serde_json::Value;

use crate::budgets::{ATTESTED_KEYS, CERTIFICATE_CHAIN};

/// Who may vouch for keys.
#[derive(Clone, Copy)]
pub struct Attesters<'a> {
    /// What their certificates lead to. Without one nobody is trusted.
    pub roots: &'a [Certificate],
    /// Tells a nonce of ours, where one is demanded of attestations.
    pub nonces: Option<&'a dyn Fn(&str) -> bool>,
}

/// What an attestation must be.
pub struct Expected<'a> {
    /// The algorithms that are taken. Of those that are not asymmetric none is.
    pub algs: Set<JwsAlg>,
    /// The time.
    pub now: Timestamp,
    /// How far the clocks of others may be off.
    pub tolerance: Tolerance,
    /// Who may have made it.
    pub attesters: Attesters<'a>,
    /// Whether it must say until when it counts.
    pub expires: Presence,
}

/// Keys that somebody vouches for.
#[derive(Clone)]
pub struct Attestation {
    /// The public keys; there is one at least.
    pub keys: Vec<Jwk>,
    /// What attacks the storage of the keys resists.
    pub key_storage: Vec<String>,
    /// What attacks the authentication of the user resists.
    pub user_authentication: Vec<String>,
    /// What it was made for.
    pub nonce: Option<String>,
    /// Where it can be looked up whether it still counts.
    pub status: Option<Value>,
    /// When it was made.
    pub issued: Option<Timestamp>,
    /// Until when it counts.
    pub until: Option<Timestamp>,
}

impl Attestation {
    /// Issuer metadata `key_attestations_required` (§12.2.4): whether storage and authentication are of one of the kinds
    /// that are asked for; where none is, any will do.
    pub fn resists(&self, key_storage: &[String], user_authentication: &[String]) -> bool {
        let one_of =
            |asked: &[String], has: &[String]| asked.is_empty() || has.iter().any(|one| asked.contains(one));
        one_of(key_storage, &self.key_storage) && one_of(user_authentication, &self.user_authentication)
    }
}

/// What is wrong with an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationError {
    /// Not a JWT whose header and claims can be read.
    Malformed,
    /// `typ` is not `key-attestation+jwt`.
    Type,
    /// The algorithm is symmetric, `none`, or not one of those that are taken.
    Algorithm(JwsAlg),
    /// `x5c` is not there, or its certificates do not lead to a root.
    Untrusted,
    /// The signature is not one of the certified key.
    Signature,
    /// There is no `iat`.
    IssuedAtMissing,
    /// There is no `exp`, and it must be there.
    ExpirationMissing,
    /// It has expired, or is from the future.
    Untimely,
    /// `attested_keys` is no array of keys that sign, empty, or larger than [`ATTESTED_KEYS`].
    Keys,
    /// A key is private or a shared one.
    KeyPrivate,
    /// `key_storage` or `user_authentication` is no array of texts, or empty.
    Resistance,
    /// `status` is no object.
    Status,
    /// A nonce is demanded, and there is none.
    NonceMissing,
    /// The nonce is none of ours.
    Nonce,
}

/// Judges a key attestation, be it a proof of the type `attestation` or the header of one of the type `jwt`.
///
/// # Errors
///
/// What is wrong with it, as [`AttestationError`] has it.
pub fn verified(text: &str, expected: &Expected<'_>) -> Result<Attestation, AttestationError> {
    let attester = |found: &UnverifiedJwt<'_>| {
        found.certified(expected.attesters.roots, CERTIFICATE_CHAIN, expected.now)
    };
    let verified = jwt::read(text, &judged(expected), attester).map_err(AttestationError::from)?;
    let claims = verified.claims();
    let nonce = verified.text("nonce").map_err(|_| AttestationError::Nonce)?;
    match (expected.attesters.nonces, nonce) {
        (Some(_), None) => return Err(AttestationError::NonceMissing),
        (Some(is_ours), Some(nonce)) if !is_ours(nonce) => return Err(AttestationError::Nonce),
        _ => {}
    }
    Ok(Attestation {
        keys: keys(claims)?,
        key_storage: resistance(claims, "key_storage")?,
        user_authentication: resistance(claims, "user_authentication")?,
        nonce: nonce.map(str::to_owned),
        status: status(claims)?,
        issued: verified.times().iat.map(Timestamp::from_secs),
        until: verified.times().exp.map(Timestamp::from_secs),
    })
}

fn judged(expected: &Expected<'_>) -> jwt::Expected<'static> {
    jwt::Expected {
        kind: Kind::KeyAttestation,
        signature: Signature::Required,
        algs: expected.algs.meet(jwt::asymmetric()),
        issuer: Party::Elsewhere("its certificate says who the attester is"),
        audience: Party::Elsewhere("an attestation is for every issuer"),
        timing: Timing {
            now: expected.now,
            tolerance: expected.tolerance,
            exp: expected.expires,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired: Expired::Refused,
            longest: MaxLifetime::Unlimited,
        },
    }
}

fn keys(claims: &Claims) -> Result<Vec<Jwk>, AttestationError> {
    let keys = claims.get("attested_keys").and_then(Value::as_array).ok_or(AttestationError::Keys)?;
    if keys.is_empty() || keys.len() > ATTESTED_KEYS {
        return Err(AttestationError::Keys);
    }
    let public = |key: &Value| match super::public(key) {
        Err(super::ProofError::KeyPrivate) => Err(AttestationError::KeyPrivate),
        key => key.map_err(|_| AttestationError::Keys),
    };
    let keys = keys.iter().map(public).collect::<Result<Vec<_>, _>>()?;
    if keys.iter().all(is_sound) { Ok(keys) } else { Err(AttestationError::Keys) }
}

/// A key that signs: nobody has shown that yet, as a proof does.
fn is_sound(key: &Jwk) -> bool {
    let algs = JwsAlg::ALL.iter().filter(|alg| alg.is_asymmetric());
    algs.filter_map(|alg| key.verifying_key(*alg)).any(|key| key.is_sound())
}

fn resistance(claims: &Claims, name: &str) -> Result<Vec<String>, AttestationError> {
    let Some(kinds) = claims.get(name) else { return Ok(Vec::new()) };
    let kinds = kinds.as_array().filter(|kinds| !kinds.is_empty()).ok_or(AttestationError::Resistance)?;
    let texts = kinds.iter().map(|kind| kind.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or(AttestationError::Resistance)
}

fn status(claims: &Claims) -> Result<Option<Value>, AttestationError> {
    match claims.get("status") {
        None => Ok(None),
        Some(status) if status.is_object() => Ok(Some(status.clone())),
        Some(_) => Err(AttestationError::Status),
    }
}

impl From<JwtError> for AttestationError {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::Kind => Self::Type,
            JwtError::Algorithm(alg) => Self::Algorithm(alg),
            JwtError::NoKey => Self::Untrusted,
            JwtError::Signature => Self::Signature,
            JwtError::Missing("iat") => Self::IssuedAtMissing,
            JwtError::Missing("exp") => Self::ExpirationMissing,
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
