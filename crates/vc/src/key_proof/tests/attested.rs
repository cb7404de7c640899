//! Keys that somebody vouches for.

use super::*;
use crate::budgets::ATTESTED_KEYS;

/// Somebody who vouches for keys, and what that leads to.
struct Attester {
    root: Certificate,
    x5c: Value,
    key: Jwk,
}

fn attester() -> Attester {
    let pair = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["root".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // The range of rcgen's own certificates.
    let root = params.self_signed(&pair).unwrap().der().to_vec();
    let (own, key) = certified(Some(&Issuer::new(params, pair)));
    Attester { root: Certificate::from_der(root).unwrap(), x5c: json!([BASE64.encode(own.der())]), key }
}

impl Attester {
    fn attests(&self, claims: Value) -> String {
        self.attests_as(json!({ "typ": "key-attestation+jwt", "x5c": self.x5c }), claims)
    }

    fn attests_as(&self, header: Value, claims: Value) -> String {
        signed(Unsigned { header: object(header), claims: object(claims) }, &signing(&self.key))
    }
}

fn attested(key: &Jwk) -> Value {
    json!({
        "iat": NOW, "exp": NOW + 60, "attested_keys": [jwk(JwsAlg::Es256).public(), key.public()],
        "key_storage": ["iso_18045_high"], "user_authentication": ["iso_18045_basic"], "nonce": "n",
        "status": { "status_list": { "idx": 0, "uri": "https://status" } },
    })
}

fn judged_alone(
    text: &str,
    attesters: Attesters<'_>,
    expires: Presence,
) -> Result<Attestation, AttestationError> {
    let expected = attestation::Expected {
        algs: Set::EVERY,
        now: Timestamp::from_secs(NOW),
        tolerance: Tolerance::exactly(5),
        attesters,
        expires,
    };
    attestation::verified(text, &expected)
}

#[test]
fn keys_are_attested() {
    let others = [attester().root];
    let (attester, key) = (attester(), jwk(JwsAlg::Es256));
    let roots = [attester.root.clone()];
    let trusting = Attesters { roots: &roots, nonces: None };
    let text = attester.attests(attested(&key));
    let found = judged_alone(&text, trusting, Presence::Required).ok().unwrap();
    assert_eq!(found.keys[1].thumbprint(), key.thumbprint());
    assert_eq!((found.nonce.as_deref(), found.until), (Some("n"), Some(Timestamp::from_secs(NOW + 60))));
    let kinds = |kind: &str| vec![kind.to_owned()];
    assert!(found.resists(&[], &[]) && found.resists(&kinds("iso_18045_high"), &kinds("iso_18045_basic")));
    assert!(!found.resists(&kinds("iso_18045_basic"), &[]) && !found.resists(&[], &kinds("iso_18045_high")));
    assert_eq!(judged_alone(&text, NOBODY, Presence::Optional).err(), Some(AttestationError::Untrusted));
    let others = Attesters { roots: &others, nonces: None };
    assert_eq!(judged_alone(&text, others, Presence::Optional).err(), Some(AttestationError::Untrusted));
}

#[test]
fn each_claim_of_an_attestation_is_judged() {
    let (attester, key) = (attester(), jwk(JwsAlg::Es256));
    let roots = [attester.root.clone()];
    let judged = |claims: Value| {
        let trusting = Attesters { roots: &roots, nonces: None };
        judged_alone(&attester.attests(claims), trusting, Presence::Required).err()
    };
    let mut private = key.public();
    private["d"] = "AQAB".into();
    let many = vec![key.public(); ATTESTED_KEYS + 1];
    for (name, value, error) in [
        ("iat", json!(NOW + 6), AttestationError::Untimely),
        ("exp", json!(NOW - 5), AttestationError::Untimely),
        ("iat", json!("now"), AttestationError::Malformed),
        ("attested_keys", json!([]), AttestationError::Keys),
        ("attested_keys", json!({}), AttestationError::Keys),
        ("attested_keys", json!([{}]), AttestationError::Keys),
        ("attested_keys", json!(many), AttestationError::Keys),
        ("attested_keys", json!([private]), AttestationError::KeyPrivate),
        ("key_storage", json!("iso_18045_high"), AttestationError::Resistance),
        ("key_storage", json!([]), AttestationError::Resistance),
        ("user_authentication", json!([1]), AttestationError::Resistance),
        ("status", json!("valid"), AttestationError::Status),
        ("nonce", json!(1), AttestationError::Nonce),
    ] {
        let mut claims = attested(&key);
        claims[name] = value;
        assert_eq!(judged(claims), Some(error), "{name}");
    }
    for (name, error) in [
        ("iat", AttestationError::IssuedAtMissing),
        ("exp", AttestationError::ExpirationMissing),
        ("attested_keys", AttestationError::Keys),
    ] {
        let mut claims = attested(&key);
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(judged(claims), Some(error), "{name}");
    }
}

#[test]
fn an_attestation_is_one_for_us_and_by_its_certificate() {
    let (attester, key) = (attester(), jwk(JwsAlg::Es256));
    let roots = [attester.root.clone()];
    let trusting = Attesters { roots: &roots, nonces: None };
    let text = attester.attests_as(json!({ "typ": "JWT", "x5c": attester.x5c }), attested(&key));
    assert_eq!(judged_alone(&text, trusting, Presence::Optional).err(), Some(AttestationError::Type));
    let text = attester.attests_as(json!({ "typ": "key-attestation+jwt" }), attested(&key));
    assert_eq!(judged_alone(&text, trusting, Presence::Optional).err(), Some(AttestationError::Untrusted));
    let forged = Attester { root: attester.root.clone(), x5c: attester.x5c.clone(), key: key.clone() };
    let forged = judged_alone(&forged.attests(attested(&key)), trusting, Presence::Optional);
    assert_eq!(forged.err(), Some(AttestationError::Signature));
    let long = json!(vec![attester.x5c[0].clone(); CERTIFICATE_CHAIN + 2]);
    let text = attester.attests_as(json!({ "typ": "key-attestation+jwt", "x5c": long }), attested(&key));
    assert_eq!(judged_alone(&text, trusting, Presence::Optional).err(), Some(AttestationError::Untrusted));
    let secret = SigningKey::from_secret("0123456789abcdef0123456789abcdef", JwsAlg::Hs256).unwrap();
    let header = object(json!({ "typ": "key-attestation+jwt", "x5c": attester.x5c }));
    let text = signed(Unsigned { header, claims: object(attested(&key)) }, &secret);
    let algorithm = AttestationError::Algorithm(JwsAlg::Hs256);
    assert_eq!(judged_alone(&text, trusting, Presence::Optional).err(), Some(algorithm));
    assert_eq!(judged_alone("a", trusting, Presence::Optional).err(), Some(AttestationError::Malformed));
    let is_not = |_: &str| false;
    let demanding = Attesters { roots: &roots, nonces: Some(&is_not) };
    let text = attester.attests(attested(&key));
    assert_eq!(judged_alone(&text, demanding, Presence::Optional).err(), Some(AttestationError::Nonce));
    let mut claims = attested(&key);
    claims.as_object_mut().unwrap().remove("nonce");
    let text = attester.attests(claims);
    assert_eq!(
        judged_alone(&text, demanding, Presence::Optional).err(),
        Some(AttestationError::NonceMissing)
    );
}

#[test]
fn a_proof_is_by_a_key_of_its_attestation() {
    let (attester, key) = (attester(), jwk(JwsAlg::Es256));
    let roots = [attester.root.clone()];
    let expected = Expected { attesters: Attesters { roots: &roots, nonces: None }, ..expected() };
    let mut named = attested(&key);
    named["attested_keys"][1]["kid"] = "k".into();
    let attestation = attester.attests(named);
    let of = |key: &Jwk, mut header: Value| {
        header["key_attestation"] = attestation.clone().into();
        proof(key, header, claims())
    };
    for header in [json!({ "jwk": key.public() }), json!({ "kid": "k" }), json!({ "kid": "1" })] {
        let found = jwt(&of(&key, header), &expected).ok().unwrap();
        assert_eq!(found.key.thumbprint(), key.thumbprint());
        assert_eq!(found.attestation.unwrap().keys.len(), 2);
    }
    let other = jwk(JwsAlg::Es256);
    for (key, header, expected_error) in [
        (&other, json!({ "jwk": other.public() }), ProofError::Unattested),
        (&other, json!({ "kid": "k" }), ProofError::Signature),
        (&key, json!({ "kid": "0" }), ProofError::Signature),
        (&key, json!({ "kid": "2" }), ProofError::KeyUnknown),
        (&key, json!({ "kid": 1 }), ProofError::KeyUnknown),
    ] {
        assert_eq!(error(&of(key, header.clone()), &expected), Some(expected_error), "{header}");
    }
    let text = of(&key, json!({ "jwk": key.public() }));
    let untrusted = ProofError::Attestation(AttestationError::Untrusted);
    assert_eq!(error(&text, &super::expected()), Some(untrusted));
    let text = proof(&key, json!({ "jwk": key.public(), "key_attestation": 1 }), claims());
    assert_eq!(error(&text, &expected), Some(ProofError::Attestation(AttestationError::Malformed)));
}
