//! Private keys as Keycloak keeps them (PKCS #8 or PKCS #1 in Base64), as JWKs.

use aws_lc_rs::digest;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_jose::Jwk;
use serde_json::{Value, json};
use x509_cert::der::asn1::{AnyRef, OctetStringRef, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader};

/// RFC 8017 appendix A.1.2, in the order of its members; the version goes before them.
const RSA: [&str; 8] = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];

/// The private key inside of RFC 5208's wrapper.
fn unwrapped(pkcs8: &[u8]) -> Option<Vec<u8>> {
    let mut reader = SliceReader::new(pkcs8).ok()?;
    let inner = reader.sequence(|reader| {
        UintRef::decode(reader)?;
        AnyRef::decode(reader)?;
        let key = <&OctetStringRef>::decode(reader)?.as_bytes().to_vec();
        while !reader.is_finished() {
            AnyRef::decode(reader)?;
        }
        Ok::<_, x509_cert::der::Error>(key)
    });
    inner.ok()
}

/// An RSA key, in the wrapper or without it.
pub(super) fn rsa(key: &str) -> Option<Value> {
    let der = BASE64.decode(key.as_bytes()).ok()?;
    let key = unwrapped(&der).unwrap_or(der);
    let mut reader = SliceReader::new(&key).ok()?;
    let numbers = reader.sequence(|reader| {
        UintRef::decode(reader)?;
        RSA.iter()
            .map(|_| Ok(UintRef::decode(reader)?.as_bytes().to_vec()))
            .collect::<Result<Vec<_>, x509_cert::der::Error>>()
    });
    let mut jwk = json!({ "kty": "RSA" });
    for (name, number) in RSA.iter().zip(numbers.ok()?) {
        jwk[*name] = BASE64URL_NOPAD.encode(&number).into();
    }
    Some(jwk)
}

/// A key of a curve; its point is in the public key, which is kept beside it.
pub(super) fn ec(pkcs8: &str, public: &str) -> Option<Value> {
    let key = unwrapped(&BASE64.decode(pkcs8.as_bytes()).ok()?)?;
    let mut reader = SliceReader::new(&key).ok()?;
    // RFC 5915 §3.
    let number = reader.sequence(|reader| {
        UintRef::decode(reader)?;
        let number = <&OctetStringRef>::decode(reader)?.as_bytes().to_vec();
        while !reader.is_finished() {
            AnyRef::decode(reader)?;
        }
        Ok::<_, x509_cert::der::Error>(number)
    });
    let public = Jwk::from_pem(&format!("-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----\n"))?;
    let mut jwk = public.public();
    jwk["d"] = BASE64URL_NOPAD.encode(&number.ok()?).into();
    Some(jwk)
}

/// The id that Keycloak gives a key: the hash of its public half as X.509 has it.
pub(super) fn key_id(jwk: &Value) -> Option<String> {
    let pem = Jwk::parse(jwk)?.to_pem()?;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = BASE64.decode(body.as_bytes()).ok()?;
    Some(BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, &der).as_ref()))
}
