//! RFC 9449 – Demonstrating Proof of Possession

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{digest, hmac};
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_base::{Timestamp, Ttl};
use serde_json::Value;

use crate::claims::{self, Claims, Times, Tolerance, Untimely};
use crate::jwk::Jwk;
use crate::jws::Parsed;

/// How old a proof may be, and how far in the future its clock may stand, in seconds (§11.1).
const OLDEST: i64 = 5 * 60;
const AHEAD: i64 = 60;

/// The longest `jti`, in bytes: it is remembered as a hash, but read whole.
const LONGEST_JTI: usize = 256;

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
    let parsed = Parsed::parse(text).map_err(|_| ProofError::Malformed)?;
    if parsed.header.get("typ").and_then(Value::as_str) != Some("dpop+jwt") {
        return Err(ProofError::Type);
    }
    let alg = parsed.alg();
    if !alg.is_asymmetric() || !expected.algs.contains(alg) {
        return Err(ProofError::Algorithm(alg));
    }
    let jwk = parsed.header.get("jwk").and_then(Jwk::parse).ok_or(ProofError::KeyMissing)?;
    if jwk.is_private() || jwk.is_symmetric() {
        return Err(ProofError::KeyPrivate);
    }
    let jkt = jwk.thumbprint().ok_or(ProofError::Malformed)?;
    let claims = parsed.verified_by_any(jwk.verifying_key(alg)).map_err(|_| ProofError::Signature)?;
    about(&claims, expected)?;
    let jti = claims::text(&claims, "jti").ok().flatten().filter(|jti| jti.len() <= LONGEST_JTI);
    let jti = jti.ok_or(ProofError::JtiMissing)?.to_owned();
    let iat = fresh(&claims, expected)?;
    nonce(&claims, expected)?;
    Ok(Proof { jkt, jti, until: Timestamp::from_secs(iat.saturating_add(OLDEST + expected.skew)) })
}

/// §4.3-8, -9, -10: method, URL without query and fragment, and the token.
fn about(claims: &Claims, expected: &Expected<'_>) -> Result<(), ProofError> {
    let says = |name| claims::text(claims, name).ok().flatten();
    if says("htm") != Some(expected.htm) {
        return Err(ProofError::Method);
    }
    if !says("htu").is_some_and(|htu| same_url(htu, expected.htu)) {
        return Err(ProofError::Url);
    }
    if let Some(token) = expected.access_token {
        let hash = BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if says("ath") != Some(&hash) {
            return Err(ProofError::Token);
        }
    }
    Ok(())
}

fn fresh(claims: &Claims, expected: &Expected<'_>) -> Result<i64, ProofError> {
    let times = Times::read(claims).map_err(|_| ProofError::Malformed)?;
    let iat = times.iat.ok_or(ProofError::Malformed)?;
    let now = expected.now.as_secs();
    // `exp` and `nbf` are not asked for; where they stand they count.
    let tolerance = Tolerance { late: expected.skew, early: AHEAD };
    let in_time = match times.current(expected.now, tolerance) {
        Ok(_) => iat.saturating_add(OLDEST + expected.skew) > now,
        Err(Untimely::Malformed(_)) => return Err(ProofError::Malformed),
        Err(_) => false,
    };
    if in_time { Ok(iat) } else { Err(ProofError::Untimely) }
}

/// §8: a missing nonce and a wrong one have the same answer, which brings the right one.
fn nonce(claims: &Claims, expected: &Expected<'_>) -> Result<(), ProofError> {
    let Some(nonces) = expected.nonces else { return Ok(()) };
    let presented = claims::text(claims, "nonce").ok().flatten();
    match presented.filter(|nonce| nonces.accepts(nonce, expected.now)) {
        Some(_) => Ok(()),
        None => Err(ProofError::Nonce),
    }
}

/// §4.3-9: compared after the normalisation of RFC 3986 §6.2.2 and §6.2.3 that costs nothing: scheme and
/// host in any case, the default port left out, an empty path as `/`; query and fragment do not count.
fn same_url(a: &str, b: &str) -> bool {
    match (normal(a), normal(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

fn normal(url: &str) -> Option<(String, String, &str)> {
    let url = url.split(['?', '#']).next()?;
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let default = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(default).map(str::to_owned).unwrap_or(authority);
    (!authority.is_empty() && !authority.contains('@')).then_some((
        scheme,
        authority,
        if path.is_empty() { "/" } else { path },
    ))
}

/// The nonces of a service (§8): the same for everybody within a window of time, so that nothing is
/// stored. The one of the window before is still taken.
pub struct Nonces {
    key: hmac::Key,
    window: i64,
}

impl Nonces {
    pub fn new(key: &[u8; 32], window: Ttl) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), window: window.as_secs().max(1) }
    }

    pub fn current(&self, now: Timestamp) -> String {
        self.of(now.as_secs() / self.window)
    }

    fn of(&self, window: i64) -> String {
        let tag = hmac::sign(&self.key, &window.to_be_bytes());
        BASE64URL_NOPAD.encode(&tag.as_ref()[..24])
    }

    fn accepts(&self, nonce: &str, now: Timestamp) -> bool {
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
        for (a, b) in [
            ("https://a/Token", "https://a/token"),
            ("https://a/token/", "https://a/token"),
            ("http://a/token", "https://a/token"),
            ("https://a@b/token", "https://a@b/token"),
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
