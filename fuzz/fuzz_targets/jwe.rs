//! Compact JWEs: nothing from outside opens with a key that it was not made for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_jose::{DecryptionKey, Encrypted};

fuzz_target!(|text: &str| {
    if let Ok(jwe) = Encrypted::parse(text) {
        let _ = jwe.kid();
        let key = DecryptionKey::from_secret("a secret that nobody guesses", jwe.alg(), jwe.enc());
        if let Some(key) = key {
            assert!(jwe.decrypted(&key).is_err());
        }
    }
});
