//! Mobile documents (ISO/IEC 18013-5 §9.1.2): the issuer's signature, and the digests of the elements.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use ciborium::Value as Cbor;
use coset::{AsCborValue, CoseSign1, Label};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Against, Check, Verified, binding, signer, validity};

/// RFC 9360 §2
const X5CHAIN: Label = Label::Int(33);
/// RFC 8949 §3.4.5.1: CBOR within bytes.
const ENCODED: u64 = 24;

pub(super) fn read(credential: &str, against: &Against<'_>) -> Option<Verified> {
    let bytes = BASE64URL_NOPAD.decode(credential.as_bytes()).ok()?;
    let issued: Cbor = ciborium::from_reader(&*bytes).ok()?;
    let sign1 = CoseSign1::from_cbor_value(member(&issued, "issuerAuth")?.clone()).ok()?;
    let (point, chain) = signer(&certificate(&sign1)?, against)?;
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point);
    let signed = sign1.verify_signature(b"", |signature, data| key.verify(data, signature)).is_ok();
    let object = inside(&ciborium::from_reader(&**sign1.payload.as_ref()?).ok()?)?;
    let (claims, digests) = elements(&issued, &object)?;
    let checks = vec![
        Check::new("check.signature", signed, "ES256"),
        chain,
        validity(moment(&object, "validFrom"), moment(&object, "validUntil"), against.now),
        bound(&object, against),
        digests,
    ];
    let status = member(&object, "status").map(json);
    Some(Verified { claims: Value::Object(claims), checks, status })
}

/// The signer's, which stands first where there are several.
fn certificate(sign1: &CoseSign1) -> Option<Vec<u8>> {
    let chain = sign1.unprotected.rest.iter().find(|(label, _)| *label == X5CHAIN)?;
    match &chain.1 {
        Cbor::Array(all) => all.first()?.as_bytes().cloned(),
        one => one.as_bytes().cloned(),
    }
}

/// The elements by name spaces, and whether all have the digests that were signed.
fn elements(issued: &Cbor, object: &Cbor) -> Option<(Map<String, Value>, Check)> {
    let (mut claims, mut right, mut all) = (Map::new(), 0, 0);
    for (space, items) in member(issued, "nameSpaces")?.as_map()? {
        let space = space.as_text()?;
        let signed = member(member(object, "valueDigests")?, space)?.as_map()?;
        let mut named = Map::new();
        for item in items.as_array()? {
            let mut encoded = Vec::new();
            ciborium::into_writer(item, &mut encoded).ok()?;
            let element = inside(item)?;
            let number = member(&element, "digestID")?;
            let expected = signed.iter().find(|(known, _)| known == number)?.1.as_bytes()?;
            right += usize::from(expected.as_slice() == digest(&SHA256, &encoded).as_ref());
            all += 1;
            let name = member(&element, "elementIdentifier")?.as_text()?.to_owned();
            named.insert(name, json(member(&element, "elementValue")?));
        }
        claims.insert(space.to_owned(), Value::Object(named));
    }
    Some((claims, Check::new("check.digests", right == all, format!("{right} / {all}"))))
}

/// RFC 9052 §7: the coordinates of the device's key.
fn bound(object: &Cbor, against: &Against<'_>) -> Check {
    let key = member(object, "deviceKeyInfo").and_then(|info| member(info, "deviceKey")?.as_map());
    let coordinate = |label: i64| {
        let found = key?.iter().find(|(known, _)| *known == Cbor::from(label))?;
        Some(BASE64URL_NOPAD.encode(found.1.as_bytes()?))
    };
    binding(coordinate(-2).as_deref(), coordinate(-3).as_deref(), against)
}

fn moment(object: &Cbor, name: &str) -> Option<i64> {
    let Cbor::Tag(0, text) = member(member(object, "validityInfo")?, name)? else { return None };
    Some(OffsetDateTime::parse(text.as_text()?, &Rfc3339).ok()?.unix_timestamp())
}

fn member<'a>(map: &'a Cbor, name: &str) -> Option<&'a Cbor> {
    map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

fn inside(value: &Cbor) -> Option<Cbor> {
    let Cbor::Tag(ENCODED, bytes) = value else { return None };
    ciborium::from_reader(&**bytes.as_bytes()?).ok()
}

/// For people to read: bytes as hexadecimal digits, tags left out.
fn json(value: &Cbor) -> Value {
    match value {
        Cbor::Bool(is) => (*is).into(),
        Cbor::Text(text) => text.as_str().into(),
        Cbor::Integer(whole) => i64::try_from(*whole).map_or(Value::Null, Value::from),
        Cbor::Float(real) => (*real).into(),
        Cbor::Bytes(bytes) => HEXLOWER.encode(bytes).into(),
        Cbor::Tag(_, inside) => json(inside),
        Cbor::Array(all) => all.iter().map(json).collect(),
        Cbor::Map(all) => {
            let name = |key: &Cbor| key.as_text().map_or_else(|| json(key).to_string(), str::to_owned);
            Value::Object(all.iter().map(|(key, one)| (name(key), json(one))).collect())
        }
        _ => Value::Null,
    }
}
