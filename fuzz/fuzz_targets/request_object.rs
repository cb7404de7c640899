//! Request objects with any claims, signed as they should be: judged like any other request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_api::endpoints::EndpointId;
use placet_api::{Input, PathValues};
use placet_base::registry::JwsAlg;
use placet_fuzz::furnished;
use placet_jose::{SigningKey, Unsigned};
use serde_json::{Map, Value, json};

fuzz_target!(|text: &str| {
    let Ok(Value::Object(mut claims)) = serde_json::from_str(text) else { return };
    furnished(10_000, |known| {
        let (world, client, secret) = (&known.world, &known.client, &known.secret);
        claims.entry("client_id").or_insert_with(|| client.as_str().into());
        claims.entry("response_type").or_insert_with(|| "code".into());
        let Some(key) = SigningKey::from_secret(secret, JwsAlg::Hs256) else { return };
        let signing_input = Unsigned { header: Map::new(), claims }.signing_input(&key);
        let Some(signature) = key.sign(signing_input.as_bytes()) else { return };
        let object = Unsigned::compact(signing_input, &signature);
        let call = json!({ "parameters": format!("client_id={client}&request={object}") }).to_string();
        let token = Some(world.organization_token.as_str());
        let input = Input::Json(call.as_bytes());
        let answer = world.send(EndpointId::authorization, token, PathValues::default(), input);
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!answer.text.contains("[A000101]"), "{}", answer.text);
    });
});
