//! Credentials that are JWTs (RFC 7519), with their certificates in the header.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::{Against, Check, Verified, binding, signer, validity};

/// Verifiable Credentials Data Model 1.1 §6.3.1
pub(super) fn read(credential: &str, against: &Against<'_>) -> Option<Verified> {
    let (claims, checks) = opened(credential, against)?;
    let status = claims.get("status").cloned();
    Some(Verified { claims: Value::Object(claims), checks, status })
}

/// The claims, none where the signature is wrong, and what was looked at.
pub(super) fn opened(jwt: &str, against: &Against<'_>) -> Option<(Map<String, Value>, Vec<Check>)> {
    let Signed { claims, mut checks } = signed(jwt, Some(against.issuer), against)?;
    let Some(claims) = claims else { return Some((Map::new(), checks)) };
    let moment = |name: &str| claims.get(name).and_then(Value::as_i64);
    checks.push(validity(moment("nbf").or(moment("iat")), moment("exp"), against.now));
    let key = claims.get("cnf").and_then(|cnf| cnf.get("jwk"));
    let coordinate = |name: &str| key.and_then(|key| key.get(name)?.as_str());
    checks.push(binding(coordinate("x"), coordinate("y"), against));
    Some((claims, checks))
}

/// A JWT whose signer has been looked at.
pub(super) struct Signed {
    /// `None` where the signer has not signed them.
    pub(super) claims: Option<Map<String, Value>>,
    pub(super) checks: Vec<Check>,
}

/// The claims that the signer whom the header shows has signed.
pub(super) fn signed(jwt: &str, issuer: Option<&str>, against: &Against<'_>) -> Option<Signed> {
    let leaf = decode_header(jwt).ok()?.x5c_der().ok()??.into_iter().next()?;
    let (point, chain) = signer(&leaf, against)?;
    let mut validation = Validation::new(Algorithm::ES256);
    // Times are held against the clock that everything here goes by; an audience none of these has.
    (validation.validate_exp, validation.validate_aud) = (false, false);
    validation.required_spec_claims.clear();
    if let Some(issuer) = issuer {
        validation.set_issuer(&[issuer]);
    }
    let decoded = decode::<Map<String, Value>>(jwt, &DecodingKey::from_ec_der(&point), &validation);
    let said = decoded.as_ref().err().map_or_else(|| "ES256".to_owned(), ToString::to_string);
    let checks = vec![Check::new("check.signature", decoded.is_ok(), said), chain];
    Some(Signed { claims: decoded.ok().map(|decoded| decoded.claims), checks })
}
