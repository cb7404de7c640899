//! ISO/IEC 18013-5 – mdocs: data elements, each digested by itself, and the security object that is signed.

mod cose_key;
mod read;
mod tdate;

use ciborium::Value;
use coset::iana::{self, EnumI64};
use coset::{AsCborValue, CoseSign1, CoseSign1Builder, Header, HeaderBuilder};
use data_encoding::BASE64URL_NOPAD;
use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_jose::Jwk;
use serde_json::{Map, Value as Json};

use crate::budgets::{CBOR, ELEMENTS};
use crate::cbor::{self, CborError};
use crate::hash::Hash;
use crate::{Drawn, Fill, shuffled};

pub use read::{Expected, MdocError, Unverified, Verified, verified};

/// RFC 8949 §3.4.5.1: a byte string that is CBOR itself.
const ENCODED: u64 = 24;

/// Why no mdoc is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueError {
    /// The algorithm is not one of §9.1.2.4: ECDSA on the NIST curves, EdDSA.
    Algorithm,
    /// There is no certificate of the issuer (§9.1.2.4).
    ChainMissing,
    /// There is no name space, one is no object or has no element (§8.3.2.1.2.2), or there is no document type.
    Shape,
    /// More than [`ELEMENTS`] elements.
    TooMany,
    /// More than [`CBOR`] altogether.
    TooLarge,
    /// An element cannot be written.
    Element(CborError),
    /// The status cannot be written.
    Status(CborError),
    /// The device key is none that COSE has a name for, or private.
    DeviceKey,
    /// A time is not between the years 0 and 9999.
    Time,
}

/// §9.1.2.4 `ValidityInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When it is signed.
    pub signed: Timestamp,
    /// From when on it is valid.
    pub valid_from: Timestamp,
    /// Until when it is valid.
    pub valid_until: Timestamp,
    /// When the issuer expects to make a new one.
    pub expected_update: Option<Timestamp>,
}

/// What an mdoc is made of.
pub struct Document<'a> {
    /// Such as `org.iso.18013.5.1.mDL`.
    pub doctype: &'a str,
    /// An object for each name space, with the elements in it. Their values are JSON, as [`cbor::from_json`] takes it.
    pub claims: &'a Map<String, Json>,
    /// When it is valid.
    pub validity: Validity,
    /// The key that it is bound to.
    pub device_key: &'a Jwk,
    /// The claim `status`, as JSON (Token Status List §6.3).
    pub status: Option<&'a Json>,
}

/// An mdoc before its signature.
pub struct Issuable {
    name_spaces: Value,
    issuer_auth: CoseSign1,
}

impl Issuable {
    /// What is to be signed: RFC 9052 §4.4 `Sig_structure`.
    pub fn signing_input(&self) -> Vec<u8> {
        self.issuer_auth.tbs_data(&[])
    }

    /// OpenID4VCI 1.0, appendix A.2.4: the credential with its signature, which is in the form that JWS has too
    /// (RFC 9053 §2.1).
    ///
    /// # Errors
    ///
    /// [`IssueError::TooLarge`].
    pub fn issued(mut self, signature: &[u8]) -> Result<String, IssueError> {
        self.issuer_auth.signature = signature.to_vec();
        // COSE writes nothing that has no form in CBOR; an empty value would fail every reader.
        let issuer_auth = self.issuer_auth.to_cbor_value().unwrap_or(Value::Null);
        let signed = cbor::map([("nameSpaces", self.name_spaces), ("issuerAuth", issuer_auth)]);
        let bytes = cbor::encode(&signed);
        if bytes.len() > CBOR { Err(IssueError::TooLarge) } else { Ok(BASE64URL_NOPAD.encode(&bytes)) }
    }
}

/// Whether an mdoc can be bound to the key: COSE has a name for it.
pub fn is_device_key(key: &Jwk) -> bool {
    cose_key::of_jwk(key).is_some()
}

/// Makes an mdoc. `certificates` has the certificate of the key that will sign, and those above it without the root, as DER.
///
/// # Errors
///
/// What of the document or the key cannot be, as [`IssueError`] has it.
pub fn issue(
    document: &Document<'_>,
    alg: JwsAlg,
    certificates: &[Vec<u8>],
    fill: &mut Fill<'_>,
) -> Result<Issuable, IssueError> {
    let header = HeaderBuilder::new().algorithm(algorithm(alg).ok_or(IssueError::Algorithm)?).build();
    let (name_spaces, digests) = name_spaces(document.claims, &mut Drawn::new(fill))?;
    let payload = cbor::encode(&encoded(&security_object(document, digests)?));
    let issuer_auth =
        CoseSign1Builder::new().protected(header).unprotected(chain(certificates)?).payload(payload).build();
    Ok(Issuable { name_spaces, issuer_auth })
}

/// RFC 9053 §2: what COSE calls an algorithm, where §9.1.2.4 has it.
pub(crate) fn algorithm(alg: JwsAlg) -> Option<iana::Algorithm> {
    Some(match alg {
        JwsAlg::Es256 => iana::Algorithm::ES256,
        JwsAlg::Es384 => iana::Algorithm::ES384,
        JwsAlg::Es512 => iana::Algorithm::ES512,
        JwsAlg::EdDsa => iana::Algorithm::EdDSA,
        _ => return None,
    })
}

/// RFC 9360 §2: one certificate is a byte string, several are an array of them.
pub(crate) fn x5chain(x5chain: &[Vec<u8>]) -> Option<Value> {
    match x5chain {
        [] => None,
        [own] => Some(Value::Bytes(own.clone())),
        several => Some(Value::Array(several.iter().cloned().map(Value::Bytes).collect())),
    }
}

fn chain(certificates: &[Vec<u8>]) -> Result<Header, IssueError> {
    let chain = x5chain(certificates).ok_or(IssueError::ChainMissing)?;
    Ok(HeaderBuilder::new().value(iana::HeaderParameter::X5Chain.to_i64(), chain).build())
}

/// A value as bytes with the tag that says so.
fn encoded(value: &Value) -> Value {
    Value::Tag(ENCODED, Box::new(Value::Bytes(cbor::encode(value))))
}

/// The elements, and the digests of them.
fn name_spaces(claims: &Map<String, Json>, drawn: &mut Drawn<'_, '_>) -> Result<(Value, Value), IssueError> {
    let (mut name_spaces, mut digests, mut left) = (Vec::new(), Vec::new(), ELEMENTS);
    for (name, elements) in claims {
        let elements = elements.as_object().filter(|elements| !elements.is_empty());
        let elements = elements.ok_or(IssueError::Shape)?;
        left = left.checked_sub(elements.len()).ok_or(IssueError::TooMany)?;
        let (items, of_items) = items(elements, drawn)?;
        name_spaces.push((Value::Text(name.clone()), Value::Array(items)));
        digests.push((Value::Text(name.clone()), of_items));
    }
    if name_spaces.is_empty() {
        Err(IssueError::Shape)
    } else {
        Ok((Value::Map(name_spaces), Value::Map(digests)))
    }
}

/// §9.1.2.5: the order of the numbers says nothing about the elements.
fn items(elements: &Map<String, Json>, drawn: &mut Drawn<'_, '_>) -> Result<(Vec<Value>, Value), IssueError> {
    let numbers = shuffled((0..elements.len()).collect(), &mut |bytes| drawn.fill(bytes));
    let (mut items, mut digests) = (Vec::new(), Vec::new());
    for ((name, value), number) in elements.iter().zip(numbers) {
        let value = cbor::sorted(cbor::from_json(value).map_err(IssueError::Element)?);
        let item = item(number, &drawn.bytes::<32>(), name, value);
        digests.push((number_of(number), Value::Bytes(Hash::SHA256.of(&cbor::encode(&item)))));
        items.push(item);
    }
    Ok((items, cbor::sorted(Value::Map(digests))))
}

/// §8.3.2.1.2.2 `IssuerSignedItemBytes`. The members of what the standard defines stand in the order of its CDDL, as in
/// its examples.
fn item(number: usize, random: &[u8], name: &str, value: Value) -> Value {
    encoded(&cbor::map([
        ("digestID", number_of(number)),
        ("random", Value::Bytes(random.to_vec())),
        ("elementIdentifier", Value::Text(name.to_owned())),
        ("elementValue", value),
    ]))
}

fn number_of(number: usize) -> Value {
    Value::Integer(u64::try_from(number).unwrap_or(u64::MAX).into())
}

/// §9.1.2.4 `MobileSecurityObject`.
fn security_object(document: &Document<'_>, digests: Value) -> Result<Value, IssueError> {
    if document.doctype.is_empty() {
        return Err(IssueError::Shape);
    }
    let device_key = cose_key::of_jwk(document.device_key).ok_or(IssueError::DeviceKey)?;
    let mut object = vec![
        ("version", Value::Text("1.0".into())),
        ("digestAlgorithm", Value::Text("SHA-256".into())),
        ("valueDigests", digests),
        ("deviceKeyInfo", cbor::map([("deviceKey", device_key)])),
        ("docType", Value::Text(document.doctype.to_owned())),
        ("validityInfo", validity_info(&document.validity)?),
    ];
    if let Some(status) = document.status {
        object.push(("status", cbor::sorted(cbor::from_json(status).map_err(IssueError::Status)?)));
    }
    Ok(Value::Map(object.into_iter().map(|(name, value)| (Value::Text(name.into()), value)).collect()))
}

/// §9.1.2.4: times without fractions, in UTC.
fn validity_info(validity: &Validity) -> Result<Value, IssueError> {
    let mut info = vec![
        ("signed", validity.signed),
        ("validFrom", validity.valid_from),
        ("validUntil", validity.valid_until),
    ];
    info.extend(validity.expected_update.map(|at| ("expectedUpdate", at)));
    let member = |(name, at): (&str, Timestamp)| Some((Value::Text(name.to_owned()), tdate::written(at)?));
    info.into_iter().map(member).collect::<Option<_>>().map(Value::Map).ok_or(IssueError::Time)
}

#[cfg(test)]
mod annex_d;
#[cfg(test)]
mod tests;
