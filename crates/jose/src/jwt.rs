//! RFC 7519, RFC 8725 – reading a JWT: its kind, algorithm, signature, issuer, audience and times are judged
//! in one place, and whoever reads one says what each of them must be.

use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use serde_json::Value;

mod kind;

use crate::certificate::Certificate;
use crate::claims::{self, Claims, Times, Tolerance, Untimely};
use crate::jws::{Header, JwsError, Parsed};
use crate::key::VerifyingKey;

pub use kind::Kind;

/// What a claim that names somebody must say.
pub enum Party<'a> {
    /// It stands there and names one of these.
    Named(&'a dyn Fn(&str) -> bool),
    /// It names one of these where it stands there.
    NamedIfPresent(&'a dyn Fn(&str) -> bool),
    /// As `Named`, and it is one text and nobody else (of audiences).
    Alone(&'a dyn Fn(&str) -> bool),
    /// As `Named`, and nobody else (of audiences): one text, or a list of one.
    Only(&'a dyn Fn(&str) -> bool),
    /// Judged by whoever reads the claims, for the reason given here.
    Elsewhere(&'static str),
}

/// Whether a time claim must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
}

/// What becomes of a JWT whose time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expired {
    Refused,
    /// OpenID Connect Core §3.1.2.1: an old ID token still says who was meant.
    Taken,
}

/// How the times of a JWT are judged. Each that stands there counts, required or not.
pub struct Timing {
    pub now: Timestamp,
    pub tolerance: Tolerance,
    pub exp: Presence,
    pub nbf: Presence,
    pub iat: Presence,
    pub expired: Expired,
    /// How long it may have been valid for, and still be, in seconds.
    pub longest: MaxLifetime,
}

/// A limit to how long a JWT lives, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxLifetime {
    Unlimited,
    /// From `nbf` to `exp`.
    FromBeginning(i64),
    /// From now to `exp`.
    FromNow(i64),
    /// From `iat` to now.
    SinceIssue(i64),
}

/// Whether a JWT must be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    Required,
    /// `none` is read as well, and marked as such; whether it will do is judged later.
    MayBeNone,
}

/// What a JWT must be. There are no defaults: whoever reads one says all of it.
pub struct Expected<'a> {
    pub kind: Kind,
    pub signature: Signature,
    /// The algorithms that are taken.
    pub algs: Set<JwsAlg>,
    pub issuer: Party<'a>,
    pub audience: Party<'a>,
    pub timing: Timing,
}

/// What is wrong with a JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwtError {
    /// Not a JWS whose header and claims can be read.
    Malformed,
    /// It was made for something else.
    Kind,
    /// The algorithm is not one of those that are taken.
    Algorithm(JwsAlg),
    /// There is no key that fits it.
    NoKey,
    Signature,
    /// A claim that must be there is not.
    Missing(&'static str),
    /// A claim names somebody else, or has the wrong type.
    Wrong(&'static str),
    Untimely(Untimely),
    /// It lives longer than it may.
    TooLong,
}

/// A JWT that has been taken apart and not been judged: what keys are chosen by.
pub struct UnverifiedJwt<'a> {
    pub alg: JwsAlg,
    pub kid: Option<&'a str>,
    pub header: &'a Header,
    /// The issuer that it names; nothing has shown that it is from there.
    pub issuer: Option<&'a str>,
}

impl UnverifiedJwt<'_> {
    /// The key of the certificate in `x5c` (RFC 7515 §4.1.6), if a chain of at most `most` others leads from there to one of `roots`,
    /// whatever the certificate is for.
    pub fn certified(&self, roots: &[Certificate], most: usize, now: Timestamp) -> Option<VerifyingKey> {
        let chain = self.header.get("x5c")?.as_array().filter(|chain| chain.len() <= most + 1)?;
        let chain: Option<Vec<_>> = chain.iter().map(|link| Certificate::parse(link.as_str()?)).collect();
        let chain = chain?;
        let (own, path) = chain.split_first()?;
        let trusted = own.leads_to(path, roots, now);
        own.verifying_key(self.alg).filter(|_| trusted)
    }
}

/// A JWT that is what was expected.
#[derive(Debug)]
pub struct Verified {
    header: Header,
    alg: JwsAlg,
    claims: Claims,
    times: Times,
    audiences: Vec<String>,
}

impl Verified {
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// `None` for one that nobody has signed.
    pub fn alg(&self) -> Option<JwsAlg> {
        Some(self.alg).filter(|alg| *alg != JwsAlg::None)
    }

    pub fn times(&self) -> Times {
        self.times
    }

    /// Whom it is for; nobody in particular where it does not say.
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    pub fn into_claims(self) -> Claims {
        self.claims
    }

    /// A claim that is a text; one of another type is refused, not taken for absent.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, JwtError> {
        claims::text(&self.claims, name).map_err(|_| JwtError::Wrong(name))
    }

    /// A text that must be there.
    pub fn required(&self, name: &'static str) -> Result<&str, JwtError> {
        self.text(name)?.ok_or(JwtError::Missing(name))
    }
}

/// A JWT that is what was expected, as far as can be known without its keys: whoever uses it judges its signature.
#[derive(Debug)]
pub struct Unproven {
    claims: Claims,
    times: Times,
}

impl Unproven {
    pub fn times(&self) -> Times {
        self.times
    }

    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// A text that must be there.
    pub fn required(&self, name: &'static str) -> Result<&str, JwtError> {
        claims::text(&self.claims, name).map_err(|_| JwtError::Wrong(name))?.ok_or(JwtError::Missing(name))
    }

    /// A claim that is a text; one of another type is refused, not taken for absent.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, JwtError> {
        claims::text(&self.claims, name).map_err(|_| JwtError::Wrong(name))
    }
}

/// The algorithms that prove who signed: all but `none` and those of a shared secret.
pub fn asymmetric() -> Set<JwsAlg> {
    JwsAlg::ALL.iter().copied().filter(|alg| alg.is_asymmetric()).collect()
}

/// The algorithms of a shared secret.
pub fn symmetric() -> Set<JwsAlg> {
    JwsAlg::ALL.iter().copied().filter(|alg| alg.is_symmetric()).collect()
}

/// Reads a JWT and judges all of it. `keys` gives those that it may have been signed with.
pub fn read<K: IntoIterator<Item = VerifyingKey>>(
    text: &str,
    expected: &Expected<'_>,
    keys: impl FnOnce(&UnverifiedJwt<'_>) -> K,
) -> Result<Verified, JwtError> {
    let parsed = taken_apart(text, expected)?;
    let (alg, header) = (parsed.alg(), parsed.header.clone());
    let unsigned = alg == JwsAlg::None;
    let claims = match unsigned {
        true => parsed.unsecured().ok_or(JwtError::Malformed)?,
        false => {
            let issuer = parsed.unproven_claims().get("iss").and_then(Value::as_str);
            let keys = keys(&UnverifiedJwt { alg, kid: parsed.kid(), header: &header, issuer });
            parsed.verified_by_any(keys).map_err(|error| match error {
                JwsError::NoKey => JwtError::NoKey,
                _ => JwtError::Signature,
            })?
        }
    };
    let Issued = issuer(&claims, &expected.issuer)?;
    let audiences = audience(&claims, &expected.audience)?;
    let times = timely(&claims, &expected.timing)?;
    Ok(Verified { header, alg, claims, times, audiences })
}

/// Whether a JWT says to be of this kind. Nothing else of it is judged.
pub fn says_to_be(text: &str, kind: Kind) -> bool {
    Parsed::parse(text).is_ok_and(|parsed| kind.is_that_of(&parsed.header))
}

/// Judges all of a JWT but its signature, where that is for somebody else to judge.
pub fn read_unproven(text: &str, expected: &Expected<'_>) -> Result<Unproven, JwtError> {
    let parsed = taken_apart(text, expected)?;
    let claims = parsed.unproven_claims().clone();
    let Issued = issuer(&claims, &expected.issuer)?;
    audience(&claims, &expected.audience)?;
    let times = timely(&claims, &expected.timing)?;
    Ok(Unproven { claims, times })
}

/// A JWT of the right kind, with an algorithm that is taken.
fn taken_apart<'a>(text: &'a str, expected: &Expected<'_>) -> Result<Parsed<'a>, JwtError> {
    let parsed = Parsed::parse(text).map_err(|_| JwtError::Malformed)?;
    if !expected.kind.is_that_of(&parsed.header) {
        return Err(JwtError::Kind);
    }
    let alg = parsed.alg();
    let unsigned = alg == JwsAlg::None;
    if unsigned && expected.signature == Signature::Required || !expected.algs.contains(alg) {
        return Err(JwtError::Algorithm(alg));
    }
    Ok(parsed)
}

/// It is from where it must be.
struct Issued;

/// RFC 7519 §4.1.1
fn issuer(claims: &Claims, expected: &Party<'_>) -> Result<Issued, JwtError> {
    const ISS: &str = "iss";
    let found = claims::text(claims, ISS).map_err(|_| JwtError::Wrong(ISS))?;
    match (expected, found) {
        (Party::Elsewhere(_), _) | (Party::NamedIfPresent(_), None) => Ok(Issued),
        (Party::Named(_) | Party::Alone(_) | Party::Only(_), None) => Err(JwtError::Missing(ISS)),
        (Party::Named(is) | Party::NamedIfPresent(is) | Party::Alone(is) | Party::Only(is), Some(found)) => {
            if is(found) {
                Ok(Issued)
            } else {
                Err(JwtError::Wrong(ISS))
            }
        }
    }
}

/// RFC 7519 §4.1.3: one text, or a list of texts.
fn audience(claims: &Claims, expected: &Party<'_>) -> Result<Vec<String>, JwtError> {
    const AUD: &str = "aud";
    let wrong = JwtError::Wrong(AUD);
    let Some(found) = claims.get(AUD) else {
        return match expected {
            Party::Elsewhere(_) | Party::NamedIfPresent(_) => Ok(Vec::new()),
            Party::Named(_) | Party::Alone(_) | Party::Only(_) => Err(JwtError::Missing(AUD)),
        };
    };
    let all = claims::audiences(claims).ok_or(wrong)?;
    let fits = match expected {
        Party::Elsewhere(_) => true,
        Party::Named(is) | Party::NamedIfPresent(is) => all.iter().any(|one| is(one)),
        Party::Alone(is) => found.as_str().is_some_and(is),
        Party::Only(is) => matches!(&*all, [one] if is(one)),
    };
    if fits { Ok(all.into_iter().map(str::to_owned).collect()) } else { Err(wrong) }
}

fn timely(claims: &Claims, timing: &Timing) -> Result<Times, JwtError> {
    let times = Times::read(claims).map_err(JwtError::Untimely)?;
    let required =
        [("exp", timing.exp, times.exp), ("nbf", timing.nbf, times.nbf), ("iat", timing.iat, times.iat)];
    for (name, presence, found) in required {
        if presence == Presence::Required && found.is_none() {
            return Err(JwtError::Missing(name));
        }
    }
    match times.current(timing.now, timing.tolerance) {
        Err(Untimely::Expired) if timing.expired == Expired::Taken => {
            let others = Times { exp: None, ..times };
            others.current(timing.now, timing.tolerance).map_err(JwtError::Untimely)?;
        }
        judged => {
            judged.map_err(JwtError::Untimely)?;
        }
    }
    let now = timing.now.as_secs();
    let between = |from: Option<i64>, to: Option<i64>| Some(to?.saturating_sub(from?));
    let (lives, longest) = match timing.longest {
        MaxLifetime::Unlimited => return Ok(times),
        MaxLifetime::FromBeginning(longest) => (between(times.nbf, times.exp), longest),
        MaxLifetime::FromNow(longest) => (between(Some(now), times.exp), longest),
        MaxLifetime::SinceIssue(longest) => (between(times.iat, Some(now)), longest),
    };
    match lives {
        Some(lives) if lives > longest => Err(JwtError::TooLong),
        Some(_) | None => Ok(times),
    }
}

#[cfg(test)]
mod tests;
