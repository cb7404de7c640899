//! The engine is a function of its arguments: two worlds with the same clock and the same seeds answer the
//! same calls with the same bytes.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use placet_api::{EndpointId, PathValues};
use placet_testkit::World;
use serde_json::{Map, Value, json};

fn members(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// A flow with an HMAC-signed ID token: the other signatures are random by themselves.
fn transcript() -> Vec<String> {
    let mut world = World::new();
    let token = world.organization_token.clone();
    let mut said = Vec::new();
    let mut call = |world: &World, endpoint, request: Value| {
        let answer = world.call(endpoint, Some(&token), PathValues::default(), &members(request));
        assert_eq!(answer.status, 200, "{}", answer.text);
        said.push(answer.text);
        answer.body
    };
    let service = json!({ "issuer": "https://as.example", "supportedScopes": [{ "name": "openid" }] });
    world.service = call(&world, EndpointId::service_create, service)["apiKey"].as_i64().unwrap();
    let client = json!({ "idTokenSignAlg": "HS256", "redirectUris": ["https://c.example/cb"] });
    let client = call(&world, EndpointId::client_create, client);
    let id = client["clientId"].to_string();
    let uri = "redirect_uri=https://c.example/cb";
    let parameters = format!("response_type=code&scope=openid&client_id={id}&{uri}");
    let ticket =
        call(&world, EndpointId::authorization, json!({ "parameters": parameters }))["ticket"].clone();
    let issued =
        call(&world, EndpointId::authorization_issue, json!({ "ticket": ticket, "subject": "john" }));
    let code = issued["authorizationCode"].as_str().unwrap();
    let parameters = format!("grant_type=authorization_code&code={code}&{uri}");
    let request = json!({ "parameters": parameters, "clientId": id, "clientSecret": client["clientSecret"] });
    call(&world, EndpointId::token, request);
    said
}

#[test]
fn the_same_arguments_give_the_same_answers() {
    assert_eq!(transcript(), transcript());
}
