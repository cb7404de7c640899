use super::*;
use crate::jws::Unsigned;
use crate::key::SigningKey;
use serde_json::json;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NOW: i64 = 1_000;

fn made(header: Value, claims: Value) -> String {
    let key = SigningKey::from_secret(SECRET, JwsAlg::Hs256).unwrap();
    let [header, claims] = [header, claims].map(|value| value.as_object().unwrap().clone());
    let input = Unsigned { header, claims }.signing_input(&key);
    let signature = key.sign(input.as_bytes()).unwrap();
    Unsigned::compact(input, &signature)
}

fn good() -> Value {
    json!({ "iss": "a", "aud": ["b", "c"], "exp": NOW + 60, "nbf": NOW - 60, "iat": NOW - 60 })
}

fn timing() -> Timing {
    Timing {
        now: Timestamp::from_secs(NOW),
        tolerance: Tolerance::exactly(5),
        exp: Presence::Required,
        nbf: Presence::Required,
        iat: Presence::Required,
        expired: Expired::Refused,
        longest: MaxLifetime::Unlimited,
    }
}

fn judged(text: &str, kind: Kind, timing: Timing) -> Result<Verified, JwtError> {
    let (from_a, for_b) = (|name: &str| name == "a", |name: &str| name == "b");
    let expected = Expected {
        kind,
        signature: Signature::Required,
        algs: Set::EVERY,
        issuer: Party::Named(&from_a),
        audience: Party::Named(&for_b),
        timing,
    };
    read(text, &expected, |found| VerifyingKey::from_secret(SECRET, found.alg))
}

#[test]
fn a_jwt_is_what_it_was_made_for() {
    for (typ, kind, fits) in [
        (json!("JWT"), Kind::IdToken, true),
        (json!("application/jwt"), Kind::IdToken, true),
        (json!("at+jwt"), Kind::IdToken, false),
        (json!("logout+jwt"), Kind::IdToken, false),
        (json!("dpop+jwt"), Kind::RequestObject, false),
        (json!("application/OAuth-authz-req+jwt"), Kind::RequestObject, true),
        (json!("oauth-authz-req+jwt"), Kind::ClientAssertion, false),
        (json!("JWT"), Kind::DpopProof, false),
        (json!("JWT"), Kind::AccessToken, false),
        (json!(1), Kind::SoftwareStatement, false),
        (json!(null), Kind::SoftwareStatement, false),
    ] {
        let read = judged(&made(json!({ "typ": typ }), good()), kind, timing());
        assert_eq!(read.err(), (!fits).then_some(JwtError::Kind), "{typ} {kind:?}");
    }
    assert!(judged(&made(json!({}), good()), Kind::IdToken, timing()).is_ok());
    assert_eq!(judged(&made(json!({}), good()), Kind::DpopProof, timing()).err(), Some(JwtError::Kind));
}

#[test]
fn each_claim_is_judged() {
    for (claim, value, error) in [
        ("iss", json!("b"), JwtError::Wrong("iss")),
        ("iss", json!(["a"]), JwtError::Wrong("iss")),
        ("iss", json!(null), JwtError::Wrong("iss")),
        ("aud", json!("c"), JwtError::Wrong("aud")),
        ("aud", json!(["b", 1]), JwtError::Wrong("aud")),
        ("exp", json!("never"), JwtError::Untimely(Untimely::Malformed("exp"))),
        ("exp", json!(NOW - 5), JwtError::Untimely(Untimely::Expired)),
        ("nbf", json!(NOW + 6), JwtError::Untimely(Untimely::NotYet)),
        ("iat", json!(NOW + 6), JwtError::Untimely(Untimely::FromTheFuture)),
    ] {
        let mut claims = good();
        claims[claim] = value;
        assert_eq!(judged(&made(json!({}), claims), Kind::IdToken, timing()).err(), Some(error), "{claim}");
    }
    for claim in ["iss", "aud", "exp", "nbf", "iat"] {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(claim);
        let read = judged(&made(json!({}), claims), Kind::IdToken, timing());
        assert_eq!(read.err(), Some(JwtError::Missing(claim)));
    }
}

#[test]
fn an_old_one_is_taken_where_it_may_be_and_a_future_one_is_not() {
    let taken = || Timing { expired: Expired::Taken, ..timing() };
    let of = |exp: i64, nbf: i64| {
        let claims = json!({ "iss": "a", "aud": "b", "exp": exp, "nbf": nbf, "iat": NOW });
        judged(&made(json!({}), claims), Kind::IdToken, taken()).err()
    };
    assert_eq!(of(NOW - 900, NOW - 999), None);
    assert_eq!(of(NOW - 900, NOW + 99), Some(JwtError::Untimely(Untimely::NotYet)));
}

#[test]
fn lives_are_limited_from_where_is_said() {
    for (longest, fits) in [
        (MaxLifetime::FromBeginning(120), true),
        (MaxLifetime::FromBeginning(119), false),
        (MaxLifetime::FromNow(60), true),
        (MaxLifetime::FromNow(59), false),
        (MaxLifetime::SinceIssue(60), true),
        (MaxLifetime::SinceIssue(59), false),
    ] {
        let read = judged(&made(json!({}), good()), Kind::IdToken, Timing { longest, ..timing() });
        assert_eq!(read.err(), (!fits).then_some(JwtError::TooLong), "{longest:?}");
    }
}

#[test]
fn nobody_else_may_be_meant_where_one_is_meant_alone() {
    let expected = |audience| Expected {
        kind: Kind::ClientAssertion,
        signature: Signature::MayBeNone,
        algs: Set::EVERY,
        issuer: Party::Elsewhere("a test"),
        audience,
        timing: timing(),
    };
    let is = |name: &str| name == "b";
    let key = |found: &UnverifiedJwt<'_>| VerifyingKey::from_secret(SECRET, found.alg);
    for (aud, alone, only) in [
        (json!("b"), true, true),
        (json!(["b"]), false, true),
        (json!("c"), false, false),
        (json!(["b", "c"]), false, false),
        (json!(["b", "b"]), false, false),
        (json!([]), false, false),
        (json!(["b", 1]), false, false),
    ] {
        let text = made(json!({}), json!({ "aud": aud, "exp": NOW + 1, "nbf": 0, "iat": 0 }));
        let taken = |audience| read(&text, &expected(audience), key).is_ok();
        assert_eq!((taken(Party::Alone(&is)), taken(Party::Only(&is))), (alone, only), "{aud}");
    }
}

#[test]
fn an_unsigned_one_is_read_only_where_it_may_be() {
    let none = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.";
    let expected = |signature| Expected {
        kind: Kind::RequestObject,
        signature,
        algs: Set::EVERY,
        issuer: Party::Elsewhere("a test"),
        audience: Party::NamedIfPresent(&|_| false),
        timing: Timing {
            exp: Presence::Optional,
            nbf: Presence::Optional,
            iat: Presence::Optional,
            ..timing()
        },
    };
    let read = |text: &str, signature| read(text, &expected(signature), |_| None);
    assert_eq!(read(none, Signature::MayBeNone).unwrap().alg(), None);
    assert_eq!(read(none, Signature::Required).err(), Some(JwtError::Algorithm(JwsAlg::None)));
    assert_eq!(read(&format!("{none}AA"), Signature::MayBeNone).err(), Some(JwtError::Malformed));
}
