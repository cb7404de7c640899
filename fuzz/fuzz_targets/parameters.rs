//! OAuth parameters: what is read can be asked for, and encodes to what decodes to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_base::form;
use placet_engine::rules::params::{Params, Request};

fuzz_target!(|text: &str| {
    if let Ok(params) = Params::parse(Request::Authorization, text) {
        for name in ["client_id", "redirect_uri", "scope", "claims", "resource"] {
            let _ = params.one(name);
        }
        let _ = params.each_once();
    }
    if let Some(decoded) = form::decode(text) {
        let mut encoded = String::new();
        form::encode_into(&decoded, &mut encoded);
        assert_eq!(form::decode(&encoded).as_deref(), Some(&*decoded));
    }
});
