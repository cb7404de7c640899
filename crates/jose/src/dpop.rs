//! RFC 9449 – Demonstrating Proof of Possession

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{digest, hmac};
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_base::url::AbsoluteUri;
use placet_base::{Timestamp, Ttl};

use crate::budgets::PROOF_JTI;
use crate::claims::{self, Claims, Tolerance, Untimely};
use crate::jwk::Jwk;
use crate::jwt::{
    self, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
};

/// How old a proof may be, and how far in the future its clock may stand, in seconds (§11.1).
const OLDEST: i64 = 5 * 60;
const AHEAD: i64 = 60;

/// A verified proof. Its identifier is good for one use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of the key.
    pub jkt: String,
    pub jti: String,
    /// Until when the identifier must be remembered.
    pub until: Timestamp,
}

/// What is wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    Malformed,
    /// `typ` is not `dpop+jwt`.
    Type,
    /// The algorithm is symmetric, `none`, or not one of those expected.
    Algorithm(JwsAlg),
    KeyMissing,
    /// The header shows a private or a shared key.
    KeyPrivate,
    Signature,
    /// It is for another HTTP method.
    Method,
    /// It is for another URL.
    Url,
    /// It is for another access token.
    Token,
    JtiMissing,
    Untimely,
    /// A nonce is wanted, and it has none or another.
    Nonce,
}

/// What a proof must be about.
pub struct Expected<'a> {
    pub htm: &'a str,
    pub htu: &'a str,
    /// At resources: the access token that comes with the proof.
    pub access_token: Option<&'a str>,
    pub now: Timestamp,
    pub skew: i64,
    /// Where nonces are demanded.
    pub nonces: Option<&'a Nonces>,
    /// The algorithms that the policy allows.
    pub algs: Set<JwsAlg>,
}

/// Verifies a proof (§4.3).
pub fn proof(text: &str, expected: &Expected<'_>) -> Result<Proof, ProofError> {
    proof_at(text, expected, &[])
}

/// Verifies a proof for an endpoint that has more than one address (RFC 8705 §5): `htu` of `expected`, and
/// those in `also`.
pub fn proof_at(text: &str, expected: &Expected<'_>, also: &[&str]) -> Result<Proof, ProofError> {
    let mut jkt = Err(ProofError::Signature);
    let verified = jwt::read(text, &judged(expected), |found| {
        let key = shown(found);
        jkt = key.as_ref().map(|(_, jkt)| jkt.clone()).map_err(|error| *error);
        key.ok().and_then(|(jwk, _)| jwk.verifying_key(found.alg))
    });
    let verified = verified.map_err(|error| match error {
        JwtError::NoKey => jkt.clone().err().unwrap_or(ProofError::Signature),
        error => ProofError::from(error),
    })?;
    let jkt = jkt?;
    let claims = verified.claims();
    let About = about(claims, expected, also)?;
    let jti = claims::text(claims, "jti").ok().flatten().filter(|jti| jti.len() <= PROOF_JTI);
    let jti = jti.ok_or(ProofError::JtiMissing)?.to_owned();
    let iat = verified.times().iat.ok_or(ProofError::Malformed)?;
    let Nonced = nonce(claims, expected)?;
    Ok(Proof { jkt, jti, until: Timestamp::from_secs(iat.saturating_add(OLDEST + expected.skew)) })
}

/// §4.3-3 to -7, -11, -12. `exp` and `nbf` are not asked for; where they stand they count.
fn judged(expected: &Expected<'_>) -> jwt::Expected<'static> {
    jwt::Expected {
        kind: Kind::DpopProof,
        signature: Signature::Required,
        algs: expected.algs.meet(jwt::asymmetric()),
        issuer: Party::Elsewhere("the key is what a proof is from"),
        audience: Party::Elsewhere("a proof is for a method and a URL"),
        timing: Timing {
            now: expected.now,
            tolerance: Tolerance { late: expected.skew, early: AHEAD },
            exp: Presence::Optional,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired: Expired::Refused,
            // One second less than it is remembered for.
            longest: MaxLifetime::SinceIssue(OLDEST + expected.skew - 1),
        },
    }
}

impl From<JwtError> for ProofError {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::Kind => Self::Type,
            JwtError::Algorithm(alg) => Self::Algorithm(alg),
            JwtError::NoKey | JwtError::Signature => Self::Signature,
            JwtError::Untimely(Untimely::Expired | Untimely::NotYet | Untimely::FromTheFuture)
            | JwtError::TooLong => Self::Untimely,
            JwtError::Malformed
            | JwtError::Missing(_)
            | JwtError::Wrong(_)
            | JwtError::Untimely(Untimely::Malformed(_)) => Self::Malformed,
        }
    }
}

/// The key of the header and its thumbprint (§4.2).
fn shown(found: &UnverifiedJwt<'_>) -> Result<(Jwk, String), ProofError> {
    let jwk = found.header.get("jwk").and_then(Jwk::parse).ok_or(ProofError::KeyMissing)?;
    if jwk.is_private() || jwk.is_symmetric() {
        return Err(ProofError::KeyPrivate);
    }
    let jkt = jwk.thumbprint().ok_or(ProofError::Malformed)?;
    Ok((jwk, jkt))
}

/// A proof of this very request.
struct About;

/// A proof that was made with a nonce of ours, where one is demanded.
struct Nonced;

/// §4.3-8, -9, -10: method, URL without query and fragment, and the token.
fn about(claims: &Claims, expected: &Expected<'_>, also: &[&str]) -> Result<About, ProofError> {
    let says = |name| claims::text(claims, name).ok().flatten();
    if says("htm") != Some(expected.htm) {
        return Err(ProofError::Method);
    }
    let called = |htu: &str| same_url(htu, expected.htu) || also.iter().any(|other| same_url(htu, other));
    if !says("htu").is_some_and(called) {
        return Err(ProofError::Url);
    }
    if let Some(token) = expected.access_token {
        let hash = BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if says("ath") != Some(&hash) {
            return Err(ProofError::Token);
        }
    }
    Ok(About)
}

/// §8: a missing nonce and a wrong one have the same answer, which brings the right one.
fn nonce(claims: &Claims, expected: &Expected<'_>) -> Result<Nonced, ProofError> {
    let Some(nonces) = expected.nonces else { return Ok(Nonced) };
    let presented = claims::text(claims, "nonce").ok().flatten();
    match presented.filter(|nonce| nonces.accepts(nonce, expected.now)) {
        Some(_) => Ok(Nonced),
        None => Err(ProofError::Nonce),
    }
}

/// §4.3-9: compared in the normal form of RFC 3986 §6.2.2 and §6.2.3; query and fragment do not count.
fn same_url(a: &str, b: &str) -> bool {
    let normal = |url: &str| AbsoluteUri::parse(url).ok()?.normal();
    normal(a).is_some_and(|a| Some(a) == normal(b))
}

/// The nonces of a service (§8), and whatever else is like them: the same for everybody within a window of time, so that nothing is
/// stored. The one of the window before is still taken.
pub struct Nonces {
    key: hmac::Key,
    window: i64,
}

impl Nonces {
    pub fn new(key: &[u8; 32], window: Ttl) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), window: window.as_secs().max(1) }
    }

    /// How long one is good at least, in seconds.
    pub fn window(&self) -> i64 {
        self.window
    }

    pub fn current(&self, now: Timestamp) -> String {
        self.of(now.as_secs() / self.window)
    }

    fn of(&self, window: i64) -> String {
        let tag = hmac::sign(&self.key, &window.to_be_bytes());
        BASE64URL_NOPAD.encode(&tag.as_ref()[..24])
    }

    pub fn accepts(&self, nonce: &str, now: Timestamp) -> bool {
        let window = now.as_secs() / self.window;
        let same = |window| verify_slices_are_equal(nonce.as_bytes(), self.of(window).as_bytes()).is_ok();
        same(window) || same(window - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_compared_without_query_and_in_normal_form() {
        assert!(same_url("https://A.example:443/token?x=1#y", "https://a.example/token"));
        assert!(same_url("http://a", "http://a:80/"));
        assert!(same_url("https://a.example/%74oken", "https://a.example/x/../token"));
        for (a, b) in [
            ("https://a/Token", "https://a/token"),
            ("https://a/token/", "https://a/token"),
            ("http://a/token", "https://a/token"),
            ("https://a@b/token", "https://a@b/token"),
            ("https://a/token%2f", "https://a/token/"),
            ("https://a//token", "https://a/token"),
            ("/token", "/token"),
            ("a", "a"),
        ] {
            assert!(!same_url(a, b), "{a} {b}");
        }
    }

    #[test]
    fn nonces_live_for_two_windows() {
        let nonces = Nonces::new(&[1; 32], Ttl::secs(60));
        let at = Timestamp::from_secs;
        let nonce = nonces.current(at(60));
        assert!(nonces.accepts(&nonce, at(119)) && nonces.accepts(&nonce, at(179)));
        assert!(!nonces.accepts(&nonce, at(180)) && !nonces.accepts(&nonce, at(59)));
        assert!(!Nonces::new(&[2; 32], Ttl::secs(60)).accepts(&nonce, at(60)));
    }
}
