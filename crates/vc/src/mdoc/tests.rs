use placet_base::set::Set;
use placet_jose::SigningKey;
use serde_json::json;

use super::*;
use crate::budgets::CERTIFICATE_CHAIN;
use crate::testing::{counting, jwk, object};

const NOW: i64 = 1_700_000_000;

fn validity() -> Validity {
    let at = |secs| Timestamp::from_secs(NOW + secs);
    Validity { signed: at(0), valid_from: at(0), valid_until: at(60), expected_update: Some(at(30)) }
}

fn claims() -> Map<String, Json> {
    object(json!({
        "org.iso.18013.5.1": {
            "family_name": "Doe", "birth_date": "cbor:1004(\"1990-01-01\")", "age_over_18": true,
            "portrait": "cbor:h'ffd8'", "privileges": [{ "code": "A", "b": 1 }],
        },
        "org.iso.18013.5.1.aamva": { "sex": 1 },
    }))
}

fn public() -> Jwk {
    Jwk::parse(&jwk(JwsAlg::Es256).public()).unwrap()
}

fn made(claims: &Map<String, Json>, key: &Jwk, alg: JwsAlg) -> Result<Issuable, IssueError> {
    let status = json!({ "status_list": { "idx": 7, "uri": "https://status" } });
    let document = Document {
        doctype: "org.iso.18013.5.1.mDL",
        claims,
        validity: validity(),
        device_key: key,
        status: Some(&status),
    };
    issue(&document, alg, &[certificate()], &mut counting(1))
}

fn certificate() -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    rcgen::CertificateParams::new(["issuer".to_owned()]).unwrap().self_signed(&key).unwrap().der().to_vec()
}

fn issued(key: &SigningKey) -> String {
    let made = made(&claims(), &public(), key.alg()).unwrap();
    let signature = key.sign(&made.signing_input()).unwrap();
    made.issued(&signature).unwrap()
}

fn judged(text: &str, key: &Jwk, now: i64) -> Result<Verified, MdocError> {
    let expected = Expected { algs: Set::EVERY, now: Timestamp::from_secs(now), skew: None };
    verified(text, &expected, |found| key.verifying_key(found.alg))
}

// shows OID4VCI A.2/encoded
#[test]
fn what_is_issued_is_verified() {
    for alg in [JwsAlg::Es256, JwsAlg::Es384, JwsAlg::Es512, JwsAlg::EdDsa] {
        let key = jwk(alg);
        let found = judged(&issued(&key.signing_key(alg).unwrap()), &key, NOW).unwrap();
        assert_eq!(found.doctype, "org.iso.18013.5.1.mDL");
        assert_eq!(found.validity, validity());
        assert_eq!(found.claims["org.iso.18013.5.1.aamva"]["sex"], Value::from(1));
        let mdl = &found.claims["org.iso.18013.5.1"];
        assert_eq!(mdl["birth_date"], Value::Tag(1004, Box::new(Value::Text("1990-01-01".into()))));
        assert_eq!(mdl["portrait"], Value::Bytes(vec![0xff, 0xd8]));
        assert_eq!(
            found.status.unwrap(),
            cbor::from_json(&json!({ "status_list": { "idx": 7, "uri": "https://status" } })).unwrap()
        );
    }
}

#[test]
fn another_key_or_time_is_refused() {
    let (key, other) = (jwk(JwsAlg::Es256), jwk(JwsAlg::Es256));
    let text = issued(&key.signing_key(JwsAlg::Es256).unwrap());
    assert_eq!(judged(&text, &other, NOW).err(), Some(MdocError::Signature));
    assert_eq!(judged(&text, &jwk(JwsAlg::EdDsa), NOW).err(), Some(MdocError::NoKey));
    assert_eq!(judged(&text, &key, NOW - 1).err(), Some(MdocError::NotYet));
    assert_eq!(judged(&text, &key, NOW + 60).err(), Some(MdocError::Expired));
    let narrow =
        Expected { algs: Set::of_bits(JwsAlg::EdDsa.mask()), now: Timestamp::from_secs(NOW), skew: None };
    let found = verified(&text, &narrow, |found| key.verifying_key(found.alg));
    assert_eq!(found.err(), Some(MdocError::Algorithm));
    assert_eq!(judged("!", &key, NOW).err(), Some(MdocError::Malformed));
    assert_eq!(judged("oA", &key, NOW).err(), Some(MdocError::Malformed));
}

#[test]
fn an_element_that_stands_there_twice_is_refused() {
    let key = jwk(JwsAlg::Es256);
    let text = issued(&key.signing_key(JwsAlg::Es256).unwrap());
    let mut signed = cbor::decode(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap();
    let name_spaces = &mut signed.as_map_mut().unwrap()[0].1;
    let items = name_spaces.as_map_mut().unwrap()[0].1.as_array_mut().unwrap();
    items.push(items[0].clone());
    let text = BASE64URL_NOPAD.encode(&cbor::encode(&signed));
    assert_eq!(judged(&text, &key, NOW).err(), Some(MdocError::Repeated));
    let name_spaces = &mut signed.as_map_mut().unwrap()[0].1;
    name_spaces.as_map_mut().unwrap()[0].0 = Value::Text("other".into());
    let text = BASE64URL_NOPAD.encode(&cbor::encode(&signed));
    assert_eq!(judged(&text, &key, NOW).err(), Some(MdocError::Undigested));
}

// shows MDOC 9.1.2.5/random 9.1.2.5/ids
#[test]
fn numbers_are_in_no_order_and_bytes_are_new() {
    let many = Map::from_iter((0..20).map(|one| (format!("e{one}"), json!(one))));
    let (items, digests) = items(&many, &mut Drawn::new(&mut counting(1))).unwrap();
    let content = |item: &Value| cbor::decode(item.as_tag().unwrap().1.as_bytes().unwrap()).unwrap();
    let number = |item: &Value| {
        u64::try_from(cbor::member(&content(item), "digestID").unwrap().as_integer().unwrap()).unwrap()
    };
    let numbers: Vec<_> = items.iter().map(number).collect();
    assert!(!numbers.is_sorted());
    let mut sorted = numbers;
    sorted.sort_unstable();
    assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    let random: std::collections::HashSet<_> = items
        .iter()
        .map(|item| cbor::member(&content(item), "random").unwrap().as_bytes().unwrap().clone())
        .collect();
    assert!(random.len() == 20 && random.iter().all(|bytes| bytes.len() == 32));
    assert_eq!(digests.as_map().unwrap().len(), 20);
}

// shows MDOC 9.1.2.4/chain
#[test]
fn one_certificate_is_bytes_and_several_are_an_array() {
    let of = |chain_of: &[Vec<u8>]| chain(chain_of).unwrap().rest[0].1.clone();
    assert_eq!(of(&[vec![1]]), Value::Bytes(vec![1]));
    assert_eq!(of(&[vec![1], vec![2]]), Value::Array(vec![Value::Bytes(vec![1]), Value::Bytes(vec![2])]));
}

// shows MDOC 8.3.2.1.2.2/shape 9.1.2.4/algorithms
#[test]
fn what_cannot_be_an_mdoc_is_refused() {
    let refused = |claims: Json| made(&object(claims), &public(), JwsAlg::Es256).err();
    assert_eq!(refused(json!({})), Some(IssueError::Shape));
    assert_eq!(refused(json!({ "a": 1 })), Some(IssueError::Shape));
    assert_eq!(refused(json!({ "a": {} })), Some(IssueError::Shape));
    let wrong = CborError::Notation(0);
    assert_eq!(refused(json!({ "a": { "b": "cbor:x" } })), Some(IssueError::Element(wrong)));
    let many = Map::from_iter((0..=ELEMENTS).map(|one| (one.to_string(), json!(1))));
    assert_eq!(refused(json!({ "a": many })), Some(IssueError::TooMany));
    assert_eq!(made(&claims(), &public(), JwsAlg::Rs256).err(), Some(IssueError::Algorithm));
    assert_eq!(made(&claims(), &public(), JwsAlg::Es256k).err(), Some(IssueError::Algorithm));
    assert_eq!(made(&claims(), &jwk(JwsAlg::Es256), JwsAlg::Es256).err(), Some(IssueError::DeviceKey));
    let large = object(json!({ "a": { "b": "a".repeat(CBOR) } }));
    assert_eq!(made(&large, &public(), JwsAlg::Es256).unwrap().issued(&[]).err(), Some(IssueError::TooLarge));
    let key = public();
    let mut document =
        Document { doctype: "", claims: &claims(), validity: validity(), device_key: &key, status: None };
    let of = |document: &Document<'_>, chain: &[Vec<u8>]| {
        issue(document, JwsAlg::Es256, chain, &mut counting(1)).err()
    };
    assert_eq!(of(&document, &[vec![]]), Some(IssueError::Shape));
    document.doctype = "a";
    assert_eq!(of(&document, &[]), Some(IssueError::ChainMissing));
    document.validity.signed = Timestamp(i64::MAX);
    assert_eq!(of(&document, &[vec![]]), Some(IssueError::Time));
}

/// An mdoc whose security object was changed before it was signed.
fn changed(key: &Jwk, change: impl FnOnce(&mut Vec<(Value, Value)>)) -> Option<MdocError> {
    let mut made = made(&claims(), &public(), JwsAlg::Es256).ok().unwrap();
    let payload = cbor::decode(made.issuer_auth.payload.as_ref().unwrap()).unwrap();
    let mut object = cbor::decode(payload.as_tag().unwrap().1.as_bytes().unwrap()).unwrap();
    change(object.as_map_mut().unwrap());
    made.issuer_auth.payload = Some(cbor::encode(&encoded(&object)));
    judged(&finished(made, key), key, NOW).err()
}

fn finished(made: Issuable, key: &Jwk) -> String {
    let signature = key.signing_key(JwsAlg::Es256).unwrap().sign(&made.signing_input()).unwrap();
    made.issued(&signature).unwrap()
}

#[test]
fn a_security_object_is_what_it_must_be() {
    let key = jwk(JwsAlg::Es256);
    let set = |name: &'static str, notation: &str| {
        let value = cbor::diagnostic(notation).unwrap();
        changed(&key, |object| {
            object.iter_mut().find(|(found, _)| found.as_text() == Some(name)).unwrap().1 = value;
        })
    };
    for (name, notation, error) in [
        ("version", "\"2.0\"", Some(MdocError::Version)),
        ("version", "\"1.1\"", None),
        ("version", "1", Some(MdocError::Malformed)),
        ("digestAlgorithm", "\"SHA-1\"", Some(MdocError::DigestAlgorithm)),
        ("digestAlgorithm", "\"SHA-512\"", Some(MdocError::Digest)),
        ("valueDigests", "{}", Some(MdocError::Undigested)),
        ("valueDigests", "{\"org.iso.18013.5.1\": {}}", Some(MdocError::Undigested)),
        ("deviceKeyInfo", "{}", Some(MdocError::DeviceKey)),
        ("deviceKeyInfo", "{\"deviceKey\": {1: 2}}", Some(MdocError::DeviceKey)),
        ("docType", "1", Some(MdocError::Malformed)),
        ("validityInfo", "{\"signed\": 0(\"2023-01-01T00:00:00Z\")}", Some(MdocError::Malformed)),
    ] {
        assert_eq!(set(name, notation), error, "{name} {notation}");
    }
    assert_eq!(changed(&key, |object| drop(object.remove(0))), Some(MdocError::Malformed));
}

#[test]
fn a_signature_comes_with_certificates() {
    let key = jwk(JwsAlg::Es256);
    let with = |chain: Option<Value>| {
        let mut made = made(&claims(), &public(), JwsAlg::Es256).ok().unwrap();
        made.issuer_auth.unprotected.rest.clear();
        if let Some(chain) = chain {
            made.issuer_auth.unprotected.rest.push((coset::Label::Int(33), chain));
        }
        judged(&finished(made, &key), &key, NOW).err()
    };
    let own = || Value::Bytes(certificate());
    assert_eq!(with(Some(Value::Array(vec![own(), own()]))), None);
    let many = (0..CERTIFICATE_CHAIN + 2).map(|_| own()).collect();
    for chain in [None, Some(Value::Null), Some(Value::Array(vec![])), Some(Value::Array(many))] {
        assert_eq!(with(chain), Some(MdocError::Chain));
    }
}

#[test]
fn more_elements_than_an_mdoc_has_are_refused() {
    let key = jwk(JwsAlg::Es256);
    let mut made = made(&claims(), &public(), JwsAlg::Es256).ok().unwrap();
    let items = made.name_spaces.as_map_mut().unwrap()[0].1.as_array_mut().unwrap();
    items.resize(ELEMENTS + 1, Value::Null);
    assert_eq!(judged(&finished(made, &key), &key, NOW).err(), Some(MdocError::TooMany));
}
