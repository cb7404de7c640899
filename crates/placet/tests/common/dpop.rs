//! Proofs of possession (RFC 9449).

#![allow(
    unreachable_pub,
    clippy::allow_attributes,
    clippy::new_without_default,
    reason = "a module of several tests"
)]

use placet_jose::{Jwk, Unsigned};
use placet_sdk::registry::JwsAlg;
use serde_json::{Map, Value, json};

pub struct Key(Jwk);

impl Key {
    pub fn new() -> Self {
        Self(Jwk::parse(&placet_jose::generate(JwsAlg::Es256).unwrap()).unwrap())
    }

    pub fn proof(&self, method: &str, htu: &str, token: Option<&str>) -> String {
        #[expect(clippy::disallowed_methods, reason = "a proof of a test is made now")]
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let object = |value: Value| -> Map<String, Value> { value.as_object().unwrap().clone() };
        let jti = format!("{}{method}{htu}", now.as_nanos());
        let mut claims = object(json!({ "jti": jti, "htm": method, "htu": htu, "iat": now.as_secs() }));
        if let Some(token) = token {
            let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
            claims.insert("ath".to_owned(), data_encoding::BASE64URL_NOPAD.encode(hash.as_ref()).into());
        }
        let key = self.0.signing_key(JwsAlg::Es256).unwrap();
        let header = object(json!({ "typ": "dpop+jwt", "jwk": self.0.public() }));
        let input = Unsigned { header, claims }.signing_input(&key);
        let signature = key.sign(input.as_bytes()).unwrap();
        Unsigned::compact(input, &signature)
    }
}
