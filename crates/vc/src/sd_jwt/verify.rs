//! RFC 9901 §7, SD-JWT VC §2.4 – judging a credential, as whoever is shown one does.

use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::claims::{Claims, Tolerance};
use placet_jose::jwt::{
    self, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
};
use placet_jose::{Header, Jwk, VerifyingKey};
use serde_json::Value;

use super::binding::{KeyBinding, When, bound_to, proven};
use super::read::{SdJwt, SdJwtError};

/// Claims that no disclosure may bring (SD-JWT VC §2.2.2.3).
const NEVER_DISCLOSED: [&str; 8] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"];

/// What a credential must be.
pub struct Expected<'a> {
    /// The algorithms that are taken, of credential and proof.
    pub algs: Set<JwsAlg>,
    /// Whom it must be from.
    pub issuer: Party<'a>,
    /// The time.
    pub now: Timestamp,
    /// How far the clocks of others may be off.
    pub tolerance: Tolerance,
    /// Whether the holder must prove to be the holder.
    pub binding: Binding<'a>,
}

/// Whether the holder must prove to be the holder. §7.3: that is for the verifier to say, and not for what it is shown.
pub enum Binding<'a> {
    /// Whoever has the text will do; a proof that stands there is not looked at.
    Unasked,
    /// With a proof about this.
    Required(KeyBinding<'a>),
}

/// A credential that is what was expected.
pub struct Verified {
    /// The header of the signed JWT.
    pub header: Header,
    /// All that was disclosed, and all that is open.
    pub claims: Claims,
    /// What kind of credential it is.
    pub vct: String,
    /// The key that it is bound to, proven only where that was required.
    pub holder: Option<Jwk>,
}

/// Judges an SD-JWT VC. `keys` gives those that its issuer may have signed with.
///
/// # Errors
///
/// What is wrong with it, as [`SdJwtError`] has it.
pub fn verified<K: IntoIterator<Item = VerifyingKey>>(
    text: &str,
    expected: Expected<'_>,
    keys: impl FnOnce(&UnverifiedJwt<'_>) -> K,
) -> Result<Verified, SdJwtError> {
    let sd_jwt = SdJwt::parse(text)?;
    let Expected { algs, issuer, now, tolerance, binding } = expected;
    let read = jwt::read(sd_jwt.jwt, &judged(algs, issuer, now, tolerance), keys);
    let read = read.map_err(SdJwtError::Jwt)?;
    let claims = sd_jwt.disclosed(read.claims())?;
    if let Some(name) = NEVER_DISCLOSED.iter().find(|name| differs(&claims, read.claims(), name)) {
        return Err(SdJwtError::Hidden(name));
    }
    let vct = claims.get("vct").and_then(Value::as_str).ok_or(SdJwtError::Jwt(JwtError::Missing("vct")))?;
    let vct = vct.to_owned();
    let holder = match &binding {
        Binding::Unasked => bound_to(&claims),
        Binding::Required(wanted) => {
            Some(proven(&sd_jwt, read.claims(), wanted, When { now, tolerance, algs })?)
        }
    };
    Ok(Verified { header: read.header().clone(), claims, vct, holder })
}

/// Whether anything of this claim came by a disclosure.
fn differs(disclosed: &Claims, signed: &Claims, name: &str) -> bool {
    disclosed.get(name) != signed.get(name)
}

fn judged(algs: Set<JwsAlg>, issuer: Party<'_>, now: Timestamp, tolerance: Tolerance) -> jwt::Expected<'_> {
    jwt::Expected {
        kind: Kind::SdJwtVc,
        signature: Signature::Required,
        algs: algs.meet(jwt::asymmetric()),
        issuer,
        audience: Party::Elsewhere("a credential is for everybody whom its holder shows it to"),
        timing: Timing {
            now,
            tolerance,
            exp: Presence::Optional,
            nbf: Presence::Optional,
            iat: Presence::Optional,
            expired: Expired::Refused,
            longest: MaxLifetime::Unlimited,
        },
    }
}

#[cfg(test)]
mod tests {
    use placet_jose::claims::Untimely;
    use placet_jose::{Jwk, Unsigned};
    use serde_json::json;

    use super::super::binding::{BindingError, key_binding};
    use super::super::{Disclosures, Frame, Typ, confirmation, issue};
    use super::*;
    use crate::hash::Hash;
    use crate::testing::{counting, jwk, object, signed};

    const NOW: i64 = 1_000;
    const VERIFIER: &str = "https://verifier";

    fn payload() -> Value {
        json!({ "iss": "https://issuer", "iat": NOW, "exp": NOW + 60, "vct": "card", "name": "John" })
    }

    fn made(key: &Jwk, payload: Value) -> String {
        let made = issue(object(payload), Typ::DcSdJwt, &Frame::leaves(), &mut counting(1)).ok().unwrap();
        let jwt = signed(made.unsigned, &key.signing_key(JwsAlg::Es256).unwrap());
        made.disclosures.attached_to(&jwt)
    }

    fn judged(text: &str, key: &Jwk, now: i64, binding: Binding<'_>) -> Result<Verified, SdJwtError> {
        let issuer = |name: &str| name == "https://issuer";
        let expected = Expected {
            algs: Set::EVERY,
            issuer: Party::Named(&issuer),
            now: Timestamp::from_secs(now),
            tolerance: Tolerance::exactly(0),
            binding,
        };
        verified(text, expected, |found| key.verifying_key(found.alg))
    }

    // shows RFC9901 9.1/signed
    #[test]
    fn a_credential_is_verified() {
        let (key, mut bound) = (jwk(JwsAlg::Es256), payload());
        bound["cnf"] = confirmation(&jwk(JwsAlg::Es256));
        let text = made(&key, bound.clone());
        let found = judged(&text, &key, NOW, Binding::Unasked).ok().unwrap();
        assert_eq!((found.vct.as_str(), Value::Object(found.claims)), ("card", bound));
        assert!(found.holder.is_some_and(|key| !key.is_private()));
        let of = |text: &str, key: &Jwk, now| judged(text, key, now, Binding::Unasked).err();
        let late = SdJwtError::Jwt(JwtError::Untimely(Untimely::Expired));
        assert_eq!(of(&text, &key, NOW + 60), Some(late));
        assert_eq!(of(&text, &jwk(JwsAlg::Es256), NOW), Some(SdJwtError::Jwt(JwtError::Signature)));
        let mut of_another = payload();
        of_another["iss"] = "https://other".into();
        let wrong = SdJwtError::Jwt(JwtError::Wrong("iss"));
        assert_eq!(of(&made(&key, of_another), &key, NOW), Some(wrong));
    }

    #[test]
    fn a_holder_shows_what_was_chosen_and_proves_to_be_the_holder() {
        let (key, holder, thief) = (jwk(JwsAlg::Es256), jwk(JwsAlg::EdDsa), jwk(JwsAlg::EdDsa));
        let mut bound = payload();
        bound["cnf"] = confirmation(&holder);
        let whole = made(&key, bound);
        let shown = SdJwt::parse(&whole).unwrap().presenting(|_| false);
        let proven_by = |who: &Jwk, presented: &str| {
            let proof = key_binding(presented, "n", VERIFIER, Timestamp::from_secs(NOW)).ok().unwrap();
            let proof = signed(proof, &who.signing_key(JwsAlg::EdDsa).unwrap());
            format!("{presented}{proof}")
        };
        let of = |text: &str, key: &Jwk| {
            let wanted = KeyBinding { nonce: "n", audience: VERIFIER, oldest: 60 };
            judged(text, key, NOW, Binding::Required(wanted))
        };
        let found = of(&proven_by(&holder, &shown), &key).ok().unwrap();
        assert!(!found.claims.contains_key("name"));
        assert_eq!(found.holder.unwrap().thumbprint(), holder.thumbprint());
        let refused = |text: &str| match of(text, &key).err() {
            Some(SdJwtError::Binding(error)) => error,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&proven_by(&thief, &shown)), BindingError::Jwt(JwtError::Signature));
        assert_eq!(refused(&whole), BindingError::Missing);
        let added = proven_by(&holder, &shown).replace(&shown, &whole);
        assert_eq!(refused(&added), BindingError::SdHash);
        assert_eq!(refused(&proven_by(&holder, &made(&key, payload()))), BindingError::KeyMissing);
        let twice = key_binding(&proven_by(&holder, &shown), "n", VERIFIER, Timestamp::from_secs(NOW));
        assert_eq!(twice.err(), Some(SdJwtError::Malformed));
    }

    /// What is judged of a signed JWT with a disclosure of this.
    fn with(disclosure: &Value, claims: impl FnOnce(&str) -> Value) -> Option<SdJwtError> {
        let text = data_encoding::BASE64URL_NOPAD.encode(disclosure.to_string().as_bytes());
        let claims = object(claims(&Hash::SHA256.of_text(&text)));
        let header = object(json!({ "typ": "dc+sd-jwt" }));
        let key = jwk(JwsAlg::Es256);
        let jwt = signed(Unsigned { header, claims }, &key.signing_key(JwsAlg::Es256).unwrap());
        judged(&Disclosures(vec![text]).attached_to(&jwt), &key, NOW, Binding::Unasked).err()
    }

    #[test]
    fn what_everybody_must_see_cannot_come_by_a_disclosure() {
        let hidden = with(
            &json!(["s", "exp", NOW + 60]),
            |digest| json!({ "iss": "https://issuer", "vct": "card", "_sd": [digest] }),
        );
        assert_eq!(hidden, Some(SdJwtError::Hidden("exp")));
        let hidden = with(
            &json!(["s", "jwk", {}]),
            |digest| json!({ "iss": "https://issuer", "vct": "card", "cnf": { "_sd": [digest] } }),
        );
        assert_eq!(hidden, Some(SdJwtError::Hidden("cnf")));
        let without =
            with(&json!(["s", "a", 1]), |digest| json!({ "iss": "https://issuer", "_sd": [digest] }));
        assert_eq!(without, Some(SdJwtError::Jwt(JwtError::Missing("vct"))));
    }
}
