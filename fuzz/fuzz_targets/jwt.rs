//! Compact JWTs: nothing from outside is verified by a key that did not make it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_base::registry::JwsAlg;
use placet_jose::{Parsed, VerifyingKey};

fuzz_target!(|text: &str| {
    if let Ok(parsed) = Parsed::parse(text) {
        let _ = parsed.kid();
        let _ = parsed.unproven_claims();
        if let Some(key) = VerifyingKey::from_secret("a secret that nobody guesses", JwsAlg::Hs256) {
            assert!(parsed.verified(&key).is_err());
        }
    }
});
