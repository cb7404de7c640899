//! ISO/IEC 18013-5, annex D.4.1.2: the `IssuerSigned` of the example response, without the portrait. Its elements may be
//! shown in any number.

use ciborium::Value;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;

use super::read::{Expected, MdocError, Verified, verified};
use super::{Validity, cose_key, encoded, item, validity_info};
use crate::cbor::{self, diagnostic};
use crate::hash::Hash;

const NAME_SPACE: &str = "org.iso.18013.5.1";

/// 2020-10-01T13:30:02Z
const SIGNED: i64 = 1_601_559_002;

fn bytes() -> Vec<u8> {
    let text: String = include_str!("annex_d.hex").split_ascii_whitespace().collect();
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn judged(bytes: &[u8], now: i64) -> Result<Verified, MdocError> {
    let expected = Expected { algs: Set::EVERY, now: Timestamp::from_secs(now), skew: None };
    verified(&BASE64URL_NOPAD.encode(bytes), &expected, |found| {
        found.x5chain.first()?.verifying_key(found.alg)
    })
}

// shows MDOC D.4/published
#[test]
fn the_example_is_verified_with_the_certificate_in_it() {
    let found = judged(&bytes(), SIGNED).unwrap();
    assert_eq!(found.doctype, "org.iso.18013.5.1.mDL");
    let elements = &found.claims[NAME_SPACE];
    assert_eq!(elements.len(), 5);
    assert_eq!(elements["family_name"], Value::Text("Doe".into()));
    assert_eq!(elements["issue_date"], diagnostic("1004(\"2019-10-20\")").unwrap());
    assert_eq!(found.validity.signed, Timestamp::from_secs(SIGNED));
    assert_eq!(found.validity.valid_until, Timestamp::from_secs(SIGNED + 365 * 24 * 60 * 60));
    assert!(found.status.is_none());
    assert!(found.device_key.verifying_key(JwsAlg::Es256).is_some());
}

#[test]
fn a_changed_bit_is_found() {
    let whole = bytes();
    let at = |needle: &[u8]| whole.windows(needle.len()).position(|found| found == needle).unwrap();
    for (place, error) in [
        (at(b"cDoe") + 1, MdocError::Digest),
        (at(b"2020-10-01") + 3, MdocError::Signature),
        (whole.len() - 1, MdocError::Signature),
    ] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        assert_eq!(judged(&changed, SIGNED).err(), Some(error), "{place}");
    }
    assert_eq!(judged(&whole, SIGNED - 1).err(), Some(MdocError::NotYet));
    assert_eq!(judged(&whole, SIGNED + 365 * 24 * 60 * 60).err(), Some(MdocError::Expired));
    assert_eq!(judged(&whole[..whole.len() - 1], SIGNED).err(), Some(MdocError::Malformed));
}

/// What is made here of the same values is the same, byte for byte.
// shows MDOC 8.3.2.1.2.2/items
#[test]
fn elements_are_written_as_in_the_example() {
    let privileges = "[{\"vehicle_category_code\": \"A\", \"issue_date\": 1004(\"2018-08-09\"), \"expiry_date\": 1004(\"2024-10-20\")}, \
                       {\"vehicle_category_code\": \"B\", \"issue_date\": 1004(\"2017-02-23\"), \"expiry_date\": 1004(\"2024-10-20\")}]";
    for (number, random, name, value, digest) in [
        (
            0,
            "8798645b20ea200e19ffabac92624bee6aec63aceedecfb1b80077d22bfc20e9",
            "family_name",
            "\"Doe\"",
            "75167333b47b6c2bfb86eccc1f438cf57af055371ac55e1e359e20f254adcebf",
        ),
        (
            3,
            "b23f627e8999c706df0c0a4ed98ad74af988af619b4bb078b89058553f44615d",
            "issue_date",
            "1004(\"2019-10-20\")",
            "2e35ad3c4e514bb67b1a9db51ce74e4cb9b7146e41ac52dac9ce86b8613db555",
        ),
        (
            9,
            "4599f81beaa2b20bd0ffcc9aa03a6f985befab3f6beaffa41e6354cdb2ab2ce4",
            "driving_privileges",
            privileges,
            "0b3587d1dd0c2a07a35bfb120d99a0abfb5df56865bb7fa15cc8b56a66df6e0c",
        ),
    ] {
        let random = HEXLOWER.decode(random.as_bytes()).unwrap();
        let made = cbor::encode(&item(number, &random, name, diagnostic(value).unwrap()));
        assert_eq!(HEXLOWER.encode(&Hash::SHA256.of(&made)), digest, "{name}");
    }
}

// shows MDOC 9.1.2.4/object
#[test]
fn the_security_object_is_written_as_in_the_example() {
    let whole = bytes();
    let has = |part: &[u8]| whole.windows(part.len()).any(|found| found == part);
    let found = judged(&whole, SIGNED).unwrap();
    assert!(has(&cbor::encode(&cose_key::of_jwk(&found.device_key).unwrap())));
    let at = |secs| Timestamp::from_secs(secs);
    let validity = Validity {
        signed: at(SIGNED),
        valid_from: at(SIGNED),
        valid_until: at(SIGNED + 365 * 24 * 60 * 60),
        expected_update: None,
    };
    assert!(has(&cbor::encode(&validity_info(&validity).unwrap())));
    // The whole is within itself, encoded once more.
    let signed = cbor::decode(&whole).unwrap();
    let payload = cbor::member(&signed, "issuerAuth").unwrap().as_array().unwrap()[2].as_bytes().unwrap();
    let inner = cbor::decode(payload).unwrap();
    let object = cbor::decode(inner.as_tag().unwrap().1.as_bytes().unwrap()).unwrap();
    assert_eq!(&cbor::encode(&encoded(&object)), payload);
}
