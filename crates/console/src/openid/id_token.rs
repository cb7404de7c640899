//! ID tokens (OpenID Connect Core §3.1.3.7).

use placet_base::Timestamp;
use placet_jose::claims::{Claims, Tolerance};
use placet_jose::jwt::{self, Expected, Expired, Kind, MaxLifetime, Party, Presence, Signature, Timing};
use placet_jose::{Header, JwkSet};
use placet_sdk::Secret;
use serde_json::Value;

use super::{Failure, OpenId};

/// How far clocks may differ, in seconds.
const SKEW: i64 = 60;

/// Claims of an ID token that is of this provider, for this client, and of this sign-in.
pub(super) fn read(
    text: &str,
    keys: &JwkSet,
    settings: &OpenId,
    nonce: &str,
    now: Timestamp,
) -> Result<Claims, Failure> {
    let expected = Expected {
        kind: Kind::IdToken,
        signature: Signature::Required,
        algs: jwt::asymmetric(),
        issuer: Party::Named(&|issuer| issuer == settings.issuer),
        audience: Party::Named(&|audience| audience == settings.client_id),
        timing: Timing {
            now,
            tolerance: Tolerance::exactly(SKEW),
            exp: Presence::Required,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired: Expired::Refused,
            longest: MaxLifetime::Unlimited,
        },
    };
    let wrong = |what: &str| Failure::Provider(format!("the ID token: {what}"));
    let read = jwt::read(text, &expected, |found| keys.verifying(found.alg, found.kid).collect::<Vec<_>>());
    let verified = read.map_err(|e| wrong(&format!("{e:?}")))?;
    let is_for_us = match verified.text("azp").map_err(|e| wrong(&format!("{e:?}")))? {
        Some(party) => party == settings.client_id,
        None => verified.audiences().len() == 1,
    };
    if !is_for_us {
        return Err(wrong("it is for another client"));
    }
    let found = verified.required("nonce").map_err(|e| wrong(&format!("{e:?}")))?;
    if !Secret::new(nonce.to_owned()).matches(found) {
        return Err(wrong("it is of another sign-in"));
    }
    verified.required("sub").map_err(|e| wrong(&format!("{e:?}")))?;
    Ok(verified.into_claims())
}

/// An address that the provider has seen to be the person's (§5.1).
pub(super) fn email(claims: &Header) -> Option<String> {
    let is_verified = claims.get("email_verified") == Some(&Value::Bool(true));
    claims.get("email").and_then(Value::as_str).filter(|_| is_verified).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use placet_base::registry::JwsAlg;
    use placet_jose::{Jwk, Unsigned};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn settings() -> OpenId {
        OpenId {
            issuer: "https://op.example".to_owned(),
            client_id: "console".to_owned(),
            client_secret: None,
            authority: None,
            token: Secret::new("t".to_owned()),
        }
    }

    fn claims() -> Value {
        json!({
            "iss": "https://op.example", "aud": "console", "sub": "u", "nonce": "n", "exp": NOW + 60, "iat": NOW,
        })
    }

    fn key() -> Value {
        placet_jose::generate(JwsAlg::Es256).unwrap()
    }

    fn made(key: &Value, claims: &Value) -> String {
        let key = Jwk::parse(key).unwrap().signing_key(JwsAlg::Es256).unwrap();
        let unsigned = Unsigned { header: Header::new(), claims: claims.as_object().unwrap().clone() };
        let input = unsigned.signing_input(&key);
        let signature = key.sign(input.as_bytes()).unwrap();
        Unsigned::compact(input, &signature)
    }

    #[test]
    fn an_id_token_is_of_this_provider_client_and_sign_in() {
        let (own, other) = (key(), key());
        let keys =
            JwkSet::parse(&json!({ "keys": [Jwk::parse(&own).unwrap().public()] }).to_string()).unwrap();
        let read = |text: &str| read(text, &keys, &settings(), "n", Timestamp::from_secs(NOW));
        assert!(read(&made(&own, &claims())).is_ok());
        assert!(read(&made(&other, &claims())).is_err(), "somebody else has signed it");
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", made(&own, &claims()).split('.').nth(1).unwrap());
        assert!(read(&unsigned).is_err());
        for (member, value) in [
            ("iss", json!("https://evil.example")),
            ("aud", json!("other")),
            ("aud", json!(["console", "other"])),
            ("azp", json!("other")),
            ("nonce", json!("m")),
            ("nonce", Value::Null),
            ("sub", Value::Null),
            ("exp", json!(NOW - 3600)),
            ("exp", Value::Null),
            ("iat", Value::Null),
        ] {
            let mut claims = claims();
            claims[member] = value.clone();
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(member);
            }
            assert!(read(&made(&own, &claims)).is_err(), "{member}: {value}");
        }
    }

    #[test]
    fn an_address_counts_only_if_it_was_verified() {
        let of = |value: Value| email(value.as_object().unwrap());
        assert_eq!(
            of(json!({ "email": "a@b.example", "email_verified": true })).as_deref(),
            Some("a@b.example")
        );
        for other in [
            json!({ "email": "a@b.example" }),
            json!({ "email": "a@b.example", "email_verified": false }),
            json!({ "email": "a@b.example", "email_verified": "true" }),
            json!({ "email_verified": true }),
        ] {
            assert_eq!(of(other.clone()), None, "{other}");
        }
    }
}
