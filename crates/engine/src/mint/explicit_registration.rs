//! OpenID Federation 1.0 §12.2.3 – the statement about a client that has registered explicitly, unsigned.

use placet_base::Timestamp;
use placet_jose::{Header, Unsigned};
use serde_json::{Map, Value, json};

use crate::rules::federation::Chain;

/// `until`: when the registration ends, in seconds since the epoch. `metadata`: of what type the client is, and what it is registered with.
pub fn unsigned(
    issuer: &str,
    (chain, until): (&Chain, i64),
    (entity_type, metadata): (&str, Map<String, Value>),
    now: Timestamp,
) -> Unsigned {
    let mut header = Header::new();
    header.insert("typ".into(), "explicit-registration-response+jwt".into());
    let client = chain.subject().sub.as_str();
    let mut claims = Map::new();
    claims.insert("iss".into(), issuer.into());
    claims.insert("sub".into(), client.into());
    claims.insert("aud".into(), client.into());
    claims.insert("iat".into(), now.as_secs().into());
    claims.insert("exp".into(), until.into());
    claims.insert("trust_anchor".into(), chain.anchor_id().as_str().into());
    claims.insert("authority_hints".into(), json!([chain.immediate_superior().as_str()]));
    // A copy of the client's own, word for word.
    if let Some(jwks) = chain.subject().claims().get("jwks") {
        claims.insert("jwks".into(), jwks.clone());
    }
    claims.insert("metadata".into(), json!({ entity_type: metadata }));
    Unsigned { header, claims }
}
