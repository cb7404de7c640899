//! RFC 7518 §4 – key management: how the content encryption key reaches its recipient.
//!
//! Not offered: PBES2, whose cost the sender would choose; the 192-bit key wraps, which the
//! cryptographic library does not have.

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::agreement::{
    self, ECDH_P256, ECDH_P384, ECDH_P521, ParsedPublicKey, PrivateKey, UnparsedPublicKey, X25519,
};
use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap};
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey, PublicKeyComponents,
};
use data_encoding::BASE64URL_NOPAD;
use placet_ambient::Entropy;
use placet_base::registry::{JweAlg, JweEnc};
use serde_json::{Map, Value, json};

use crate::content::key_length;
use crate::jwk::Jwk;
use crate::key::rsa_components;

/// The key management algorithms that are offered.
pub const JWE_ALGS: &[JweAlg] = &[
    JweAlg::RsaOaep,
    JweAlg::RsaOaep256,
    JweAlg::EcdhEs,
    JweAlg::EcdhEsA128Kw,
    JweAlg::EcdhEsA256Kw,
    JweAlg::A128Kw,
    JweAlg::A256Kw,
    JweAlg::A128GcmKw,
    JweAlg::A192GcmKw,
    JweAlg::A256GcmKw,
    JweAlg::Dir,
    JweAlg::Rsa15,
];

/// What an algorithm does with the content encryption key. Everything else follows from this.
#[derive(Clone, Copy)]
enum Way {
    /// §4.2, §4.3. `None` for the padding of PKCS #1 v1.5.
    Rsa(Option<&'static OaepAlgorithm>),
    /// §4.6: agreed, and then wrapped by a key of this many bytes, or used as it is.
    Agreement(Option<usize>),
    /// §4.4: a key of this many bytes.
    Wrap(usize),
    /// §4.7: a key of this many bytes.
    WrapGcm(&'static Algorithm, usize),
    /// §4.5.
    Direct,
    NotOffered,
}

fn way(alg: JweAlg) -> Way {
    match alg {
        JweAlg::Rsa15 => Way::Rsa(None),
        JweAlg::RsaOaep => Way::Rsa(Some(&OAEP_SHA1_MGF1SHA1)),
        JweAlg::RsaOaep256 => Way::Rsa(Some(&OAEP_SHA256_MGF1SHA256)),
        JweAlg::EcdhEs => Way::Agreement(None),
        JweAlg::EcdhEsA128Kw => Way::Agreement(Some(16)),
        JweAlg::EcdhEsA256Kw => Way::Agreement(Some(32)),
        JweAlg::A128Kw => Way::Wrap(16),
        JweAlg::A256Kw => Way::Wrap(32),
        JweAlg::A128GcmKw => Way::WrapGcm(&AES_128_GCM, 16),
        JweAlg::A192GcmKw => Way::WrapGcm(&AES_192_GCM, 24),
        JweAlg::A256GcmKw => Way::WrapGcm(&AES_256_GCM, 32),
        JweAlg::Dir => Way::Direct,
        JweAlg::A192Kw
        | JweAlg::EcdhEsA192Kw
        | JweAlg::Pbes2Hs256A128Kw
        | JweAlg::Pbes2Hs384A192Kw
        | JweAlg::Pbes2Hs512A256Kw => Way::NotOffered,
    }
}

/// Whether the algorithm encrypts with a key that both sides share.
pub fn is_symmetric(alg: JweAlg) -> bool {
    match way(alg) {
        Way::Wrap(_) | Way::WrapGcm(..) | Way::Direct => true,
        Way::Rsa(_) | Way::Agreement(_) => false,
        Way::NotOffered => alg == JweAlg::A192Kw,
    }
}

/// A recipient's key, bound to one algorithm.
pub struct EncryptionKey {
    pub(crate) alg: JweAlg,
    pub(crate) kid: Option<String>,
    material: Recipient,
}

enum Recipient {
    Rsa(PublicEncryptingKey),
    Agreement(&'static AgreementCurve, Vec<u8>),
    Shared(Vec<u8>),
}

/// Our own key, bound to one algorithm.
pub struct DecryptionKey {
    pub(crate) alg: JweAlg,
    material: Own,
}

enum Own {
    Rsa(PrivateDecryptingKey),
    Agreement(&'static AgreementCurve, Box<PrivateKey>),
    Shared(Vec<u8>),
    /// What another has done with the private key for one message; `None` when it could not.
    Elsewhere(Option<Vec<u8>>),
}

/// What is to be done with a private key that is not here, for one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// RFC 7518 §4.2, §4.3: the content encryption key is to be decrypted.
    Decryption(Vec<u8>),
    /// §4.6: a secret is to be agreed with this point (SEC 1 §2.3.3, uncompressed), which is on the curve of the key.
    Agreement(Vec<u8>),
}

/// A curve of RFC 7518 §4.6, RFC 8037 §3.2.
pub(crate) struct AgreementCurve {
    name: &'static str,
    kty: &'static str,
    size: usize,
    algorithm: &'static agreement::Algorithm,
}

static CURVES: [AgreementCurve; 4] = [
    AgreementCurve { name: "P-256", kty: "EC", size: 32, algorithm: &ECDH_P256 },
    AgreementCurve { name: "P-384", kty: "EC", size: 48, algorithm: &ECDH_P384 },
    AgreementCurve { name: "P-521", kty: "EC", size: 66, algorithm: &ECDH_P521 },
    AgreementCurve { name: "X25519", kty: "OKP", size: 32, algorithm: &X25519 },
];

fn curve_of(members: &Map<String, Value>) -> Option<&'static AgreementCurve> {
    let (kty, crv) = (members.get("kty")?.as_str()?, members.get("crv")?.as_str()?);
    CURVES.iter().find(|curve| curve.name == crv && curve.kty == kty)
}

fn point(curve: &AgreementCurve, members: &Map<String, Value>) -> Option<Vec<u8>> {
    let part = |name: &str| {
        let bytes = BASE64URL_NOPAD.decode(members.get(name)?.as_str()?.as_bytes()).ok()?;
        (bytes.len() == curve.size).then_some(bytes)
    };
    let x = part("x")?;
    Some(if curve.kty == "EC" { [&[4u8][..], &x, &part("y")?].concat() } else { x })
}

/// OpenID Connect Core §10.2: the leftmost bytes of a hash of the client secret.
fn derived(secret: &str, length: usize) -> Option<Vec<u8>> {
    let hash = match length {
        0..=32 => &digest::SHA256,
        33..=48 => &digest::SHA384,
        _ => &digest::SHA512,
    };
    digest::digest(hash, secret.as_bytes()).as_ref().get(..length).map(<[u8]>::to_vec)
}

fn shared_length(alg: JweAlg, enc: JweEnc) -> Option<usize> {
    match way(alg) {
        Way::Wrap(length) | Way::WrapGcm(_, length) => Some(length),
        Way::Direct => Some(key_length(enc)),
        Way::Rsa(_) | Way::Agreement(_) | Way::NotOffered => None,
    }
}

impl EncryptionKey {
    /// `None` when the key does not fit the algorithm or its numbers are not a key.
    pub(crate) fn from_jwk(jwk: &Jwk, alg: JweAlg) -> Option<Self> {
        let material = match way(alg) {
            Way::Rsa(_) => {
                let components = PublicKeyComponents { n: jwk.bytes("n")?, e: jwk.bytes("e")? };
                Recipient::Rsa(components.try_into().ok()?)
            }
            Way::Agreement(_) => {
                let curve = curve_of(jwk.members())?;
                Recipient::Agreement(curve, point(curve, jwk.members())?)
            }
            Way::Wrap(_) | Way::WrapGcm(..) | Way::Direct => Recipient::Shared(jwk.bytes("k")?),
            Way::NotOffered => return None,
        };
        Some(Self { alg, kid: jwk.kid().map(str::to_owned), material })
    }

    /// A client secret as a key (OpenID Connect Core §10.2). `None` for asymmetric algorithms.
    pub fn from_secret(secret: &str, alg: JweAlg, enc: JweEnc) -> Option<Self> {
        let key = derived(secret, shared_length(alg, enc)?)?;
        Some(Self { alg, kid: None, material: Recipient::Shared(key) })
    }

    /// A key given as it is. `None` for asymmetric algorithms and for a wrong length.
    pub fn from_shared(key: Vec<u8>, alg: JweAlg, enc: JweEnc) -> Option<Self> {
        let fits = shared_length(alg, enc) == Some(key.len());
        fits.then_some(Self { alg, kid: None, material: Recipient::Shared(key) })
    }

    /// The content encryption key, what stands in the message for it, and further header members.
    pub(crate) fn make(&self, enc: JweEnc, header: &mut Map<String, Value>) -> Option<(Vec<u8>, Vec<u8>)> {
        let cek = random(key_length(enc));
        let encrypted = match (&self.material, way(self.alg)) {
            (Recipient::Shared(key), Way::Direct) => return Some((key.clone(), Vec::new())),
            (Recipient::Agreement(curve, peer), Way::Agreement(wrapped)) => {
                let agreed = agree_anew(curve, peer, self.alg, enc, header)?;
                match wrapped {
                    None => return Some((agreed, Vec::new())),
                    Some(_) => wrap(&agreed, &cek)?,
                }
            }
            (Recipient::Rsa(key), Way::Rsa(padding)) => encrypt_rsa(padding, key, &cek)?,
            (Recipient::Shared(key), Way::WrapGcm(cipher, _)) => wrap_gcm(cipher, key, &cek, header)?,
            (Recipient::Shared(key), Way::Wrap(_)) => wrap(key, &cek)?,
            // A key is made for its algorithm, so these are none.
            (Recipient::Rsa(_) | Recipient::Agreement(..) | Recipient::Shared(_), _) => return None,
        };
        Some((cek, encrypted))
    }
}

impl DecryptionKey {
    pub(crate) fn from_jwk(jwk: &Jwk, alg: JweAlg) -> Option<Self> {
        let material = match way(alg) {
            Way::Rsa(_) => {
                let pair = KeyPair::from_components(&rsa_components(jwk)?).ok()?;
                let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).ok()?;
                Own::Rsa(PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref()).ok()?)
            }
            Way::Agreement(_) => {
                let curve = curve_of(jwk.members())?;
                let d = jwk.bytes("d").filter(|d| d.len() == curve.size)?;
                Own::Agreement(curve, Box::new(PrivateKey::from_private_key(curve.algorithm, &d).ok()?))
            }
            // A shared key is made of a secret, never of a key in a set.
            Way::Wrap(_) | Way::WrapGcm(..) | Way::Direct | Way::NotOffered => return None,
        };
        Some(Self { alg, material })
    }

    /// A client secret as a key (OpenID Connect Core §10.2). `None` for asymmetric algorithms.
    pub fn from_secret(secret: &str, alg: JweAlg, enc: JweEnc) -> Option<Self> {
        Some(Self { alg, material: Own::Shared(derived(secret, shared_length(alg, enc)?)?) })
    }

    /// What the holder of this key does for one who has it not; `None` when it cannot be done with what was asked.
    pub fn answer(&self, asked: &Asked) -> Option<Vec<u8>> {
        match (&self.material, asked, way(self.alg)) {
            (Own::Rsa(key), Asked::Decryption(encrypted), Way::Rsa(padding)) => {
                decrypt_rsa(padding, key, encrypted)
            }
            (Own::Agreement(curve, private), Asked::Agreement(peer), _) => {
                let peer = UnparsedPublicKey::new(curve.algorithm, peer);
                agreement::agree(private, peer, (), |secret| Ok(secret.to_vec())).ok()
            }
            (Own::Rsa(_) | Own::Agreement(..) | Own::Shared(_) | Own::Elsewhere(_), ..) => None,
        }
    }

    /// What stands for the key of one message, of which `asked` was [asked](Asked) elsewhere and `given` came back.
    pub fn from_elsewhere(alg: JweAlg, given: Option<Vec<u8>>) -> Self {
        Self { alg, material: Own::Elsewhere(given) }
    }

    /// The content encryption key of a message. RFC 7516 §11.5: when it cannot be had, a random one
    /// stands in, so that nothing but the failing content tells.
    pub(crate) fn content_key(&self, enc: JweEnc, header: &Map<String, Value>, encrypted: &[u8]) -> Vec<u8> {
        let length = key_length(enc);
        let substitute = random(length);
        self.unwrapped(enc, header, encrypted).filter(|key| key.len() == length).unwrap_or(substitute)
    }

    fn unwrapped(&self, enc: JweEnc, header: &Map<String, Value>, encrypted: &[u8]) -> Option<Vec<u8>> {
        match (&self.material, way(self.alg)) {
            (Own::Rsa(key), Way::Rsa(padding)) => decrypt_rsa(padding, key, encrypted),
            (Own::Agreement(curve, private), Way::Agreement(wrapped)) => {
                let agreed = agree(private, &peer(header, curve)?, curve, self.alg, enc, parties(header))?;
                from_agreed(agreed, wrapped, encrypted)
            }
            (Own::Elsewhere(given), Way::Rsa(_)) => given.clone(),
            (Own::Elsewhere(given), Way::Agreement(wrapped)) => {
                let agreed = derived_key(given.as_deref()?, self.alg, enc, parties(header))?;
                from_agreed(agreed, wrapped, encrypted)
            }
            (Own::Shared(key), Way::Direct) => encrypted.is_empty().then(|| key.clone()),
            (Own::Shared(key), Way::WrapGcm(cipher, _)) => unwrap_gcm(cipher, key, encrypted, header),
            (Own::Shared(key), Way::Wrap(_)) => unwrap(key, encrypted),
            // A key is made for its algorithm, so these are none.
            (Own::Rsa(_) | Own::Agreement(..) | Own::Shared(_) | Own::Elsewhere(_), _) => None,
        }
    }
}

/// The sender's part of an agreement: a point of `curve`.
fn peer(header: &Map<String, Value>, curve: &AgreementCurve) -> Option<Vec<u8>> {
    let epk = header.get("epk")?.as_object()?;
    point(curve_of(epk).filter(|found| found.name == curve.name)?, epk)
}

/// RFC 7518 §4.6.1.2, §4.6.1.3.
fn parties(header: &Map<String, Value>) -> [Option<&str>; 2] {
    ["apu", "apv"].map(|name| header.get(name).and_then(Value::as_str))
}

fn from_agreed(agreed: Vec<u8>, wrapped: Option<usize>, encrypted: &[u8]) -> Option<Vec<u8>> {
    match wrapped {
        None => encrypted.is_empty().then_some(agreed),
        Some(_) => unwrap(&agreed, encrypted),
    }
}

/// What whoever holds the private key of `public` must do for a message. `None` when the message is not for such a key.
/// A point is looked at here: one that is not on the curve would draw the key out of a module that does not look
/// (RFC 7518 §4.6, NIST SP 800-56A §5.6.2.3).
pub(crate) fn asked(
    alg: JweAlg,
    header: &Map<String, Value>,
    encrypted: &[u8],
    public: &Jwk,
) -> Option<Asked> {
    match way(alg) {
        Way::Rsa(_) => Some(Asked::Decryption(encrypted.to_vec())),
        Way::Agreement(_) => {
            let curve = curve_of(public.members())?;
            let peer = peer(header, curve)?;
            ParsedPublicKey::try_from(UnparsedPublicKey::new(curve.algorithm, &peer)).ok()?;
            Some(Asked::Agreement(peer))
        }
        Way::Wrap(_) | Way::WrapGcm(..) | Way::Direct | Way::NotOffered => None,
    }
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    Entropy::system().fill(&mut bytes);
    bytes
}

type Padding = Option<&'static OaepAlgorithm>;

fn encrypt_rsa(padding: Padding, key: &PublicEncryptingKey, cek: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; key.key_size_bytes()];
    let length = match padding {
        Some(padding) => {
            let key = OaepPublicEncryptingKey::new(key.clone()).ok()?;
            key.encrypt(padding, cek, &mut out, None).ok()?.len()
        }
        None => Pkcs1PublicEncryptingKey::new(key.clone()).ok()?.encrypt(cek, &mut out).ok()?.len(),
    };
    out.truncate(length);
    Some(out)
}

fn decrypt_rsa(padding: Padding, key: &PrivateDecryptingKey, encrypted: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; key.key_size_bytes()];
    let length = match padding {
        Some(padding) => {
            let key = OaepPrivateDecryptingKey::new(key.clone()).ok()?;
            key.decrypt(padding, encrypted, &mut out, None).ok()?.len()
        }
        None => Pkcs1PrivateDecryptingKey::new(key.clone()).ok()?.decrypt(encrypted, &mut out).ok()?.len(),
    };
    out.truncate(length);
    Some(out)
}

fn wrap(key: &[u8], cek: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; cek.len() + 8];
    let length = kek(key)?.wrap(cek, &mut out).ok()?.len();
    out.truncate(length);
    Some(out)
}

pub(crate) fn unwrap(key: &[u8], wrapped: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; wrapped.len()];
    let length = kek(key)?.unwrap(wrapped, &mut out).ok()?.len();
    out.truncate(length);
    Some(out)
}

fn kek(key: &[u8]) -> Option<AesKek> {
    AesKek::new(if key.len() == 16 { &AES_128 } else { &AES_256 }, key).ok()
}

/// RFC 7518 §4.7: `iv` and `tag` stand in the header.
fn wrap_gcm(
    cipher: &'static Algorithm,
    key: &[u8],
    cek: &[u8],
    header: &mut Map<String, Value>,
) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(cipher, key).ok()?);
    let mut iv = [0; 12];
    Entropy::system().fill(&mut iv);
    let mut out = cek.to_vec();
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut out).ok()?;
    header.insert("iv".into(), BASE64URL_NOPAD.encode(&iv).into());
    header.insert("tag".into(), BASE64URL_NOPAD.encode(tag.as_ref()).into());
    Some(out)
}

fn unwrap_gcm(
    cipher: &'static Algorithm,
    key: &[u8],
    wrapped: &[u8],
    header: &Map<String, Value>,
) -> Option<Vec<u8>> {
    let part = |name: &str| BASE64URL_NOPAD.decode(header.get(name)?.as_str()?.as_bytes()).ok();
    let iv: [u8; 12] = part("iv")?.try_into().ok()?;
    let tag: [u8; 16] = part("tag")?.try_into().ok()?;
    let key = LessSafeKey::new(UnboundKey::new(cipher, key).ok()?);
    let mut content = [wrapped, &tag].concat();
    let plain = key.open_in_place(Nonce::assume_unique_for_key(iv), Aad::empty(), &mut content).ok()?;
    Some(plain.to_vec())
}

fn agree_anew(
    curve: &'static AgreementCurve,
    peer: &[u8],
    alg: JweAlg,
    enc: JweEnc,
    header: &mut Map<String, Value>,
) -> Option<Vec<u8>> {
    let own = PrivateKey::generate(curve.algorithm).ok()?;
    let public = own.compute_public_key().ok()?;
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let epk = match curve.kty {
        "EC" => {
            let (x, y) = public.as_ref().get(1..)?.split_at_checked(curve.size)?;
            json!({ "kty": "EC", "crv": curve.name, "x": encode(x), "y": encode(y) })
        }
        _ => json!({ "kty": "OKP", "crv": curve.name, "x": encode(public.as_ref()) }),
    };
    header.insert("epk".into(), epk);
    agree(&own, peer, curve, alg, enc, [None, None])
}

/// RFC 7518 §4.6.2: the agreed secret through the Concat KDF of NIST SP 800-56A.
#[expect(clippy::too_many_arguments, reason = "the inputs that RFC 7518 §4.6.2 lists")]
fn agree(
    own: &PrivateKey,
    peer: &[u8],
    curve: &AgreementCurve,
    alg: JweAlg,
    enc: JweEnc,
    parties: [Option<&str>; 2],
) -> Option<Vec<u8>> {
    agreement::agree(own, UnparsedPublicKey::new(curve.algorithm, peer), (), |secret| {
        derived_key(secret, alg, enc, parties).ok_or(())
    })
    .ok()
}

/// RFC 7518 §4.6.2 – the key that follows from an agreed secret.
fn derived_key(secret: &[u8], alg: JweAlg, enc: JweEnc, parties: [Option<&str>; 2]) -> Option<Vec<u8>> {
    let Way::Agreement(wrapped) = way(alg) else { return None };
    let (id, length) = match wrapped {
        None => (enc.protocol_name(), key_length(enc)),
        Some(length) => (alg.protocol_name(), length),
    };
    let mut info = prefixed(id.as_bytes());
    for party in parties {
        let bytes = BASE64URL_NOPAD.decode(party.unwrap_or_default().as_bytes()).ok()?;
        info.extend(prefixed(&bytes));
    }
    info.extend(u32::try_from(length * 8).ok()?.to_be_bytes());
    let mut key = vec![0; length];
    let hash = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256)?;
    sskdf_digest(hash, secret, &info, &mut key).ok()?;
    Some(key)
}

fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

/// The content of a test vector.
#[cfg(test)]
pub(crate) fn decrypted_rsa(alg: JweAlg, key: &PrivateDecryptingKey, encrypted: &[u8]) -> Option<Vec<u8>> {
    let Way::Rsa(padding) = way(alg) else { return None };
    decrypt_rsa(padding, key, encrypted)
}
