//! Credentials that are JWTs (RFC 7519), with their certificates in the header.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::{Against, Check, Verified, binding, signer, status, validity};

/// Verifiable Credentials Data Model 1.1 §6.3.1
pub(super) fn read(credential: &str, against: &Against<'_>) -> Option<Verified> {
    let (claims, checks) = opened(credential, against)?;
    Some(Verified { claims: Value::Object(claims), checks })
}

/// The claims, none where the signature is wrong, and what was looked at.
pub(super) fn opened(jwt: &str, against: &Against<'_>) -> Option<(Map<String, Value>, Vec<Check>)> {
    let leaf = decode_header(jwt).ok()?.x5c_der().ok()??.into_iter().next()?;
    let (point, chain) = signer(&leaf, against)?;
    let mut validation = Validation::new(Algorithm::ES256);
    // Times are held against the clock that everything here goes by; an audience a credential has none.
    (validation.validate_exp, validation.validate_aud) = (false, false);
    validation.required_spec_claims.clear();
    validation.set_issuer(&[against.issuer]);
    let decoded = decode::<Map<String, Value>>(jwt, &DecodingKey::from_ec_der(&point), &validation);
    let said = decoded.as_ref().err().map_or_else(|| "ES256".to_owned(), ToString::to_string);
    let mut checks = vec![Check::new("check.signature", decoded.is_ok(), said), chain];
    let Ok(decoded) = decoded else { return Some((Map::new(), checks)) };
    let claims = decoded.claims;
    let moment = |name: &str| claims.get(name).and_then(Value::as_i64);
    checks.push(validity(moment("nbf").or(moment("iat")), moment("exp"), against.now));
    let key = claims.get("cnf").and_then(|cnf| cnf.get("jwk"));
    let coordinate = |name: &str| key.and_then(|key| key.get(name)?.as_str());
    checks.push(binding(coordinate("x"), coordinate("y"), against));
    checks.push(status(claims.get("status")));
    Some((claims, checks))
}
