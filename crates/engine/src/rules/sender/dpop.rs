//! RFC 9449 – Demonstrating Proof of Possession: proofs at our endpoints

use placet_api::Reason;
use placet_jose::dpop::{self, ProofError};
pub use placet_jose::dpop::{Expected, Nonces, Proof};

use crate::fault::Fault;

/// Verifies a proof (§4.3); `also` are further addresses of the endpoint.
pub fn proof(text: &str, expected: &Expected<'_>, also: &[&str]) -> Result<Proof, Fault> {
    dpop::proof_at(text, expected, also).map_err(|e| reason(e).into())
}

fn reason(error: ProofError) -> Reason {
    match error {
        ProofError::Malformed => Reason::ProofMalformed {},
        ProofError::Type => Reason::ProofTypeWrong {},
        ProofError::Algorithm(alg) => Reason::ProofAlgUnacceptable { alg: alg.protocol_name().to_owned() },
        ProofError::KeyMissing => Reason::ProofKeyMissing {},
        ProofError::KeyPrivate => Reason::ProofKeyPrivate {},
        ProofError::Signature => Reason::ProofSignatureWrong {},
        ProofError::Method => Reason::ProofMethodDiffers {},
        ProofError::Url => Reason::ProofUrlDiffers {},
        ProofError::Token => Reason::ProofTokenDiffers {},
        ProofError::JtiMissing => Reason::ProofJtiMissing {},
        ProofError::Untimely => Reason::ProofUntimely {},
        ProofError::Nonce => Reason::ProofNonceWanted {},
    }
}
