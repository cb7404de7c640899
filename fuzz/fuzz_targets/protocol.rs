//! Protocol requests as clients write them: whatever follows a good beginning, the answer says what to do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_api::endpoints::EndpointId;
use placet_api::{Input, PathValues};
use placet_fuzz::furnished;
use serde_json::json;

/// Endpoints, and what a request to them begins with.
const STARTS: [(EndpointId, &str); 8] = [
    (
        EndpointId::authorization,
        "response_type=code&scope=openid&redirect_uri=https://client.example/cb&client_id=",
    ),
    (EndpointId::authorization, "response_type=code+id_token&scope=openid&nonce=n&client_id="),
    (EndpointId::authorization, "client_id="),
    (EndpointId::pushed_auth_req, "response_type=code&client_id="),
    (EndpointId::token, "grant_type=client_credentials&client_id="),
    (EndpointId::token, "grant_type=authorization_code&client_id="),
    (EndpointId::backchannel_authentication, "scope=openid&client_id="),
    (EndpointId::revocation, "client_id="),
];

fuzz_target!(|input: (u8, &str)| {
    let (which, text) = input;
    let (endpoint, start) = STARTS[usize::from(which) % STARTS.len()];
    furnished(10_000, |known| {
        let (world, client, secret) = (&known.world, &known.client, &known.secret);
        let parameters = format!("{start}{client}&{text}");
        let call =
            json!({ "parameters": parameters, "clientId": client, "clientSecret": secret }).to_string();
        let token = Some(world.organization_token.as_str());
        let answer = world.send(endpoint, token, PathValues::default(), Input::Json(call.as_bytes()));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.body["action"].is_string(), "{}", answer.text);
        assert!(!answer.text.contains("[A000101]"), "{}", answer.text);
    });
});
