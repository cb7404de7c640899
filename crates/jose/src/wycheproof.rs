//! Project Wycheproof's vectors for the primitives in use, through our own key types: what is valid must
//! pass, what is invalid must not. Vectors marked acceptable may go either way.

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, X25519};
use aws_lc_rs::rsa::PrivateDecryptingKey;
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::{JweAlg, JweEnc, JwsAlg};
use serde_json::{Value, json};
use wycheproof::TestResult;

use crate::content::{self, Sealed};
use crate::der::Der;
use crate::{JwkSet, management};

fn b64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn set(jwk: &Value) -> JwkSet {
    JwkSet::parse(&json!({ "keys": [jwk] }).to_string()).unwrap()
}

fn hold(name: &str, comment: &str, expected: TestResult, passed: bool) {
    match expected {
        TestResult::Valid => assert!(passed, "{name}: a valid vector fails: {comment}"),
        TestResult::Invalid => assert!(!passed, "{name}: an invalid vector passes: {comment}"),
        TestResult::Acceptable => {}
    }
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut seen = 0;
    for (name, alg, crv, size) in [
        (TestName::EcdsaSecp256r1Sha256P1363, JwsAlg::Es256, "P-256", 32),
        (TestName::EcdsaSecp384r1Sha384P1363, JwsAlg::Es384, "P-384", 48),
        (TestName::EcdsaSecp521r1Sha512P1363, JwsAlg::Es512, "P-521", 66),
        (TestName::EcdsaSecp256k1Sha256P1363, JwsAlg::Es256k, "secp256k1", 32),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let (x, y) = group.key.key[1..].split_at(size);
            let set = set(&json!({ "kty": "EC", "crv": crv, "x": b64(x), "y": b64(y) }));
            for test in group.tests {
                let key = set.keys()[0].verifying_key(alg).unwrap();
                hold(crv, &test.comment, test.result, key.verifies(&test.msg, &test.sig));
                seen += 1;
            }
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn eddsa() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut seen = 0;
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let set = set(&json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(&group.key.pk) }));
        for test in group.tests {
            let key = set.keys()[0].verifying_key(JwsAlg::EdDsa).unwrap();
            hold("Ed25519", &test.comment, test.result, key.verifies(&test.msg, &test.sig));
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

fn verifies_rsa(alg: JwsAlg, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let mut parts = Der::new(key).sequence().unwrap();
    let (n, e) = (parts.integer().unwrap(), parts.integer().unwrap());
    let set = set(&json!({ "kty": "RSA", "n": b64(n), "e": b64(e) }));
    set.keys()[0].verifying_key(alg).is_some_and(|key| key.verifies(message, signature))
}

#[test]
fn rsa_signatures() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    use wycheproof::rsa_pss_verify as pss;
    let mut seen = 0;
    for (name, alg) in [
        (TestName::Rsa2048Sha256, JwsAlg::Rs256),
        (TestName::Rsa3072Sha384, JwsAlg::Rs384),
        (TestName::Rsa4096Sha512, JwsAlg::Rs512),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let passed = verifies_rsa(alg, &group.asn_key, &test.msg, &test.sig);
                hold(alg.protocol_name(), &test.comment, test.result, passed);
                seen += 1;
            }
        }
    }
    for (name, alg) in [
        (pss::TestName::RsaPss2048Sha256Mgf1SaltLen32, JwsAlg::Ps256),
        (pss::TestName::RsaPss4096Sha384Mgf1SaltLen48, JwsAlg::Ps384),
        (pss::TestName::RsaPss4096Sha512Mgf1SaltLen64, JwsAlg::Ps512),
    ] {
        for group in pss::TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let passed = verifies_rsa(alg, &group.asn_key, &test.msg, &test.sig);
                hold(alg.protocol_name(), &test.comment, test.result, passed);
                seen += 1;
            }
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn hmac() {
    use wycheproof::mac::{TestName, TestSet};
    let mut seen = 0;
    for (name, alg, size) in [
        (TestName::HmacSha256, JwsAlg::Hs256, 256),
        (TestName::HmacSha384, JwsAlg::Hs384, 384),
        (TestName::HmacSha512, JwsAlg::Hs512, 512),
    ] {
        let groups = TestSet::load(name).unwrap().test_groups;
        // RFC 7518 §3.2 has no truncated tags.
        for group in groups.into_iter().filter(|group| group.tag_size == size) {
            for test in group.tests {
                let set = set(&json!({ "kty": "oct", "k": b64(&test.key) }));
                let key = set.keys()[0].verifying_key(alg);
                // RFC 7518 §3.2 has no keys shorter than the hash either.
                assert_eq!(key.is_some(), test.key.len() * 8 >= size, "{}", test.comment);
                let Some(key) = key else { continue };
                hold(alg.protocol_name(), &test.comment, test.result, key.verifies(&test.msg, &test.tag));
                seen += 1;
            }
        }
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn content_encryption() {
    use wycheproof::aead::{TestName, TestSet};
    let mut seen = 0;
    for (name, encs) in [
        (TestName::AesGcm, &[JweEnc::A128Gcm, JweEnc::A192Gcm, JweEnc::A256Gcm][..]),
        (TestName::Aes128CbcHmacSha256, &[JweEnc::A128CbcHs256]),
        (TestName::Aes192CbcHmacSha384, &[JweEnc::A192CbcHs384]),
        (TestName::Aes256CbcHmacSha512, &[JweEnc::A256CbcHs512]),
    ] {
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            for enc in encs {
                let sealed =
                    Sealed { iv: test.nonce.to_vec(), ciphertext: test.ct.to_vec(), tag: test.tag.to_vec() };
                let opened = content::open(*enc, &test.key, &test.aad, sealed);
                let passed = opened.is_some_and(|content| content == *test.pt);
                // A vector is for one key length, and RFC 7518 §5.3 knows one nonce length only.
                let ours = test.key.len() == content::key_length(*enc)
                    && (encs.len() == 1 || test.nonce.len() == 12);
                let expected = if ours { test.result } else { TestResult::Invalid };
                hold(enc.protocol_name(), &test.comment, expected, passed);
                seen += usize::from(ours);
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn oaep() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let mut seen = 0;
    for (name, alg) in [
        (TestName::Rsa2048Sha1Mgf1Sha1, JweAlg::RsaOaep),
        (TestName::Rsa2048Sha256Mgf1Sha256, JweAlg::RsaOaep256),
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = PrivateDecryptingKey::from_pkcs8(&group.pkcs8).unwrap();
            for test in group.tests.iter().filter(|test| test.label.is_empty()) {
                let opened = management::decrypted_rsa(alg, &key, &test.ct);
                let passed = opened.is_some_and(|content| content == *test.pt);
                hold(alg.protocol_name(), &test.comment, test.result, passed);
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn key_wrap() {
    use wycheproof::keywrap::{TestName, TestSet};
    let mut seen = 0;
    let groups = TestSet::load(TestName::AesKeyWrap).unwrap().test_groups;
    for group in groups.into_iter().filter(|group| group.key_size != 192) {
        for test in group.tests {
            let opened = management::unwrap(&test.key, &test.ct);
            let passed = opened.is_some_and(|content| content == *test.pt);
            hold("AES key wrap", &test.comment, test.result, passed);
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn key_agreement() {
    use wycheproof::ecdh::{TestName, TestSet};
    let mut seen = 0;
    for (name, algorithm, size) in [
        (TestName::EcdhSecp256r1Ecpoint, &ECDH_P256, 32),
        (TestName::EcdhSecp384r1Ecpoint, &ECDH_P384, 48),
        (TestName::EcdhSecp521r1Ecpoint, &ECDH_P521, 66),
    ] {
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            // A private key of ours always has its full length, and a peer's point is uncompressed.
            let stripped = &test.private_key[test.private_key.iter().position(|b| *b != 0).unwrap_or(0)..];
            let own = [&vec![0; size - stripped.len()][..], stripped].concat();
            if test.public_key.first() != Some(&4) {
                continue;
            }
            let own = PrivateKey::from_private_key(algorithm, &own).unwrap();
            let peer = UnparsedPublicKey::new(algorithm, test.public_key.to_vec());
            let agreed = agreement::agree(&own, peer, (), |secret| Ok(secret.to_vec()));
            let passed = agreed.is_ok_and(|secret| secret == *test.shared_secret);
            hold("ECDH", &test.comment, test.result, passed);
            seen += 1;
        }
    }
    let sets = wycheproof::xdh::TestSet::load(wycheproof::xdh::TestName::X25519).unwrap();
    for test in sets.test_groups.into_iter().flat_map(|group| group.tests) {
        let own = PrivateKey::from_private_key(&X25519, &test.private_key).unwrap();
        let peer = UnparsedPublicKey::new(&X25519, test.public_key.to_vec());
        let agreed = agreement::agree(&own, peer, (), |secret| Ok(secret.to_vec()));
        hold("X25519", &test.comment, test.result, agreed.is_ok_and(|secret| secret == *test.shared_secret));
        seen += 1;
    }
    assert!(seen > 500, "{seen}");
}
