mod attested;

use data_encoding::BASE64;
use placet_jose::{Certificate, SigningKey, Unsigned};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Map, json};

use super::*;
use crate::budgets::CERTIFICATE_CHAIN;
use crate::testing::{jwk, object, signed};

const NOW: i64 = 1_701_960_444;
const ISSUER: &str = "https://credential-issuer.example.com";

/// The proof of appendix F.1.
const EXAMPLE: &str = "eyJ0eXAiOiJvcGVuaWQ0dmNpLXByb29mK2p3dCIsImFsZyI6IkVTMjU2Iiwiandr\
    Ijp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoiblVXQW9BdjNYWml0aDhFN2kxOU9kYXhPTFlGT3dNLVoyRXVNMDJUaXJUNCIsInkiOiJI\
    c2tIVThCalVpMVU5WHFpN1N3bWo4Z3dBS18weGtjRGpFV183MVNvc0VZIn19.eyJhdWQiOiJodHRwczovL2NyZWRlbnRpYWwtaXNzdWVyLmV4YW1w\
    bGUuY29tIiwiaWF0IjoxNzAxOTYwNDQ0LCJub25jZSI6IkxhclJHU2JtVVBZdFJZTzZCUTR5bjgifQ.-a3EDsxClUB4O3LeDD5DVGEnNMT01FCQW4\
    P6-2-BNBqc_Zxf0Qw4CWayLEpqkAomlkLb9zioZoipdP-jvh1WlA";

const NOBODY: Attesters<'_> = Attesters { roots: &[], nonces: None };

fn expected<'a>() -> Expected<'a> {
    Expected {
        issuer: ISSUER,
        client: Client::Known("client"),
        algs: Set::EVERY,
        now: Timestamp::from_secs(NOW),
        tolerance: Tolerance::exactly(5),
        oldest: 300,
        nonces: None,
        attesters: NOBODY,
    }
}

fn claims() -> Map<String, Value> {
    object(json!({ "iss": "client", "aud": ISSUER, "iat": NOW, "nonce": "n" }))
}

/// A proof of this key, with these members of the header.
fn proof(key: &Jwk, header: Value, claims: Map<String, Value>) -> String {
    let mut header = object(header);
    header.entry("typ").or_insert("openid4vci-proof+jwt".into());
    signed(Unsigned { header, claims }, &signing(key))
}

fn signing(key: &Jwk) -> SigningKey {
    key.signing_key(JwsAlg::Es256).unwrap()
}

fn error(text: &str, expected: &Expected<'_>) -> Option<ProofError> {
    jwt(text, expected).err()
}

#[test]
fn the_example_is_verified() {
    let proof = jwt(EXAMPLE, &expected());
    assert_eq!(proof.as_ref().err(), None);
    assert_eq!(proof.ok().unwrap().nonce.as_deref(), Some("LarRGSbmUPYtRYO6BQ4yn8"));
}

#[test]
fn a_proof_shows_its_key() {
    let key = jwk(JwsAlg::Es256);
    let text = proof(&key, json!({ "jwk": key.public() }), claims());
    let found = jwt(&text, &expected()).ok().unwrap();
    assert_eq!(found.key.thumbprint(), key.thumbprint());
    assert_eq!(found.nonce.as_deref(), Some("n"));
    assert!(found.attestation.is_none());
}

#[test]
fn the_header_shows_one_public_key() {
    let key = jwk(JwsAlg::Es256);
    let with = |name: &str| {
        let mut public = key.public();
        public[name] = "AQAB".into();
        public
    };
    let public = key.public();
    for (header, expected_error) in [
        (json!({}), ProofError::KeyMissing),
        (json!({ "jwk": public, "x5c": [] }), ProofError::KeyAmbiguous),
        (json!({ "jwk": public, "kid": "a" }), ProofError::KeyAmbiguous),
        (json!({ "kid": "did:jwk:a" }), ProofError::KeyUnknown),
        (json!({ "kid": "0" }), ProofError::KeyUnknown),
        (json!({ "jwk": with("d") }), ProofError::KeyPrivate),
        (json!({ "jwk": with("p") }), ProofError::KeyPrivate),
        (json!({ "jwk": { "kty": "oct", "k": "AQAB" } }), ProofError::KeyPrivate),
        (json!({ "jwk": jwk(JwsAlg::EdDsa).public() }), ProofError::KeyUnusable),
        (json!({ "jwk": {} }), ProofError::KeyUnusable),
        (json!({ "jwk": jwk(JwsAlg::Es256).public() }), ProofError::Signature),
        (json!({ "x5c": [] }), ProofError::Certificate),
        (json!({ "x5c": "AQAB" }), ProofError::Certificate),
        (json!({ "x5c": ["AQAB"] }), ProofError::Certificate),
        (json!({ "jwk": public, "typ": "JWT" }), ProofError::Type),
        (json!({ "jwk": public, "crit": ["a"] }), ProofError::Malformed),
    ] {
        let text = proof(&key, header.clone(), claims());
        assert_eq!(error(&text, &expected()), Some(expected_error), "{header}");
    }
}

#[test]
fn each_claim_is_judged() {
    let key = jwk(JwsAlg::Es256);
    let of = |claims| proof(&key, json!({ "jwk": key.public() }), claims);
    for (name, value, expected_error) in [
        ("iss", json!("other"), ProofError::Client),
        ("aud", json!("https://other"), ProofError::Audience),
        ("aud", json!([ISSUER]), ProofError::Audience),
        ("iat", json!(NOW - 301), ProofError::Untimely),
        ("iat", json!(NOW + 6), ProofError::Untimely),
        ("iat", json!("now"), ProofError::Malformed),
        ("exp", json!(NOW - 5), ProofError::Untimely),
        ("nbf", json!(NOW + 6), ProofError::Untimely),
        ("nonce", json!(1), ProofError::Nonce),
    ] {
        let mut claims = claims();
        claims.insert(name.into(), value);
        assert_eq!(error(&of(claims), &expected()), Some(expected_error), "{name}");
    }
    for (name, expected_error) in [
        ("iss", None),
        ("aud", Some(ProofError::AudienceMissing)),
        ("iat", Some(ProofError::IssuedAtMissing)),
        ("nonce", None),
    ] {
        let mut claims = claims();
        claims.remove(name);
        assert_eq!(error(&of(claims), &expected()), expected_error, "{name}");
    }
}

#[test]
fn nobody_in_particular_has_no_name() {
    let key = jwk(JwsAlg::Es256);
    let anonymous = Expected { client: Client::Anonymous, ..expected() };
    let mut claims = claims();
    let of = |claims: &Map<String, Value>| proof(&key, json!({ "jwk": key.public() }), claims.clone());
    assert_eq!(error(&of(&claims), &anonymous), Some(ProofError::Client));
    claims.remove("iss");
    assert_eq!(error(&of(&claims), &anonymous), None);
}

#[test]
fn a_nonce_of_ours_may_be_demanded() {
    let key = jwk(JwsAlg::Es256);
    let of = |claims: Map<String, Value>| proof(&key, json!({ "jwk": key.public() }), claims);
    let (is_ours, is_not) = (|nonce: &str| nonce == "n", |_: &str| false);
    let demanding = |nonces| Expected { nonces: Some(nonces), ..expected() };
    assert_eq!(error(&of(claims()), &demanding(&is_ours)), None);
    assert_eq!(error(&of(claims()), &demanding(&is_not)), Some(ProofError::Nonce));
    let mut without = claims();
    without.remove("nonce");
    assert_eq!(error(&of(without), &demanding(&is_ours)), Some(ProofError::NonceMissing));
}

#[test]
fn algorithms_are_those_that_are_taken() {
    let key = jwk(JwsAlg::Es256);
    let text = proof(&key, json!({ "jwk": key.public() }), claims());
    let narrow = Expected { algs: Set::of_bits(JwsAlg::EdDsa.mask()), ..expected() };
    assert_eq!(error(&text, &narrow), Some(ProofError::Algorithm(JwsAlg::Es256)));
    let secret = SigningKey::from_secret("0123456789abcdef0123456789abcdef", JwsAlg::Hs256).unwrap();
    let header = object(json!({ "typ": "openid4vci-proof+jwt", "jwk": key.public() }));
    let text = signed(Unsigned { header, claims: claims() }, &secret);
    assert_eq!(error(&text, &expected()), Some(ProofError::Algorithm(JwsAlg::Hs256)));
}

#[test]
fn certificates_are_few_and_not_in_pem() {
    let (der, key) = certified(None);
    let text = BASE64.encode(der.der());
    let of = |x5c: Value| error(&proof(&key, json!({ "x5c": x5c }), claims()), &expected());
    assert_eq!(of(json!(vec![&text; CERTIFICATE_CHAIN + 1])), None);
    assert_eq!(of(json!(vec![&text; CERTIFICATE_CHAIN + 2])), Some(ProofError::Certificate));
    assert_eq!(of(json!([text, 1])), Some(ProofError::Certificate));
    assert_eq!(of(json!([text, "AQAB"])), Some(ProofError::Certificate));
    assert_eq!(of(json!([der.pem()])), Some(ProofError::Certificate));
}

/// A key that no mdoc can be bound to, and other credentials can.
#[test]
fn the_key_of_an_rsa_certificate_is_read() {
    let pair = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = CertificateParams::new([]).unwrap().self_signed(&pair).unwrap();
    let key = certified::key(&json!([BASE64.encode(certificate.der())]), JwsAlg::Rs256).ok().unwrap();
    let signature = rcgen::SigningKey::sign(&pair, b"message").unwrap();
    assert!(key.verifying_key(JwsAlg::Rs256).unwrap().verifies(b"message", &signature));
}

#[test]
fn the_key_of_a_certificate_is_bound() {
    let (der, key) = certified(None);
    let x5c = json!({ "x5c": [BASE64.encode(der.der())] });
    let found = jwt(&proof(&key, x5c.clone(), claims()), &expected()).ok().unwrap();
    assert_eq!(found.key.thumbprint(), key.thumbprint());
    let of_another = proof(&jwk(JwsAlg::Es256), x5c, claims());
    assert_eq!(error(&of_another, &expected()), Some(ProofError::Signature));
    let pair = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let other = CertificateParams::new([]).unwrap().self_signed(&pair).unwrap();
    let other = proof(&key, json!({ "x5c": [BASE64.encode(other.der())] }), claims());
    assert_eq!(error(&other, &expected()), Some(ProofError::KeyUnusable));
}

/// A certificate, by itself or by this one, and the key in it.
fn certified(by: Option<&Issuer<'_, KeyPair>>) -> (rcgen::Certificate, Jwk) {
    let pair = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["attester".to_owned()]).unwrap();
    let certificate = match by {
        Some(issuer) => params.signed_by(&pair, issuer).unwrap(),
        None => params.self_signed(&pair).unwrap(),
    };
    (certificate, private(&pair))
}

/// RFC 5915 §3: the private number stands behind the version, in 32 bytes.
fn private(pair: &KeyPair) -> Jwk {
    const VERSION: &[u8] = &[2, 1, 1, 4, 32];
    let der = pair.serialize_der();
    let at = der.windows(VERSION.len()).position(|found| found == VERSION).unwrap() + VERSION.len();
    let point = pair.public_key_raw();
    let encoded = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let key = json!({
        "kty": "EC", "crv": "P-256",
        "x": encoded(&point[1..33]), "y": encoded(&point[33..]), "d": encoded(&der[at..at + 32]),
    });
    Jwk::parse(&key).unwrap()
}
