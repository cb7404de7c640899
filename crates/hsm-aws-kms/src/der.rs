//! What AWS KMS says in DER (X.690), in the forms of RFC 7518.

use data_encoding::BASE64URL_NOPAD;
use placet_jose::Jwk;
use serde_json::json;
use x509_cert::der::asn1::{AnyRef, BitString, ObjectIdentifier, Uint};
use x509_cert::der::{Decode, Encode};
use x509_cert::spki::{AlgorithmIdentifier, SubjectPublicKeyInfo, SubjectPublicKeyInfoOwned};

/// RFC 5480 §2.1.1, §2.1.1.1.
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// The key of a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
pub(crate) fn jwk(der: &[u8]) -> Option<Jwk> {
    let info = SubjectPublicKeyInfoOwned::from_der(der).ok()?;
    let key = info.subject_public_key.as_bytes()?;
    if info.algorithm.oid == EC_PUBLIC_KEY { ec(key) } else { rsa(key) }
}

/// An uncompressed point (SEC 1 §2.3.3). Its length says which curve of P-256, P-384 and P-521 it is of: no others are
/// asked for.
fn ec(point: &[u8]) -> Option<Jwk> {
    let coordinates = point.strip_prefix(&[4])?;
    let crv = match coordinates.len() {
        64 => "P-256",
        96 => "P-384",
        132 => "P-521",
        _ => return None,
    };
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    Jwk::parse(&json!({ "kty": "EC", "crv": crv, "x": encode(x), "y": encode(y) }))
}

/// RFC 8017 appendix A.1.1.
fn rsa(der: &[u8]) -> Option<Jwk> {
    let [n, e] = two_numbers(der)?;
    Jwk::parse(&json!({ "kty": "RSA", "n": encode(&n), "e": encode(&e) }))
}

fn two_numbers(der: &[u8]) -> Option<[Vec<u8>; 2]> {
    let numbers = Vec::<Uint>::from_der(der).ok()?;
    let numbers: Vec<_> = numbers.iter().map(|number| number.as_bytes().to_vec()).collect();
    numbers.try_into().ok()
}

/// An ECDSA-Sig-Value (RFC 3279 §2.2.3) as RFC 7518 §3.4 has it: two numbers of `size` bytes.
pub(crate) fn ecdsa(der: &[u8], size: usize) -> Option<Vec<u8>> {
    let padded = |number: Vec<u8>| Some([vec![0; size.checked_sub(number.len())?], number].concat());
    let [r, s] = two_numbers(der)?;
    Some([padded(r)?, padded(s)?].concat())
}

/// The SubjectPublicKeyInfo of a point of P-256.
pub(crate) fn p256(point: &[u8]) -> Option<Vec<u8>> {
    let info = SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifier { oid: EC_PUBLIC_KEY, parameters: Some(AnyRef::from(&SECP256R1)) },
        subject_public_key: BitString::from_bytes(point).ok()?,
    };
    info.to_der().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_of_a_signature_are_filled_up_and_long_ones_refused() {
        // SEQUENCE { INTEGER 1, INTEGER 0xff }
        let der = [0x30, 7, 2, 1, 1, 2, 2, 0, 0xff];
        assert_eq!(ecdsa(&der, 2).as_deref(), Some(&[0, 1, 0, 0xff][..]));
        assert_eq!(ecdsa(&[0x30, 8, 2, 2, 1, 1, 2, 2, 0, 0xff], 1), None);
        assert_eq!(ecdsa(&[0x30, 3, 2, 1, 1], 2), None);
        assert_eq!(ecdsa(&der[..8], 2), None);
    }

    #[test]
    fn a_point_and_its_key_are_the_same() {
        let point = [&[4u8][..], &[7; 64]].concat();
        let key = jwk(&p256(&point).unwrap_or_default()).map(|key| key.public());
        let x = encode(&[7; 32]);
        assert_eq!(key, Some(json!({ "kty": "EC", "crv": "P-256", "x": x, "y": x })));
    }
}
