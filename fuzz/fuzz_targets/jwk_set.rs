//! Key sets: whatever they hold, publishing gives nothing private away, and keys are made or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_base::registry::JwsAlg;
use placet_jose::JwkSet;

fuzz_target!(|text: &str| {
    let Ok(set) = JwkSet::parse(text) else { return };
    for key in set.published()["keys"].as_array().into_iter().flatten() {
        assert!(key.get("d").is_none() && key.get("k").is_none());
    }
    for key in set.keys() {
        let _ = key.thumbprint();
        for alg in JwsAlg::ALL {
            let _ = key.signing_key(*alg);
            let _ = key.verifying_key(*alg);
        }
    }
});
