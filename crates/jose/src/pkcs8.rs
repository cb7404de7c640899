//! RFC 5208, RFC 7468 §10 – private keys as other tools write them, in PEM.

use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair};
use data_encoding::BASE64;
use serde_json::{Map, Value};

use crate::alg::{Curve, P256, P384, P521};
use crate::budgets::CERTIFICATE;
use crate::generate::{ec_of, ed25519_of, rsa_of};
use crate::jwk::thumbprint;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// Reads a private key of RSA, of a curve of RFC 7518 §6.2.1.1, or of Ed25519, that is not encrypted: a JWK with its thumbprint as
/// `kid`. `None` for anything else, and for numbers that are no key.
pub fn private_key_from_pem(text: &str) -> Option<Value> {
    if text.len() > CERTIFICATE {
        return None;
    }
    let body = text.split_once(BEGIN)?.1.split_once(END)?.0;
    let packed: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let mut members = members(&BASE64.decode(packed.as_bytes()).ok()?)?;
    let kid = thumbprint(&members)?;
    members.insert("kid".into(), kid.into());
    Some(Value::Object(members))
}

fn members(der: &[u8]) -> Option<Map<String, Value>> {
    let of_curve =
        |curve: &Curve| EcdsaKeyPair::from_pkcs8(curve.sign, der).ok().and_then(|pair| ec_of(&pair, curve));
    let on_a_curve = [&P256, &P384, &P521].into_iter().find_map(of_curve);
    let edwards = || Ed25519KeyPair::from_pkcs8(der).ok().and_then(|pair| ed25519_of(&pair));
    // The library judges the numbers; they are read behind it.
    let rsa = || RsaKeyPair::from_pkcs8(der).ok().and_then(|_| rsa_of(der));
    on_a_curve.or_else(edwards).or_else(rsa)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
    use placet_base::registry::JwsAlg;

    use super::*;
    use crate::jwk::Jwk;

    fn pem(der: &[u8]) -> String {
        format!("{BEGIN}\n{}\n{END}\n", BASE64.encode(der))
    }

    #[test]
    fn keys_of_other_tools_sign() {
        let ec = EcdsaKeyPair::generate(P384.sign).unwrap().to_pkcs8v1().unwrap();
        let edwards = Ed25519KeyPair::generate().unwrap().to_pkcs8().unwrap();
        let rsa = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let rsa = AsDer::<Pkcs8V1Der<'_>>::as_der(&rsa).unwrap();
        for (der, alg) in
            [(ec.as_ref(), JwsAlg::Es384), (edwards.as_ref(), JwsAlg::EdDsa), (rsa.as_ref(), JwsAlg::Ps256)]
        {
            let key = private_key_from_pem(&pem(der)).unwrap();
            let jwk = Jwk::parse(&key).unwrap();
            assert!(jwk.signing_key(alg).is_some() && jwk.kid() == jwk.thumbprint().as_deref(), "{alg:?}");
            assert!(private_key_from_pem(&pem(&der[..der.len() - 1])).is_none());
        }
        for wrong in ["", BEGIN, &pem(b"no key"), &"x".repeat(CERTIFICATE + 1)] {
            assert!(private_key_from_pem(wrong).is_none());
        }
    }
}
