//! Many nodes on one database: what one has done counts at the others. `interop/postgres/run` starts the database.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

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
    let (mut first, mut second) = (first.serve(), second.serve());
    let service = json!({ "serviceName": "First", "supportedGrantTypes": ["CLIENT_CREDENTIALS"],
        "supportedRevocationAuthMethods": ["CLIENT_SECRET_BASIC"] });
    let service = post(&mut first, &token, ("/api/service/create", service));
    let of = |path: &str| format!("/api/{}/{path}", service["apiKey"]);
    // Made here, used there.
    let client = json!({
        "clientName": "One", "clientType": "CONFIDENTIAL", "grantTypes": ["CLIENT_CREDENTIALS"],
    });
    let client = post(&mut first, &token, (&of("client/create"), client));
    let asked = json!({
        "parameters": "grant_type=client_credentials",
        "clientId": client["clientId"].to_string(), "clientSecret": client["clientSecret"],
    });
    let issued = post(&mut second, &token, (&of("auth/token"), asked.clone()));
    assert_eq!(issued["action"], "OK", "{issued}");
    let introspected = |node: &mut Serving| {
        let body = json!({ "token": issued["accessToken"] });
        post(node, &token, (&of("auth/introspection"), body))["action"].clone()
    };
    assert_eq!((introspected(&mut first), introspected(&mut second)), ("OK".into(), "OK".into()));
    // Revoked there, void here at once.
    let revoked = json!({ "parameters": format!("token={}", issued["accessToken"].as_str().unwrap()),
        "clientId": asked["clientId"], "clientSecret": asked["clientSecret"] });
    assert_eq!(post(&mut second, &token, (&of("auth/revocation"), revoked))["action"], "OK");
    assert_eq!(introspected(&mut first), "UNAUTHORIZED");
    // A client that is changed here is another one there within a second.
    let id = asked["clientId"].as_str().unwrap().to_owned();
    post(
        &mut first,
        &token,
        (&of(&format!("client/lock_flag/update/{id}")), json!({ "clientLocked": true })),
    );
    std::thread::sleep(Duration::from_secs(1));
    assert_ne!(post(&mut second, &token, (&of("auth/token"), asked))["action"], "OK");
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
