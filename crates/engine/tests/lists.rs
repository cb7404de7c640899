//! Lists that are longer than what one call looks through.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use placet_api::{EndpointId, PathValues};
use placet_testkit::World;
use serde_json::{Value, json};

struct Long {
    world: World,
    client: i64,
}

impl Long {
    /// A service with so many tokens of one user at one client.
    fn new(tokens: usize) -> Self {
        let mut world = World::new();
        let mut long = {
            let service =
                json!({ "issuer": "https://as.example", "supportedGrantTypes": ["AUTHORIZATION_CODE"] });
            let made = call(&world, EndpointId::service_create, PathValues::default(), service);
            world.service = made["apiKey"].as_i64().unwrap();
            Self { world, client: 0 }
        };
        long.client = long.call(EndpointId::client_create, json!({}))["clientId"].as_i64().unwrap();
        for number in 0..tokens {
            // Each in a moment of its own, so that their order is known.
            long.world.advance(1);
            long.issue(&format!("at-{number}"));
        }
        long
    }

    fn issue(&self, token: &str) {
        let request = json!({
            "grantType": "AUTHORIZATION_CODE", "clientId": self.client, "subject": "john", "accessToken": token,
        });
        self.call(EndpointId::token_create, request);
    }

    fn call(&self, endpoint: EndpointId, request: Value) -> Value {
        call(&self.world, endpoint, PathValues::default(), request)
    }

    fn list(&self, request: Value) -> (usize, i64, i64) {
        let list = self.call(EndpointId::token_get_list, request);
        let shown = list["accessTokens"].as_array().unwrap().len();
        (shown, list["end"].as_i64().unwrap(), list["totalCount"].as_i64().unwrap())
    }
}

fn call(world: &World, endpoint: EndpointId, path: PathValues<'_>, request: Value) -> Value {
    let token = world.organization_token.clone();
    let answer = world.call(endpoint, Some(&token), path, request.as_object().unwrap());
    assert!(answer.status < 300, "{}", answer.text);
    answer.body
}

#[test]
fn a_long_list_is_shown_in_parts_and_touched_as_a_whole() {
    let long = Long::new(1_001);
    assert_eq!(long.list(json!({})), (5, 5, 1_001));
    assert_eq!(long.list(json!({ "start": "998", "end": "1200" })), (3, 1_001, 1_001));
    assert_eq!(long.list(json!({ "start": "5000", "end": "5005" })), (0, 5_000, 1_001));
    assert_eq!(long.list(json!({ "start": "7", "end": "2" })), (0, 7, 1_001));
    // Other than as a page, nobody can have all of it.
    assert_eq!(long.list(json!({ "end": "100000" })), (1_000, 1_000, 1_001));
    let identifier = long.client.to_string();
    let update = json!({ "subject": "john", "scopes": [] });
    let token = long.world.organization_token.clone();
    let path = PathValues { client: Some(&identifier), ..PathValues::default() };
    let endpoint = EndpointId::client_authorization_update;
    let refused = long.world.call(endpoint, Some(&token), path, update.as_object().unwrap());
    assert_eq!((refused.status, refused.body["resultCode"].as_str()), (413, Some("A900232")));
    // Where only some are wanted, the list says how far it has looked.
    long.world.advance(2 * 24 * 60 * 60);
    long.issue("fresh");
    assert_eq!(long.list(json!({ "tokenStatus": "VALID" })), (0, 1_000, 1_002));
    assert_eq!(
        long.list(json!({ "tokenStatus": "VALID", "start": "1000", "end": "1005" })),
        (1, 1_002, 1_002)
    );
    // All of them end at once.
    long.world.advance(1);
    let revoked = long.call(EndpointId::token_revoke, json!({ "subject": "john" }));
    assert_eq!(revoked["count"], 1_002);
    assert_eq!(long.list(json!({ "subject": "john" })), (0, 0, 0));
    assert_eq!(long.call(EndpointId::introspection, json!({ "token": "fresh" }))["action"], "UNAUTHORIZED");
}

#[test]
fn what_is_wanted_of_a_short_list_is_counted() {
    let long = Long::new(3);
    long.world.advance(2 * 24 * 60 * 60);
    long.issue("fresh");
    assert_eq!(long.list(json!({ "tokenStatus": "VALID" })), (1, 1, 1));
    assert_eq!(long.list(json!({ "tokenStatus": "INVALID", "start": "1", "end": "9" })), (2, 3, 3));
}

#[test]
fn an_owner_has_so_many_api_tokens_and_no_more() {
    let long = Long::new(0);
    let request = json!({ "serviceId": long.world.service });
    for _ in 0..placet_engine::budgets::API_TOKENS {
        long.call(EndpointId::servicetoken_create, request.clone());
    }
    let token = long.world.organization_token.clone();
    let create = || {
        let path = PathValues::default();
        long.world.call(EndpointId::servicetoken_create, Some(&token), path, request.as_object().unwrap())
    };
    let refused = create();
    assert_eq!((refused.status, refused.body["resultCode"].as_str()), (400, Some("A900234")));
    // One that goes makes room for one; those of the organization are counted by themselves.
    let all = long.call(EndpointId::servicetoken_all, request.clone());
    let some = all.as_array().unwrap()[0]["tokenId"].clone();
    let own = json!({ "organizationId": all[0]["organizationId"] });
    long.call(EndpointId::servicetoken_revoke, json!({ "serviceId": long.world.service, "tokenId": some }));
    assert!(create().status < 300);
    assert_eq!(create().status, 400);
    long.call(EndpointId::organizationtoken_create, own);
}

#[test]
fn a_new_token_ends_all_others_where_there_may_be_one() {
    let long = Long::new(1_001);
    let mut service = call(&long.world, EndpointId::service_get, PathValues::default(), json!({}));
    service["singleAccessTokenPerSubject"] = json!(true);
    long.call(EndpointId::service_update, service);
    // Also within the moment in which the last one was made.
    for token in ["only", "the only", "the very only"] {
        long.issue(token);
        assert_eq!(
            long.list(json!({ "subject": "john", "clientIdentifier": long.client.to_string() })),
            (1, 1, 1)
        );
        assert_eq!(long.call(EndpointId::introspection, json!({ "token": token }))["action"], "OK");
    }
    for token in ["at-0", "at-1000", "only", "the only"] {
        let answer = long.call(EndpointId::introspection, json!({ "token": token }));
        assert_eq!(answer["action"], "UNAUTHORIZED", "{token}");
    }
    // Those of another client stay.
    let other = long.call(EndpointId::client_create, json!({}))["clientId"].clone();
    let request = json!({ "grantType": "AUTHORIZATION_CODE", "clientId": other, "subject": "john" });
    let other = long.call(EndpointId::token_create, request)["accessToken"].clone();
    long.issue("one more");
    assert_eq!(long.call(EndpointId::introspection, json!({ "token": other }))["action"], "OK");
}
