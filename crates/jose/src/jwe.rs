//! RFC 7516 – compact JWEs. `zip` is refused: a small message must not become a large one here
//! (RFC 8725 §3.6).

use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::{JweAlg, JweEnc};
use serde_json::Value;

use crate::budgets::ENCRYPTED_JWT;
use crate::content::{self, Sealed};
use crate::jwk::Jwk;
use crate::jws::Header;
use crate::management::{self, Asked, DecryptionKey, EncryptionKey};

/// Why a text is no usable JWE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JweError {
    TooLong,
    /// Not five base64url parts with a JSON object in the first.
    Malformed,
    /// `alg` or `enc` is absent, unknown or not offered.
    Algorithm,
    /// The header carries `crit` or `zip`.
    Critical,
    /// The content does not open with this key.
    Decryption,
    /// There is no key that fits it.
    NoKey,
}

/// Whether a text has the shape of a JWE rather than a JWS: five parts.
pub fn is_encrypted(text: &str) -> bool {
    text.split('.').count() == 5
}

/// Encrypts for the holder of `key`. `header` may carry `cty`, `typ` and claims in the clear.
pub fn encrypt(plaintext: &[u8], mut header: Header, key: &EncryptionKey, enc: JweEnc) -> Option<String> {
    header.insert("alg".into(), key.alg.protocol_name().into());
    header.insert("enc".into(), enc.protocol_name().into());
    if let Some(kid) = &key.kid {
        header.insert("kid".into(), kid.as_str().into());
    }
    let (cek, encrypted_key) = key.make(enc, &mut header)?;
    let head = BASE64URL_NOPAD.encode(Value::Object(header).to_string().as_bytes());
    let sealed = content::seal(enc, &cek, head.as_bytes(), plaintext)?;
    let parts = [&encrypted_key, &sealed.iv, &sealed.ciphertext, &sealed.tag];
    Some(parts.iter().fold(head, |text, part| text + "." + &BASE64URL_NOPAD.encode(part)))
}

/// A compact JWE that has been taken apart.
pub struct Encrypted<'a> {
    pub header: Header,
    alg: JweAlg,
    enc: JweEnc,
    head: &'a str,
    key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl<'a> Encrypted<'a> {
    pub fn parse(text: &'a str) -> Result<Self, JweError> {
        if text.len() > ENCRYPTED_JWT {
            return Err(JweError::TooLong);
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [head, key, iv, ciphertext, tag] = parts[..] else { return Err(JweError::Malformed) };
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| JweError::Malformed);
        let header: Header = serde_json::from_slice(&decode(head)?).map_err(|_| JweError::Malformed)?;
        if header.contains_key("crit") || header.contains_key("zip") {
            return Err(JweError::Critical);
        }
        let named = |name: &str| header.get(name).and_then(Value::as_str);
        let alg = named("alg").and_then(JweAlg::from_protocol).ok_or(JweError::Algorithm)?;
        let enc = named("enc").and_then(JweEnc::from_protocol).ok_or(JweError::Algorithm)?;
        let (key, iv, ciphertext, tag) = (decode(key)?, decode(iv)?, decode(ciphertext)?, decode(tag)?);
        Ok(Self { alg, enc, head, key, iv, ciphertext, tag, header })
    }

    /// What the header claims; a key must be chosen that fits it, and the key decides.
    pub fn alg(&self) -> JweAlg {
        self.alg
    }

    pub fn enc(&self) -> JweEnc {
        self.enc
    }

    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid")?.as_str()
    }

    /// What whoever holds the private key of `public` must do for this message; its answer is then the key
    /// ([`DecryptionKey::from_elsewhere`]). `None` when the message is not for such a key.
    pub fn asked(&self, public: &Jwk) -> Option<Asked> {
        management::asked(self.alg, &self.header, &self.key, public)
    }

    /// The content.
    pub fn decrypted(self, key: &DecryptionKey) -> Result<Vec<u8>, JweError> {
        if key.alg != self.alg {
            return Err(JweError::Decryption);
        }
        let cek = key.content_key(self.enc, &self.header, &self.key);
        let sealed = Sealed { iv: self.iv, ciphertext: self.ciphertext, tag: self.tag };
        content::open(self.enc, &cek, self.head.as_bytes(), sealed).ok_or(JweError::Decryption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JwkSet, KeyKind, generate_for_encryption};

    fn set(kind: KeyKind, alg: Option<&str>) -> JwkSet {
        let mut key = generate_for_encryption(kind).unwrap();
        if let Some(alg) = alg {
            key["alg"] = alg.into();
        }
        JwkSet::parse(&serde_json::json!({ "keys": [key] }).to_string()).unwrap()
    }

    #[test]
    fn every_offered_algorithm_opens_what_it_seals() {
        let (rsa, p256) = (set(KeyKind::Rsa2048, None), set(KeyKind::P256, None));
        let (p521, x25519) = (set(KeyKind::P521, None), set(KeyKind::X25519, None));
        let old = set(KeyKind::Rsa2048, Some("RSA1_5"));
        assert!(rsa.keys()[0].decryption_key(JweAlg::Rsa15).is_none());
        for (keys, algs) in [
            (&rsa, &[JweAlg::RsaOaep, JweAlg::RsaOaep256][..]),
            (&old, &[JweAlg::Rsa15]),
            (&p256, &[JweAlg::EcdhEs, JweAlg::EcdhEsA128Kw, JweAlg::EcdhEsA256Kw]),
            (&p521, &[JweAlg::EcdhEs, JweAlg::EcdhEsA256Kw]),
            (&x25519, &[JweAlg::EcdhEs, JweAlg::EcdhEsA128Kw]),
        ] {
            for (alg, enc) in algs.iter().flat_map(|alg| JweEnc::ALL.iter().map(move |enc| (*alg, *enc))) {
                let jwk = &keys.keys()[0];
                let token =
                    encrypt(b"content", Header::new(), &jwk.encryption_key(alg).unwrap(), enc).unwrap();
                let key = jwk.decryption_key(alg).unwrap();
                assert_eq!(Encrypted::parse(&token).unwrap().decrypted(&key).unwrap(), b"content");
                let mut broken = token.clone();
                broken.replace_range(broken.len() - 3..broken.len() - 2, "!");
                assert!(Encrypted::parse(&broken).is_err());
            }
        }
    }

    #[test]
    fn shared_secrets_work_and_others_do_not() {
        for alg in [
            JweAlg::Dir,
            JweAlg::A128Kw,
            JweAlg::A256Kw,
            JweAlg::A128GcmKw,
            JweAlg::A192GcmKw,
            JweAlg::A256GcmKw,
        ] {
            for enc in JweEnc::ALL {
                let key = EncryptionKey::from_secret("secret", alg, *enc).unwrap();
                let token = encrypt(b"content", Header::new(), &key, *enc).unwrap();
                let open = |secret: &str| {
                    let key = DecryptionKey::from_secret(secret, alg, *enc).unwrap();
                    Encrypted::parse(&token).unwrap().decrypted(&key)
                };
                assert_eq!(open("secret").unwrap(), b"content");
                assert_eq!(open("other").err(), Some(JweError::Decryption));
            }
        }
    }

    #[test]
    fn compressed_and_password_based_messages_are_refused() {
        let head = |text: &str| format!("{}....", BASE64URL_NOPAD.encode(text.as_bytes()));
        let error = |text: &str| Encrypted::parse(&head(text)).err();
        assert_eq!(error(r#"{"alg":"dir","enc":"A128GCM","zip":"DEF"}"#), Some(JweError::Critical));
        assert_eq!(error(r#"{"alg":"dir","enc":"A128GCM","crit":["x"]}"#), Some(JweError::Critical));
        assert_eq!(error(r#"{"alg":"dir"}"#), Some(JweError::Algorithm));
        assert!(
            EncryptionKey::from_secret("s", JweAlg::Pbes2Hs256A128Kw, JweEnc::A128Gcm).is_none()
                && DecryptionKey::from_secret("s", JweAlg::Pbes2Hs256A128Kw, JweEnc::A128Gcm).is_none()
        );
    }
}
