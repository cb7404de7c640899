//! The example of RFC 9901 §5, and the keys of its appendix A.5.

use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::claims::{Claims, Tolerance};
use placet_jose::jwt::JwtError;
use placet_jose::{Jwk, Parsed};
use serde_json::{Value, json};

use super::binding::{BindingError, KeyBinding, When, key_binding, proven};
use super::read::{SdJwt, SdJwtError};

/// §5.1: the signed JWT.
const JWT: &str = "\
    eyJhbGciOiAiRVMyNTYiLCAidHlwIjogImV4YW1wbGUrc2Qtand0In0.eyJfc2QiOiBbIkNyUWU3UzVrcUJBSHQtbk1ZWGdj\
    NmJkdDJTSDVhVFkxc1VfTS1QZ2tqUEkiLCAiSnpZakg0c3ZsaUgwUjNQeUVNZmVadTZKdDY5dTVxZWhabzdGN0VQWWxTRSIs\
    ICJQb3JGYnBLdVZ1Nnh5bUphZ3ZrRnNGWEFiUm9jMkpHbEFVQTJCQTRvN2NJIiwgIlRHZjRvTGJnd2Q1SlFhSHlLVlFaVTlV\
    ZEdFMHc1cnREc3JaemZVYW9tTG8iLCAiWFFfM2tQS3QxWHlYN0tBTmtxVlI2eVoyVmE1TnJQSXZQWWJ5TXZSS0JNTSIsICJY\
    ekZyendzY002R242Q0pEYzZ2Vks4QmtNbmZHOHZPU0tmcFBJWmRBZmRFIiwgImdiT3NJNEVkcTJ4Mkt3LXc1d1BFemFrb2I5\
    aFYxY1JEMEFUTjNvUUw5Sk0iLCAianN1OXlWdWx3UVFsaEZsTV8zSmx6TWFTRnpnbGhRRzBEcGZheVF3TFVLNCJdLCAiaXNz\
    IjogImh0dHBzOi8vaXNzdWVyLmV4YW1wbGUuY29tIiwgImlhdCI6IDE2ODMwMDAwMDAsICJleHAiOiAxODgzMDAwMDAwLCAi\
    c3ViIjogInVzZXJfNDIiLCAibmF0aW9uYWxpdGllcyI6IFt7Ii4uLiI6ICJwRm5kamtaX1ZDem15VGE2VWpsWm8zZGgta284\
    YUlLUWM5RGxHemhhVllvIn0sIHsiLi4uIjogIjdDZjZKa1B1ZHJ5M2xjYndIZ2VaOGtoQXYxVTFPU2xlclAwVmtCSnJXWjAi\
    fV0sICJfc2RfYWxnIjogInNoYS0yNTYiLCAiY25mIjogeyJqd2siOiB7Imt0eSI6ICJFQyIsICJjcnYiOiAiUC0yNTYiLCAi\
    eCI6ICJUQ0FFUjE5WnZ1M09IRjRqNFc0dmZTVm9ISVAxSUxpbERsczd2Q2VHZW1jIiwgInkiOiAiWnhqaVdXYlpNUUdIVldL\
    VlE0aGJTSWlyc1ZmdWVjQ0U2dDRqVDlGMkhaUSJ9fX0.MczwjBFGtzf-6WMT-hIvYbkb11NrV1WMO-jTijpMPNbswNzZ87wY\
    2uHz-CXo6R04b7jYrpj9mNRAvVssXou1iw";

/// §5.1: digests, and the disclosures that they are of.
const DISCLOSURES: [(&str, &str); 10] = [
    (
        "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4",
        "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd",
    ),
    (
        "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo",
        "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd",
    ),
    (
        "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE",
        "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImVtYWlsIiwgImpvaG5kb2VAZXhhbXBsZS5jb20iXQ",
    ),
    (
        "PorFbpKuVu6xymJagvkFsFXAbRoc2JGlAUA2BA4o7cI",
        "WyJlSThaV205UW5LUHBOUGVOZW5IZGhRIiwgInBob25lX251bWJlciIsICIrMS0yMDItNTU1LTAxMDEiXQ",
    ),
    (
        "XQ_3kPKt1XyX7KANkqVR6yZ2Va5NrPIvPYbyMvRKBMM",
        "WyJRZ19PNjR6cUF4ZTQxMmExMDhpcm9BIiwgInBob25lX251bWJlcl92ZXJpZmllZCIsIHRydWVd",
    ),
    (
        "XzFrzwscM6Gn6CJDc6vVK8BkMnfG8vOSKfpPIZdAfdE",
        "\
         WyJBSngtMDk1VlBycFR0TjRRTU9xUk9BIiwgImFkZHJlc3MiLCB7InN0cmVldF9hZGRyZXNzIjogIjEyMyBNYWluIF\
         N0IiwgImxvY2FsaXR5IjogIkFueXRvd24iLCAicmVnaW9uIjogIkFueXN0YXRlIiwgImNvdW50cnkiOiAiVVMifV0",
    ),
    (
        "gbOsI4Edq2x2Kw-w5wPEzakob9hV1cRD0ATN3oQL9JM",
        "WyJQYzMzSk0yTGNoY1VfbEhnZ3ZfdWZRIiwgImJpcnRoZGF0ZSIsICIxOTQwLTAxLTAxIl0",
    ),
    (
        "CrQe7S5kqBAHt-nMYXgc6bdt2SH5aTY1sU_M-PgkjPI",
        "WyJHMDJOU3JRZmpGWFE3SW8wOXN5YWpBIiwgInVwZGF0ZWRfYXQiLCAxNTcwMDAwMDAwXQ",
    ),
    ("pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo", "WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIlVTIl0"),
    ("7Cf6JkPudry3lcbwHgeZ8khAv1U1OSlerP0VkBJrWZ0", "WyJuUHVvUW5rUkZxM0JJZUFtN0FuWEZBIiwgIkRFIl0"),
];

/// §5.2: the key binding JWT.
const KEY_BINDING: &str = "\
    eyJhbGciOiAiRVMyNTYiLCAidHlwIjogImtiK2p3dCJ9.eyJub25jZSI6ICIxMjM0NTY3ODkwIiwgImF1ZCI6ICJodHRwczo\
    vL3ZlcmlmaWVyLmV4YW1wbGUub3JnIiwgImlhdCI6IDE3NDg1MzcyNDQsICJzZF9oYXNoIjogIjBfQWYtMkItRWhMV1g1eWR\
    oX3cyeHp3bU82aU02NkJfMlFDRWFuSTRmVVkifQ.T3SIus2OidNl41nmVkTZVCKKhOAX97aOldMyHFiYjHm261eLiJ1YiuON\
    FiMN8QlCmYzDlBLAdPvrXh52KaLgUQ";

/// §5.2: what of it is shown, in this order.
const SHOWN: [usize; 4] = [1, 5, 0, 8];

fn issuer() -> Jwk {
    let key = json!({
        "kty": "EC", "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    });
    Jwk::parse(&key).unwrap()
}

fn cnf() -> Value {
    json!({ "jwk": {
        "kty": "EC", "crv": "P-256",
        "x": "TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc",
        "y": "ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ",
    } })
}

fn address() -> Value {
    json!({ "street_address": "123 Main St", "locality": "Anytown", "region": "Anystate", "country": "US" })
}

fn with(disclosures: impl IntoIterator<Item = usize>) -> String {
    let disclosures = disclosures.into_iter().map(|one| format!("{}~", DISCLOSURES[one].1));
    format!("{JWT}~{}", disclosures.collect::<String>())
}

fn claims() -> Claims {
    let key = issuer().verifying_key(JwsAlg::Es256).unwrap();
    Parsed::parse(JWT).unwrap().verified(&key).unwrap()
}

// shows RFC9901 4.2.3/digest 5/published
#[test]
fn each_disclosure_has_its_digest() {
    for (digest, disclosure) in DISCLOSURES {
        assert_eq!(crate::hash::Hash::SHA256.of_text(disclosure), digest);
    }
}

#[test]
fn the_holder_gets_everything() {
    let text = with(0..10);
    let disclosed = SdJwt::parse(&text).unwrap().disclosed(&claims()).unwrap();
    assert_eq!(
        Value::Object(disclosed),
        json!({
            "iss": "https://issuer.example.com", "iat": 1_683_000_000, "exp": 1_883_000_000,
            "sub": "user_42", "given_name": "John", "family_name": "Doe",
            "email": "johndoe@example.com", "phone_number": "+1-202-555-0101",
            "phone_number_verified": true, "address": address(), "birthdate": "1940-01-01",
            "updated_at": 1_570_000_000, "nationalities": ["US", "DE"], "cnf": cnf(),
        })
    );
}

#[test]
fn the_verifier_gets_what_was_chosen() {
    let whole = with(0..10);
    let sd_jwt = SdJwt::parse(&whole).unwrap();
    let shown = [Some("given_name"), Some("family_name"), Some("address")];
    let presented = sd_jwt.presenting(|one| shown.contains(&one.name()) || one.value() == "US");
    let disclosed = SdJwt::parse(&presented).unwrap().disclosed(&claims()).unwrap();
    assert_eq!(
        Value::Object(disclosed),
        json!({
            "iss": "https://issuer.example.com", "iat": 1_683_000_000, "exp": 1_883_000_000,
            "sub": "user_42", "given_name": "John", "family_name": "Doe", "address": address(),
            "nationalities": ["US"], "cnf": cnf(),
        })
    );
}

/// What is judged of a presentation, at this time, for this audience and nonce.
fn judged(text: &str, now: i64, audience: &str, nonce: &str) -> Result<Jwk, SdJwtError> {
    let when = When { now: Timestamp::from_secs(now), tolerance: Tolerance::exactly(0), algs: Set::EVERY };
    let wanted = KeyBinding { nonce, audience, oldest: 60 };
    proven(&SdJwt::parse(text)?, &claims(), &wanted, when)
}

// shows RFC9901 7.3/binding
#[test]
fn the_holder_proves_to_be_the_holder() {
    const NOW: i64 = 1_748_537_244;
    const VERIFIER: &str = "https://verifier.example.org";
    let text = format!("{}{KEY_BINDING}", with(SHOWN));
    assert!(judged(&text, NOW, VERIFIER, "1234567890").is_ok());
    let other = format!("{}{KEY_BINDING}", with([0, 1, 5, 8]));
    let refused = |text: &str, now, audience, nonce| match judged(text, now, audience, nonce).err() {
        Some(SdJwtError::Binding(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&other, NOW, VERIFIER, "1234567890"), BindingError::SdHash);
    assert_eq!(refused(&text, NOW, VERIFIER, "1234567891"), BindingError::Nonce);
    let aud = BindingError::Jwt(JwtError::Wrong("aud"));
    assert_eq!(refused(&text, NOW, "https://other.example.org", "1234567890"), aud);
    assert_eq!(refused(&text, NOW + 61, VERIFIER, "1234567890"), BindingError::Jwt(JwtError::TooLong));
    assert_eq!(refused(&with(SHOWN), NOW, VERIFIER, "1234567890"), BindingError::Missing);
}

#[test]
fn a_proof_is_made_of_the_same_claims() {
    let made = key_binding(
        &with(SHOWN),
        "1234567890",
        "https://verifier.example.org",
        Timestamp::from_secs(1_748_537_244),
    )
    .unwrap();
    let published = Parsed::parse(KEY_BINDING).unwrap();
    assert_eq!(&made.claims, published.unproven_claims());
    assert_eq!(made.header["typ"], published.header["typ"]);
}
