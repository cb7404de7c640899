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
use serde_json::{Value, json};
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

fn assuring(service: &mut Service) {
    service.supported_trust_frameworks = Some(vec!["demo".to_owned()]);
    service.supported_ui_locales = Some(["en", "ja"].map(str::to_owned).to_vec());
}

// shows IDA 5.3/purpose-shown
// shows IDA-attachments 5/aware
#[tokio::test]
async fn verified_claims_are_shown_with_their_purpose_and_given_as_agreed() {
    let world = World::of("verified", "https://as.example", assuring, |_, _| ()).await;
    let set = json!({
        "verification": {
            "trust_framework": { "value": "demo" },
            "evidence": [{ "type": { "value": "document" }, "attachments": null }],
        },
        "claims": { "given_name": { "purpose": "To greet <you>" }, "birthdate": null, "family_name": null },
    });
    let asked = json!({ "id_token": { "verified_claims": set }, "userinfo": { "verified_claims": set } });
    let asked = asked.to_string();
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[("claims", &asked), ("ui_locales", "ja")])).await;
    let page = browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    assert!(
        page.body.contains("確認済みのあなたの情報") && page.body.contains("証拠: 書類"),
        "{}",
        page.body
    );
    let page = browser.get(&world, &world.request(&[("claims", &asked)])).await;
    for shown in [
        "To greet &lt;you&gt;",
        "value=\"verified_claims.birthdate\"",
        "1984-02-29",
        "Under the rules of: demo.",
        "Evidence: a document.",
        "Copies of the evidence go along",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let ticked = [
        ("decision", "allow"),
        ("claim", "verified_claims.given_name"),
        ("claim", "verified_claims.birthdate"),
    ];
    let answer = browser.post(&world, &page, "consent", &ticked).await;
    let code = answer.parameter("code").unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
    let tokens = world.redeemed(&code).await;
    let expected = json!({ "given_name": "John", "birthdate": "1984-02-29" });
    let own = &claims(tokens["id_token"].as_str().unwrap())["verified_claims"];
    assert_eq!((&own["claims"], &own["verification"]["trust_framework"]), (&expected, &json!("demo")));
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let told = world.post("/userinfo", &bearer, &[]).await;
    let told: Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(told["verified_claims"]["claims"], expected);
    // None of them.
    let page = browser.get(&world, &world.request(&[("claims", &asked)])).await;
    let answer = browser.post(&world, &page, "consent", &[("decision", "allow")]).await;
    let tokens = world.redeemed(&answer.parameter("code").unwrap()).await;
    assert_eq!(claims(tokens["id_token"].as_str().unwrap())["verified_claims"], Value::Null);
}
