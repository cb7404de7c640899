//! Keys that are ready for use: one algorithm each, chosen when the key is made.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, PublicEncryptingKey, PublicKeyComponents};
use aws_lc_rs::signature::{ED25519, VerificationAlgorithm};
use aws_lc_rs::signature::{
    EcdsaKeyPair, Ed25519KeyPair, ParsedPublicKey, RsaEncoding, RsaKeyPair, RsaParameters, UnparsedPublicKey,
};
use placet_base::registry::JwsAlg;

use crate::alg::{Curve, Family, family};
use crate::jwk::Jwk;

/// A private or secret key, bound to one algorithm.
pub struct SigningKey {
    alg: JwsAlg,
    kid: Option<String>,
    material: Private,
}

enum Private {
    Hmac(Box<hmac::Key>),
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// RFC 7518 §3.2: a key is no shorter than the hash.
fn hmac_key(alg: hmac::Algorithm, bytes: &[u8]) -> Option<Box<hmac::Key>> {
    (bytes.len() >= alg.digest_algorithm().output_len()).then(|| Box::new(hmac::Key::new(alg, bytes)))
}

impl SigningKey {
    /// A client secret as a key (OpenID Connect Core §10.1: its UTF-8 bytes). `None` unless `alg` is
    /// one of the HMAC family, and the secret long enough for it.
    pub fn from_secret(secret: &str, alg: JwsAlg) -> Option<Self> {
        let Some(Family::Hmac(hmac_alg)) = family(alg) else { return None };
        Some(Self { alg, kid: None, material: Private::Hmac(hmac_key(hmac_alg, secret.as_bytes())?) })
    }

    pub(crate) fn from_jwk(jwk: &Jwk, alg: JwsAlg) -> Option<Self> {
        let material = match family(alg)? {
            Family::Hmac(_) => return None,
            Family::Rsa { sign, .. } => Private::Rsa(Box::new(rsa_pair(jwk)?), sign),
            Family::Ec { curve } => Private::Ec(Box::new(ec_pair(jwk, curve)?)),
            Family::EdDsa => Private::Ed25519(Box::new(
                Ed25519KeyPair::from_seed_and_public_key(&jwk.bytes("d")?, &jwk.bytes("x")?).ok()?,
            )),
        };
        Some(Self { alg, kid: jwk.kid().map(str::to_owned), material })
    }

    pub fn alg(&self) -> JwsAlg {
        self.alg
    }

    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether a signature takes long enough (RSA: hundreds of microseconds) to be made apart from the
    /// threads that answer requests.
    pub fn is_slow(&self) -> bool {
        matches!(self.material, Private::Rsa(..))
    }

    /// The signature in the form of RFC 7518 §3; `None` when the library refuses.
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.material {
            Private::Hmac(key) => Some(hmac::sign(key, message).as_ref().to_vec()),
            Private::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message, &mut signature).ok()?;
                Some(signature)
            }
            Private::Ec(pair) => Some(pair.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec()),
            Private::Ed25519(pair) => Some(pair.try_sign(message).ok()?.as_ref().to_vec()),
        }
    }
}

/// RFC 7518 §6.3.2: all CRT parameters are required here; a key that has only `d` is refused.
pub(crate) fn rsa_components(jwk: &Jwk) -> Option<KeyPairComponents<Vec<u8>>> {
    Some(KeyPairComponents {
        public_key: PublicKeyComponents { n: jwk.bytes("n")?, e: jwk.bytes("e")? },
        d: jwk.bytes("d")?,
        p: jwk.bytes("p")?,
        q: jwk.bytes("q")?,
        dP: jwk.bytes("dp")?,
        dQ: jwk.bytes("dq")?,
        qInv: jwk.bytes("qi")?,
    })
}

fn rsa_pair(jwk: &Jwk) -> Option<RsaKeyPair> {
    let pair = RsaKeyPair::from_components(&rsa_components(jwk)?).ok()?;
    Some(pair).filter(|pair| pair.public_modulus_len() >= 256)
}

fn ec_pair(jwk: &Jwk, curve: &Curve) -> Option<EcdsaKeyPair> {
    let d = jwk.bytes("d").filter(|d| d.len() == curve.size)?;
    EcdsaKeyPair::from_private_key_and_public_key(curve.sign, &d, &ec_point(jwk, curve)?).ok()
}

/// The uncompressed point; coordinates must have their full length (RFC 7518 §6.2.1.2).
fn ec_point(jwk: &Jwk, curve: &Curve) -> Option<Vec<u8>> {
    let (x, y) = (jwk.bytes("x")?, jwk.bytes("y")?);
    if x.len() != curve.size || y.len() != curve.size {
        return None;
    }
    Some([&[4u8][..], &x, &y].concat())
}

/// A public or secret key, bound to one algorithm.
pub struct VerifyingKey {
    alg: JwsAlg,
    material: Public,
}

enum Public {
    Hmac(Box<hmac::Key>),
    Rsa(PublicKeyComponents<Vec<u8>>, &'static RsaParameters),
    Other(Vec<u8>, &'static dyn VerificationAlgorithm),
}

impl VerifyingKey {
    /// A client secret as a key; `None` unless `alg` is one of the HMAC family, and the secret long enough.
    pub fn from_secret(secret: &str, alg: JwsAlg) -> Option<Self> {
        let Some(Family::Hmac(hmac_alg)) = family(alg) else { return None };
        Some(Self { alg, material: Public::Hmac(hmac_key(hmac_alg, secret.as_bytes())?) })
    }

    pub(crate) fn from_jwk(jwk: &Jwk, alg: JwsAlg) -> Option<Self> {
        let material = match family(alg)? {
            Family::Hmac(hmac_alg) => Public::Hmac(hmac_key(hmac_alg, &jwk.bytes("k")?)?),
            Family::Rsa { verify, .. } => {
                Public::Rsa(PublicKeyComponents { n: jwk.bytes("n")?, e: jwk.bytes("e")? }, verify)
            }
            Family::Ec { curve } => Public::Other(ec_point(jwk, curve)?, curve.verify),
            Family::EdDsa => Public::Other(jwk.bytes("x")?, &ED25519),
        };
        Some(Self { alg, material })
    }

    /// `subject_public_key`: the key of a certificate, as RFC 5280 §4.1.2.7 has it there. One of another kind than
    /// the algorithm's verifies nothing.
    pub(crate) fn from_certified(subject_public_key: &[u8], alg: JwsAlg) -> Option<Self> {
        let verify: &'static dyn VerificationAlgorithm = match family(alg)? {
            Family::Hmac(_) => return None,
            Family::Rsa { verify, .. } => verify,
            Family::Ec { curve } => curve.verify,
            Family::EdDsa => &ED25519,
        };
        Some(Self { alg, material: Public::Other(subject_public_key.to_vec(), verify) })
    }

    pub fn alg(&self) -> JwsAlg {
        self.alg
    }

    /// Whether the numbers are a key: a point of the curve, a modulus of 2048 bits or more. Whoever verifies need not ask; whoever
    /// hands the key on does.
    pub fn is_sound(&self) -> bool {
        match &self.material {
            Public::Hmac(_) => true,
            Public::Rsa(components, _) => {
                let key: Result<PublicEncryptingKey, _> = components.clone().try_into();
                key.is_ok_and(|key| key.key_size_bytes() >= 256)
            }
            Public::Other(key, alg) => ParsedPublicKey::new(*alg, key).is_ok(),
        }
    }

    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Public::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
            Public::Rsa(components, parameters) => components.verify(parameters, message, signature).is_ok(),
            Public::Other(key, alg) => UnparsedPublicKey::new(*alg, key).verify(message, signature).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JwkSet, generate};

    #[test]
    fn every_generated_key_signs_what_it_verifies() {
        for alg in [JwsAlg::Rs256, JwsAlg::Ps384, JwsAlg::Es256, JwsAlg::Es384, JwsAlg::Es512, JwsAlg::EdDsa]
        {
            let set = serde_json::json!({ "keys": [generate(alg).unwrap()] }).to_string();
            let set = JwkSet::parse(&set).unwrap();
            let signature = set.keys()[0].signing_key(alg).unwrap().sign(b"message").unwrap();
            let verifier = set.keys()[0].verifying_key(alg).unwrap();
            assert!(verifier.verifies(b"message", &signature), "{alg:?}");
            assert!(!verifier.verifies(b"massage", &signature), "{alg:?}");
            assert!(!verifier.verifies(b"message", &signature[1..]), "{alg:?}");
        }
    }

    #[test]
    fn numbers_are_a_key_or_they_are_not() {
        for alg in [JwsAlg::Rs256, JwsAlg::Es256, JwsAlg::Es384, JwsAlg::Es512, JwsAlg::EdDsa] {
            let key = Jwk::parse(&generate(alg).unwrap()).unwrap();
            assert!(key.verifying_key(alg).unwrap().is_sound(), "{alg:?}");
        }
        let far = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE";
        for (alg, key) in [
            (JwsAlg::Es256, serde_json::json!({ "kty": "EC", "crv": "P-256", "x": far, "y": far })),
            (JwsAlg::Rs256, serde_json::json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" })),
            (JwsAlg::EdDsa, serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "x": "AQAB" })),
        ] {
            let key = Jwk::parse(&key).unwrap();
            assert!(!key.verifying_key(alg).unwrap().is_sound(), "{alg:?}");
        }
    }

    #[test]
    fn a_key_serves_its_own_algorithm_only() {
        let set = serde_json::json!({ "keys": [generate(JwsAlg::Es256).unwrap()] }).to_string();
        let set = JwkSet::parse(&set).unwrap();
        for alg in JwsAlg::ALL.iter().filter(|alg| **alg != JwsAlg::Es256) {
            assert!(set.keys()[0].signing_key(*alg).is_none(), "{alg:?}");
            assert!(set.keys()[0].verifying_key(*alg).is_none(), "{alg:?}");
        }
        assert!(SigningKey::from_secret("secret", JwsAlg::Rs256).is_none());
    }
}
