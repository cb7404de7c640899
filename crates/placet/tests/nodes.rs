//! Many nodes on one database: what one has done counts at the others. `interop/postgres/run` starts the database.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::process::Command;
use std::time::{Duration, Instant};

use common::Dir;
use common::at::{At, Serving, database};
use serde_json::{Value, json};

fn node<'a>(dir: &'a Dir, database: &str) -> At<'a> {
    At { extra: vec![("PLACET_POSTGRES_URL", database.to_owned())], ..At::new(dir) }
}

/// Two nodes with the same key, and the token of an organization.
fn nodes<'a>((one, other): (&'a Dir, &'a Dir), database: &str) -> (At<'a>, At<'a>, String) {
    let first = node(one, database);
    let token = first.found();
    std::fs::copy(one.0.join("master.key"), other.0.join("master.key")).unwrap();
    (first, node(other, database), token)
}

fn post(node: &mut Serving, token: &str, (path, body): (&str, Value)) -> Value {
    node.connection.post(path, token, &body).json()
}

#[test]
fn what_one_node_does_counts_at_the_other() {
    let Some(database) = database("nodes") else { return };
    let (one, other) = (Dir::new("node-one"), Dir::new("node-other"));
    let (first, second, token) = nodes((&one, &other), &database);
    counts((first, second), &token);
}

/// One with a wall between services, and one without.
#[test]
fn a_node_with_row_security_serves_beside_one_without() {
    let Some(database) = database("walled") else { return };
    let name = database.split("dbname=").nth(1).unwrap();
    let role = format!(
        "CREATE ROLE {name} LOGIN; ALTER DATABASE {name} OWNER TO {name}; GRANT ALL ON SCHEMA public TO {name}"
    );
    assert!(Command::new("psql").args([&database, "-qc", &role]).status().unwrap().success());
    let database = database.replace("user=placet", &format!("user={name}"));
    let (one, other) = (Dir::new("walled-one"), Dir::new("walled-other"));
    let (mut first, second, token) = nodes((&one, &other), &database);
    first.extra.push(("PLACET_POSTGRES_ROW_SECURITY", "on".to_owned()));
    counts((first, second), &token);
}

fn counts((first, second): (At<'_>, At<'_>), token: &str) {
    let (mut first, mut second) = (first.serve(), second.serve());
    let service = json!({ "serviceName": "First", "supportedGrantTypes": ["CLIENT_CREDENTIALS"],
        "supportedRevocationAuthMethods": ["CLIENT_SECRET_BASIC"] });
    let service = post(&mut first, token, ("/api/service/create", service));
    let of = |path: &str| format!("/api/{}/{path}", service["apiKey"]);
    // Made here, used there.
    let client = json!({
        "clientName": "One", "clientType": "CONFIDENTIAL", "grantTypes": ["CLIENT_CREDENTIALS"],
    });
    let client = post(&mut first, token, (&of("client/create"), client));
    let asked = json!({
        "parameters": "grant_type=client_credentials",
        "clientId": client["clientId"].to_string(), "clientSecret": client["clientSecret"],
    });
    let issued = post(&mut second, token, (&of("auth/token"), asked.clone()));
    assert_eq!(issued["action"], "OK", "{issued}");
    let introspected = |node: &mut Serving| {
        let body = json!({ "token": issued["accessToken"] });
        post(node, token, (&of("auth/introspection"), body))["action"].clone()
    };
    assert_eq!((introspected(&mut first), introspected(&mut second)), ("OK".into(), "OK".into()));
    // Revoked there, void here at once.
    let revoked = json!({ "parameters": format!("token={}", issued["accessToken"].as_str().unwrap()),
        "clientId": asked["clientId"], "clientSecret": asked["clientSecret"] });
    assert_eq!(post(&mut second, token, (&of("auth/revocation"), revoked))["action"], "OK");
    assert_eq!(introspected(&mut first), "UNAUTHORIZED");
    // A client that is changed here is another one there: within a second whatever happens, and mostly at once, since it
    // is announced.
    let id = asked["clientId"].as_str().unwrap().to_owned();
    let lock = of(&format!("client/lock_flag/update/{id}"));
    let mut times: Vec<_> = (0..11)
        .map(|turn| {
            let locked = turn % 2 == 0;
            let is_seen = |node: &mut Serving| {
                (post(node, token, (&of("auth/token"), asked.clone()))["action"] != "OK") == locked
            };
            post(&mut first, token, (&lock, json!({ "clientLocked": locked })));
            seen(|| is_seen(&mut second))
        })
        .collect();
    times.sort_unstable();
    assert!(times[10] < Duration::from_secs(1) && times[5] < Duration::from_millis(200), "{times:?}");
}

/// How long it takes until something is so.
#[expect(clippy::disallowed_methods, reason = "a test measures")]
fn seen(mut is_so: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is not seen");
        std::thread::sleep(Duration::from_millis(5));
    }
    begun.elapsed()
}

#[test]
fn a_node_with_another_key_does_not_start() {
    let Some(database) = database("keys") else { return };
    let (one, other) = (Dir::new("key-one"), Dir::new("key-other"));
    let first = node(&one, &database);
    first.found();
    let second = node(&other, &database);
    let said = String::from_utf8(second.refused().stderr).unwrap();
    assert!(said.contains("master.key"), "{said}");
    // And leaves no key behind that would be taken for the right one.
    assert!(!other.0.join("master.key").exists());
}

/// A database that is away is told as such, and the node goes on when it is back.
#[test]
fn a_database_that_cannot_be_reached_is_named() {
    let dir = Dir::new("no-database");
    let node = node(&dir, "host=127.0.0.1 port=1 user=placet dbname=placet");
    let said = String::from_utf8(node.refused().stderr).unwrap();
    assert!(said.contains("refused") || said.contains("connect"), "{said}");
}
