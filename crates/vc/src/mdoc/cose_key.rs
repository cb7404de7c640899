//! RFC 9053 §7 – a JWK as a COSE_Key, and back: elliptic curves alone, which are what §9.1.5.2 of ISO/IEC 18013-5 knows.

use ciborium::Value;
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::JwsAlg;
use placet_jose::Jwk;
use serde_json::json;

/// Labels of RFC 9052 §7.1 and RFC 9053 §7.1: key type, curve, and the coordinates.
const KTY: i64 = 1;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;

/// A curve: its name in JOSE, its number in COSE, the key type there, and what it signs with.
struct Curve(&'static str, i64, i64, JwsAlg);

const CURVES: [Curve; 4] = [
    Curve("P-256", 1, 2, JwsAlg::Es256),
    Curve("P-384", 2, 2, JwsAlg::Es384),
    Curve("P-521", 3, 2, JwsAlg::Es512),
    Curve("Ed25519", 6, 1, JwsAlg::EdDsa),
];

/// In the order of RFC 8949 §4.2.1. `None` for a private key and one of another kind, or whose numbers are no key.
pub(super) fn of_jwk(jwk: &Jwk) -> Option<Value> {
    let public = jwk.public();
    let text = |name: &str| public.get(name)?.as_str();
    let Curve(_, crv, kty, alg) = CURVES.iter().find(|Curve(name, ..)| text("crv") == Some(name))?;
    jwk.verifying_key(*alg).filter(|_| !jwk.is_private())?;
    let bytes = |name: &str| Some(Value::Bytes(BASE64URL_NOPAD.decode(text(name)?.as_bytes()).ok()?));
    let mut members = vec![
        (Value::from(KTY), Value::from(*kty)),
        (Value::from(CRV), Value::from(*crv)),
        (Value::from(X), bytes("x")?),
    ];
    if *alg != JwsAlg::EdDsa {
        members.push((Value::from(Y), bytes("y")?));
    }
    Some(Value::Map(members))
}

/// `None` for what is no key of a curve that is known here.
pub(super) fn to_jwk(key: &Value) -> Option<Jwk> {
    let members = key.as_map()?;
    let member =
        |label: i64| members.iter().find(|(key, _)| *key == Value::from(label)).map(|(_, value)| value);
    let number = |label| i64::try_from(member(label)?.as_integer()?).ok();
    let bytes = |label| Some(BASE64URL_NOPAD.encode(member(label)?.as_bytes()?));
    let is = |Curve(_, crv, kty, _): &&Curve| number(CRV) == Some(*crv) && number(KTY) == Some(*kty);
    let Curve(name, _, _, alg) = CURVES.iter().find(is)?;
    let jwk = match alg {
        JwsAlg::EdDsa => json!({ "kty": "OKP", "crv": name, "x": bytes(X)? }),
        _ => json!({ "kty": "EC", "crv": name, "x": bytes(X)?, "y": bytes(Y)? }),
    };
    Jwk::parse(&jwk).filter(|jwk| jwk.verifying_key(*alg).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::jwk;

    #[test]
    fn keys_of_every_curve_go_there_and_back() {
        for Curve(.., alg) in CURVES {
            let public = Jwk::parse(&jwk(alg).public()).unwrap();
            let back = to_jwk(&of_jwk(&public).unwrap()).unwrap();
            assert_eq!(back.thumbprint(), public.thumbprint(), "{alg:?}");
        }
    }

    #[test]
    fn other_keys_have_no_form() {
        assert!(of_jwk(&jwk(JwsAlg::Es256)).is_none(), "private");
        let rsa = Jwk::parse(&json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" })).unwrap();
        assert!(of_jwk(&rsa).is_none());
        let short = json!({ "kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB" });
        assert!(of_jwk(&Jwk::parse(&short).unwrap()).is_none());
        assert!(to_jwk(&Value::Null).is_none());
        assert!(to_jwk(&Value::Map(vec![(Value::from(KTY), Value::from(2))])).is_none());
    }
}
