//! DPoP proofs: text that nobody has signed proves nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_base::Timestamp;
use placet_base::set::Set;
use placet_engine::rules::sender::dpop::{Expected, proof};

fuzz_target!(|text: &str| {
    let expected = Expected {
        htm: "POST",
        htu: "https://as.example/token",
        access_token: None,
        now: Timestamp(0),
        skew: 0,
        nonces: None,
        algs: Set::EVERY,
    };
    assert!(proof(text, &expected, &[]).is_err());
});
