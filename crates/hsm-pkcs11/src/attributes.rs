//! Keys as a module describes them.

use cryptoki::object::{Attribute, KeyType, ObjectClass};
use data_encoding::BASE64URL_NOPAD;
use placet_hsm::{KeyAlg, NewKey};
use placet_jose::{Jwk, KeyKind};
use serde_json::json;

/// A curve: its name in RFC 7518 §6.2.1.1, its `CKA_EC_PARAMS` (the DER of its OID, RFC 5480 §2.1.1.1), and the bytes of a
/// coordinate.
pub(crate) struct Curve {
    name: &'static str,
    parameters: &'static [u8],
    pub(crate) size: usize,
}

const P256: Curve =
    Curve { name: "P-256", parameters: &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], size: 32 };
const P384: Curve = Curve { name: "P-384", parameters: &[6, 5, 0x2b, 0x81, 4, 0, 0x22], size: 48 };
const P521: Curve = Curve { name: "P-521", parameters: &[6, 5, 0x2b, 0x81, 4, 0, 0x23], size: 66 };

/// What a key is made as.
pub(crate) enum Shape {
    /// Of so many bits.
    Rsa(u64),
    Ec(Curve),
}

pub(crate) fn shape(alg: KeyAlg) -> Option<Shape> {
    match alg.kind()? {
        KeyKind::Rsa2048 => Some(Shape::Rsa(2048)),
        KeyKind::P256 => Some(Shape::Ec(P256)),
        KeyKind::P384 => Some(Shape::Ec(P384)),
        KeyKind::P521 => Some(Shape::Ec(P521)),
        KeyKind::Ed25519 | KeyKind::X25519 => None,
    }
}

/// The private half: it stays, cannot be read, and does one thing.
pub(crate) fn private(key: &NewKey, shape: &Shape) -> Vec<Attribute> {
    let (signs, derives) = (matches!(key.alg, KeyAlg::Signs(_)), matches!(shape, Shape::Ec(_)));
    vec![
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Id(key.id.0.to_vec()),
        Attribute::Label(key.label.clone().into_bytes()),
        Attribute::Sign(signs),
        Attribute::Decrypt(!signs && !derives),
        Attribute::Derive(!signs && derives),
        Attribute::Unwrap(false),
    ]
}

pub(crate) fn public(key: &NewKey, shape: &Shape) -> Vec<Attribute> {
    let (signs, derives) = (matches!(key.alg, KeyAlg::Signs(_)), matches!(shape, Shape::Ec(_)));
    let mut attributes = vec![
        Attribute::Token(true),
        Attribute::Id(key.id.0.to_vec()),
        Attribute::Label(key.label.clone().into_bytes()),
        Attribute::Verify(signs),
        Attribute::Encrypt(!signs && !derives),
    ];
    match shape {
        Shape::Rsa(bits) => {
            attributes.push(Attribute::ModulusBits((*bits).into()));
            attributes.push(Attribute::PublicExponent(vec![1, 0, 1]));
        }
        Shape::Ec(curve) => attributes.push(Attribute::EcParams(curve.parameters.to_vec())),
    }
    attributes
}

/// A secret that was agreed: for one message, and given out.
pub(crate) fn agreed(length: u64) -> Vec<Attribute> {
    vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
        Attribute::ValueLen(length.into()),
    ]
}

/// A public key of what the module says of it.
pub(crate) fn jwk(shape: &Shape, attributes: &[Attribute]) -> Option<Jwk> {
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    match shape {
        Shape::Rsa(_) => {
            let (mut modulus, mut exponent) = (None, None);
            for attribute in attributes {
                match attribute {
                    Attribute::Modulus(bytes) => modulus = Some(without_zeros(bytes)),
                    Attribute::PublicExponent(bytes) => exponent = Some(without_zeros(bytes)),
                    _ => {}
                }
            }
            Jwk::parse(&json!({ "kty": "RSA", "n": encode(modulus?), "e": encode(exponent?) }))
        }
        Shape::Ec(curve) => {
            let point = attributes.iter().find_map(|attribute| match attribute {
                Attribute::EcPoint(bytes) => point(bytes, curve.size),
                _ => None,
            })?;
            let (x, y) = point.split_at(curve.size);
            Jwk::parse(&json!({ "kty": "EC", "crv": curve.name, "x": encode(x), "y": encode(y) }))
        }
    }
}

/// RFC 7518 §6.3.1: numbers have no leading zeros.
fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

/// The coordinates of `CKA_EC_POINT`: an uncompressed point in an OCTET STRING of DER, which some modules leave out.
fn point(bytes: &[u8], size: usize) -> Option<&[u8]> {
    let length = 1 + 2 * size;
    let header = bytes.len().checked_sub(length)?;
    let expected: &[u8] = match u8::try_from(length).ok()? {
        short @ 0..0x80 => &[4, short],
        long => &[4, 0x81, long],
    };
    let whole = header == 0 || &bytes[..header] == expected;
    bytes[header..].strip_prefix(&[4]).filter(|_| whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_in_both_forms() {
        for size in [32, 48, 66] {
            let coordinates = vec![7; 2 * size];
            let bare = [&[4u8][..], &coordinates].concat();
            let length = u8::try_from(bare.len()).unwrap();
            let header = if length < 0x80 { vec![4, length] } else { vec![4, 0x81, length] };
            let wrapped = [&header[..], &bare].concat();
            assert_eq!(point(&bare, size), Some(&coordinates[..]));
            assert_eq!(point(&wrapped, size), Some(&coordinates[..]));
            assert_eq!(point(&wrapped[1..], size), None);
            assert_eq!(point(&[&[5u8, length][..], &bare].concat(), size), None);
            assert_eq!(point(&bare[1..], size), None);
        }
    }
}
