//! What strangers can make of the authorization server: nothing that others pay for.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/world.rs"]
mod world;

use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use placet_authserver::serve::{bind, serve};
use placet_authserver::{Budgets, ConnectionLimits, Peer};
use placet_sdk::registry::{ClientType, Prompt};
use placet_sdk::types::{self, Pair, Service};
use placet_sdk::{Answer as Api, form};
use serde_json::{Value, json};
use world::{Answer, Browser, World};

const ISSUER: &str = "https://as.example";
const EVIL: &str = "https://evil.example/phish";

fn from(last: u8) -> Peer {
    Peer { address: Some(IpAddr::from([192, 0, 2, last])), ..Peer::default() }
}

fn registering(service: &mut Service) {
    service.dynamic_registration_supported = Some(true);
    service.registration_management_endpoint = Some(format!("{ISSUER}/register"));
}

async fn asked(world: &World, client: &str, more: &[(&str, &str)]) -> Answer {
    let pairs = [("client_id", client), ("redirect_uri", EVIL), ("scope", "openid")];
    let query = form::encode(pairs.into_iter().chain(more.iter().copied()));
    world.send(Request::get(format!("/authorize?{query}")).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_client_that_anybody_registered_sends_nobody_anywhere() {
    let world = World::of("redirector", ISSUER, registering, |_, _| {}).await;
    let body = json!({ "redirect_uris": [EVIL] }).to_string();
    let made = world.send(Request::post("/register").body(Body::from(body)).unwrap()).await;
    let made: Value = serde_json::from_str(&made.body).unwrap();
    let client = made["client_id"].as_str().unwrap();
    let wrong: [&[(&str, &str)]; 5] = [
        &[("response_type", "nonsense")],
        &[("response_type", "code"), ("max_age", "x")],
        &[("response_type", "code"), ("prompt", "none login")],
        &[("response_type", "code"), ("response_mode", "form_post"), ("display", "nonsense")],
        &[("response_type", "code"), ("prompt", "none"), ("max_age", "x")],
    ];
    for more in wrong {
        let page = asked(&world, client, more).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""), "{more:?}");
        assert_eq!(page.heading(), "You were not sent back", "{more:?}");
        assert!(!page.body.contains("submit()"), "{}", page.body);
    }
    // The person may go on, and sees where to.
    let page = asked(&world, client, &[("response_type", "nonsense"), ("state", "x")]).await;
    assert!(page.body.contains("Go on to evil.example"), "{}", page.body);
    assert!(page.body.contains("href=\"https:&#x2f;&#x2f;evil.example&#x2f;phish?"), "{}", page.body);
    // Silent authentication has no page to show (RFC 9700 §4.11.2).
    let silent = asked(&world, client, &[("response_type", "code"), ("prompt", "none")]).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    // The operator has looked at it.
    let mut known: Api<types::Client> = world.api.client_get(client).await.unwrap();
    known.attributes = Some(vec![Pair { key: Some("vetted".to_owned()), value: Some("true".to_owned()) }]);
    world.api.client_update(client, known).await.unwrap();
    assert!(asked(&world, client, wrong[0]).await.header("location").starts_with(EVIL));
    // A client that nobody knows is not to be told of anything.
    assert_eq!(asked(&world, "1", wrong[0]).await.header("location"), "");
}

#[tokio::test]
async fn what_a_client_calls_a_link_is_looked_at() {
    let world = World::new("links", ISSUER, |client, _| {
        client.logo_uri = Some("https://shop.example\\@evil.example/logo.png".to_owned());
        client.policy_uri = Some("https://shop.example@evil.example/".to_owned());
        client.tos_uri = Some("https://shop.example/terms".to_owned());
        let metadata =
            json!({ "post_logout_redirect_uris": ["javascript:alert(1)", "https://a@evil.example/"] });
        client.custom_metadata = Some(metadata.to_string());
        client.client_type = Some(ClientType::Confidential);
    })
    .await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    assert!(!page.body.contains("evil.example"), "{}", page.body);
    assert!(page.body.contains("shop.example&#x2f;terms"), "{}", page.body);
    for uri in ["javascript:alert(1)", "https://a@evil.example/"] {
        let query = form::encode([("client_id", world.id().as_str()), ("post_logout_redirect_uri", uri)]);
        let page = browser.get(&world, &format!("/logout?{query}")).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""), "{uri}");
    }
    // A page that is not there links to none of somebody else.
    for path in ["//evil.example/x", "//evil.example", "/%5Cevil.example"] {
        let page = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        let body = page.body.replace("&#x2f;", "/");
        assert!(!body.contains("href=\"//") && !body.contains("href=\"/\\"), "{path}: {body}");
    }
}

async fn guessed(world: &World, browser: &mut Browser, page: &Answer, password: &str, last: u8) -> u16 {
    let (action, csrf) = page.form("sign-in");
    let pairs = [("csrf", csrf.as_str()), ("login", "john"), ("password", password)];
    let request = Request::post(action)
        .header("content-type", "application/x-www-form-urlencoded")
        .extension(from(last));
    browser.once(world, request, Body::from(form::encode(pairs))).await.status.as_u16()
}

// shows RFC6749 2.3.1/brute-force
#[tokio::test]
async fn a_stranger_who_guesses_does_not_keep_the_owner_out() {
    let world = World::plain("owner").await;
    let (mut owner, mut stranger) = (Browser::default(), Browser::default());
    let page = owner.get(&world, &world.request(&[])).await;
    assert_eq!(guessed(&world, &mut owner, &page, "john", 1).await, 303);
    let page = stranger.get(&world, &world.request(&[])).await;
    let mut answers = Vec::new();
    for _ in 0..7 {
        answers.push(guessed(&world, &mut stranger, &page, "wrong", 9).await);
    }
    assert_eq!(answers, [422, 422, 422, 422, 422, 429, 429]);
    // Not even with the right password; and the owner goes on as before, at home …
    assert_eq!(guessed(&world, &mut stranger, &page, "john", 9).await, 429);
    let again = owner.get(&world, &world.request(&[("prompt", "login")])).await;
    assert_eq!(guessed(&world, &mut owner, &again, "john", 9).await, 303);
    // … and elsewhere.
    let mut elsewhere = Browser::default();
    let page = elsewhere.get(&world, &world.request(&[])).await;
    assert_eq!(guessed(&world, &mut elsewhere, &page, "john", 2).await, 303);
    // The owner's own mistakes count there as well.
    let again = owner.get(&world, &world.request(&[("prompt", "login")])).await;
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(guessed(&world, &mut owner, &again, "wrong", 1).await);
    }
    assert_eq!(answers, [422, 422, 422, 422, 422, 429]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passwords_wait_for_a_place_and_not_for_ever() {
    let budgets = Budgets { hashes: 1, hashes_waiting: 1, ..Budgets::default() };
    let world =
        std::sync::Arc::new(World::new("hashes", ISSUER, |_, settings| settings.budgets = budgets).await);
    let basic = world.basic();
    let all: Vec<_> = (0..24)
        .map(|n| {
            let (world, basic) = (world.clone(), basic.clone());
            tokio::spawn(async move {
                let login = format!("user{n}");
                let pairs = [("grant_type", "password"), ("username", login.as_str()), ("password", "x")];
                let answer = world.post("/token", &basic, &pairs).await;
                (answer.status.as_u16(), answer.header("retry-after").to_owned())
            })
        })
        .collect();
    let mut answers = Vec::new();
    for one in all {
        answers.push(one.await.unwrap());
    }
    assert!(answers.iter().any(|(status, _)| *status == 400), "{answers:?}");
    let refused: Vec<_> = answers.iter().filter(|(status, _)| *status != 400).collect();
    assert!(!refused.is_empty() && refused.iter().all(|one| *one == &(503, "2".to_owned())), "{answers:?}");
}

#[tokio::test]
async fn one_address_makes_so_many_accounts_in_an_hour() {
    let budgets = Budgets { accounts: 2, ..Budgets::default() };
    let creating = |service: &mut Service| service.supported_prompt_values = Some(Prompt::ALL.to_vec());
    let world = World::of("accounts", ISSUER, creating, |_, settings| settings.budgets = budgets).await;
    let made = async |login: &str, last: u8| {
        let mut browser = Browser::default();
        let page = browser.get(&world, &world.request(&[("prompt", "create")])).await;
        let (action, csrf) = page.form("sign-up");
        let pairs = [("csrf", csrf.as_str()), ("login", login), ("password", "long enough")];
        let request = Request::post(action)
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(from(last));
        browser.once(&world, request, Body::from(form::encode(pairs))).await
    };
    let mut answers = Vec::new();
    for login in ["a1", "a2", "a3"] {
        answers.push(made(login, 1).await);
    }
    assert_eq!(answers.iter().map(|answer| answer.status.as_u16()).collect::<Vec<_>>(), [303, 303, 429]);
    assert!(answers[2].header("retry-after").parse::<i64>().unwrap() > 0);
    assert_eq!(made("a3", 2).await.status, StatusCode::SEE_OTHER);
}

/// Reads until the other side closes or says no more for a while.
fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_come_holds_nothing() {
    let world = World::plain("slow").await;
    let limits = ConnectionLimits {
        connections: 4,
        connections_per_address: 4,
        body_time: Duration::from_millis(300),
        ..ConnectionLimits::default()
    };
    let socket = bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(socket, None, world.router.clone(), limits, async {
        let _ = stopped.await;
    }));
    let told = tokio::task::spawn_blocking(move || {
        let connect = || {
            let stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            stream
        };
        let head = "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na";
        let mut held: Vec<_> = (0..4).map(|_| connect()).collect();
        held.iter_mut().for_each(|stream| stream.write_all(head.as_bytes()).unwrap());
        // All places are taken, and free again once the bodies are late.
        let late: Vec<_> = held.iter_mut().map(rest).collect();
        let mut honest = connect();
        honest.write_all(b"GET /jwks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        (late, rest(&mut honest))
    });
    let (late, honest) = told.await.unwrap();
    assert!(late.iter().all(|text| text.starts_with("HTTP/1.1 408 ")), "{late:?}");
    assert!(honest.starts_with("HTTP/1.1 200 "), "{honest}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_has_a_largest_size_and_all_bodies_together() {
    let world = World::plain("large").await;
    for (bytes, status) in
        [(64 * 1024, StatusCode::UNAUTHORIZED), (64 * 1024 + 1, StatusCode::PAYLOAD_TOO_LARGE)]
    {
        let mut form = "grant_type=client_credentials&x=".to_owned();
        form.push_str(&"x".repeat(bytes - form.len()));
        let request = Request::post("/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", "Basic eDp5");
        let answer = world.send(request.body(Body::from(form)).unwrap()).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let limits = ConnectionLimits { bodies_bytes: 1000, ..ConnectionLimits::default() };
    let socket = bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(socket, None, world.router.clone(), limits, async {
        let _ = stopped.await;
    }));
    let told = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let body = "x".repeat(2000);
        let head = "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded";
        stream.write_all(format!("{head}\r\nContent-Length: 2000\r\n\r\n{body}").as_bytes()).unwrap();
        rest(&mut stream).to_lowercase()
    });
    let told = told.await.unwrap();
    assert!(told.starts_with("http/1.1 503 ") && told.contains("retry-after: 1"), "{told}");
    assert!(told.contains("connection: close") && told.contains("temporarily_unavailable"), "{told}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

/// The guide names every budget with its default.
#[test]
fn the_guide_has_the_table_of_budgets() {
    let guide = include_str!("../../../docs/authserver.md");
    let other = Budgets::default();
    for (name, limit) in [
        ("strangers", other.strangers),
        ("logins", other.logins),
        ("tabs", other.tabs),
        ("clients", other.clients),
        ("guesses", other.guesses),
        ("hashes_waiting", other.hashes_waiting),
        ("hash_milliseconds", usize::try_from(other.hash_time.as_millis()).unwrap()),
        ("registrations", other.registrations as usize),
        ("accounts", other.accounts as usize),
        ("social", other.social as usize),
        ("clients_of_developer", other.clients_of_developer),
        ("addresses", other.addresses),
    ] {
        assert!(guide.contains(&format!("| `{name}` | {limit} |")), "{name} | {limit}");
    }
    assert!(guide.contains("| `hashes` | one for each processor |"));
}

/// Each is stored until it is answered: at the authorization endpoint, or pushed by a client that proves nothing.
#[tokio::test]
async fn one_address_makes_so_many_authorization_requests_in_an_hour() {
    let budgets = Budgets { requests: 2, ..Budgets::default() };
    let world = World::of("requests", ISSUER, |_| {}, |_, settings| settings.budgets = budgets).await;
    let asked = async |last: u8| {
        let request = Request::get(world.request(&[])).extension(from(last));
        Browser::default().once(&world, request, Body::empty()).await
    };
    let pushed = async |last: u8, authorization: Option<&str>| {
        let mut request = Request::post("/par")
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(from(last));
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let id = world.id();
        let pairs = [("client_id", id.as_str()), ("response_type", "code")];
        world.send(request.body(Body::from(form::encode(pairs))).unwrap()).await.status.as_u16()
    };
    assert_eq!(asked(1).await.status, StatusCode::SEE_OTHER);
    assert_ne!(pushed(1, None).await, 429);
    let third = asked(1).await;
    assert_eq!((third.status, third.heading()), (StatusCode::TOO_MANY_REQUESTS, "Too many requests"));
    assert!(third.header("retry-after").parse::<i64>().unwrap() > 0);
    assert_eq!(pushed(1, None).await, 429);
    // A client that brings a secret is the operator's to bound, and somebody else is not concerned.
    assert_eq!(pushed(1, Some(&world.basic())).await, 201);
    assert_eq!(asked(2).await.status, StatusCode::SEE_OTHER);
}
