//! Calls without a service in their path: whose credentials mean which, and what they may do.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use placet_api::endpoints::Carrier;
use placet_api::{EndpointId, Input, PathValues};
use placet_base::ServiceId;
use placet_engine::{Addressed, Credential};
use placet_testkit::World;
use serde_json::{Map, Value, json};

struct Called {
    world: World,
    client: String,
    secret: String,
}

impl Called {
    fn new() -> Self {
        let (world, client, _) = World::with_service_and_client();
        let token = world.organization_token.clone();
        let service = world.call(EndpointId::service_get, Some(&token), PathValues::default(), &Map::new());
        let secret = service.body["apiSecret"].as_str().unwrap().to_owned();
        Self { world, client, secret }
    }

    fn call(&self, endpoint: EndpointId, (user, password): (&str, &str), body: &Value) -> (u16, Value) {
        let credential = Credential::Basic { user, password };
        let client = Some(self.client.as_str()).filter(|_| endpoint.row().path.contains("{clientId}"));
        let path = PathValues { client, ..PathValues::default() };
        let body = body.to_string();
        let input = match endpoint.row().carrier {
            Carrier::Query => Input::Query(""),
            _ => Input::Json(body.as_bytes()),
        };
        // The owner's calls about a service name it.
        let named = [EndpointId::service_get, EndpointId::service_update, EndpointId::service_delete];
        let about = match endpoint {
            named_last if named.contains(&named_last) => Addressed::Named(ServiceId(self.world.service)),
            EndpointId::service_create | EndpointId::service_get_list => Addressed::Nothing,
            _ => Addressed::OfCaller,
        };
        let answer = self.world.addressed(endpoint, Some(credential), about, (path, input));
        (answer.status, answer.body)
    }

    fn service(&self) -> String {
        self.world.service.to_string()
    }

    fn owner(&self) -> String {
        self.world.organization.to_string()
    }
}

#[test]
fn a_service_is_known_by_its_key_and_secret() {
    let called = Called::new();
    let service = called.service();
    let pair = (service.as_str(), called.secret.as_str());
    let parameters = format!("client_id={}&response_type=code", called.client);
    let (status, answer) = called.call(EndpointId::authorization, pair, &json!({ "parameters": parameters }));
    assert_eq!((status, answer["action"].as_str()), (200, Some("INTERACTION")), "{answer}");
    let (status, client) = called.call(EndpointId::client_get, pair, &json!({}));
    assert_eq!((status, client["clientId"].to_string()), (200, called.client.clone()));
    assert_eq!(called.call(EndpointId::client_create, pair, &json!({ "clientName": "x" })).0, 200);
    // The service itself is its owner's.
    for endpoint in [EndpointId::service_create, EndpointId::service_update, EndpointId::service_delete] {
        assert_eq!(called.call(endpoint, pair, &json!({})).1["resultCode"], "A900202");
    }
    assert_eq!(called.call(EndpointId::service_get, pair, &json!({})).1["apiSecret"], called.secret.as_str());
}

#[test]
fn an_owner_is_known_by_its_number_and_a_token() {
    let called = Called::new();
    let (owner, token) = (called.owner(), called.world.organization_token.clone());
    let pair = (owner.as_str(), token.as_str());
    assert_eq!(called.call(EndpointId::service_get, pair, &json!({})).0, 200);
    assert_eq!(called.call(EndpointId::service_get_list, pair, &json!({})).1["totalCount"], 1);
    assert_eq!(called.call(EndpointId::service_create, pair, &json!({ "serviceName": "x" })).0, 200);
    // A call about a service that nothing names, and one whose client leads there.
    assert_eq!(called.call(EndpointId::client_create, pair, &json!({})).1["resultCode"], "A900208");
    assert_eq!(called.call(EndpointId::client_delete, pair, &json!({})).0, 204);
    assert_eq!(called.call(EndpointId::client_delete, pair, &json!({})).0, 404);
}

#[test]
fn any_other_pair_is_nobody() {
    let called = Called::new();
    let (service, owner) = (called.service(), called.owner());
    let (secret, token) = (called.secret.as_str(), called.world.organization_token.as_str());
    for (user, password) in [
        (service.as_str(), "x"),
        (service.as_str(), ""),
        (service.as_str(), token),
        (owner.as_str(), "x"),
        (owner.as_str(), secret),
        ("1", secret),
        ("1", token),
        ("", token),
        ("x", token),
    ] {
        let (status, answer) = called.call(EndpointId::client_get, (user, password), &json!({}));
        assert_eq!((status, answer["resultCode"].as_str()), (401, Some("A900201")), "{user}");
    }
}

#[test]
fn a_token_that_may_do_less_does_not_read_the_secret() {
    let called = Called::new();
    let (world, token) = (&called.world, called.world.organization_token.as_str());
    let of = |rights: Value| {
        let request = json!({ "serviceId": world.service, "permissions": rights, "description": "d" });
        let made = world.call(
            EndpointId::servicetoken_create,
            Some(token),
            PathValues::default(),
            request.as_object().unwrap(),
        );
        made.body["accessToken"].as_str().unwrap_or_else(|| panic!("{}", made.text)).to_owned()
    };
    let seen = |token: &str| {
        let one = world.call(EndpointId::service_get, Some(token), PathValues::default(), &Map::new());
        let list = world.call(EndpointId::service_get_list, Some(token), PathValues::default(), &Map::new());
        assert_eq!(one.body["apiSecret"], list.body["services"][0]["apiSecret"]);
        assert!(one.body["jwks"].is_string());
        one.body["apiSecret"].is_string()
    };
    assert!(!seen(&of(json!(["use_service"]))));
    assert!(!seen(&of(json!(["view_service"]))));
    assert!(seen(&of(json!(["create_client"]))));
    assert!(seen(&of(json!(["modify_service"]))));
}
