//! New private keys, as JWKs that carry their RFC 7638 thumbprint as `kid`.

use aws_lc_rs::agreement::{PrivateKey, X25519};
use aws_lc_rs::encoding::{AsBigEndian, AsDer, Curve25519SeedBin, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::rsa::PrivateDecryptingKey;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::{JweAlg, JwsAlg};
use serde_json::{Map, Value, json};

use crate::alg::{Curve, P256, P384, P521};
use crate::der::Der;
use crate::jwk::thumbprint;

/// What kind of key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Rsa2048,
    P256,
    P384,
    P521,
    Ed25519,
    /// For key agreement only.
    X25519,
}

impl KeyKind {
    /// What signs with `alg`; `None` where a secret does, or nothing here.
    pub fn signing(alg: JwsAlg) -> Option<Self> {
        match alg {
            JwsAlg::Es256 => Some(Self::P256),
            JwsAlg::Es384 => Some(Self::P384),
            JwsAlg::Es512 => Some(Self::P521),
            JwsAlg::EdDsa => Some(Self::Ed25519),
            JwsAlg::Rs256 | JwsAlg::Rs384 | JwsAlg::Rs512 => Some(Self::Rsa2048),
            JwsAlg::Ps256 | JwsAlg::Ps384 | JwsAlg::Ps512 => Some(Self::Rsa2048),
            JwsAlg::None | JwsAlg::Hs256 | JwsAlg::Hs384 | JwsAlg::Hs512 | JwsAlg::Es256k => None,
        }
    }
}

impl KeyKind {
    /// What others encrypt to with `alg`; `None` where the key is a secret that both sides have.
    pub fn decrypting(alg: JweAlg) -> Option<Self> {
        match alg {
            JweAlg::RsaOaep | JweAlg::RsaOaep256 | JweAlg::Rsa15 => Some(Self::Rsa2048),
            JweAlg::EcdhEs | JweAlg::EcdhEsA128Kw | JweAlg::EcdhEsA192Kw | JweAlg::EcdhEsA256Kw => {
                Some(Self::P256)
            }
            JweAlg::A128Kw | JweAlg::A192Kw | JweAlg::A256Kw | JweAlg::Dir => None,
            JweAlg::A128GcmKw | JweAlg::A192GcmKw | JweAlg::A256GcmKw => None,
            JweAlg::Pbes2Hs256A128Kw | JweAlg::Pbes2Hs384A192Kw | JweAlg::Pbes2Hs512A256Kw => None,
        }
    }
}

/// Makes a key for the algorithm of this name, to sign or to decrypt with. `None` where none is made: with secrets, with RSA1_5, whose
/// padding tells attackers too much (RFC 8017 §7.2), and as in [`generate`].
pub fn generate_named(alg: &str) -> Option<Value> {
    if let Some(alg) = JwsAlg::from_protocol(alg) {
        return generate(alg);
    }
    let alg = JweAlg::from_protocol(alg)?;
    let kind = match alg {
        JweAlg::RsaOaep | JweAlg::RsaOaep256 => KeyKind::Rsa2048,
        JweAlg::EcdhEs | JweAlg::EcdhEsA128Kw | JweAlg::EcdhEsA256Kw => KeyKind::P256,
        _ => return None,
    };
    let mut key = generate_for_encryption(kind)?;
    key["alg"] = alg.protocol_name().into();
    Some(key)
}

/// Makes a signing key for `alg`. The randomness is the cryptographic library's own, because a key
/// must never follow from the seed of a request. `None` when no key of ours signs with `alg`, or the
/// library refuses.
pub fn generate(alg: JwsAlg) -> Option<Value> {
    let mut members = members(KeyKind::signing(alg)?)?;
    let kid = thumbprint(&members)?;
    members.insert("use".into(), "sig".into());
    members.insert("alg".into(), alg.protocol_name().into());
    members.insert("kid".into(), kid.into());
    Some(Value::Object(members))
}

/// Makes a key that others encrypt with; any algorithm of its kind fits it. `None` when the library
/// refuses, and for Ed25519, which only signs.
pub fn generate_for_encryption(kind: KeyKind) -> Option<Value> {
    let mut members = members(kind).filter(|_| kind != KeyKind::Ed25519)?;
    let kid = thumbprint(&members)?;
    members.insert("use".into(), "enc".into());
    members.insert("kid".into(), kid.into());
    Some(Value::Object(members))
}

fn members(kind: KeyKind) -> Option<Map<String, Value>> {
    match kind {
        KeyKind::Rsa2048 => rsa_members(),
        KeyKind::P256 => ec_members(&P256),
        KeyKind::P384 => ec_members(&P384),
        KeyKind::P521 => ec_members(&P521),
        KeyKind::Ed25519 => ed25519_members(),
        KeyKind::X25519 => x25519_members(),
    }
}

fn rsa_members() -> Option<Map<String, Value>> {
    let generated = PrivateDecryptingKey::generate(KeySize::Rsa2048).ok()?;
    rsa_of(AsDer::<Pkcs8V1Der<'_>>::as_der(&generated).ok()?.as_ref())
}

/// Those of a key in PKCS #8 (RFC 5208 §5, RFC 8017 appendix A.1.2).
pub(crate) fn rsa_of(pkcs8: &[u8]) -> Option<Map<String, Value>> {
    let mut outer = Der::new(pkcs8).sequence()?;
    outer.integer()?;
    outer.sequence()?;
    let mut key = outer.octet_string()?.sequence()?;
    key.integer()?;
    let mut members = Map::new();
    members.insert("kty".into(), "RSA".into());
    for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        members.insert(name.into(), BASE64URL_NOPAD.encode(key.integer()?).into());
    }
    Some(members)
}

fn ec_members(curve: &Curve) -> Option<Map<String, Value>> {
    ec_of(&EcdsaKeyPair::generate(curve.sign).ok()?, curve)
}

pub(crate) fn ec_of(pair: &EcdsaKeyPair, curve: &Curve) -> Option<Map<String, Value>> {
    let point = pair.public_key().as_ref();
    let (x, y) = point.get(1..)?.split_at_checked(curve.size)?;
    let d = pair.private_key().as_be_bytes().ok()?;
    object(json!({
        "kty": "EC", "crv": curve.name,
        "x": BASE64URL_NOPAD.encode(x), "y": BASE64URL_NOPAD.encode(y),
        "d": BASE64URL_NOPAD.encode(d.as_ref()),
    }))
}

fn ed25519_members() -> Option<Map<String, Value>> {
    ed25519_of(&Ed25519KeyPair::generate().ok()?)
}

pub(crate) fn ed25519_of(pair: &Ed25519KeyPair) -> Option<Map<String, Value>> {
    let seed = pair.seed().ok()?.as_be_bytes().ok()?;
    object(json!({
        "kty": "OKP", "crv": "Ed25519",
        "x": BASE64URL_NOPAD.encode(pair.public_key().as_ref()),
        "d": BASE64URL_NOPAD.encode(seed.as_ref()),
    }))
}

fn x25519_members() -> Option<Map<String, Value>> {
    let own = PrivateKey::generate(&X25519).ok()?;
    let d = AsBigEndian::<Curve25519SeedBin<'_>>::as_be_bytes(&own).ok()?;
    object(json!({
        "kty": "OKP", "crv": "X25519",
        "x": BASE64URL_NOPAD.encode(own.compute_public_key().ok()?.as_ref()),
        "d": BASE64URL_NOPAD.encode(d.as_ref()),
    }))
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}
