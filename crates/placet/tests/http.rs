//! The API over a socket: access, encodings, limits, and what an operator's tools ask for.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use common::{Dir, Placet};
use serde_json::json;

/// Method, path, headers, body; status and code.
type Case<'a> = (&'a str, &'a str, String, &'a [u8], u16, &'a str);

#[test]
fn requests_of_every_wrong_kind_get_their_error() {
    let dir = Dir::new("http");
    let placet = Placet::dev(&dir);
    let token = placet.value("AUTHLETE_API_TOKEN");
    let path = format!("/api/{}/auth/token", placet.value("AUTHLETE_SERVICE_ID"));
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let json_type = "Content-Type: application/json;charset=UTF-8\r\n";
    let large = vec![b' '; 2 << 20];
    let deep = [b"{\"parameters\":".as_slice(), &[b'['; 1000]].concat();
    let cases: &[Case<'_>] = &[
        ("POST", &path, json_type.into(), b"{}", 401, "A001202"),
        ("POST", &path, format!("Authorization: Basic x\r\n{json_type}"), b"{}", 401, "A001203"),
        ("POST", &path, format!("Authorization: Bearer \u{fc}\r\n{json_type}"), b"{}", 401, "A001203"),
        ("POST", &path, format!("Authorization: Bearer a\r\n{json_type}"), b"{}", 401, "A900201"),
        ("POST", &path, bearer.clone(), b"{}", 400, "A258201"),
        ("POST", &path, format!("{bearer}Content-Type: text/plain\r\n"), b"{}", 400, "A900206"),
        ("POST", &path, format!("{bearer}{json_type}"), b"", 400, "A126203"),
        ("POST", &path, format!("{bearer}{json_type}"), b"{", 400, "A126202"),
        ("POST", &path, format!("{bearer}{json_type}"), b"[]", 400, "A126202"),
        ("POST", &path, format!("{bearer}{json_type}"), b"{\"parameters\":1}", 400, "A126202"),
        ("POST", &path, format!("{bearer}{json_type}"), b"{\"parameters\":\"\xff\"}", 400, "A126202"),
        ("POST", &path, format!("{bearer}{json_type}"), &deep, 400, "A126202"),
        ("POST", &path, format!("{bearer}{json_type}"), &large, 413, "A900205"),
        ("GET", &path, bearer.clone(), b"", 405, "A900204"),
        ("POST", "/api/nowhere", format!("{bearer}{json_type}"), b"{}", 404, "A900203"),
        ("POST", "/api/12345678901234/auth/token", format!("{bearer}{json_type}"), b"{}", 403, "A900202"),
    ];
    for (method, path, headers, body, status, code) in cases {
        let answer = placet.connect().send(method, path, headers, body).unwrap();
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (*status, *code),
            "{method} {path} {headers} {shown}"
        );
        assert_eq!(answer.headers["content-type"], "application/json");
        let allowed = (*status == 405).then_some("POST");
        assert_eq!(answer.headers.get("allow").map(String::as_str), allowed);
    }
}

#[test]
fn a_version_that_was_read_is_what_a_change_can_be_meant_for() {
    let dir = Dir::new("versions");
    let placet = Placet::dev(&dir);
    let (token, service) = (placet.value("AUTHLETE_ORG_TOKEN"), placet.value("AUTHLETE_SERVICE_ID"));
    let headers = |more: &str| {
        format!("Authorization: Bearer {token}\r\nContent-Type: application/merge-patch+json\r\n{more}")
    };
    let mut connection = placet.connect();
    let mut send = |method: &str, path: &str, more: &str, body: &str| {
        let path = format!("/api/{service}/{path}");
        connection.send(method, &path, &headers(more), body.as_bytes()).unwrap()
    };
    let read = send("GET", "service/get", "", "");
    let tag = read.headers["etag"].clone();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let seen = format!("If-Match: {tag}\r\n");
    let changed = send("PATCH", "service/update", &seen, "{\"description\":\"one\"}");
    assert_eq!(changed.status, 200);
    assert_ne!(changed.headers["etag"], tag);
    let late = send("PATCH", "service/update", &seen, "{\"description\":\"two\"}");
    assert_eq!((late.status, late.code().as_str()), (412, "A900209"));
    // Where nothing comes of it, it is not taken.
    let other = send("GET", "service/get", &seen, "");
    assert_eq!((other.status, other.code().as_str()), (400, "A900210"));
}

#[test]
fn answers_are_not_cached_and_carry_an_id() {
    let dir = Dir::new("headers");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    let answer = placet.call(&mut connection, "auth/introspection", &json!({ "token": "x" }));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(!answer.headers["x-request-id"].is_empty());
    // The connection goes on, also with a trailing slash and a header without a value.
    let path = format!("/api/{}/service/get/", placet.value("AUTHLETE_SERVICE_ID"));
    let headers = format!("Authorization: Bearer {}\r\ncookie: \r\n", placet.value("AUTHLETE_API_TOKEN"));
    assert_eq!(connection.send("GET", &path, &headers, b"").unwrap().status, 200);
}

#[test]
fn bodies_in_chunks_are_read_and_bounded() {
    let dir = Dir::new("chunks");
    let placet = Placet::dev(&dir);
    let head = format!(
        "POST /api/{}/auth/introspection HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        placet.value("AUTHLETE_SERVICE_ID"),
        placet.value("AUTHLETE_API_TOKEN")
    );
    let whole = format!("{head}7\r\n{{\"token\r\n6\r\n\":\"x\"}}\r\n0\r\n\r\n");
    assert_eq!(placet.connect().raw(whole.as_bytes()).unwrap().status, 200);
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, " ".repeat(1 << 20));
    let endless = format!("{head}{chunk}{chunk}");
    assert_eq!(placet.connect().raw(endless.as_bytes()).unwrap().code(), "A900205");
}

#[test]
fn tools_of_an_operator_find_what_they_ask_for() {
    let dir = Dir::new("tools");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    placet.token(&mut connection, "grant_type=client_credentials");
    assert_eq!(connection.send("GET", "/readyz", "", b"").unwrap().body, "ready\n");
    let health = connection.send("GET", "/api/lifecycle/healthcheck?extended=true", "", b"").unwrap();
    assert_eq!(
        (health.body.as_str(), health.headers["content-type"].as_str()),
        ("OK", "text/plain;charset=utf-8")
    );
    // What is for the operator's tools is at an address of its own: see operator.rs.
    let metrics = connection.send("GET", "/metrics", "", b"").unwrap();
    assert!(metrics.status == 404 && !metrics.body.contains("placet_"), "{}", metrics.body);
    assert!(placet.terminate(), "a server that is asked to end ends well");
}

/// RFC 9112 §9.6: who has a connection open cannot know that the server is about to end it. A request that comes then is
/// answered, and told that it was the last.
#[test]
fn a_server_that_ends_answers_who_did_not_know() {
    let dir = Dir::new("ends");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    placet.token(&mut connection, "grant_type=client_credentials");
    std::process::Command::new("kill").args(["-TERM", &placet.id()]).status().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(100));
    let last = connection.send("GET", "/readyz", "", b"").unwrap();
    assert_eq!((last.status, last.headers.get("connection").map(String::as_str)), (503, Some("close")));
    assert!(connection.send("GET", "/readyz", "", b"").is_none());
    assert!(std::net::TcpStream::connect(&placet.address).is_err());
}
