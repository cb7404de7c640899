//! RFC 7519 §4.1, RFC 8725 – claims of JWTs from outside: a claim of the wrong type is not an absent one.

use placet_base::Timestamp;
use serde_json::{Map, Value};

pub type Claims = Map<String, Value>;

/// The time claims, in seconds since the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    pub exp: Option<i64>,
    pub nbf: Option<i64>,
    pub iat: Option<i64>,
}

/// What is wrong with a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untimely {
    Malformed(&'static str),
    Expired,
    NotYet,
    FromTheFuture,
}

/// How far the clocks of others may be off, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// How long after its end a JWT still counts.
    pub late: i64,
    /// How long before its beginning a JWT counts already.
    pub early: i64,
}

impl Tolerance {
    pub fn exactly(skew: i64) -> Self {
        Self { late: skew, early: skew }
    }
}

impl Times {
    /// Reads the claims; each must be a number where it stands.
    pub fn read(claims: &Claims) -> Result<Self, Untimely> {
        Ok(Self { exp: number(claims, "exp")?, nbf: number(claims, "nbf")?, iat: number(claims, "iat")? })
    }

    /// Holds the claims against the time.
    pub fn current(self, now: Timestamp, tolerance: Tolerance) -> Result<Self, Untimely> {
        let now = now.as_secs();
        if self.exp.is_some_and(|exp| exp.saturating_add(tolerance.late) <= now) {
            return Err(Untimely::Expired);
        }
        if self.nbf.is_some_and(|nbf| nbf.saturating_sub(tolerance.early) > now) {
            return Err(Untimely::NotYet);
        }
        if self.iat.is_some_and(|iat| iat.saturating_sub(tolerance.early) > now) {
            return Err(Untimely::FromTheFuture);
        }
        Ok(self)
    }
}

fn number(claims: &Claims, name: &'static str) -> Result<Option<i64>, Untimely> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Ok(Some(whole)),
            // A NumericDate may have a fraction (RFC 7519 §2); its second is what counts.
            #[expect(clippy::cast_possible_truncation, reason = "saturates, and fractions are cut")]
            (None, Some(real)) if real.is_finite() => Ok(Some(real.floor() as i64)),
            _ => Err(Untimely::Malformed(name)),
        },
        Some(_) => Err(Untimely::Malformed(name)),
    }
}

/// A claim that must be a text where it stands.
pub fn text<'a>(claims: &'a Claims, name: &'static str) -> Result<Option<&'a str>, Untimely> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(Untimely::Malformed(name)),
    }
}

/// The audiences of a token: one text, or an array of texts. `None` when it is anything else.
pub fn audiences(claims: &Claims) -> Option<Vec<&str>> {
    match claims.get("aud")? {
        Value::String(one) => Some(vec![one]),
        Value::Array(many) => many.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(claims: Value) -> Result<Times, Untimely> {
        Times::read(claims.as_object().unwrap())
    }

    #[test]
    fn a_claim_of_the_wrong_type_is_not_absent() {
        assert_eq!(read(json!({ "exp": "1" })), Err(Untimely::Malformed("exp")));
        assert_eq!(read(json!({ "nbf": null })), Err(Untimely::Malformed("nbf")));
        assert_eq!(read(json!({ "iat": 1.9 })).unwrap().iat, Some(1));
        assert!(read(json!({})).unwrap().exp.is_none());
    }

    #[test]
    fn times_are_held_against_now() {
        let times =
            |exp, nbf, iat| Times { exp, nbf, iat }.current(Timestamp::from_secs(100), Tolerance::exactly(5));
        assert_eq!(times(Some(95), None, None), Err(Untimely::Expired));
        assert!(times(Some(96), Some(105), Some(105)).is_ok());
        assert_eq!(times(None, Some(106), None), Err(Untimely::NotYet));
        assert_eq!(times(None, None, Some(106)), Err(Untimely::FromTheFuture));
    }
}
