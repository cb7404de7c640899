use super::*;
use crate::budgets::{DIGESTS, PATHS, SD_JWT};
use crate::testing::{counting, object};

const NOW: i64 = 1_000;

fn payload() -> Map<String, Value> {
    object(json!({
        "iss": "https://issuer", "iat": NOW, "exp": NOW + 60, "vct": "card", "sub": "john",
        "status": { "status_list": { "idx": 0, "uri": "https://status" } },
        "name": "John", "address": { "city": "London", "lines": ["1", { "a": true }, []] }, "empty": {},
        "type": "kept",
    }))
}

fn leaves(payload: Map<String, Value>) -> Result<Issuable, IssueError> {
    issue(payload, Typ::DcSdJwt, &Frame::leaves(), &mut counting(1))
}

fn framed(disclosable: Value, decoys: &[(Value, usize)]) -> Frame {
    let paths = disclosable.as_array().unwrap().iter().map(|path| Path::parse(path).unwrap());
    let decoys = decoys.iter().map(|(at, count)| Decoys { at: Path::parse(at).unwrap(), count: *count });
    Frame { disclosable: Disclosable::Paths(paths.collect()), decoys: decoys.collect() }
}

/// All of it, and without any disclosure.
fn read(made: &Issuable) -> (Value, Value) {
    let of =
        |text: &str| Value::Object(SdJwt::parse(text).unwrap().disclosed(&made.unsigned.claims).unwrap());
    (of(&made.disclosures.attached_to("a.b.c")), of("a.b.c~"))
}

#[test]
fn every_leaf_can_be_disclosed_but_what_must_be_seen() {
    let made = leaves(payload()).unwrap();
    let (whole, open) = read(&made);
    assert_eq!(whole, Value::Object(payload()));
    assert_eq!(
        open,
        json!({
            "iss": "https://issuer", "iat": NOW, "exp": NOW + 60, "vct": "card",
            "status": { "status_list": { "idx": 0, "uri": "https://status" } },
            "address": { "lines": [{}] }, "type": "kept",
        })
    );
    assert_eq!(made.unsigned.claims["_sd_alg"], "sha-256");
    assert_eq!(made.unsigned.header["typ"], "dc+sd-jwt");
    // sub, name, empty; city; two lines and what is within the third.
    assert_eq!(made.disclosures.count(), 7);
}

// shows RFC9901 4.2.1/disclosure 4.2.4.1/order 9.3/salt
#[test]
fn digests_are_sorted_and_salts_are_new() {
    let made = leaves(payload()).unwrap();
    let digests: Vec<_> =
        made.unsigned.claims["_sd"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(digests.is_sorted());
    let text = made.disclosures.attached_to("a");
    // 128 bits, base64url, and base64url once more; the last part of the text is empty.
    let disclosures = text.split('~').skip(1).filter(|one| !one.is_empty());
    let salts: std::collections::HashSet<_> = disclosures.map(|one| &one[..30]).collect();
    assert_eq!(salts.len(), made.disclosures.count());
}

#[test]
fn without_anything_to_hide_there_is_no_digest() {
    let made = leaves(object(json!({ "vct": "card", "iat": 1 }))).unwrap();
    assert_eq!(Value::Object(made.unsigned.claims), json!({ "vct": "card", "iat": 1 }));
    assert_eq!(made.disclosures.attached_to("a.b.c"), "a.b.c~");
}

#[test]
fn a_frame_says_what_is_disclosed_and_things_within_are_disclosed_after() {
    let frame = framed(json!([["address"], ["address", "lines", null], ["sub"]]), &[]);
    let made = issue(payload(), Typ::VcSdJwt, &frame, &mut counting(1)).unwrap();
    assert_eq!(made.unsigned.header["typ"], "vc+sd-jwt");
    let text = made.disclosures.attached_to("a.b.c");
    let sd_jwt = SdJwt::parse(&text).unwrap();
    let claims = &made.unsigned.claims;
    let address = sd_jwt.presenting(|one| one.name() == Some("address"));
    let disclosed = SdJwt::parse(&address).unwrap().disclosed(claims).unwrap();
    assert_eq!(disclosed["address"], json!({ "city": "London", "lines": [] }));
    assert!(!disclosed.contains_key("sub") && disclosed["name"] == "John");
    let orphan = sd_jwt.presenting(|one| one.value() == "1");
    assert_eq!(SdJwt::parse(&orphan).unwrap().disclosed(claims).err(), Some(SdJwtError::Unreferenced));
}

// shows RFC9901 4.2.5/decoy
#[test]
fn decoys_stand_where_they_should_and_are_never_seen() {
    let frame = framed(json!([]), &[(json!([]), 3), (json!(["address", "lines"]), 2)]);
    let made = issue(payload(), Typ::DcSdJwt, &frame, &mut counting(1)).unwrap();
    assert_eq!(made.unsigned.claims["_sd"].as_array().unwrap().len(), 3);
    assert_eq!(made.unsigned.claims["address"]["lines"].as_array().unwrap().len(), 5);
    assert_eq!(read(&made), (Value::Object(payload()), Value::Object(payload())));
}

#[test]
fn what_must_be_seen_cannot_be_framed() {
    for path in [json!(["iss"]), json!(["cnf", "jwk"]), json!(["vct#integrity"]), json!(["status"])] {
        let frame = framed(json!([path]), &[]);
        let made = issue(payload(), Typ::DcSdJwt, &frame, &mut counting(1));
        assert_eq!(made.err(), Some(IssueError::AlwaysOpen), "{path}");
    }
    let frame = framed(json!([]), &[(json!(["cnf"]), 1)]);
    let made = issue(payload(), Typ::DcSdJwt, &frame, &mut counting(1));
    assert_eq!(made.err(), Some(IssueError::AlwaysOpen));
}

#[test]
fn a_payload_is_bounded_and_has_no_names_of_ours() {
    let with = |name: &str, value: Value| {
        let mut payload = payload();
        payload.insert(name.into(), value);
        leaves(payload).err()
    };
    for name in RESERVED {
        assert_eq!(with(name, json!(1)), Some(IssueError::Reserved));
        assert_eq!(with("a", json!([{ name: 1 }])), Some(IssueError::Reserved));
    }
    let deep = (0..DEPTH).fold(json!(1), |within, _| json!([within]));
    assert_eq!(with("a", deep), Some(IssueError::TooDeep));
    assert_eq!(with("a", json!("a".repeat(PAYLOAD))), Some(IssueError::TooLarge));
    assert_eq!(with("a", json!(vec![1; DIGESTS])), Some(IssueError::TooMany));
    assert_eq!(with("vct", json!(1)), Some(IssueError::TypeMissing));
    assert_eq!(with("vct", json!("")), Some(IssueError::TypeMissing));
    let frame = framed(json!(vec![json!(["a"]); PATHS + 1]), &[]);
    let made = issue(payload(), Typ::DcSdJwt, &frame, &mut counting(1));
    assert_eq!(made.err(), Some(IssueError::TooMany));
    let frame = framed(json!([]), &[(json!([]), usize::MAX), (json!([]), 1)]);
    let made = issue(payload(), Typ::DcSdJwt, &frame, &mut counting(1));
    assert_eq!(made.err(), Some(IssueError::TooMany));
}

/// The disclosures of these arrays, and their digests.
fn made_of<const N: usize>(contents: [Value; N]) -> ([String; N], [String; N]) {
    let texts = contents.map(|one| data_encoding::BASE64URL_NOPAD.encode(one.to_string().as_bytes()));
    let digests = texts.clone().map(|text| crate::hash::Hash::SHA256.of_text(&text));
    (texts, digests)
}

// shows RFC9901 7.1/refused
#[test]
fn what_section_7_1_refuses_is_refused() {
    let contents = [json!(["s", "a", 1]), json!(["s", 2]), json!(["s", "_sd", 1]), json!(["s", "...", 1])];
    let ([a, two, sd, dots], [of_a, of_two, of_sd, of_dots]) = made_of(contents);
    let (nested, of_nested) = made_of([json!(["t", "b", { "_sd": [of_a] }])]);
    let nested = &nested[0];
    let many: Vec<_> = (0..=DIGESTS).map(|one| one.to_string()).collect();
    for (claims, disclosures, error) in [
        (json!({ "_sd": [of_a, of_a] }), vec![&a], SdJwtError::Repeated),
        (json!({ "_sd": ["x"], "b": { "_sd": ["x"] } }), vec![], SdJwtError::Repeated),
        (json!({ "b": [{ "...": of_two }, { "...": of_two }] }), vec![&two], SdJwtError::Repeated),
        (json!({ "_sd": [of_two], "b": [{ "...": of_two }] }), vec![&two], SdJwtError::Repeated),
        (json!({ "_sd": [of_a, of_nested[0]] }), vec![&a, nested], SdJwtError::Repeated),
        (json!({ "_sd": [of_a] }), vec![&a, &a], SdJwtError::Repeated),
        (json!({ "_sd": [of_a], "a": 1 }), vec![&a], SdJwtError::Taken),
        (json!({ "_sd": [of_two] }), vec![&two], SdJwtError::Misplaced),
        (json!({ "b": [{ "...": of_a }] }), vec![&a], SdJwtError::Misplaced),
        (json!({ "_sd": [of_sd] }), vec![&sd], SdJwtError::Reserved),
        (json!({ "_sd": [of_dots] }), vec![&dots], SdJwtError::Reserved),
        (json!({ "_sd": [] }), vec![&a], SdJwtError::Unreferenced),
        (json!({ "_sd": of_a }), vec![], SdJwtError::Digest),
        (json!({ "_sd": [1] }), vec![], SdJwtError::Digest),
        (json!({ "b": { "...": "x" } }), vec![], SdJwtError::Digest),
        (json!({ "b": [{ "...": 1 }] }), vec![], SdJwtError::Digest),
        (json!({ "b": [{ "...": "x", "c": 1 }] }), vec![], SdJwtError::Digest),
        (json!({ "_sd": many }), vec![], SdJwtError::TooMany),
        (json!({ "_sd_alg": "md5" }), vec![], SdJwtError::HashAlgorithm),
        (json!({ "_sd_alg": 1 }), vec![], SdJwtError::HashAlgorithm),
    ] {
        let text = disclosures.iter().fold("a.b.c~".to_owned(), |text, one| format!("{text}{one}~"));
        let disclosed = SdJwt::parse(&text).unwrap().disclosed(claims.as_object().unwrap());
        assert_eq!(disclosed.err(), Some(error), "{claims}");
    }
}

#[test]
fn what_is_no_sd_jwt_is_refused() {
    let many = "~WyJhIiwxXQ".repeat(DIGESTS + 1);
    for (text, error) in [
        ("", SdJwtError::Malformed),
        ("a.b.c", SdJwtError::Malformed),
        ("~", SdJwtError::Malformed),
        ("a~~", SdJwtError::Disclosure),
        ("a~e30~", SdJwtError::Disclosure),
        ("a~W10~", SdJwtError::Disclosure),
        // [1,"a",1], ["a",1,1], ["a","b",1,1]
        ("a~WzEsImEiLDFd~", SdJwtError::Disclosure),
        ("a~WyJhIiwxLDFd~", SdJwtError::Disclosure),
        ("a~WyJhIiwiYiIsMSwxXQ~", SdJwtError::Disclosure),
        ("a~WyJhIiwxXQ==~", SdJwtError::Disclosure),
        (&format!("a{many}~"), SdJwtError::TooMany),
        (&"a".repeat(SD_JWT + 1), SdJwtError::TooLong),
    ] {
        assert_eq!(SdJwt::parse(text).err(), Some(error), "{text:.40}");
    }
}

#[test]
fn disclosures_within_each_other_end_somewhere() {
    let mut texts = Vec::new();
    let mut claims = json!({});
    for level in 0..=DEPTH {
        let (text, digest) = made_of([json!([level.to_string(), "a", claims])]);
        claims = json!({ "_sd": digest });
        texts.extend(text);
    }
    let text = format!("a.b.c~{}~", texts.join("~"));
    let disclosed = SdJwt::parse(&text).unwrap().disclosed(claims.as_object().unwrap());
    assert_eq!(disclosed.err(), Some(SdJwtError::TooDeep));
}
