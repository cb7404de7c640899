//! HTTP message signatures: headers from outside are verified by no key that is not there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_base::Timestamp;
use placet_engine::rules::message_signature::{Message, SignedRequest, verified};

fuzz_target!(|headers: (&str, &str, &str)| {
    let (input, signature, digest) = headers;
    let message = Message {
        method: "GET",
        target: "https://rs.example/a",
        headers: vec![
            ("authorization", "DPoP a"),
            ("signature-input", input),
            ("signature", signature),
            ("content-digest", digest),
        ],
        body: !digest.is_empty(),
        content: Some("a"),
    };
    let on = SignedRequest { keys: None, fallback_key: None, now: Timestamp(0), skew: 0 };
    assert!(verified(&message, &on).is_err());
});
