//! The authorization server and where its users come from, when that is not a file.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/world.rs"]
mod world;

use std::io::{Read, Write};
use std::sync::Arc;

use axum::http::StatusCode;
use common::Dir;
use placet_authserver::{Budgets, CallbackUsers, Outgoing, OutgoingLimits};
use placet_sdk::Client;
use placet_sdk::types::Service;
use serde_json::Value;
use world::{Browser, Plug, World, claims};

/// Answers one question after the other, and tells what it was asked.
fn callback(answers: Vec<(&'static str, &'static str)>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/authenticate", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let asked = answers.into_iter().map(|(status, answer)| {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut text, mut buffer) = (String::new(), [0; 8192]);
            while !text.contains("\"password\"") {
                let read = stream.read(&mut buffer).unwrap();
                text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
            }
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
            stream.write_all((head + answer).as_bytes()).unwrap();
            text
        });
        asked.collect()
    });
    (url, asked)
}

#[tokio::test]
async fn an_endpoint_of_the_operator_knows_the_users() {
    let known = r#"{"authenticated":true,"subject":"u-7","claims":"{\"name\":\"Max Power\",\"email\":\"max@example.com\"}"}"#;
    let (url, asked) = callback(vec![
        ("200 OK", r#"{"authenticated":false}"#),
        ("500 Internal Server Error", "{}"),
        ("200 OK", known),
    ]);
    let with_callback = |service: &mut Service| {
        service.authentication_callback_endpoint = Some(url);
        service.authentication_callback_api_key = Some("placet".to_owned());
        service.authentication_callback_api_secret = Some("s3cret".to_owned());
        service.supported_claims = Some(vec!["name".to_owned(), "email".to_owned()]);
    };
    let users = |_: &Budgets, api: Client<Plug>| {
        let limits = OutgoingLimits { loopback: true, ..OutgoingLimits::default() };
        Arc::new(CallbackUsers::new(api, Outgoing::new(limits).unwrap()))
    };
    let given = (|_: &mut _, _: &mut _| {}, users);
    let world = World::with_users(Dir::new("callback"), "https://as.example", with_callback, given).await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    let max = [("login", "max"), ("password", "p\"w")];
    let page = browser.post(&world, &page, "sign-in", &max).await;
    assert!(page.body.contains("do not match"), "{}", page.body);
    let away = browser.post(&world, &page, "sign-in", &max).await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE, "{}", away.body);
    let page = browser.get(&world, &world.request(&[])).await;
    let consent = browser.post(&world, &page, "sign-in", &max).await;
    assert!(consent.body.contains("Max Power"), "{}", consent.body);
    let answer =
        browser.post(&world, &consent, "consent", &[("decision", "allow"), ("scope", "email")]).await;
    let tokens = world.redeemed(&answer.parameter("code").unwrap()).await;
    assert_eq!(claims(tokens["id_token"].as_str().unwrap())["sub"], "u-7");
    let asked = asked.join().unwrap();
    // RFC 7617 §2
    assert!(asked[2].to_lowercase().contains("authorization: basic cgxhy2v0onmzy3jlda=="), "{}", asked[2]);
    let body: Value = serde_json::from_str(asked[2].split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!((&body["id"], &body["password"]), (&"max".into(), &"p\"w".into()));
    assert_eq!(body["claims"], serde_json::json!(["name", "email"]));
    assert!(body["serviceApiKey"].is_i64());
}
