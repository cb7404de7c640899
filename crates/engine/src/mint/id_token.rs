//! OpenID Connect Core §2, §3.1.3.6 – the ID token, unsigned.

use placet_base::registry::JwsAlg;
use placet_base::{Timestamp, Ttl};
use placet_jose::{Unsigned, half_hash};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What the authorization server has said about the user, kept with the code until its redemption.
#[derive(Clone, Serialize, Deserialize)]
pub struct IdTokenPlan {
    /// Value of `sub`.
    pub sub: String,
    pub nonce: Option<String>,
    pub acr: Option<String>,
    /// Seconds since the epoch.
    pub auth_time: Option<i64>,
    /// Further claims.
    pub claims: Map<String, Value>,
    /// Further members of the header.
    pub header: Map<String, Value>,
    pub audience_as_string: bool,
}

/// What is known only when the token is made.
pub struct Occasion<'a> {
    pub issuer: &'a str,
    /// The client, as the token names it.
    pub audience: String,
    pub alg: JwsAlg,
    pub now: Timestamp,
    pub lifetime: Ttl,
    pub access_token: &'a str,
    pub code: &'a str,
}

/// Claims that only the engine may set.
const OWN: [&str; 10] = ["iss", "sub", "aud", "exp", "iat", "nonce", "at_hash", "c_hash", "auth_time", "acr"];

impl IdTokenPlan {
    pub fn unsigned(self, on: &Occasion<'_>) -> Unsigned {
        let mut claims = Map::new();
        claims.insert("iss".into(), on.issuer.into());
        claims.insert("sub".into(), self.sub.into());
        let audience = on.audience.clone();
        claims
            .insert("aud".into(), if self.audience_as_string { audience.into() } else { json!([audience]) });
        claims.insert("exp".into(), (on.now + on.lifetime).as_secs().into());
        claims.insert("iat".into(), on.now.as_secs().into());
        let optional = [
            ("auth_time", self.auth_time.map(Value::from)),
            ("nonce", self.nonce.map(Value::from)),
            ("acr", self.acr.map(Value::from)),
        ];
        claims.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        claims.insert("at_hash".into(), half_hash(on.alg, on.access_token).into());
        claims.insert("c_hash".into(), half_hash(on.alg, on.code).into());
        claims.extend(self.claims.into_iter().filter(|(name, _)| !OWN.contains(&name.as_str())));
        Unsigned { header: self.header, claims }
    }
}
