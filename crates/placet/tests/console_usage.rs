//! Usage and findings of a service in the console.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::console::{World, text};
use placet_ambient::Stopwatch;
use serde_json::json;

#[test]
fn calls_are_counted_by_endpoint_and_drawn_with_a_table_beside() {
    let world = World::new("console-usage");
    let mut browser = world.owner();
    let before = browser.get(&world.at("/usage"));
    assert_eq!(before.status, 200, "{}", before.body);
    for _ in 0..3 {
        world.call(&format!("/api/{}/auth/introspection", world.service), &json!({ "token": "of-nobody" }));
    }
    let started = Stopwatch::start();
    let page = loop {
        let page = browser.get(&world.at("/usage"));
        if page.body.contains("<th scope=\"row\">introspection</th><td>3</td><td>3</td><td>3 (100 %)</td>") {
            break page;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{}", page.body);
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(page.body.contains("role=\"img\"") && page.body.contains("<rect class=\"bar\""), "{}", page.body);
    assert!(!page.body.contains("style=\""), "the policy takes none");
    let instance = browser.get("/console/instance");
    assert!(instance.body.contains("It answers, and its store does."), "{}", instance.body);
}

#[test]
fn findings_are_those_of_the_sdk_and_lead_to_their_settings() {
    let world = World::new("console-lint");
    let mut browser = world.owner();
    let service = serde_json::from_value(world.get("service/get")).unwrap();
    let expected = placet_sdk::lint::lint(&service, &[]);
    assert!(!expected.is_empty());
    let page = text(&browser.get(&world.at(""))).replace("&#x27;", "'");
    for finding in &expected {
        assert!(page.contains(&finding.message), "{} in {page}", finding.message);
    }
    assert!(page.contains(&world.at("/settings?q=supportedGrantTypes")), "{page}");
    assert!(text(&browser.get("/console")).contains("RFC 9700 §2.4"));
}
