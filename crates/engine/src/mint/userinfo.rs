//! OpenID Connect Core §5.3.2 – the userinfo response.

use placet_base::Timestamp;
use placet_jose::Unsigned;
use serde_json::{Map, Value, json};

/// The members of a plain response: `sub`, and what the authorization server has collected.
pub fn members(sub: &str, claims: Map<String, Value>) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("sub".into(), sub.into());
    members.extend(claims.into_iter().filter(|(name, value)| name != "sub" && has_value(value)));
    members
}

/// §5.3.2: a claim without a value is left out.
pub fn has_value(claim: &Value) -> bool {
    !claim.is_null() && claim.as_str() != Some("")
}

/// Claims that only the engine may set. `exp` is none: it is what tells an ID token from this (§2).
const OWN: [&str; 4] = ["iss", "aud", "iat", "exp"];

/// A response as a JWT: §5.3.2 wants `iss` and `aud` in it.
pub fn unsigned(issuer: &str, audience: &str, now: Timestamp, members: Map<String, Value>) -> Unsigned {
    let mut claims = Map::new();
    claims.insert("iss".into(), issuer.into());
    claims.insert("aud".into(), json!([audience]));
    claims.insert("iat".into(), now.as_secs().into());
    claims.extend(members.into_iter().filter(|(name, _)| !OWN.contains(&name.as_str())));
    Unsigned { header: Map::new(), claims }
}
