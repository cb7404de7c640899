//! Requests as JSON and as forms: decoded or refused, and what is decoded encodes again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_api::Input;
use placet_api::types::{Client, IntrospectionRequest, Service, TokenRequest};

fuzz_target!(|bytes: &[u8]| {
    for input in [Input::Json(bytes), Input::Form(bytes)] {
        let _ = input.decode::<IntrospectionRequest>();
        let _ = input.decode::<TokenRequest>();
        if let Ok(service) = input.decode::<Service>() {
            assert!(serde_json::to_vec(&service).is_ok());
        }
        if let Ok(client) = input.decode::<Client>() {
            assert!(serde_json::to_vec(&client).is_ok());
        }
    }
});
