//! RFC 7516 – compact JWEs. `zip` is refused but for readers who say that they take it, and then a small message does not become a
//! large one (RFC 8725 §3.6).

use data_encoding::BASE64URL_NOPAD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use placet_base::registry::{JweAlg, JweEnc};
use serde_json::Value;

use crate::budgets::{ENCRYPTED_JWT, INFLATED_JWT};
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
    /// The header carries `crit`, or a `zip` that the reader does not take.
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

/// How much is done for a smaller message: the usual measure of DEFLATE.
const LEVEL: u8 = 6;

/// The same, with the content compressed (§4.1.3).
pub fn encrypt_compressed(
    plaintext: &[u8],
    mut header: Header,
    key: &EncryptionKey,
    enc: JweEnc,
) -> Option<String> {
    header.insert("zip".into(), DEFLATE.into());
    encrypt(&compress_to_vec(plaintext, LEVEL), header, key, enc)
}

/// The one compression that is registered (RFC 7518 §7.3).
const DEFLATE: &str = "DEF";

/// A compact JWE that has been taken apart.
pub struct Encrypted<'a> {
    pub header: Header,
    alg: JweAlg,
    enc: JweEnc,
    compressed: bool,
    head: &'a str,
    key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl<'a> Encrypted<'a> {
    pub fn parse(text: &'a str) -> Result<Self, JweError> {
        match Self::parse_compressed(text)? {
            read if read.compressed => Err(JweError::Critical),
            read => Ok(read),
        }
    }

    /// One whose content may be compressed.
    pub fn parse_compressed(text: &'a str) -> Result<Self, JweError> {
        if text.len() > ENCRYPTED_JWT {
            return Err(JweError::TooLong);
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [head, key, iv, ciphertext, tag] = parts[..] else { return Err(JweError::Malformed) };
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| JweError::Malformed);
        let header: Header = serde_json::from_slice(&decode(head)?).map_err(|_| JweError::Malformed)?;
        let zip = header.get("zip");
        if header.contains_key("crit") || zip.is_some_and(|zip| zip.as_str() != Some(DEFLATE)) {
            return Err(JweError::Critical);
        }
        let compressed = zip.is_some();
        let named = |name: &str| header.get(name).and_then(Value::as_str);
        let alg = named("alg").and_then(JweAlg::from_protocol).ok_or(JweError::Algorithm)?;
        let enc = named("enc").and_then(JweEnc::from_protocol).ok_or(JweError::Algorithm)?;
        let (key, iv, ciphertext, tag) = (decode(key)?, decode(iv)?, decode(ciphertext)?, decode(tag)?);
        Ok(Self { alg, enc, compressed, head, key, iv, ciphertext, tag, header })
    }

    /// What the header claims; a key must be chosen that fits it, and the key decides.
    pub fn alg(&self) -> JweAlg {
        self.alg
    }

    pub fn enc(&self) -> JweEnc {
        self.enc
    }

    pub fn is_compressed(&self) -> bool {
        self.compressed
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
        let content =
            content::open(self.enc, &cek, self.head.as_bytes(), sealed).ok_or(JweError::Decryption)?;
        match self.compressed {
            false => Ok(content),
            // Only what is authentic is inflated, and no further than this.
            true => decompress_to_vec_with_limit(&content, INFLATED_JWT).map_err(|_| JweError::Decryption),
        }
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
    fn compressed_messages_are_read_where_that_is_said_and_no_further_than_their_bound() {
        let keys = set(KeyKind::P256, None);
        let jwk = &keys.keys()[0];
        let to = || jwk.encryption_key(JweAlg::EcdhEs).unwrap();
        let made = |text: &[u8]| encrypt_compressed(text, Header::new(), &to(), JweEnc::A128Gcm).unwrap();
        let open = |token: &str| {
            let key = jwk.decryption_key(JweAlg::EcdhEs).unwrap();
            Encrypted::parse_compressed(token)?.decrypted(&key)
        };
        let token = made(&[b'a'; 30_000]);
        assert!(token.len() < 1000, "{}", token.len());
        assert_eq!(open(&token).unwrap(), [b'a'; 30_000]);
        assert_eq!(Encrypted::parse(&token).err(), Some(JweError::Critical));
        assert_eq!(open(&made(&vec![0; INFLATED_JWT])).unwrap().len(), INFLATED_JWT);
        for bomb in [INFLATED_JWT + 1, 50_000_000] {
            let token = made(&vec![0; bomb]);
            assert!(token.len() < ENCRYPTED_JWT, "{}", token.len());
            assert_eq!(open(&token), Err(JweError::Decryption), "{bomb}");
        }
        // What says that it is compressed, and is not.
        let header = Header::from_iter([("zip".to_owned(), "DEF".into())]);
        let token = encrypt(b"\xff\xff\xff", header, &to(), JweEnc::A128Gcm).unwrap();
        assert_eq!(open(&token), Err(JweError::Decryption));
        assert_eq!(open(&encrypt(b"x", Header::new(), &to(), JweEnc::A128Gcm).unwrap()).unwrap(), b"x");
        for zip in [r#""GZ""#, "1", "null"] {
            let head = format!(r#"{{"alg":"dir","enc":"A128GCM","zip":{zip}}}"#);
            let token = format!("{}....", BASE64URL_NOPAD.encode(head.as_bytes()));
            assert_eq!(Encrypted::parse_compressed(&token).err(), Some(JweError::Critical), "{zip}");
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
