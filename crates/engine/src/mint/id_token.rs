//! OpenID Connect Core §2, §3.1.3.6, §3.3.2.11 – the ID token, unsigned.

use placet_base::registry::JwsAlg;
use placet_base::{Timestamp, Ttl};
use placet_jose::{Unsigned, half_hash};
use serde_json::{Map, Value, json};

use super::userinfo::has_value;
use crate::records::id_token_plan::IdTokenPlan;

/// What is known only when the token is made.
pub struct IssuanceContext<'a> {
    pub issuer: &'a str,
    /// The client, as the token names it.
    pub audience: String,
    pub alg: JwsAlg,
    pub now: Timestamp,
    pub lifetime: Ttl,
    pub companions: AccompanyingTokens<'a>,
}

/// What is given together with the token, and bound to it by a hash.
#[derive(Clone, Copy, Default)]
pub struct AccompanyingTokens<'a> {
    pub access_token: Option<&'a str>,
    pub code: Option<&'a str>,
    pub state: Option<&'a str>,
    pub refresh_token: Option<&'a str>,
    /// CIBA Core §10.3.1: pushed tokens name their request.
    pub auth_req_id: Option<&'a str>,
}

/// Claims that only the engine may set.
const OWN: [&str; 13] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
    "auth_time",
    "acr",
    "sid",
    RT_HASH,
];

const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";
const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";

impl IdTokenPlan {
    pub fn unsigned(self, on: &IssuanceContext<'_>) -> Unsigned {
        let mut claims = Map::new();
        claims.insert("iss".into(), on.issuer.into());
        claims.insert("sub".into(), self.sub.into());
        let audience = on.audience.clone();
        claims
            .insert("aud".into(), if self.audience_as_string { audience.into() } else { json!([audience]) });
        claims.insert("exp".into(), (on.now + on.lifetime).as_secs().into());
        claims.insert("iat".into(), on.now.as_secs().into());
        let with = &on.companions;
        let hash = |value: Option<&str>| value.map(|value| half_hash(on.alg, value).into());
        let optional = [
            ("auth_time", self.auth_time.map(Value::from)),
            ("nonce", self.nonce.map(Value::from)),
            ("acr", self.acr.map(Value::from)),
            ("sid", self.session.map(Value::from)),
            ("at_hash", hash(with.access_token)),
            ("c_hash", hash(with.code)),
            ("s_hash", hash(with.state)),
            (RT_HASH, hash(with.refresh_token)),
            (AUTH_REQ_ID, with.auth_req_id.map(Value::from)),
        ];
        claims.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        let others = self.claims.into_iter();
        claims.extend(others.filter(|(name, value)| !OWN.contains(&name.as_str()) && has_value(value)));
        Unsigned { header: self.header, claims }
    }
}
