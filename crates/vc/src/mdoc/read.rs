//! ISO/IEC 18013-5 §9.3.1, §9.1.2 – judging an mdoc that an issuer has signed.

use std::collections::BTreeMap;

use ciborium::Value;
use coset::{AsCborValue, CoseSign1, Label, RegisteredLabelWithPrivate, iana};
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_base::{Timestamp, Ttl};
use placet_jose::{Certificate, Jwk, VerifyingKey};

use super::{ENCODED, Validity, cose_key, tdate};
use crate::budgets::{CERTIFICATE_CHAIN, ELEMENTS};
use crate::cbor;
use crate::hash::Hash;

/// What is wrong with an mdoc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MdocError {
    /// Not base64url of CBOR of an `IssuerSigned`, or of what is within.
    Malformed,
    /// More than [`ELEMENTS`].
    TooMany,
    /// The algorithm is unknown, or not one that is taken.
    Algorithm,
    /// `x5chain` is absent or has no certificates.
    Chain,
    /// There is no key that it may have been signed with.
    NoKey,
    /// The signature is not one of that key.
    Signature,
    /// The security object is of another version than 1.
    Version,
    /// `digestAlgorithm` names no hash that is known here.
    DigestAlgorithm,
    /// There is no digest of an element.
    Undigested,
    /// The digest is of another element.
    Digest,
    /// An element, or a number, stands there twice.
    Repeated,
    /// The device key is no key.
    DeviceKey,
    /// It is not valid yet.
    NotYet,
    /// It is not valid any more.
    Expired,
}

/// What an mdoc must be.
pub struct Expected {
    /// The algorithms that are taken.
    pub algs: Set<JwsAlg>,
    /// The time.
    pub now: Timestamp,
    /// How far the clock of the issuer may be off.
    pub skew: Option<Ttl>,
}

/// What the key is chosen by; nothing of it is proven.
pub struct Unverified {
    /// The algorithm that is named.
    pub alg: JwsAlg,
    /// The certificate of the signer first.
    pub x5chain: Vec<Certificate>,
}

/// An mdoc that is what was expected.
pub struct Verified {
    /// The document type.
    pub doctype: String,
    /// The elements that are there, by name space.
    pub claims: BTreeMap<String, BTreeMap<String, Value>>,
    /// When it is valid.
    pub validity: Validity,
    /// The key that it is bound to.
    pub device_key: Jwk,
    /// Where it can be looked up whether it still counts.
    pub status: Option<Value>,
}

/// Judges an mdoc. `key` gives the one that it must have been signed with, after having judged the certificates.
///
/// # Errors
///
/// What is wrong with it, as [`MdocError`] has it.
pub fn verified(
    text: &str,
    expected: &Expected,
    key: impl FnOnce(&Unverified) -> Option<VerifyingKey>,
) -> Result<Verified, MdocError> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| MdocError::Malformed)?;
    let signed = cbor::decode(&bytes).map_err(|_| MdocError::Malformed)?;
    let issuer_auth = cbor::member(&signed, "issuerAuth").ok_or(MdocError::Malformed)?;
    let object = security_object(issuer_auth, expected.algs, key)?;
    let Digested { hash, digests } = Digested::read(&object)?;
    let claims = match cbor::member(&signed, "nameSpaces") {
        Some(name_spaces) => elements(name_spaces, hash, digests)?,
        None => BTreeMap::new(),
    };
    let key = cbor::member(&object, "deviceKeyInfo").and_then(|info| cbor::member(info, "deviceKey"));
    Ok(Verified {
        doctype: text_of(&object, "docType")?.to_owned(),
        claims,
        validity: valid(&object, expected)?,
        device_key: key.and_then(cose_key::to_jwk).ok_or(MdocError::DeviceKey)?,
        status: cbor::member(&object, "status").cloned(),
    })
}

fn text_of<'a>(map: &'a Value, name: &str) -> Result<&'a str, MdocError> {
    cbor::member(map, name).and_then(Value::as_text).ok_or(MdocError::Malformed)
}

/// The security object, once the signature is known to be right.
fn security_object(
    issuer_auth: &Value,
    algs: Set<JwsAlg>,
    key: impl FnOnce(&Unverified) -> Option<VerifyingKey>,
) -> Result<Value, MdocError> {
    let signed = CoseSign1::from_cbor_value(issuer_auth.clone()).map_err(|_| MdocError::Malformed)?;
    let alg = signed.protected.header.alg.as_ref().and_then(algorithm);
    let alg = alg.filter(|alg| algs.contains(*alg)).ok_or(MdocError::Algorithm)?;
    let x5chain = chain(&signed).ok_or(MdocError::Chain)?;
    let key = key(&Unverified { alg, x5chain }).ok_or(MdocError::NoKey)?;
    if key.alg() != alg || !key.verifies(&signed.tbs_data(&[]), &signed.signature) {
        return Err(MdocError::Signature);
    }
    let payload = signed.payload.as_deref().ok_or(MdocError::Malformed)?;
    decoded(&cbor::decode(payload).map_err(|_| MdocError::Malformed)?)
}

fn algorithm(alg: &RegisteredLabelWithPrivate<iana::Algorithm>) -> Option<JwsAlg> {
    let RegisteredLabelWithPrivate::Assigned(alg) = alg else { return None };
    JwsAlg::ALL.iter().copied().find(|known| super::algorithm(*known) == Some(*alg))
}

/// RFC 9360 §2
fn chain(signed: &CoseSign1) -> Option<Vec<Certificate>> {
    let label = Label::Int(iana::EnumI64::to_i64(&iana::HeaderParameter::X5Chain));
    let (_, chain) = signed.unprotected.rest.iter().find(|(found, _)| *found == label)?;
    let chain = match chain {
        Value::Array(chain) if !chain.is_empty() && chain.len() <= CERTIFICATE_CHAIN + 1 => chain.as_slice(),
        own => std::slice::from_ref(own),
    };
    chain.iter().map(|link| Certificate::from_der(link.as_bytes()?.clone())).collect()
}

/// What is within an encoded value.
fn decoded(value: &Value) -> Result<Value, MdocError> {
    let bytes = value.as_tag().filter(|(tag, _)| *tag == ENCODED).and_then(|(_, bytes)| bytes.as_bytes());
    cbor::decode(bytes.ok_or(MdocError::Malformed)?).map_err(|_| MdocError::Malformed)
}

/// What the elements are held against.
struct Digested<'a> {
    hash: Hash,
    digests: &'a Value,
}

impl<'a> Digested<'a> {
    fn read(object: &'a Value) -> Result<Self, MdocError> {
        // §9.1.2.4: what is added without breaking anything raises the minor version.
        if !text_of(object, "version")?.starts_with("1.") {
            return Err(MdocError::Version);
        }
        let hash = Hash::of_mso(text_of(object, "digestAlgorithm")?).ok_or(MdocError::DigestAlgorithm)?;
        Ok(Self { hash, digests: cbor::member(object, "valueDigests").ok_or(MdocError::Malformed)? })
    }
}

type Elements = BTreeMap<String, BTreeMap<String, Value>>;

fn elements(name_spaces: &Value, hash: Hash, digests: &Value) -> Result<Elements, MdocError> {
    let (mut all, mut left) = (BTreeMap::new(), ELEMENTS);
    for (name, items) in name_spaces.as_map().ok_or(MdocError::Malformed)? {
        let name = name.as_text().ok_or(MdocError::Malformed)?;
        let items = items.as_array().ok_or(MdocError::Malformed)?;
        left = left.checked_sub(items.len()).ok_or(MdocError::TooMany)?;
        let digests = cbor::member(digests, name).ok_or(MdocError::Undigested)?;
        all.insert(name.to_owned(), of_name_space(items, hash, digests)?);
    }
    Ok(all)
}

/// §9.3.1-2: each element is the one that was digested, and none is there twice.
fn of_name_space(items: &[Value], hash: Hash, digests: &Value) -> Result<BTreeMap<String, Value>, MdocError> {
    let (mut elements, mut numbers) = (BTreeMap::new(), Vec::new());
    for item in items {
        let content = decoded(item)?;
        let number = cbor::member(&content, "digestID").ok_or(MdocError::Malformed)?;
        let digest = digests.as_map().and_then(|all| all.iter().find(|(found, _)| found == number));
        let (_, digest) = digest.ok_or(MdocError::Undigested)?;
        if digest.as_bytes() != Some(&hash.of(&cbor::encode(item))) {
            return Err(MdocError::Digest);
        }
        let name = text_of(&content, "elementIdentifier")?.to_owned();
        let value = cbor::member(&content, "elementValue").ok_or(MdocError::Malformed)?.clone();
        if numbers.contains(number) || elements.insert(name, value).is_some() {
            return Err(MdocError::Repeated);
        }
        numbers.push(number.clone());
    }
    Ok(elements)
}

/// §9.3.1-5
fn valid(object: &Value, expected: &Expected) -> Result<Validity, MdocError> {
    let info = cbor::member(object, "validityInfo").ok_or(MdocError::Malformed)?;
    let at = |name| cbor::member(info, name).and_then(tdate::read).ok_or(MdocError::Malformed);
    let update = cbor::member(info, "expectedUpdate");
    let validity = Validity {
        signed: at("signed")?,
        valid_from: at("validFrom")?,
        valid_until: at("validUntil")?,
        expected_update: update.map(|_| at("expectedUpdate")).transpose()?,
    };
    let (early, late) = match expected.skew {
        Some(skew) => (expected.now + skew, expected.now - skew),
        None => (expected.now, expected.now),
    };
    if validity.valid_from > early {
        return Err(MdocError::NotYet);
    }
    if validity.valid_until.is_past(late) { Err(MdocError::Expired) } else { Ok(validity) }
}
