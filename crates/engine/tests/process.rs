//! What the process itself may do on behalf of a service: use it, and nothing else.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use placet_api::access::Needed;
use placet_api::endpoints::{ALL, Carrier};
use placet_api::{EndpointId, Input, PathValues, Right};
use placet_base::ServiceId;
use placet_engine::{Addressed, Credential};
use placet_testkit::World;
use serde_json::json;

/// The rights that using a service has in it.
const USE: [Right; 4] = [Right::UseService, Right::UseIntrospection, Right::ViewService, Right::ViewClient];

#[test]
fn the_process_uses_the_service_that_it_calls_for() {
    let (world, client, _) = World::with_service_and_client();
    let token = world.organization_token.clone();
    let body = json!({ "serviceName": "another" });
    let path = PathValues::default();
    let other = world.call(EndpointId::service_create, Some(&token), path, body.as_object().unwrap());
    let other = ServiceId(other.body["apiKey"].as_i64().unwrap());
    let own = ServiceId(world.service);
    for row in ALL.iter().filter(|row| row.authority.needed != Needed::Nothing) {
        let path = PathValues {
            client: Some(&client),
            subject: Some("john"),
            token: Some("x"),
            batch: Some("x"),
            handle: Some("x"),
        };
        let input = match row.carrier {
            Carrier::Query => Input::Query(""),
            Carrier::Items => Input::Items { items: b"[]", flags: "" },
            Carrier::Json | Carrier::JsonOrForm => Input::Json(b"{}"),
        };
        let named = |service| match row.path.contains("{serviceId}") {
            true => Addressed::Named(service),
            false => Addressed::Nothing,
        };
        let refused = |process, about| {
            let answer =
                world.addressed(row.id, Some(Credential::Process(process)), named(about), (path, input));
            answer.body["resultCode"] == "A900202"
        };
        let about_a_service = row.path.contains("{serviceId}");
        let used = row.authority.right().is_none_or(|right| USE.contains(&right));
        assert_eq!(!refused(own, own), used, "{}", row.name);
        assert!(!about_a_service || refused(own, other), "{}", row.name);
        assert!(!about_a_service || refused(other, own), "{}", row.name);
    }
}

#[test]
fn there_is_no_process_of_a_service_that_does_not_exist() {
    let world = World::new();
    let (process, path) = (Some(Credential::Process(ServiceId(1))), PathValues::default());
    let about = Addressed::Named(ServiceId(1));
    let answer = world.addressed(EndpointId::token, process, about, (path, Input::Json(b"{}")));
    assert_eq!(answer.status, 404, "{}", answer.text);
}
