use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_base::{Timestamp, Ttl};
use placet_jose::claims::{Tolerance, Untimely};
use placet_jose::jwt::JwtError;

use super::*;
use crate::testing::{jwk, signed};

const URI: &str = "https://example.com/statuslists/1";
const NOW: i64 = 1_686_920_170;

fn list(bits: Bits, statuses: &[u8]) -> StatusList {
    let mut list = StatusList::new(bits, statuses.len()).unwrap();
    for (idx, status) in statuses.iter().enumerate() {
        list.set(idx, *status).unwrap();
    }
    list
}

/// §4.1 and §4.2 of the draft.
// shows STATUS-LIST 4.2/compressed
#[test]
fn the_small_examples() {
    for (bits, statuses, bytes, lst) in [
        (
            Bits::One,
            [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1].as_slice(),
            [0xb9, 0xa3].as_slice(),
            "eNrbuRgAAhcBXQ",
        ),
        (Bits::Two, &[1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3], &[0xc9, 0x44, 0xf9], "eNo76fITAAPfAgc"),
    ] {
        let made = list(bits, statuses);
        assert_eq!(made.bytes(), bytes);
        assert_eq!(made.claim(None), json!({ "bits": bits.number(), "lst": lst }));
        let read = StatusList::read(&json!({ "bits": bits.number(), "lst": lst })).unwrap();
        assert_eq!(read, made);
        let found: Vec<_> = (0..statuses.len()).map(|idx| read.get(idx).unwrap()).collect();
        assert_eq!(found, statuses);
    }
}

// shows STATUS-LIST 4.1/bits
#[test]
fn entries_are_beside_each_other() {
    for bits in [Bits::One, Bits::Two, Bits::Four, Bits::Eight] {
        let mut list = StatusList::new(bits, 16).unwrap();
        list.set(5, bits.mask()).unwrap();
        assert_eq!((list.get(4), list.get(5), list.get(6)), (Some(0), Some(bits.mask()), Some(0)));
        list.set(6, VALID).unwrap();
        list.set(5, INVALID).unwrap();
        assert_eq!((list.get(5), list.entries()), (Some(INVALID), 16));
        assert_eq!((list.get(16), list.set(16, 1)), (None, Err(StatusError::Beyond)));
        assert_eq!(StatusList::of_bytes(bits, list.bytes().to_vec()).unwrap(), list);
    }
    assert_eq!(list(Bits::One, &[0]).set(0, SUSPENDED), Err(StatusError::Status));
    assert_eq!(StatusList::new(Bits::One, 9).unwrap().entries(), 16);
}

#[test]
fn lists_are_bounded_before_they_are_unpacked() {
    assert!(StatusList::new(Bits::Eight, STATUS_LIST).is_ok());
    assert_eq!(StatusList::new(Bits::Eight, STATUS_LIST + 1).err(), Some(StatusError::TooLarge));
    let large = vec![0; STATUS_LIST + 1];
    let lst = BASE64URL_NOPAD.encode(&compress_to_vec_zlib(&large, COMPRESSION));
    assert_eq!(StatusList::read(&json!({ "bits": 1, "lst": lst })).err(), Some(StatusError::Compression));
    assert_eq!(StatusList::of_bytes(Bits::One, large).err(), Some(StatusError::TooLarge));
}

#[test]
fn what_is_no_list_is_refused() {
    for (claim, error) in [
        (json!(1), StatusError::Malformed),
        (json!({ "bits": 3, "lst": "eNrbuRgAAhcBXQ" }), StatusError::Malformed),
        (json!({ "bits": "1", "lst": "eNrbuRgAAhcBXQ" }), StatusError::Malformed),
        (json!({ "bits": 1 }), StatusError::Malformed),
        (json!({ "bits": 1, "lst": "eNrbuRgAAhcBXQ==" }), StatusError::Malformed),
        (json!({ "bits": 1, "lst": "bm90IHpsaWI" }), StatusError::Compression),
        (json!({ "bits": 1, "lst": "eNrbuRgAAhcBXA" }), StatusError::Compression),
        (json!({ "bits": 1, "lst": "eNrbuRg" }), StatusError::Compression),
    ] {
        assert_eq!(StatusList::read(&claim).err(), Some(error), "{claim}");
    }
}

#[test]
fn a_credential_says_where_its_status_is() {
    let reference = Reference { idx: 7, uri: URI.into() };
    assert_eq!(reference.claim(), json!({ "status_list": { "idx": 7, "uri": URI } }));
    assert_eq!(Reference::read(&reference.claim()), Ok(Some(reference)));
    assert_eq!(Reference::read(&json!({ "other": 1 })), Ok(None));
    for bad in [json!(1), json!({ "status_list": 1 }), json!({ "status_list": { "idx": -1, "uri": URI } })] {
        assert_eq!(Reference::read(&bad), Err(StatusError::Malformed), "{bad}");
    }
}

fn expected<'a>() -> Expected<'a> {
    let (now, tolerance) = (Timestamp::from_secs(NOW), Tolerance::exactly(0));
    Expected { uri: URI, algs: Set::EVERY, now, tolerance }
}

#[test]
fn a_signed_list_is_read() {
    let key = jwk(JwsAlg::Es256);
    let (list, at) = (list(Bits::Two, &[0, 1, 2]), Timestamp::from_secs);
    let aggregation_uri = Some("https://example.com/statuslists");
    let token =
        Token { uri: URI, at: at(NOW), until: Some(at(NOW + 60)), ttl: Some(Ttl::secs(30)), aggregation_uri };
    assert_eq!(token.of(&list).claims, token.of_claim(list.claim(aggregation_uri)).claims);
    let text = signed(token.of(&list), &key.signing_key(JwsAlg::Es256).unwrap());
    let judged = |expected: &Expected<'_>| verified(&text, expected, |found| key.verifying_key(found.alg));
    let found = judged(&expected()).unwrap();
    assert_eq!((found.list, found.ttl), (list, Some(Ttl::secs(30))));
    let elsewhere = Expected { uri: "https://example.com/statuslists/2", ..expected() };
    assert_eq!(judged(&elsewhere).err(), Some(TokenError::Subject));
    let late = Expected { now: at(NOW + 60), ..expected() };
    assert_eq!(judged(&late).err(), Some(TokenError::Jwt(JwtError::Untimely(Untimely::Expired))));
}

#[test]
fn a_signed_list_is_what_it_must_be() {
    let key = jwk(JwsAlg::Es256);
    let token =
        Token { uri: URI, at: Timestamp::from_secs(NOW), until: None, ttl: None, aggregation_uri: None };
    for (member, value, error) in [
        ("ttl", json!(0), TokenError::Ttl),
        ("ttl", json!("1"), TokenError::Ttl),
        ("status_list", json!({}), TokenError::List(StatusError::Malformed)),
        ("sub", json!(1), TokenError::Jwt(JwtError::Wrong("sub"))),
    ] {
        let mut made = token.of(&list(Bits::One, &[0]));
        made.claims.insert(member.into(), value);
        let text = signed(made, &key.signing_key(JwsAlg::Es256).unwrap());
        let found = verified(&text, &expected(), |found| key.verifying_key(found.alg));
        assert_eq!(found.err(), Some(error), "{member}");
    }
    let mut made = token.of(&list(Bits::One, &[0]));
    made.claims.remove("status_list");
    let text = signed(made, &key.signing_key(JwsAlg::Es256).unwrap());
    let found = verified(&text, &expected(), |found| key.verifying_key(found.alg));
    assert_eq!(found.err(), Some(TokenError::Jwt(JwtError::Missing("status_list"))));
    let mut made = token.of(&list(Bits::One, &[0]));
    made.header.insert("typ".into(), "JWT".into());
    let text = signed(made, &key.signing_key(JwsAlg::Es256).unwrap());
    let found = verified(&text, &expected(), |found| key.verifying_key(found.alg));
    assert_eq!(found.err(), Some(TokenError::Jwt(JwtError::Kind)));
}
