//! RFC 7515, RFC 7519 – compact signed JWTs.

use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::JwsAlg;
use serde_json::{Map, Value};

use crate::budgets::{KEYS_TRIED, SIGNED_JWT};
use crate::key::{SigningKey, VerifyingKey};

/// A JOSE header or a claims set.
pub type Header = Map<String, Value>;

/// Why a text is no usable JWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwsError {
    TooLong,
    /// Not three base64url parts with a JSON object in the first two.
    Malformed,
    /// `alg` is absent or unknown.
    Algorithm,
    /// The header carries `crit`, and no extension is understood here (RFC 7515 §4.1.11).
    Critical,
    /// The signature is not one of this key over this content.
    Signature,
    /// There is no key that fits the token.
    NoKey,
}

/// A token before its signature: what is to be signed, and with which header.
pub struct Unsigned {
    pub header: Header,
    pub claims: Map<String, Value>,
}

impl Unsigned {
    /// The signing input for `key`, whose `alg` and `kid` take precedence over the header's.
    pub fn signing_input(self, key: &SigningKey) -> String {
        self.signing_input_of(key.alg(), key.kid())
    }

    /// The same for a key that is not here.
    pub fn signing_input_of(mut self, alg: JwsAlg, kid: Option<&str>) -> String {
        self.header.insert("alg".into(), alg.protocol_name().into());
        if let Some(kid) = kid {
            self.header.insert("kid".into(), kid.into());
        }
        // A map of values has no name that is no text, and nothing to fail for.
        let json = |members: &Map<String, Value>| serde_json::to_vec(members).unwrap_or_default();
        let (header, claims) = (json(&self.header), json(&self.claims));
        let len = |bytes: &[u8]| BASE64URL_NOPAD.encode_len(bytes.len());
        // With room for a signature of the usual size behind it.
        let mut input = String::with_capacity(len(&header) + len(&claims) + 128);
        BASE64URL_NOPAD.encode_append(&header, &mut input);
        input.push('.');
        BASE64URL_NOPAD.encode_append(&claims, &mut input);
        input
    }

    /// Joins a signing input and its signature.
    pub fn compact(mut signing_input: String, signature: &[u8]) -> String {
        signing_input.push('.');
        BASE64URL_NOPAD.encode_append(signature, &mut signing_input);
        signing_input
    }
}

/// A compact JWS that has been taken apart; nothing about it is proven yet.
pub struct Parsed<'a> {
    pub header: Header,
    alg: JwsAlg,
    claims: Map<String, Value>,
    signing_input: &'a str,
    signature: Vec<u8>,
}

impl<'a> Parsed<'a> {
    pub fn parse(text: &'a str) -> Result<Self, JwsError> {
        if text.len() > SIGNED_JWT {
            return Err(JwsError::TooLong);
        }
        let (signing_input, signature) = text.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, claims) = signing_input.split_once('.').ok_or(JwsError::Malformed)?;
        let header = object(header)?;
        if header.contains_key("crit") {
            return Err(JwsError::Critical);
        }
        let alg = header.get("alg").and_then(Value::as_str).and_then(JwsAlg::from_protocol);
        Ok(Self {
            alg: alg.ok_or(JwsError::Algorithm)?,
            claims: object(claims)?,
            header,
            signing_input,
            signature: BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| JwsError::Malformed)?,
        })
    }

    /// What the header claims; a key must be chosen that fits it, and the key decides.
    pub fn alg(&self) -> JwsAlg {
        self.alg
    }

    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid")?.as_str()
    }

    /// The claims before any proof: good for choosing a key, for nothing else.
    pub fn unproven_claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims, once `key` has vouched for them.
    pub fn verified(self, key: &VerifyingKey) -> Result<Map<String, Value>, JwsError> {
        if key.alg() != self.alg || !key.verifies(self.signing_input.as_bytes(), &self.signature) {
            return Err(JwsError::Signature);
        }
        Ok(self.claims)
    }
}

impl Parsed<'_> {
    /// The claims, once one of `keys` has vouched for them. At most [`KEYS_TRIED`] keys are tried: a
    /// token without `kid` must not make work without end.
    pub fn verified_by_any(
        self,
        keys: impl IntoIterator<Item = VerifyingKey>,
    ) -> Result<Map<String, Value>, JwsError> {
        let mut found = false;
        for key in keys.into_iter().take(KEYS_TRIED) {
            found = true;
            if key.alg() == self.alg && key.verifies(self.signing_input.as_bytes(), &self.signature) {
                return Ok(self.claims);
            }
        }
        Err(if found { JwsError::Signature } else { JwsError::NoKey })
    }

    /// The claims of a token that is openly unsigned: `alg` is `none` and the signature empty
    /// (RFC 7518 §3.6). For the few places where a setting allows it.
    pub fn unsecured(self) -> Option<Map<String, Value>> {
        (self.alg == JwsAlg::None && self.signature.is_empty()).then_some(self.claims)
    }
}

fn object(part: &str) -> Result<Map<String, Value>, JwsError> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| JwsError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwsError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long enough for every hash.
    const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn signed(alg: JwsAlg) -> String {
        let key = SigningKey::from_secret(SECRET, alg).unwrap();
        let claims = Map::from_iter([("sub".to_owned(), Value::from("john"))]);
        let input = Unsigned { header: Map::new(), claims }.signing_input(&key);
        let signature = key.sign(input.as_bytes()).unwrap();
        Unsigned::compact(input, &signature)
    }

    #[test]
    fn a_token_round_trips() {
        let token = signed(JwsAlg::Hs256);
        let key = VerifyingKey::from_secret(SECRET, JwsAlg::Hs256).unwrap();
        assert_eq!(Parsed::parse(&token).unwrap().verified(&key).unwrap()["sub"], "john");
    }

    #[test]
    fn the_key_decides_the_algorithm() {
        let token = signed(JwsAlg::Hs256);
        let key = VerifyingKey::from_secret(SECRET, JwsAlg::Hs384).unwrap();
        assert_eq!(Parsed::parse(&token).unwrap().verified(&key).err(), Some(JwsError::Signature));
    }

    #[test]
    fn malformed_tokens_are_named() {
        let header = |text: &str| format!("{}.e30.", BASE64URL_NOPAD.encode(text.as_bytes()));
        for (text, error) in [
            ("", JwsError::Malformed),
            ("a.b", JwsError::Malformed),
            (header(r#"{"alg":"XX256"}"#).as_str(), JwsError::Algorithm),
            (header("{}").as_str(), JwsError::Algorithm),
            (header(r#"{"alg":"HS256","crit":["exp"]}"#).as_str(), JwsError::Critical),
            ("a".repeat(SIGNED_JWT + 1).as_str(), JwsError::TooLong),
        ] {
            assert_eq!(Parsed::parse(text).err(), Some(error), "{text:.40}");
        }
    }

    #[test]
    fn none_is_never_verified() {
        let token = format!("{}.e30.", BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#));
        let key = VerifyingKey::from_secret(SECRET, JwsAlg::Hs256).unwrap();
        assert_eq!(Parsed::parse(&token).unwrap().verified(&key).err(), Some(JwsError::Signature));
    }
}
