//! What RFC 7518 names, in the names of AWS KMS.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512};
use aws_sdk_kms::types::{EncryptionAlgorithmSpec, KeySpec, KeyUsageType, SigningAlgorithmSpec};
use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::KeyAlg;
use placet_jose::KeyKind;

/// The kind of key that does this, and what it is made for. `None` where no key is.
pub(crate) fn key(alg: KeyAlg) -> Option<(KeySpec, KeyUsageType)> {
    let spec = match alg.kind()? {
        KeyKind::P256 => KeySpec::EccNistP256,
        KeyKind::P384 => KeySpec::EccNistP384,
        KeyKind::P521 => KeySpec::EccNistP521,
        KeyKind::Rsa2048 => KeySpec::Rsa2048,
        KeyKind::Ed25519 | KeyKind::X25519 => return None,
    };
    let usage = match (alg, &spec) {
        (KeyAlg::Signs(_), _) => KeyUsageType::SignVerify,
        (KeyAlg::Decrypts(_), KeySpec::Rsa2048) => KeyUsageType::EncryptDecrypt,
        (KeyAlg::Decrypts(_), _) => KeyUsageType::KeyAgreement,
    };
    Some((spec, usage))
}

/// The algorithm of a signature (RFC 7518 §3.3 to §3.5) and the digest that it is made over.
pub(crate) fn signing(alg: JwsAlg) -> Option<(SigningAlgorithmSpec, &'static Algorithm)> {
    Some(match alg {
        JwsAlg::Es256 => (SigningAlgorithmSpec::EcdsaSha256, &SHA256),
        JwsAlg::Es384 => (SigningAlgorithmSpec::EcdsaSha384, &SHA384),
        JwsAlg::Es512 => (SigningAlgorithmSpec::EcdsaSha512, &SHA512),
        JwsAlg::Rs256 => (SigningAlgorithmSpec::RsassaPkcs1V15Sha256, &SHA256),
        JwsAlg::Rs384 => (SigningAlgorithmSpec::RsassaPkcs1V15Sha384, &SHA384),
        JwsAlg::Rs512 => (SigningAlgorithmSpec::RsassaPkcs1V15Sha512, &SHA512),
        JwsAlg::Ps256 => (SigningAlgorithmSpec::RsassaPssSha256, &SHA256),
        JwsAlg::Ps384 => (SigningAlgorithmSpec::RsassaPssSha384, &SHA384),
        JwsAlg::Ps512 => (SigningAlgorithmSpec::RsassaPssSha512, &SHA512),
        JwsAlg::None | JwsAlg::Hs256 | JwsAlg::Hs384 | JwsAlg::Hs512 | JwsAlg::Es256k | JwsAlg::EdDsa => {
            return None;
        }
    })
}

/// How long each of the two numbers of an ECDSA signature is (RFC 7518 §3.4); `None` for RSA.
pub(crate) fn ecdsa_size(alg: JwsAlg) -> Option<usize> {
    match alg {
        JwsAlg::Es256 => Some(32),
        JwsAlg::Es384 => Some(48),
        JwsAlg::Es512 => Some(66),
        _ => None,
    }
}

/// RFC 7518 §4.3.
pub(crate) fn oaep(alg: JweAlg) -> Option<EncryptionAlgorithmSpec> {
    match alg {
        JweAlg::RsaOaep => Some(EncryptionAlgorithmSpec::RsaesOaepSha1),
        JweAlg::RsaOaep256 => Some(EncryptionAlgorithmSpec::RsaesOaepSha256),
        _ => None,
    }
}
