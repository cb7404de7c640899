//! Entities of a federation (OpenID Federation 1.0 §3), and what they state.

#![allow(dead_code, unreachable_pub, clippy::allow_attributes, reason = "every test uses a part of it")]

use placet_jose::{Jwk, Unsigned};
use placet_sdk::registry::JwsAlg;
use serde_json::{Map, Value, json};

pub struct Entity {
    pub id: String,
    key: Jwk,
}

impl Entity {
    pub fn new(id: &str) -> Self {
        let key = Jwk::parse(&placet_jose::generate(JwsAlg::Es256).unwrap()).unwrap();
        Self { id: id.to_owned(), key }
    }

    /// Its public keys.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.key.public()] })
    }

    /// What it says of a subject from `now` on, for an hour.
    pub fn states(&self, sub: &str, now: i64, more: &Value) -> String {
        let mut claims = json!({ "iss": self.id, "sub": sub, "iat": now, "exp": now + 3600 });
        let more = more.as_object().unwrap().clone();
        claims.as_object_mut().unwrap().extend(more);
        self.signed("entity-statement+jwt", &claims)
    }

    pub fn signed(&self, typ: &str, claims: &Value) -> String {
        let object = |value: &Value| -> Map<String, Value> { value.as_object().unwrap().clone() };
        let key = self.key.signing_key(JwsAlg::Es256).unwrap();
        let unsigned = Unsigned { header: object(&json!({ "typ": typ })), claims: object(claims) };
        let input = unsigned.signing_input(&key);
        let signature = key.sign(input.as_bytes()).unwrap();
        Unsigned::compact(input, &signature)
    }
}
