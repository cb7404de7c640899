//! RFC 7517, RFC 7518 §6, RFC 8037 §2 – keys and key sets.

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::{JweAlg, JwsAlg};
use serde_json::{Map, Value};

use crate::alg::{self, Family};
use crate::budgets::{KEY_SET, KEYS};
use crate::certificate::Certificate;
use crate::key::{SigningKey, VerifyingKey};
use crate::management::{DecryptionKey, EncryptionKey};

/// Members that hold private or secret key material (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a text is no key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwkError {
    TooLarge,
    TooManyKeys,
    NotJson,
    /// There is no `keys` array, or an element of it is no object with a `kty`.
    Shape,
}

/// RFC 7517 §4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    Signature,
    Encryption,
}

/// One key. Members that are not understood are kept, so that a set is published as it was given.
#[derive(Clone)]
pub struct Jwk {
    members: Map<String, Value>,
}

#[derive(Clone, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

impl JwkSet {
    pub fn parse(text: &str) -> Result<Self, JwkError> {
        if text.len() > KEY_SET {
            return Err(JwkError::TooLarge);
        }
        let document: Value = serde_json::from_str(text).map_err(|_| JwkError::NotJson)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(JwkError::Shape)?;
        if keys.len() > KEYS {
            return Err(JwkError::TooManyKeys);
        }
        let keys = keys.iter().map(Jwk::parse).collect::<Option<_>>().ok_or(JwkError::Shape)?;
        Ok(Self { keys })
    }

    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The key to decrypt with: the one called `kid` when that is set, else the first that fits.
    pub fn decrypting(&self, alg: JweAlg, kid: Option<&str>) -> Option<DecryptionKey> {
        let mut named = self.keys.iter().filter(|jwk| kid.is_none_or(|kid| jwk.kid() == Some(kid)));
        named.find_map(|jwk| jwk.decryption_key(alg))
    }

    /// The set with further keys.
    pub fn with(mut self, keys: impl IntoIterator<Item = Jwk>) -> Self {
        self.keys.extend(keys);
        self
    }

    /// The keys with which a token of this algorithm, naming this key, may have been signed.
    pub fn verifying<'a>(
        &'a self,
        alg: JwsAlg,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = VerifyingKey> + 'a {
        let named = self.keys.iter().filter(move |jwk| kid.is_none_or(|kid| jwk.kid() == Some(kid)));
        named.filter_map(move |jwk| jwk.verifying_key(alg))
    }

    /// Whether every key has a key id, and no two the same.
    pub fn has_distinct_ids(&self) -> bool {
        let mut seen = BTreeSet::new();
        self.keys.iter().all(|jwk| jwk.kid().is_some_and(|kid| !kid.is_empty() && seen.insert(kid)))
    }

    /// The set as it may be published: no private members, no symmetric keys.
    pub fn published(&self) -> Value {
        let keys = self.keys.iter().filter(|k| !k.is_symmetric()).map(|k| Value::Object(k.public_members()));
        serde_json::json!({ "keys": keys.collect::<Vec<_>>() })
    }
}

impl Jwk {
    /// One key by itself, such as the `jwk` of a header. `None` without a `kty`.
    pub fn parse(value: &Value) -> Option<Self> {
        let members = value.as_object()?.clone();
        members.get("kty")?.as_str()?;
        Some(Self { members })
    }

    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// The algorithm that the key is bound to by its `alg` member.
    pub fn alg(&self) -> Option<&str> {
        self.text("alg")
    }

    pub fn key_use(&self) -> Option<KeyUse> {
        match self.text("use")? {
            "sig" => Some(KeyUse::Signature),
            "enc" => Some(KeyUse::Encryption),
            _ => None,
        }
    }

    /// Whether `use` says this, which may be a word of another specification's.
    pub fn is_for(&self, purpose: &str) -> bool {
        self.text("use") == Some(purpose)
    }

    pub fn is_private(&self) -> bool {
        self.members.contains_key("d")
    }

    /// Whether the key is a shared secret.
    pub fn is_symmetric(&self) -> bool {
        self.text("kty") == Some("oct")
    }

    /// Whether this key may be used to sign or verify with `alg`: its type fits, and neither its `use`
    /// nor its `alg` says otherwise (RFC 7517 §4.2, §4.4).
    pub fn fits(&self, alg: JwsAlg) -> bool {
        self.key_use() != Some(KeyUse::Encryption)
            && self.alg().is_none_or(|bound| bound == alg.protocol_name())
            && self.is_of_type(alg)
    }

    fn is_of_type(&self, alg: JwsAlg) -> bool {
        match (alg::family(alg), self.text("kty")) {
            (Some(Family::Hmac(_)), Some("oct")) | (Some(Family::Rsa { .. }), Some("RSA")) => true,
            (Some(Family::Ec { curve }), Some("EC")) => self.text("crv") == Some(curve.name),
            (Some(Family::EdDsa), Some("OKP")) => self.text("crv") == Some("Ed25519"),
            _ => false,
        }
    }

    /// The private key for `alg`; `None` when the key does not fit or its numbers are not a key.
    pub fn signing_key(&self, alg: JwsAlg) -> Option<SigningKey> {
        if !self.fits(alg) || !self.is_private() {
            return None;
        }
        SigningKey::from_jwk(self, alg)
    }

    /// The public key for `alg`; `None` when the key does not fit or its numbers are not a key.
    pub fn verifying_key(&self, alg: JwsAlg) -> Option<VerifyingKey> {
        if !self.fits(alg) {
            return None;
        }
        VerifyingKey::from_jwk(self, alg)
    }

    fn fits_encryption(&self, alg: JweAlg) -> bool {
        self.key_use() != Some(KeyUse::Signature)
            && self.alg().is_none_or(|bound| bound == alg.protocol_name())
    }

    /// The recipient's key for `alg`; `None` when the key does not fit or its numbers are not a key.
    pub fn encryption_key(&self, alg: JweAlg) -> Option<EncryptionKey> {
        self.fits_encryption(alg).then(|| EncryptionKey::from_jwk(self, alg)).flatten()
    }

    /// The private key for `alg`; `None` when the key does not fit or its numbers are not a key. RSA1_5
    /// is done only with a key that names it: a padding oracle must be asked for (RFC 8725 §3.2).
    pub fn decryption_key(&self, alg: JweAlg) -> Option<DecryptionKey> {
        let asked_for = alg != JweAlg::Rsa15 || self.alg() == Some(alg.protocol_name());
        let fits = self.fits_encryption(alg) && self.is_private() && asked_for;
        fits.then(|| DecryptionKey::from_jwk(self, alg)).flatten()
    }

    /// RFC 7517 §4.7: the certificate of the key itself.
    pub fn certificate(&self) -> Option<Certificate> {
        Certificate::parse(self.members.get("x5c")?.as_array()?.first()?.as_str()?)
    }

    /// RFC 7517 §4.7: the certificate of the key and those above it, as DER. `None` where one cannot be read.
    pub fn certificates(&self) -> Option<Vec<Vec<u8>>> {
        let links = self.members.get("x5c")?.as_array()?.iter();
        links.map(|link| Some(Certificate::parse(link.as_str()?)?.into_der())).collect()
    }

    /// The key without private members.
    pub fn public(&self) -> Value {
        Value::Object(self.public_members())
    }

    pub(crate) fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// RFC 7638 – the SHA-256 thumbprint, base64url.
    pub fn thumbprint(&self) -> Option<String> {
        thumbprint(&self.members)
    }

    /// The public key and nothing else: what RFC 7638 §3.2 has of it, as texts. Whatever else its holder says of it is left out.
    pub fn bare(&self) -> Option<Self> {
        let members = required(&self.members).filter(|members| members.values().all(Value::is_string));
        members.filter(|_| !self.is_symmetric()).map(|members| Self { members })
    }

    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.members.get(member)?.as_str()
    }

    /// A base64url member as bytes.
    pub(crate) fn bytes(&self, member: &str) -> Option<Vec<u8>> {
        BASE64URL_NOPAD.decode(self.text(member)?.as_bytes()).ok()
    }

    fn public_members(&self) -> Map<String, Value> {
        let mut members = self.members.clone();
        members.retain(|name, _| !PRIVATE_MEMBERS.contains(&name.as_str()));
        members
    }
}

/// RFC 7638 §3: the required members in lexicographic order, without white space, hashed.
pub(crate) fn thumbprint(members: &Map<String, Value>) -> Option<String> {
    let text = Value::Object(required(members)?).to_string();
    Some(BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref()))
}

/// RFC 7638 §3.2: the members that a key of its type has to have, in lexicographic order.
fn required(members: &Map<String, Value>) -> Option<Map<String, Value>> {
    let required: &[&str] = match members.get("kty")?.as_str()? {
        "RSA" => &["e", "kty", "n"],
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "oct" => &["k", "kty"],
        _ => return None,
    };
    required.iter().map(|name| Some(((*name).to_owned(), members.get(*name)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate;

    #[test]
    fn a_bare_key_is_the_key_alone() {
        let jwk = |value: Value| Jwk::parse(&value).unwrap();
        let more = serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "k", "x5u": "u", "_sd": ["a"] });
        let bare = serde_json::json!({ "crv": "Ed25519", "kty": "OKP", "x": "AA" });
        assert_eq!(jwk(more).bare().map(|key| key.public()), Some(bare));
        for wrong in [
            serde_json::json!({ "kty": "EC", "crv": "P-256", "x": "AA" }),
            serde_json::json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": { "a": 1 } }),
            serde_json::json!({ "kty": "oct", "k": "AA" }),
            serde_json::json!({ "kty": "other" }),
        ] {
            assert!(jwk(wrong.clone()).bare().is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_thumbprint_of_rfc_7638() {
        let text = r#"{"keys":[{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}]}"#;
        let set = JwkSet::parse(text).unwrap();
        assert_eq!(set.keys()[0].thumbprint().unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn publishing_strips_private_members_and_secrets() {
        let mut key = generate(JwsAlg::Es256).unwrap();
        key["note"] = "kept".into();
        let set = serde_json::json!({ "keys": [key, { "kty": "oct", "k": "c2VjcmV0" }] }).to_string();
        let published = JwkSet::parse(&set).unwrap().published();
        assert_eq!(published["keys"].as_array().unwrap().len(), 1);
        assert_eq!(published["keys"][0]["note"], "kept");
        assert!(published["keys"][0].get("d").is_none());
    }

    #[test]
    fn sets_are_bounded() {
        let many = format!("{{\"keys\":[{}]}}", vec![r#"{"kty":"oct","k":""}"#; KEYS + 1].join(","));
        assert_eq!(JwkSet::parse(&many).err(), Some(JwkError::TooManyKeys));
        assert_eq!(JwkSet::parse(&" ".repeat(KEY_SET + 1)).err(), Some(JwkError::TooLarge));
        assert_eq!(JwkSet::parse("[]").err(), Some(JwkError::Shape));
        assert_eq!(JwkSet::parse(r#"{"keys":[{}]}"#).err(), Some(JwkError::Shape));
        assert_eq!(JwkSet::parse("{").err(), Some(JwkError::NotJson));
    }
}
