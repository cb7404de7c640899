//! RFC 9901 §4.3, §7.3 – the holder shows that it has the key that a credential is bound to.

use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::claims::{Claims, Tolerance};
use placet_jose::jwt::{
    self, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
};
use placet_jose::{Jwk, Unsigned};
use serde_json::{Map, Value};

use super::read::{SdJwt, SdJwtError, hash};

/// What is wrong with the proof of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingError {
    /// There is none, and one is wanted.
    Missing,
    /// The credential is not bound to a key that could have signed one.
    KeyMissing,
    /// The key binding JWT is not what it must be.
    Jwt(JwtError),
    /// It was made for another request.
    Nonce,
    /// It was made for another credential, or other disclosures.
    SdHash,
}

/// What the proof of a holder must be about.
pub struct KeyBinding<'a> {
    /// The nonce that was asked with.
    pub nonce: &'a str,
    /// Whom it is for.
    pub audience: &'a str,
    /// How old it may be, in seconds.
    pub oldest: i64,
}

/// What judges the proof besides.
pub(super) struct When {
    pub(super) now: Timestamp,
    pub(super) tolerance: Tolerance,
    pub(super) algs: Set<JwsAlg>,
}

/// A proof for an SD-JWT that ends with a tilde, to be signed with the key of its `cnf` and put behind it.
///
/// # Errors
///
/// When the text is no SD-JWT, or is bound already.
pub fn key_binding(
    presented: &str,
    nonce: &str,
    audience: &str,
    now: Timestamp,
) -> Result<Unsigned, SdJwtError> {
    let sd_jwt = SdJwt::parse(presented)?;
    if sd_jwt.is_bound() {
        return Err(SdJwtError::Malformed);
    }
    let parsed = placet_jose::Parsed::parse(sd_jwt.jwt).map_err(|_| SdJwtError::Malformed)?;
    let sd_hash = hash(parsed.unproven_claims())?.of_text(presented);
    let claims: [(&str, Value); 4] = [
        ("iat", now.as_secs().into()),
        ("aud", audience.into()),
        ("nonce", nonce.into()),
        ("sd_hash", sd_hash.into()),
    ];
    Ok(Unsigned {
        header: Map::from_iter([("typ".to_owned(), "kb+jwt".into())]),
        claims: claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    })
}

/// The key that the credential is bound to, once its holder has proven to have it. `claims` are those of the signed JWT.
pub(super) fn proven(
    sd_jwt: &SdJwt<'_>,
    claims: &Claims,
    wanted: &KeyBinding<'_>,
    when: When,
) -> Result<Jwk, SdJwtError> {
    let proof = sd_jwt.key_binding.ok_or(SdJwtError::Binding(BindingError::Missing))?;
    let key = bound_to(claims).ok_or(SdJwtError::Binding(BindingError::KeyMissing))?;
    let for_us = |audience: &str| audience == wanted.audience;
    let expected = expected(&for_us, wanted, when);
    let keys = |found: &UnverifiedJwt<'_>| key.verifying_key(found.alg);
    let verified = jwt::read(proof, &expected, keys);
    let verified = verified.map_err(|error| SdJwtError::Binding(BindingError::Jwt(error)))?;
    let says = |name| verified.text(name).ok().flatten();
    if says("nonce") != Some(wanted.nonce) {
        return Err(SdJwtError::Binding(BindingError::Nonce));
    }
    if says("sd_hash") != Some(&hash(claims)?.of_text(sd_jwt.presented)) {
        return Err(SdJwtError::Binding(BindingError::SdHash));
    }
    Ok(key)
}

/// §7.3-5
fn expected<'a>(for_us: &'a dyn Fn(&str) -> bool, wanted: &KeyBinding<'_>, when: When) -> jwt::Expected<'a> {
    jwt::Expected {
        kind: Kind::KeyBinding,
        signature: Signature::Required,
        algs: when.algs.meet(jwt::asymmetric()),
        issuer: Party::Elsewhere("the key of the credential says whose proof it is"),
        audience: Party::Alone(for_us),
        timing: Timing {
            now: when.now,
            tolerance: when.tolerance,
            exp: Presence::Optional,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired: Expired::Refused,
            longest: MaxLifetime::SinceIssue(wanted.oldest),
        },
    }
}

/// RFC 7800 §3.2: the key of `cnf`, where it can have signed something.
pub(super) fn bound_to(claims: &Claims) -> Option<Jwk> {
    let key = Jwk::parse(claims.get("cnf")?.get("jwk")?)?;
    Some(key).filter(|key| !key.is_private() && !key.is_symmetric())
}
