//! Keys, tokens and certificates of the parties in a case.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_base::registry::{JweAlg, JweEnc, JwsAlg};
use placet_jose::{
    Certificate, Encrypted, Jwk, KeyKind, SigningKey, Unsigned, encrypt, encrypt_compressed, generate,
    generate_for_encryption,
};
use rcgen::{CertificateParams, DnType, Issuer, KeyPair, SanType};
use serde_json::{Map, Value, json};

use crate::script::member;

/// A private key as a JWK. Making one takes a while, so that the nth of a kind serves every case.
pub(crate) fn private(kind: &str, nth: usize) -> Option<Value> {
    static KEYS: OnceLock<Mutex<HashMap<(String, usize), Value>>> = OnceLock::new();
    let mut keys = KEYS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = keys.get(&(kind.to_owned(), nth)) {
        return Some(key.clone());
    }
    let key = match kind {
        "RSA-ENC" => generate_for_encryption(KeyKind::Rsa2048),
        "EC-ENC" => generate_for_encryption(KeyKind::P256),
        alg => generate(JwsAlg::from_protocol(alg)?),
    }?;
    keys.insert((kind.to_owned(), nth), key.clone());
    Some(key)
}

/// The public part.
pub(crate) fn public(key: &Value) -> Option<Value> {
    Some(Jwk::parse(key)?.public())
}

/// Who signs a token.
pub(crate) enum Signer {
    Nobody,
    Secret(String),
    Key(Value),
}

/// A compact JWT. The header says what it is told to say, also where that is a lie about the key.
pub(crate) fn jwt(
    signer: &Signer,
    alg: Option<JwsAlg>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
) -> Option<String> {
    let key = match signer {
        Signer::Nobody => {
            let mut header = header;
            header.insert("alg".into(), "none".into());
            let part = |members: Map<String, Value>| {
                BASE64URL_NOPAD.encode(Value::Object(members).to_string().as_bytes())
            };
            return Some(format!("{}.{}.", part(header), part(claims)));
        }
        Signer::Secret(secret) => SigningKey::from_secret(secret, alg.unwrap_or(JwsAlg::Hs256))?,
        Signer::Key(key) => {
            let bound = key.get("alg").and_then(Value::as_str).and_then(JwsAlg::from_protocol)?;
            let alg = alg.unwrap_or(bound);
            let mut free = key.clone();
            let members = free.as_object_mut()?;
            members.shift_remove("alg");
            // The header names the key it is told to name, or none.
            members.shift_remove("kid");
            Jwk::parse(&free)?.signing_key(alg)?
        }
    };
    let input = Unsigned { header, claims }.signing_input(&key);
    let signature = key.sign(input.as_bytes())?;
    Some(Unsigned::compact(input, &signature))
}

/// A bare signature, with the algorithm that the key is bound to.
pub(crate) fn signature(key: &Value, message: &[u8]) -> Option<Vec<u8>> {
    let alg = key.get("alg").and_then(Value::as_str).and_then(JwsAlg::from_protocol)?;
    Jwk::parse(key)?.signing_key(alg)?.sign(message)
}

/// A text, encrypted for the holder of a key.
pub(crate) fn jwe(text: &str, to: &Value, (alg, enc): (JweAlg, JweEnc), zip: bool) -> Option<String> {
    let key = Jwk::parse(&public(to)?)?.encryption_key(alg)?;
    let encrypt = if zip { encrypt_compressed } else { encrypt };
    encrypt(text.as_bytes(), Map::new(), &key, enc)
}

/// What lies inside an encryption.
pub(crate) fn opened(text: &str, with: &Value) -> Option<String> {
    let jwe = Encrypted::parse_compressed(text).ok()?;
    let key = Jwk::parse(with)?.decryption_key(jwe.alg())?;
    String::from_utf8(jwe.decrypted(&key).ok()?).ok()
}

/// The private value within PKCS#8 (RFC 5915 §3): what stands behind the version, in 32 bytes.
fn ec_scalar(pkcs8: &[u8]) -> Option<Vec<u8>> {
    const VERSION: &[u8] = &[2, 1, 1, 4, 32];
    let at = pkcs8.windows(VERSION.len()).position(|window| window == VERSION)?;
    pkcs8.get(at + VERSION.len()..)?.get(..32).map(<[u8]>::to_vec)
}

/// A public key of P-256 whose private half somebody else has.
struct Elsewhere(Vec<u8>);

impl Elsewhere {
    fn of_pem(text: &str) -> Option<Self> {
        let jwk = Jwk::from_pem(text)?.public();
        let member = |name: &str| BASE64URL_NOPAD.decode(jwk.get(name)?.as_str()?.as_bytes()).ok();
        Some(Self([vec![4], member("x")?, member("y")?].concat()))
    }
}

impl rcgen::PublicKeyData for Elsewhere {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

/// A certificate and its key.
pub(crate) struct Certified {
    params: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
}

impl Certified {
    /// `cn=`, `o=`, `dns=`, `uri=`, `ip=`, `email=`; `ca` for one that signs others.
    /// `of`: a public key that is not ours, in PEM.
    pub(crate) fn make(words: &[String], issuer: Option<&Certified>, of: Option<&str>) -> Option<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for word in words {
            if word == "code-signing" {
                params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::CodeSigning];
                continue;
            }
            if word == "ca" {
                params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
                continue;
            }
            let (name, value) = member(word)?;
            let value = value.as_str()?;
            let san = match name.as_str() {
                "cn" => {
                    params.distinguished_name.push(DnType::CommonName, value);
                    None
                }
                "o" => {
                    params.distinguished_name.push(DnType::OrganizationName, value);
                    None
                }
                "dns" => Some(SanType::DnsName(value.try_into().ok()?)),
                "uri" => Some(SanType::URI(value.try_into().ok()?)),
                "email" => Some(SanType::Rfc822Name(value.try_into().ok()?)),
                "ip" => Some(SanType::IpAddress(value.parse().ok()?)),
                "until" => {
                    let date: Vec<_> =
                        value.splitn(3, '-').map(str::parse::<u16>).collect::<Result<_, _>>().ok()?;
                    let [year, month, day] = date.try_into().ok()?;
                    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
                    params.not_after = rcgen::date_time_ymd(year.into(), month, day);
                    None
                }
                "signed-by" | "of" => None,
                _ => return None,
            };
            params.subject_alt_names.extend(san);
        }
        if params.extended_key_usages.is_empty() {
            params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        }
        let key = KeyPair::generate().ok()?;
        let issuer = issuer.map(|issuer| Issuer::from_params(&issuer.params, &issuer.key));
        let certificate = match (issuer, of) {
            (Some(issuer), Some(of)) => params.signed_by(&Elsewhere::of_pem(of)?, &issuer).ok()?,
            (Some(issuer), None) => params.signed_by(&key, &issuer).ok()?,
            (None, Some(_)) => return None,
            (None, None) => params.self_signed(&key).ok()?,
        };
        Some(Self { der: certificate.der().to_vec(), params, key })
    }

    /// The base64 of its DER form: one line, as `x5c` and proxies write it.
    pub(crate) fn text(&self) -> String {
        BASE64.encode(&self.der)
    }

    /// The key as a JWK. It is one of P-256, as rcgen makes them.
    pub(crate) fn private(&self) -> Option<Value> {
        let point = self.key.public_key_raw().strip_prefix(&[4])?;
        let (x, y) = point.split_at_checked(32)?;
        let d = ec_scalar(&self.key.serialize_der())?;
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        Some(
            json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "x": text(x), "y": text(y), "d": text(&d) }),
        )
    }

    pub(crate) fn thumbprint(&self) -> Option<String> {
        Some(Certificate::from_der(self.der.clone())?.thumbprint())
    }
}
