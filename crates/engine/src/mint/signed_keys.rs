//! OpenID Federation 1.0 §5.2.1 – what `signed_jwks_uri` leads to, unsigned.

use placet_base::{Timestamp, Ttl};
use placet_jose::{Header, JwkSet, Unsigned};
use serde_json::{Map, Value};

/// The public keys among these, by the entity whose they are, and of no use to whoever shows them when they are over.
pub fn unsigned(entity: &str, keys: &JwkSet, now: Timestamp, lifetime: Ttl) -> Unsigned {
    let mut header = Header::new();
    header.insert("typ".into(), "jwk-set+jwt".into());
    let mut claims = Map::new();
    claims.insert("iss".into(), entity.into());
    claims.insert("sub".into(), entity.into());
    claims.insert("iat".into(), now.as_secs().into());
    claims.insert("exp".into(), (now + lifetime).as_secs().into());
    claims.insert("keys".into(), keys.published().get("keys").cloned().unwrap_or(Value::Array(Vec::new())));
    Unsigned { header, claims }
}
