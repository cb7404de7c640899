//! OpenID for Verifiable Credential Issuance 1.0 §8.2.1, appendix F – the keys that a credential is to be bound to

use placet_api::Reason;
use placet_base::{Timestamp, Ttl};
use placet_jose::claims::Tolerance;
use placet_jose::jwt::Presence;
use placet_jose::{Certificate, Jwk};
use placet_vc::key_proof::attestation::{self, Attestation, AttestationError, Attesters};
use placet_vc::key_proof::{self, Client, Proof, ProofError};
use placet_vc::mdoc;
use serde_json::Value;

use super::granted::Covered;
use super::request::Proofs;
use crate::fault::Fault;
use crate::tenant::credential_configuration::{Attested, CredentialFormat, ProofType};

/// How old a proof may be, in seconds.
const OLDEST: i64 = 300;

/// What proofs are held against.
pub struct Expected<'a> {
    /// The Credential Issuer Identifier.
    pub issuer: &'a str,
    /// Who has the access token.
    pub client: Client<'a>,
    pub now: Timestamp,
    pub tolerance: Tolerance,
    /// Tells a nonce of ours, where the issuer gives any.
    pub nonce: Option<&'a dyn Fn(&str) -> bool>,
    pub attesters: &'a [Certificate],
    /// Credentials that one request may ask for.
    pub most: usize,
}

/// Keys that the wallet has shown to have; none where the credential is bound to none.
pub struct ProvenKeys(Vec<Jwk>);

impl ProvenKeys {
    /// As JWKs.
    pub fn documents(&self) -> Vec<Value> {
        self.0.iter().map(Jwk::public).collect()
    }
}

/// §8.2: proofs come where the credential is bound to a key, and nowhere else.
pub fn proven(request: &Covered<'_>, expected: &Expected<'_>) -> Result<ProvenKeys, Fault> {
    let types = match (&request.configuration.proofs, &request.proofs) {
        (None, None) => return Ok(ProvenKeys(Vec::new())),
        (None, Some(_)) => return Err(Reason::KeyProofUnexpected {}.into()),
        (Some(_), None) => return Err(Reason::KeyProofMissing {}.into()),
        (Some(types), Some(proofs)) => (types, proofs),
    };
    let keys = match types {
        (types, Proofs::Jwt(texts)) => {
            let wanted = types.jwt.as_ref().ok_or(Reason::KeyProofTypeUnsupported {})?;
            bounded(texts.len(), expected)?;
            let all = texts.iter().enumerate().map(|(index, text)| by_jwt(index, text, wanted, expected));
            with_attested(all.collect::<Result<_, _>>()?, expected.most)
        }
        (types, Proofs::Attestation(texts)) => {
            let wanted = types.attestation.as_ref().ok_or(Reason::KeyProofTypeUnsupported {})?;
            let keys = by_attestation(texts.first().map_or("", String::as_str), wanted, expected)?;
            bounded(keys.len(), expected)?;
            keys
        }
    };
    let keys = different(keys)?;
    match (&request.configuration.format, keys.0.iter().all(mdoc::is_device_key)) {
        (CredentialFormat::Mdoc { .. }, false) => Err(Reason::KeyProofKeyUnfit {}.into()),
        _ => Ok(keys),
    }
}

/// Appendix F.1: a credential for each key that an attestation is about, as far as one request may ask for so many. Those that were
/// proven come first.
fn with_attested(proofs: Vec<Proof>, most: usize) -> Vec<Jwk> {
    let attested: Vec<_> = proofs
        .iter()
        .filter_map(|proof| proof.attestation.as_ref())
        .flat_map(|all| all.keys.clone())
        .collect();
    let mut keys: Vec<_> = proofs.into_iter().map(|proof| proof.key).collect();
    for key in attested {
        let known = keys.iter().any(|known| known.thumbprint() == key.thumbprint());
        if !known && keys.len() < most {
            keys.push(key);
        }
    }
    keys
}

/// So many, and no more.
struct Bounded;

fn bounded(number: usize, expected: &Expected<'_>) -> Result<Bounded, Fault> {
    match number <= expected.most {
        true => Ok(Bounded),
        false => Err(Reason::KeyProofsTooMany { limit: expected.most.to_string() }.into()),
    }
}

/// One credential for each key: two for the same one would be one, twice. Of what the wallet says of a key, only the key
/// itself is signed.
fn different(keys: Vec<Jwk>) -> Result<ProvenKeys, Fault> {
    let unusable =
        || Reason::KeyProofWrong { index: "0".to_owned(), what: "a key cannot be read".to_owned() };
    let keys: Vec<_> = keys.iter().map(Jwk::bare).collect::<Option<_>>().ok_or_else(unusable)?;
    let thumbprints: Vec<_> = keys.iter().map(Jwk::thumbprint).collect();
    let repeated = (1..keys.len()).find(|index| {
        let (before, one) = (thumbprints.get(..*index), thumbprints.get(*index));
        before.zip(one).is_some_and(|(before, one)| before.contains(one))
    });
    match repeated {
        Some(index) => Err(Reason::KeyProofRepeated { index: index.to_string() }.into()),
        None => Ok(ProvenKeys(keys)),
    }
}

fn by_jwt(index: usize, text: &str, wanted: &ProofType, expected: &Expected<'_>) -> Result<Proof, Fault> {
    let judged = key_proof::Expected {
        issuer: expected.issuer,
        client: expected.client,
        algs: wanted.algs,
        now: expected.now,
        tolerance: expected.tolerance,
        oldest: OLDEST,
        nonces: expected.nonce,
        // Appendix F.1: where there is a nonce, the attestation has it as well.
        attesters: Attesters { roots: expected.attesters, nonces: expected.nonce },
    };
    let proof = key_proof::jwt(text, &judged).map_err(|error| refused(index, error))?;
    let Vouched = vouched(index, proof.attestation.as_ref(), wanted.attested.as_ref())?;
    Ok(proof)
}

fn by_attestation(text: &str, wanted: &ProofType, expected: &Expected<'_>) -> Result<Vec<Jwk>, Fault> {
    let judged = attestation::Expected {
        algs: wanted.algs,
        now: expected.now,
        tolerance: expected.tolerance,
        attesters: Attesters { roots: expected.attesters, nonces: expected.nonce },
        expires: Presence::Optional,
    };
    let found =
        attestation::verified(text, &judged).map_err(|error| refused(0, ProofError::Attestation(error)))?;
    let Fresh = fresh(&found, expected)?;
    let Vouched = vouched(0, Some(&found), wanted.attested.as_ref())?;
    Ok(found.keys)
}

/// The attestation was made for this request, or not long before it, or says itself until when it is good.
struct Fresh;

/// Appendix D.1: `exp` and `nonce` are optional where the attestation is the proof; without both it would be one for ever.
fn fresh(found: &Attestation, expected: &Expected<'_>) -> Result<Fresh, Fault> {
    let young = found.issued.is_some_and(|issued| !(issued + Ttl::secs(OLDEST)).is_past(expected.now));
    match expected.nonce.is_some() || found.until.is_some() || young {
        true => Ok(Fresh),
        false => Err(refused(0, ProofError::Attestation(AttestationError::Untimely))),
    }
}

/// Somebody vouches for the key, as far as that is wanted.
struct Vouched;

/// §12.2.4, `key_attestations_required`
fn vouched(index: usize, found: Option<&Attestation>, wanted: Option<&Attested>) -> Result<Vouched, Fault> {
    let Some(wanted) = wanted else { return Ok(Vouched) };
    let enough = found.is_some_and(|found| found.resists(&wanted.key_storage, &wanted.user_authentication));
    if enough { Ok(Vouched) } else { Err(Reason::KeyProofUnattested { index: index.to_string() }.into()) }
}

/// §8.3.1.2: `invalid_nonce` where there is a nonce and it is not good, `invalid_proof` for everything else.
fn refused(index: usize, error: ProofError) -> Fault {
    let index = index.to_string();
    let what = match error {
        ProofError::NonceMissing | ProofError::Attestation(AttestationError::NonceMissing) => {
            return Reason::KeyProofNonceMissing { index }.into();
        }
        ProofError::Nonce | ProofError::Attestation(AttestationError::Nonce) => {
            return Reason::KeyProofNonceWrong { index }.into();
        }
        ProofError::Malformed => "it is no JWT of header and claims that can be read",
        ProofError::Type => "its 'typ' is not 'openid4vci-proof+jwt'",
        ProofError::Algorithm(_) => "its 'alg' is not one that is taken",
        ProofError::KeyMissing => "its header shows no key; expected 'jwk', 'kid' or 'x5c'",
        ProofError::KeyAmbiguous => "its header shows a key in more than one way",
        ProofError::KeyPrivate => "the key that its header shows is a private or a shared one",
        ProofError::KeyUnknown => "its 'kid' names no key of a key attestation",
        ProofError::KeyUnusable => "the key that its header shows does not fit its 'alg'",
        ProofError::Certificate => "its 'x5c' are no certificates",
        ProofError::Signature => "its signature is not one of the key that its header shows",
        ProofError::AudienceMissing => "it lacks 'aud'",
        ProofError::Audience => "its 'aud' is not this credential issuer",
        ProofError::Client => "its 'iss' is not the client of the access token",
        ProofError::IssuedAtMissing => "it lacks 'iat'",
        ProofError::Untimely => "it is too old, or from the future",
        ProofError::Attestation(_) => "its key attestation is not one that is believed",
        ProofError::Unattested => "its key attestation is about other keys",
    };
    Reason::KeyProofWrong { index, what: what.to_owned() }.into()
}
