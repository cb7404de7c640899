//! RFC 7518 §3.1, RFC 8037 §3.1, RFC 8812 §3.2 – what each signature algorithm is made of.

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self as sig, EcdsaSigningAlgorithm, RsaEncoding, VerificationAlgorithm};
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::JwsAlg;

/// The shape of a key and how a signature is made with it.
pub(crate) enum Family {
    Hmac(hmac::Algorithm),
    Rsa { sign: &'static dyn RsaEncoding, verify: &'static sig::RsaParameters },
    Ec { curve: &'static Curve },
    EdDsa,
}

/// An elliptic curve of RFC 7518 §6.2.1.1 or RFC 8812 §3.1.
pub(crate) struct Curve {
    pub(crate) name: &'static str,
    /// Bytes of a coordinate, and of the private scalar.
    pub(crate) size: usize,
    pub(crate) sign: &'static EcdsaSigningAlgorithm,
    pub(crate) verify: &'static dyn VerificationAlgorithm,
}

pub(crate) static P256: Curve = Curve {
    name: "P-256",
    size: 32,
    sign: &sig::ECDSA_P256_SHA256_FIXED_SIGNING,
    verify: &sig::ECDSA_P256_SHA256_FIXED,
};
pub(crate) static P384: Curve = Curve {
    name: "P-384",
    size: 48,
    sign: &sig::ECDSA_P384_SHA384_FIXED_SIGNING,
    verify: &sig::ECDSA_P384_SHA384_FIXED,
};
pub(crate) static P521: Curve = Curve {
    name: "P-521",
    size: 66,
    sign: &sig::ECDSA_P521_SHA512_FIXED_SIGNING,
    verify: &sig::ECDSA_P521_SHA512_FIXED,
};
pub(crate) static SECP256K1: Curve = Curve {
    name: "secp256k1",
    size: 32,
    sign: &sig::ECDSA_P256K1_SHA256_FIXED_SIGNING,
    verify: &sig::ECDSA_P256K1_SHA256_FIXED,
};

/// The make of an algorithm; `None` for `none`, which is not a signature.
pub(crate) fn family(alg: JwsAlg) -> Option<Family> {
    use Family::{Ec, EdDsa, Hmac, Rsa};
    Some(match alg {
        JwsAlg::None => return None,
        JwsAlg::Hs256 => Hmac(hmac::HMAC_SHA256),
        JwsAlg::Hs384 => Hmac(hmac::HMAC_SHA384),
        JwsAlg::Hs512 => Hmac(hmac::HMAC_SHA512),
        JwsAlg::Rs256 => Rsa { sign: &sig::RSA_PKCS1_SHA256, verify: &sig::RSA_PKCS1_2048_8192_SHA256 },
        JwsAlg::Rs384 => Rsa { sign: &sig::RSA_PKCS1_SHA384, verify: &sig::RSA_PKCS1_2048_8192_SHA384 },
        JwsAlg::Rs512 => Rsa { sign: &sig::RSA_PKCS1_SHA512, verify: &sig::RSA_PKCS1_2048_8192_SHA512 },
        JwsAlg::Ps256 => Rsa { sign: &sig::RSA_PSS_SHA256, verify: &sig::RSA_PSS_2048_8192_SHA256 },
        JwsAlg::Ps384 => Rsa { sign: &sig::RSA_PSS_SHA384, verify: &sig::RSA_PSS_2048_8192_SHA384 },
        JwsAlg::Ps512 => Rsa { sign: &sig::RSA_PSS_SHA512, verify: &sig::RSA_PSS_2048_8192_SHA512 },
        JwsAlg::Es256 => Ec { curve: &P256 },
        JwsAlg::Es384 => Ec { curve: &P384 },
        JwsAlg::Es512 => Ec { curve: &P521 },
        JwsAlg::Es256k => Ec { curve: &SECP256K1 },
        JwsAlg::EdDsa => EdDsa,
    })
}

/// OpenID Connect Core §3.1.3.6, §3.3.2.11 – the left half of the hash of a token or code, with the
/// hash of the signature algorithm, base64url. Ed25519 hashes with SHA-512.
pub fn half_hash(alg: JwsAlg, value: &str) -> String {
    let hash = match alg {
        JwsAlg::Hs384 | JwsAlg::Rs384 | JwsAlg::Es384 | JwsAlg::Ps384 => &SHA384,
        JwsAlg::Hs512 | JwsAlg::Rs512 | JwsAlg::Es512 | JwsAlg::Ps512 | JwsAlg::EdDsa => &SHA512,
        JwsAlg::Hs256 | JwsAlg::Rs256 | JwsAlg::Es256 | JwsAlg::Es256k | JwsAlg::Ps256 | JwsAlg::None => {
            &SHA256
        }
    };
    let digest = digest::digest(hash, value.as_bytes());
    BASE64URL_NOPAD.encode(&digest.as_ref()[..digest.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_hash_of_the_specification() {
        // OpenID Connect Core, appendix A.4: the access token and its at_hash with RS256.
        assert_eq!(
            half_hash(JwsAlg::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }
}
