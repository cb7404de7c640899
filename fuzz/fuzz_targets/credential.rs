//! Credentials, and the notation that payloads of some are written in: nothing panics, and nobody's key verifies anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_base::Timestamp;
use placet_vc::sd_jwt::SdJwt;
use placet_vc::{cbor, mdoc};

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = cbor::decode(data) {
        // Written once, it is written the same way for ever.
        assert_eq!(cbor::encode(&value), cbor::encode(&value));
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = SdJwt::parse(text);
    let _ = cbor::diagnostic(text);
    let expected = mdoc::Expected { algs: placet_jose::jwt::asymmetric(), now: Timestamp(0), skew: None };
    // Nobody's key verifies it.
    assert!(mdoc::verified(text, &expected, |_| None).is_err());
});
