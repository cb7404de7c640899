//! The authorization server and requests that users answer on devices of their own (OpenID Connect CIBA Core): the inbox,
//! and how clients are told of the answer.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/world.rs"]
mod world;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use placet_base::Ttl;
use placet_sdk::form;
use placet_sdk::registry::{DeliveryMode, GrantType};
use placet_sdk::types::Service;
use serde_json::{Value, json};
use world::{Answer, Browser, World, claims};

fn asking(service: &mut Service) {
    service.supported_grant_types.as_mut().unwrap().push(GrantType::Ciba);
    service.supported_backchannel_token_delivery_modes = Some(DeliveryMode::ALL.to_vec());
    service.backchannel_authentication_endpoint =
        Some("https://as.example/backchannel_authentication".to_owned());
}

async fn asked_behind(world: &World, more: &[(&str, &str)]) -> Answer {
    let pairs: Vec<_> = [("scope", "openid email")].iter().chain(more).copied().collect();
    world.post("/backchannel_authentication", &world.basic(), &pairs).await
}

async fn awaited(world: &World, answer: &Answer) -> Answer {
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    let id = told["auth_req_id"].as_str().unwrap();
    world
        .post(
            "/token",
            &world.basic(),
            &[("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", id)],
        )
        .await
}

#[tokio::test]
async fn a_user_answers_in_the_inbox() {
    let world = World::of("inbox", "https://as.example", asking, |client, settings| {
        client.grant_types.as_mut().unwrap().push(GrantType::Ciba);
        client.bc_delivery_mode = Some("POLL".to_owned());
        settings.budgets.inbox_of_one = 2;
    });
    let world = world.await;
    let hint = ("login_hint", "john@example.com");
    let first = asked_behind(&world, &[hint, ("binding_message", "Pay <b>7</b>")]).await;
    assert_eq!((first.status, first.header("cache-control")), (StatusCode::OK, "no-store"), "{}", first.body);
    let second = asked_behind(&world, &[("login_hint", "john"), ("binding_message", "W4SCT")]).await;
    // One user is not asked about more than so much, and nobody else has the request.
    let third = asked_behind(&world, &[hint]).await;
    assert_eq!(third.status, StatusCode::FORBIDDEN, "{}", third.body);
    assert!(third.body.contains("access_denied"));
    assert!(awaited(&world, &first).await.body.contains("authorization_pending"));
    let mut jane = Browser::default();
    let page = jane.get(&world, "/inbox").await;
    let page = jane.post(&world, &page, "sign-in", &[("login", "jane"), ("password", "jane")]).await;
    assert_eq!(page.heading(), "Requests to you");
    assert!(page.body.contains("Nothing is waiting for you"), "{}", page.body);
    let mut john = Browser::default();
    let page = john.get(&world, "/inbox").await;
    assert!(page.body.contains("to see what asks for you"), "{}", page.body);
    let page = john.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    assert!(
        page.body.contains("Pay &lt;b&gt;7&lt;&#x2f;b&gt;") && page.body.contains("W4SCT"),
        "{}",
        page.body
    );
    let request = |at: usize| {
        page.body.split("name=\"request\" value=\"").nth(at).unwrap().split('"').next().unwrap().to_owned()
    };
    let (allowed, denied) = (request(1), request(2));
    // What is not hers she cannot open.
    let own = jane.get(&world, "/inbox").await;
    assert!(!own.body.contains(&allowed), "{}", own.body);
    let consent = john.post(&world, &page, "open-1", &[("request", &allowed)]).await;
    assert_eq!(consent.heading(), "Shop asks for access");
    assert!(consent.body.contains("Pay &lt;b&gt;7"), "{}", consent.body);
    let done = john.post(&world, &consent, "consent", &[("decision", "allow"), ("scope", "email")]).await;
    assert!(done.body.contains("Your answer is on its way"), "{}", done.body);
    world.clock.advance(Ttl::secs(10));
    let tokens: Value = serde_json::from_str(&awaited(&world, &first).await.body).unwrap();
    assert_eq!(claims(tokens["id_token"].as_str().unwrap())["sub"], "john");
    let consent = john.post(&world, &done, "open-1", &[("request", &denied)]).await;
    john.post(&world, &consent, "consent", &[("decision", "deny")]).await;
    let answer = awaited(&world, &second).await;
    assert!(
        answer.status == StatusCode::BAD_REQUEST && answer.body.contains("access_denied"),
        "{}",
        answer.body
    );
    // Hints that lead to nobody, and a suite that is not let to answer.
    for hint in [("login_hint", "nobody"), ("login_hint_token", "x")] {
        let answer = asked_behind(&world, &[hint]).await;
        assert!(answer.body.contains("unknown_user_id"), "{}", answer.body);
    }
    let answer = world
        .send(Request::get("/backchannel_authentication/decide?action=allow").body(Body::empty()).unwrap());
    assert_eq!(answer.await.status, StatusCode::NOT_FOUND);
}

/// A client's endpoint that takes what it is told, and answers in some way; what comes is handed over as a whole request.
fn told_at(answer: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/told", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let (mut text, mut buffer) = (String::new(), [0; 8192]);
            while !text.contains("auth_req_id") {
                let read = stream.read(&mut buffer).unwrap();
                text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
            }
            stream.write_all(answer.as_bytes()).unwrap();
            if sender.send(text).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

/// The next that comes there, and nothing after it.
async fn once(receiver: Receiver<String>) -> String {
    let wait = move || {
        let first = receiver.recv_timeout(Duration::from_secs(10)).unwrap();
        let more = receiver.recv_timeout(Duration::from_millis(300));
        assert!(more.is_err(), "told twice: {more:?}");
        first
    };
    tokio::task::spawn_blocking(wait).await.unwrap()
}

async fn telling(name: &str, mode: &str, url: String) -> World {
    let mode = mode.to_owned();
    let world = World::of(name, "https://as.example", asking, |client, settings| {
        client.grant_types.as_mut().unwrap().push(GrantType::Ciba);
        client.bc_delivery_mode = Some(mode);
        client.bc_notification_endpoint = Some(url);
        settings.decisions_for_tests = true;
    });
    world.await
}

async fn decided(world: &World, id: &str, action: &str) -> StatusCode {
    let query = form::encode([("auth_req_id", id), ("action", action)]);
    let path = format!("/backchannel_authentication/decide?{query}");
    world.send(Request::get(path).body(Body::empty()).unwrap()).await.status
}

const TELL_ME: [(&str, &str); 3] =
    [("login_hint", "john"), ("client_notification_token", "tell-me"), ("acr_values", "x")];

/// CIBA Core §10.2: whatever a client answers, it is told once, and gets its tokens when it asks.
#[tokio::test]
async fn a_client_is_told_and_a_suite_answers_for_the_user() {
    // shows FAPI-CIBA 5.2.2/told
    for (number, answer) in [
        "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{\"what\":\"?\"}",
        "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: /told\r\ncontent-length: 0\r\n\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        let (url, told) = told_at(answer);
        let world = telling(&format!("told-{number}"), "PING", url).await;
        let asked = asked_behind(&world, &TELL_ME).await;
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        let id = body["auth_req_id"].as_str().unwrap();
        assert_eq!(decided(&world, id, "perhaps").await, StatusCode::BAD_REQUEST);
        assert_eq!(decided(&world, id, "allow").await, StatusCode::OK);
        assert_eq!(decided(&world, id, "allow").await, StatusCode::NOT_FOUND);
        let text = once(told).await;
        assert!(text.starts_with("POST /told ") && text.contains("authorization: Bearer tell-me"), "{text}");
        assert!(text.ends_with(&json!({ "auth_req_id": id }).to_string()), "{text}");
        let tokens: Value = serde_json::from_str(&awaited(&world, &asked).await.body).unwrap();
        assert_eq!(claims(tokens["id_token"].as_str().unwrap())["sub"], "john");
    }
}

/// CIBA Core §10.3, §12: a push has the tokens, or the error; who gets it cannot ask.
#[tokio::test]
async fn tokens_are_pushed_to_a_client() {
    let (url, told) = told_at("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let world = telling("pushed", "PUSH", url).await;
    let asked = asked_behind(&world, &TELL_ME).await;
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let id = body["auth_req_id"].as_str().unwrap();
    assert!(body.get("interval").is_none(), "{body}");
    let answer = awaited(&world, &asked).await;
    assert!(answer.status == StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.body.contains("unauthorized_client"), "{}", answer.body);
    assert_eq!(decided(&world, id, "allow").await, StatusCode::OK);
    let text = once(told).await;
    assert!(text.contains("authorization: Bearer tell-me"), "{text}");
    let pushed: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
    let given = claims(pushed["id_token"].as_str().unwrap());
    assert_eq!((&pushed["auth_req_id"], &given["sub"]), (&json!(id), &json!("john")), "{pushed}");
    assert_eq!(given["urn:openid:params:jwt:claim:auth_req_id"], id);
    assert!(given["at_hash"].is_string());
    let form = [("token", pushed["access_token"].as_str().unwrap())];
    let seen: Value =
        serde_json::from_str(&world.post("/introspect", &world.basic(), &form).await.body).unwrap();
    assert_eq!(seen["active"], true, "{seen}");
    // A refusal is pushed too.
    let (url, told) = told_at("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let world = telling("push-refused", "PUSH", url).await;
    let asked = asked_behind(&world, &TELL_ME).await;
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(decided(&world, body["auth_req_id"].as_str().unwrap(), "deny").await, StatusCode::OK);
    let text = once(told).await;
    assert!(text.contains("access_denied") && !text.contains("access_token"), "{text}");
}
