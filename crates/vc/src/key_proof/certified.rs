//! RFC 7515 §4.1.6 – the key of a certificate as a JWK, which a credential can be bound to.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_base::registry::JwsAlg;
use placet_jose::{Certificate, Jwk};
use serde_json::{Value, json};
use x509_cert::Certificate as X509;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::{Decode, Reader, SliceReader};

use super::ProofError;
use crate::budgets::CERTIFICATE_CHAIN;

/// The key of the first certificate. Nobody is asked to vouch for it: what counts is that the wallet has it.
pub(super) fn key(x5c: &Value, alg: JwsAlg) -> Result<Jwk, ProofError> {
    let chain = x5c.as_array().filter(|chain| chain.len() <= CERTIFICATE_CHAIN + 1);
    let chain = chain.ok_or(ProofError::Certificate)?.iter().map(Value::as_str);
    let chain: Vec<&str> = chain.collect::<Option<_>>().ok_or(ProofError::Certificate)?;
    if chain.iter().any(|link| Certificate::parse(link).is_none()) {
        return Err(ProofError::Certificate);
    }
    // RFC 7515 §4.1.6: base64 of DER, and not the PEM that `parse` takes as well.
    let own = chain.first().and_then(|own| BASE64.decode(own.as_bytes()).ok());
    let own = own.ok_or(ProofError::Certificate)?;
    let certificate = X509::from_der(&own).map_err(|_| ProofError::Certificate)?;
    let key = certificate.tbs_certificate().subject_public_key_info().subject_public_key.as_bytes();
    key.and_then(|key| jwk(key, alg)).and_then(|jwk| Jwk::parse(&jwk)).ok_or(ProofError::KeyUnusable)
}

/// The JWK of a key, as RFC 5280 §4.1.2.7 has it, for this algorithm. One of another kind has another length, or is no
/// point of the curve, and verifies nothing.
fn jwk(key: &[u8], alg: JwsAlg) -> Option<Value> {
    let point = |crv: &str, size: usize| {
        let (x, y) = key.strip_prefix(&[4])?.split_at_checked(size).filter(|(_, y)| y.len() == size)?;
        let [x, y] = [x, y].map(|number| BASE64URL_NOPAD.encode(number));
        Some(json!({ "kty": "EC", "crv": crv, "x": x, "y": y }))
    };
    match alg {
        JwsAlg::Es256 => point("P-256", 32),
        JwsAlg::Es384 => point("P-384", 48),
        JwsAlg::Es512 => point("P-521", 66),
        JwsAlg::Es256k => point("secp256k1", 32),
        JwsAlg::EdDsa if key.len() == 32 => {
            Some(json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(key) }))
        }
        JwsAlg::Rs256 | JwsAlg::Rs384 | JwsAlg::Rs512 => rsa(key),
        JwsAlg::Ps256 | JwsAlg::Ps384 | JwsAlg::Ps512 => rsa(key),
        _ => None,
    }
}

/// RFC 8017, appendix A.1.1
fn rsa(key: &[u8]) -> Option<Value> {
    let mut reader = SliceReader::new(key).ok()?;
    let numbers = reader.sequence(|reader| Ok((UintRef::decode(reader)?, UintRef::decode(reader)?)));
    let (n, e) = numbers.map_err(|_: x509_cert::der::Error| ()).ok()?;
    let [n, e] = [n, e].map(|number| BASE64URL_NOPAD.encode(number.as_bytes()));
    Some(json!({ "kty": "RSA", "n": n, "e": e }))
}
