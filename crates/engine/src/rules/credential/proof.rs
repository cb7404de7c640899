//! OpenID for Verifiable Credential Issuance 1.0 §8.2.1, appendix F – the keys that a credential is to be bound to

use std::collections::HashSet;

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
use crate::budgets::ATTESTATION_LISTS;
use crate::fault::Fault;
use crate::rules::standing::{Standing, Unreadable};
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

/// The same, if the attestations among the proofs still count.
pub struct Claimed {
    keys: ProvenKeys,
    standings: Vec<(usize, Standing)>,
}

/// Each of the standings was looked up.
pub struct Asked;

impl Claimed {
    /// Where it can be looked up whether the attestation of a proof still counts, for those that say so.
    pub fn standings(&self) -> &[(usize, Standing)] {
        &self.standings
    }

    pub fn proven(self, _: Asked) -> ProvenKeys {
        self.keys
    }
}

/// §8.2: proofs come where the credential is bound to a key, and nowhere else.
pub fn claimed(request: &Covered<'_>, expected: &Expected<'_>) -> Result<Claimed, Fault> {
    let types = match (&request.configuration.proofs, &request.proofs) {
        (None, None) => return Ok(Claimed { keys: ProvenKeys(Vec::new()), standings: Vec::new() }),
        (None, Some(_)) => return Err(Reason::KeyProofUnexpected {}.into()),
        (Some(_), None) => return Err(Reason::KeyProofMissing {}.into()),
        (Some(types), Some(proofs)) => (types, proofs),
    };
    let (keys, standings) = match types {
        (types, Proofs::Jwt(texts)) => {
            let wanted = types.jwt.as_ref().ok_or(Reason::KeyProofTypeUnsupported {})?;
            bounded(texts.len(), expected)?;
            let all = texts.iter().enumerate().map(|(index, text)| by_jwt(index, text, wanted, expected));
            let all = all.collect::<Result<Vec<_>, _>>()?;
            let standings = standings(all.iter().map(|proof| proof.attestation.as_ref()))?;
            (with_attested(all, expected.most), standings)
        }
        (types, Proofs::Attestation(texts)) => {
            let wanted = types.attestation.as_ref().ok_or(Reason::KeyProofTypeUnsupported {})?;
            let found = by_attestation(texts.first().map_or("", String::as_str), wanted, expected)?;
            bounded(found.keys.len(), expected)?;
            let standings = standings(std::iter::once(Some(&found)))?;
            (found.keys, standings)
        }
    };
    let keys = different(keys)?;
    match (&request.configuration.format, keys.0.iter().all(mdoc::is_device_key)) {
        (CredentialFormat::Mdoc { .. }, false) => Err(Reason::KeyProofKeyUnfit {}.into()),
        _ => Ok(Claimed { keys, standings }),
    }
}

/// Appendix D.1, `status`: what the attestations of proofs say of where they can be looked up, each once.
fn standings<'a>(
    found: impl Iterator<Item = Option<&'a Attestation>>,
) -> Result<Vec<(usize, Standing)>, Fault> {
    let mut standings: Vec<(usize, Standing)> = Vec::new();
    for (index, attestation) in found.enumerate() {
        let status = attestation.and_then(|attestation| attestation.status.as_ref());
        let standing = Standing::read(status);
        let standing = standing
            .map_err(|Unreadable| refused(index, ProofError::Attestation(AttestationError::Status)))?;
        standings.extend(
            standing.filter(|one| standings.iter().all(|(_, known)| known != one)).map(|one| (index, one)),
        );
    }
    let lists: HashSet<_> = standings.iter().map(|(_, standing)| standing.list()).collect();
    match lists.len() <= ATTESTATION_LISTS {
        true => Ok(standings),
        false => Err(Reason::KeyAttestationListsTooMany { limit: ATTESTATION_LISTS.to_string() }.into()),
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

fn by_attestation(text: &str, wanted: &ProofType, expected: &Expected<'_>) -> Result<Attestation, Fault> {
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
    Ok(found)
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
        ProofError::Attestation(error) => unbelieved(error),
        ProofError::Unattested => "its key attestation is about other keys",
    };
    Reason::KeyProofWrong { index, what: what.to_owned() }.into()
}

/// Appendix D.1
fn unbelieved(error: AttestationError) -> &'static str {
    match error {
        AttestationError::Malformed => "its key attestation is no JWT of header and claims that can be read",
        AttestationError::Type => "the 'typ' of its key attestation is not 'key-attestation+jwt'",
        AttestationError::Algorithm(_) => "the 'alg' of its key attestation is not one that is taken",
        AttestationError::Untrusted => {
            "no chain leads from the certificate in its key attestation to a root of the attesters"
        }
        AttestationError::Signature => "the signature of its key attestation is not one of the certified key",
        AttestationError::IssuedAtMissing => "its key attestation lacks 'iat'",
        AttestationError::ExpirationMissing => "its key attestation lacks 'exp'",
        AttestationError::Untimely => "its key attestation has expired, is too old, or from the future",
        AttestationError::Keys => "the 'attested_keys' of its key attestation are no keys that sign",
        AttestationError::KeyPrivate => "a key of its key attestation is a private or a shared one",
        AttestationError::Resistance => {
            "'key_storage' or 'user_authentication' of its key attestation is no array of texts"
        }
        AttestationError::Status => {
            "its key attestation says in no way that is known whether it still counts"
        }
        AttestationError::NonceMissing | AttestationError::Nonce => {
            "the nonce of its key attestation is not the one that is expected"
        }
    }
}
