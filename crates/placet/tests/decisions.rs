//! What the log says of calls.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use common::at::{At, Logged};
use common::{Connection, Dir};
use serde_json::{Value, json};

/// Three calls; the lines that the log has of them, and the ids that their answers carry.
fn decided(name: &str, decisions: &str) -> (Vec<Value>, Vec<String>, String) {
    let dir = Dir::new(name);
    // The level has no say in it.
    let extra = [("PLACET_LOG_DECISIONS", decisions), ("PLACET_LOG_LEVEL", "error")];
    let at = At { extra: extra.map(|(name, value)| (name, value.to_owned())).into(), ..At::new(&dir) };
    let token = at.found();
    let serving = Logged::serve(&at);
    let mut connection = Connection::to(&at.listen);
    let made = connection.post("/api/service/create", &token, &json!({ "serviceName": "First" }));
    let service = made.json()["apiKey"].to_string();
    let path = format!("/api/{service}/auth/introspection");
    let unknown = connection.post(&path, &token, &json!({ "token": "a-secret-of-somebody" }));
    let stranger = connection.post(&path, "another-secret", &json!({}));
    let ids = [made, unknown, stranger].map(|answer| answer.headers["x-request-id"].clone());
    (serving.ended(), ids.into(), service)
}

#[test]
fn each_call_has_one_line_that_says_what_was_decided() {
    let (log, ids, service) = decided("decisions", "on");
    let column = |name: &str| log.iter().map(|line| line[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("message"), ["decided"; 3], "{log:#?}");
    assert_eq!(column("request").iter().map(Value::to_string).collect::<Vec<_>>(), ids);
    assert_eq!(column("endpoint"), ["service_create", "introspection", "introspection"]);
    assert_eq!(
        column("service").iter().map(Value::to_string).collect::<Vec<_>>(),
        ["null", &service, &service]
    );
    assert_eq!(column("action"), [Value::Null, "UNAUTHORIZED".into(), Value::Null]);
    assert_eq!(column("status"), [200, 200, 401]);
    assert_eq!(column("reason"), [Value::Null, "IntrospectionTokenUnknown".into(), "ApiTokenUnknown".into()]);
    assert_eq!(log[2]["code"], "A900201");
    assert!(
        log.iter().all(|line| line["micros"].as_u64().is_some_and(|micros| micros < 60_000_000)),
        "{log:#?}"
    );
    assert!(!log.iter().any(|line| line.to_string().contains("secret")), "{log:#?}");
}

#[test]
fn without_being_asked_the_log_says_nothing_of_calls() {
    assert_eq!(decided("no-decisions", "off").0, Vec::<Value>::new());
}
