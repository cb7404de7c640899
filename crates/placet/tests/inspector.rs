//! What a server tells of the calls that it has answered: a flow from the authorization request to the revocation of its token.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::at::{At, Logged};
use common::{Connection, Dir, Placet};
use placet_ambient::Stopwatch;
use serde_json::{Value, json};

/// What the inspector answers to a query.
fn inspected(dev: &Placet, connection: &mut Connection, what: &str) -> Value {
    let path = format!("/api/{}/inspector/{what}", dev.value("AUTHLETE_SERVICE_ID"));
    let headers = format!("Authorization: Bearer {}\r\n", dev.value("AUTHLETE_API_TOKEN"));
    connection.send("GET", &path, &headers, b"").unwrap().json()
}

/// The same, once it is as wanted: calls are kept with a delay.
fn until(mut what: impl FnMut() -> Value, wanted: impl Fn(&Value) -> bool) -> Value {
    let started = Stopwatch::start();
    loop {
        let found = what();
        if wanted(&found) {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{found:#}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_flow_is_one_transaction_and_tells_no_secret() {
    let dir = Dir::new("inspector");
    let dev = Placet::dev(&dir);
    let mut connection = dev.connect();
    let code = dev.code(&mut connection);
    let parameters = format!("grant_type=authorization_code&code={code}");
    let token = dev.token(&mut connection, &parameters)["accessToken"].as_str().unwrap().to_owned();
    dev.introspect(&mut connection, &token);
    // Once more: a replay, which ends the tokens.
    let replayed = dev.token(&mut connection, &parameters);
    assert_eq!(replayed["action"], "BAD_REQUEST");
    let by_token = format!("get/list?search={token}");
    let found = until(
        || inspected(&dev, &mut connection, &by_token),
        |found| found["calls"].as_array().is_some_and(|calls| calls.len() == 2),
    );
    let call = &found["calls"][0];
    assert_eq!((&call["endpoint"], &call["action"]), (&json!("introspection"), &json!("OK")));
    let id = call["requestId"].as_str().unwrap();
    let whole = inspected(&dev, &mut connection, &format!("get?requestId={id}"));
    let endpoints: Vec<_> =
        whole["calls"].as_array().unwrap().iter().map(|call| call["endpoint"].clone()).collect();
    assert_eq!(endpoints, ["authorization", "authorization_issue", "token", "introspection", "token"]);
    let replay = &whole["calls"][4];
    assert_eq!(replay["resultCode"], replayed["resultCode"]);
    assert_eq!(replay["explanation"]["reason"], "CodeReplayed");
    assert!(
        replay["explanation"]["clauses"].as_array().is_some_and(|clauses| !clauses.is_empty()),
        "{replay:#}"
    );
    let text = whole.to_string();
    for secret in [&code, &token, &dev.value("DEMO_CLIENT_SECRET").to_owned()] {
        assert!(!text.contains(secret.as_str()), "{secret} in {whole:#}");
    }
    let failed = inspected(&dev, &mut connection, "get/list?failed=true");
    assert_eq!(failed["calls"][0]["requestId"], replay["requestId"]);
}

#[test]
fn what_was_kept_outlives_the_process_and_nothing_is_kept_where_it_is_off() {
    let dir = Dir::new("inspector-restart");
    let mut at = At::new(&dir);
    let token = at.found();
    let mut serving = Logged::serve(&at);
    let mut connection = Connection::to(&at.listen);
    let made = connection.post("/api/service/create", &token, &json!({ "serviceName": "First" }));
    let service = made.json()["apiKey"].to_string();
    let path = format!("/api/{service}/auth/introspection");
    connection.post(&path, &token, &json!({ "token": "of-nobody" }));
    // Ended by its signal, it has kept what it was asked up to then.
    serving.terminated();
    at.extra = vec![("PLACET_INSPECTOR_CALLS", "off".to_owned())];
    let _serving = at.serve();
    let mut connection = Connection::to(&at.listen);
    connection.post(&path, &token, &json!({ "token": "of-nobody" }));
    std::thread::sleep(Duration::from_millis(1500));
    let headers = format!("Authorization: Bearer {token}\r\n");
    let listed = format!("/api/{service}/inspector/get/list?search=of-nobody");
    let found = connection.send("GET", &listed, &headers, b"").unwrap().json();
    assert_eq!(found["calls"].as_array().map(Vec::len), Some(1), "{found:#}");
    assert_eq!(found["calls"][0]["endpoint"], "introspection");
}
