//! OpenID Federation 1.0 §3.2 – with whose key an entity statement is signed: tests

use placet_base::Ttl;
use placet_jose::{SigningKey, Unsigned, generate};
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn at() -> At {
    At { now: NOW, tolerance: Tolerance::exactly(0) }
}

/// A key that is called `k`.
fn key() -> Value {
    let mut key = generate(JwsAlg::Es256).unwrap();
    key["kid"] = "k".into();
    key
}

/// The public set of keys, with this added to each.
fn set(keys: &[&Value], more: (&str, &str)) -> JwkSet {
    let public = keys.iter().map(|key| {
        let mut public = Jwk::parse(key).unwrap().public();
        public[more.0] = more.1.into();
        public
    });
    JwkSet::parse(&json!({ "keys": public.collect::<Vec<_>>() }).to_string()).unwrap()
}

fn statement(key: &Value) -> Statement {
    let signer: SigningKey = Jwk::parse(key).unwrap().signing_key(JwsAlg::Es256).unwrap();
    let claims = json!({
        "iss": "https://a.example", "sub": "https://a.example", "iat": NOW.as_secs(),
        "exp": (NOW + Ttl::secs(60)).as_secs(), "jwks": { "keys": [Jwk::parse(key).unwrap().public()] },
    });
    let header = json!({ "typ": "entity-statement+jwt" });
    let object = |value: Value| value.as_object().cloned().unwrap();
    let input = Unsigned { header: object(header), claims: object(claims) }.signing_input(&signer);
    let signature = signer.sign(input.as_bytes()).unwrap();
    Statement::read(&Unsigned::compact(input, &signature), at()).unwrap()
}

#[test]
fn the_same_key_is_not_tried_again_and_another_is() {
    let (own, other) = (key(), key());
    let ours = set(&[&own], ("use", "sig"));
    let mut statement = statement(&own);
    assert!(statement.signed_by(&set(&[&other], ("use", "sig")), at()).is_err());
    assert!(statement.signed_by(&ours, at()).is_ok());
    // Whoever looked at the text again would find no signature.
    statement.text = String::new();
    assert!(statement.signed_by(&ours, at()).is_ok());
    assert!(statement.signed_by(&set(&[&own], ("alg", "ES256")), at()).is_ok());
    for not in [
        set(&[&other], ("use", "sig")),
        set(&[&own], ("kid", "other")),
        set(&[&own], ("use", "enc")),
        set(&[&own], ("alg", "ES384")),
        set(&[], ("use", "sig")),
    ] {
        assert!(statement.signed_by(&not, at()).is_err());
    }
}

#[test]
fn of_two_keys_with_one_name_nothing_is_kept() {
    let (own, other) = (key(), key());
    let mut statement = statement(&own);
    assert!(statement.signed_by(&set(&[&other, &own], ("use", "sig")), at()).is_ok());
    statement.text = String::new();
    assert!(statement.signed_by(&set(&[&own], ("use", "sig")), at()).is_err());
}
