//! RFC 5280 §4.1.2.7, RFC 7468 §13 – public keys as X.509 has them, in PEM.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{PublicEncryptingKey, PublicKeyComponents};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Map, Value, json};
use x509_cert::der::asn1::{Any, BitString, ObjectIdentifier};
use x509_cert::der::{Decode, Encode};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::budgets::CERTIFICATE;
use crate::der::Der;
use crate::jwk::Jwk;

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// RFC 7468 §2.
const LINE: usize = 64;

/// RFC 5480 §2.1.1.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8017 appendix A.1.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 8410 §3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// RFC 5480 §2.1.1.1: the curves by their names in RFC 7518 §6.2.1.1, and the bytes of a coordinate.
const CURVES: [(&str, ObjectIdentifier, usize); 3] = [
    ("P-256", ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), 32),
    ("P-384", ObjectIdentifier::new_unwrap("1.3.132.0.34"), 48),
    ("P-521", ObjectIdentifier::new_unwrap("1.3.132.0.35"), 66),
];

impl Jwk {
    /// The public half in PEM. `None` unless the key is of RSA or of a curve of RFC 7518 §6.2.1.1.
    pub fn to_pem(&self) -> Option<String> {
        let der = match self.text("kty")? {
            "RSA" => rsa_der(self)?,
            "EC" => ec_der(self)?,
            _ => return None,
        };
        let body = BASE64.encode(&der);
        let lines = body.as_bytes().chunks(LINE).filter_map(|line| std::str::from_utf8(line).ok());
        let text = lines.fold(format!("{BEGIN}\n"), |text, line| text + line + "\n");
        Some(text + END + "\n")
    }

    /// Reads the PEM of a public key of RSA, of a curve of RFC 7518 §6.2.1.1, or of Ed25519.
    pub fn from_pem(text: &str) -> Option<Self> {
        if text.len() > CERTIFICATE {
            return None;
        }
        let body = text.split_once(BEGIN)?.1.split_once(END)?.0;
        let packed: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = BASE64.decode(packed.as_bytes()).ok()?;
        Self::of_info(&SubjectPublicKeyInfoOwned::from_der(&der).ok()?)
    }

    /// The same as certificates have it.
    pub(crate) fn of_info(info: &SubjectPublicKeyInfoOwned) -> Option<Self> {
        let key = info.subject_public_key.as_bytes()?;
        match info.algorithm.oid {
            RSA => rsa_members(key),
            EC => ec_members(info.algorithm.parameters.as_ref()?.decode_as().ok()?, key),
            ED25519 => okp_members(key),
            _ => None,
        }
    }

    /// The same key with further members, such as its `kid`.
    pub fn with(&self, members: impl IntoIterator<Item = (&'static str, Value)>) -> Option<Self> {
        let mut all = self.members().clone();
        all.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Self::parse(&Value::Object(all))
    }
}

fn rsa_der(jwk: &Jwk) -> Option<Vec<u8>> {
    let components = PublicKeyComponents { n: jwk.bytes("n")?, e: jwk.bytes("e")? };
    let key: PublicEncryptingKey = components.try_into().ok()?;
    Some(AsDer::<PublicKeyX509Der<'_>>::as_der(&key).ok()?.as_ref().to_vec())
}

fn ec_der(jwk: &Jwk) -> Option<Vec<u8>> {
    let (_, curve, size) = CURVES.iter().find(|(name, ..)| jwk.text("crv") == Some(name))?;
    let (x, y) = (jwk.bytes("x")?, jwk.bytes("y")?);
    if x.len() != *size || y.len() != *size {
        return None;
    }
    let info = SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned { oid: EC, parameters: Some(Any::from(*curve)) },
        subject_public_key: BitString::from_bytes(&[&[4u8][..], &x, &y].concat()).ok()?,
    };
    info.to_der().ok()
}

fn rsa_members(key: &[u8]) -> Option<Jwk> {
    let mut key = Der::new(key).sequence()?;
    let (n, e) = (key.integer()?, key.integer()?);
    Jwk::parse(&json!({ "kty": "RSA", "n": BASE64URL_NOPAD.encode(n), "e": BASE64URL_NOPAD.encode(e) }))
}

/// RFC 8037 §2
fn okp_members(key: &[u8]) -> Option<Jwk> {
    Jwk::parse(&json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(key) }))
}

fn ec_members(curve: ObjectIdentifier, point: &[u8]) -> Option<Jwk> {
    let (name, _, size) = CURVES.iter().find(|(_, known, _)| *known == curve)?;
    let (x, y) = point.strip_prefix(&[4])?.split_at_checked(*size).filter(|(_, y)| y.len() == *size)?;
    let members = [("kty", "EC".to_owned()), ("crv", (*name).to_owned())].into_iter();
    let members = members.chain([("x", BASE64URL_NOPAD.encode(x)), ("y", BASE64URL_NOPAD.encode(y))]);
    Jwk::parse(&Value::Object(
        members.map(|(name, text)| (name.to_owned(), text.into())).collect::<Map<_, _>>(),
    ))
}

#[cfg(test)]
mod tests {
    use placet_base::registry::JwsAlg;

    use super::*;
    use crate::generate;

    #[test]
    fn a_key_comes_back_from_its_pem() {
        for alg in [JwsAlg::Rs256, JwsAlg::Es256, JwsAlg::Es384, JwsAlg::Es512] {
            let own = Jwk::parse(&generate(alg).unwrap()).unwrap();
            let pem = own.to_pem().unwrap();
            assert!(pem.lines().all(|line| line.len() <= LINE), "{pem}");
            let read = Jwk::from_pem(&pem).unwrap();
            assert_eq!(read.thumbprint(), own.thumbprint(), "{alg:?}");
            assert!(!read.is_private());
        }
    }

    #[test]
    fn what_is_no_public_key_is_refused() {
        let okp = Jwk::parse(&generate(JwsAlg::EdDsa).unwrap()).unwrap();
        assert!(okp.to_pem().is_none());
        for text in ["", BEGIN, "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----"] {
            assert!(Jwk::from_pem(text).is_none());
        }
        let pem = Jwk::parse(&generate(JwsAlg::Es256).unwrap()).unwrap().to_pem().unwrap();
        assert!(Jwk::from_pem(&pem.replacen("MFkw", "MFkx", 1)).is_none());
    }
}
