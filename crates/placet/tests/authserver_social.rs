//! The authorization server as a client of a social network, which a stand-in is here.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/stand_in.rs"]
mod stand_in;
#[path = "common/world.rs"]
mod world;

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use common::Dir;
use placet_authserver::{Budgets, CallbackUsers, Outgoing, OutgoingLimits, Peer, Settings};
use placet_base::Ttl;
use placet_sdk::registry::Sns;
use placet_sdk::types::{Service, SnsCredentials};
use placet_sdk::{Client, form};
use serde_json::{Value, json};
use stand_in::{StandIn, network};
use world::{Answer, Browser, Plug, World, claims};

const KNOWN: &str = r#"{"authenticated":true,"subject":"u-7","claims":"{\"name\":\"Max Power\"}"}"#;
const NOBODY: &str = r#"{"authenticated":false}"#;

/// Both servers, with a network and a callback that are `stand_in`.
async fn world(name: &str, stand_in: &StandIn, change: impl FnOnce(&mut Settings)) -> World {
    let callback = stand_in.at("/authenticate");
    let with_network = |service: &mut Service| {
        service.authentication_callback_endpoint = Some(callback);
        service.supported_snses = Some(vec![Sns::Facebook]);
        service.supported_acrs = Some(vec!["urn:placet:acr:password".to_owned()]);
        service.sns_credentials = Some(vec![SnsCredentials {
            sns: Some(Sns::Facebook),
            api_key: Some("app-1".to_owned()),
            api_secret: Some("s3cret&".to_owned()),
        }]);
    };
    let users = |_: &Budgets, api: Client<Plug>| {
        let limits = OutgoingLimits { loopback: true, ..OutgoingLimits::default() };
        Arc::new(CallbackUsers::new(api, Outgoing::new(limits).unwrap()))
    };
    let facebook = network(stand_in);
    let given = (
        |_: &mut _, settings: &mut Settings| {
            settings.facebook = facebook;
            change(settings);
        },
        users,
    );
    World::with_users(Dir::new(name), "https://as.example", with_network, given).await
}

/// Follows the link of the sign-in page: where the network is asked.
async fn leave(browser: &mut Browser, world: &World, page: &Answer) -> Answer {
    browser.get(world, &link(page)).await
}

fn link(page: &Answer) -> String {
    let link = page.body.split("id=\"by-facebook\"").next().unwrap().rsplit("href=\"").next().unwrap();
    link.split('"').next().unwrap().replace("&#x2f;", "/")
}

fn answer(state: &str, code: &str) -> String {
    format!("/sns/facebook?code={code}&state={state}")
}

#[tokio::test]
async fn somebody_comes_by_way_of_a_network() {
    let stand_in = StandIn::new(KNOWN);
    let world = world("social", &stand_in, |_| {}).await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    assert!(page.body.contains("Continue with Facebook"), "{}", page.body);
    let japanese = link(&page).replace("/sns/facebook", "?lang=ja");
    let japanese = browser.get(&world, &japanese).await;
    assert!(japanese.body.contains("Facebook で続ける"), "{}", japanese.body);
    let asked = leave(&mut browser, &world, &page).await;
    assert!(asked.header("location").starts_with(&stand_in.at("/dialog")), "{}", asked.header("location"));
    let parameter = |name: &str| asked.parameter(name).unwrap_or_default();
    assert_eq!(
        (parameter("client_id"), parameter("redirect_uri"), parameter("response_type")),
        ("app-1".to_owned(), "https://as.example/sns/facebook".to_owned(), "code".to_owned())
    );
    let consent = browser.get(&world, &answer(&parameter("state"), "good")).await;
    assert!(consent.body.contains("Max Power"), "{}", consent.body);
    let answered = browser.post(&world, &consent, "consent", &[("decision", "allow")]).await;
    let tokens = world.redeemed(&answered.parameter("code").unwrap()).await;
    let id_token = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&id_token["sub"], &id_token["amr"]), (&json!("u-7"), &json!(["fed"])));
    assert_eq!(id_token["acr"], Value::Null);

    let asked = stand_in.asked();
    let [redeemed, owner, callback] = asked.as_slice() else { panic!("{asked:?}") };
    let form: Vec<_> = form::pairs(&redeemed.body).collect();
    let value = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!((value("client_id"), value("client_secret")), (Some("app-1"), Some("s3cret&")));
    assert_eq!((value("code"), value("grant_type")), (Some("good"), Some("authorization_code")));
    assert_eq!(value("redirect_uri"), Some("https://as.example/sns/facebook"));
    // RFC 7636 §4.6
    assert_eq!(stand_in::challenge(value("code_verifier").unwrap()), parameter("code_challenge"));
    assert!(owner.head.to_lowercase().contains("authorization: bearer at-1"), "{}", owner.head);
    let told: Value = serde_json::from_str(&callback.body).unwrap();
    assert_eq!(
        (&told["sns"], &told["id"], &told["accessToken"]),
        (&json!("FACEBOOK"), &json!("fb-1"), &json!("at-1"))
    );
    assert_eq!((&told["expiresIn"], &told["password"]), (&json!(5183944), &Value::Null));
    assert!(
        told["rawTokenResponse"].as_str().unwrap().contains("\"token_type\"")
            && told["serviceApiKey"].is_i64()
    );
}

#[tokio::test]
async fn a_state_is_of_one_browser_and_good_once() {
    let stand_in = StandIn::new(NOBODY);
    let world = world("social-states", &stand_in, |_| {}).await;
    let (mut victim, mut attacker) = (Browser::default(), Browser::default());
    let page = attacker.get(&world, &world.request(&[])).await;
    let state = leave(&mut attacker, &world, &page).await.parameter("state").unwrap();
    // One of another browser, one of nobody, none, and a browser that has begun nothing.
    victim.get(&world, &world.request(&[])).await;
    for wrong in [answer(&state, "good"), answer("x", "good"), "/sns/facebook?code=good".to_owned()] {
        let refused = victim.get(&world, &wrong).await;
        assert_eq!(
            (refused.status, refused.heading()),
            (StatusCode::BAD_REQUEST, "This page has ended"),
            "{wrong}"
        );
    }
    let refused = Browser::default().get(&world, &answer(&state, "good")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let unknown = attacker.get(&world, &format!("/sns/myspace?code=good&state={state}")).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert!(stand_in.asked().is_empty());
    // The browser that has begun it: once.
    let page = attacker.get(&world, &answer(&state, "good")).await;
    assert!(page.body.contains("Nobody here is known by that account"), "{}", page.body);
    assert_eq!(stand_in.asked().len(), 3);
    let page = attacker.get(&world, &answer(&state, "good")).await;
    assert!(page.body.contains("took too long, or was sent twice"), "{}", page.body);
    assert_eq!(stand_in.asked().len(), 3);
    // It is said once.
    let page = attacker.get(&world, &world.request(&[])).await;
    assert!(!page.body.contains("took too long"));
    // A state that is too old.
    let state = leave(&mut attacker, &world, &page).await.parameter("state").unwrap();
    world.clock.advance(Ttl::secs(601));
    let page = attacker.get(&world, &answer(&state, "good")).await;
    assert!(page.body.contains("took too long, or was sent twice"), "{}", page.body);
    assert_eq!(stand_in.asked().len(), 3);
}

#[tokio::test]
async fn whatever_goes_wrong_leads_back_to_the_page_of_the_sign_in() {
    let stand_in = StandIn::new("no JSON");
    let world = world("social-wrong", &stand_in, |_| {}).await;
    let mut browser = Browser::default();
    for (query, says) in [
        ("error=access_denied", "left without an agreement"),
        ("error=server_error", "did not confirm who you are"),
        ("code=", "did not confirm who you are"),
        // The stand-in answers 400, then with a token response that is none, then not about somebody.
        ("code=bad", "did not confirm who you are"),
        ("code=broken", "did not confirm who you are"),
        ("code=nobody", "did not confirm who you are"),
        ("code=good", "cannot be looked up right now"),
    ] {
        let page = browser.get(&world, &world.request(&[])).await;
        let state = leave(&mut browser, &world, &page).await.parameter("state").unwrap();
        let page = browser.get(&world, &format!("/sns/facebook?{query}&state={state}")).await;
        assert_eq!((page.status, page.heading()), (StatusCode::OK, "Sign in"), "{query}");
        assert!(page.body.contains(says), "{query}: {}", page.body);
    }
    // The network is gone.
    let page = browser.get(&world, &world.request(&[])).await;
    let state = leave(&mut browser, &world, &page).await.parameter("state").unwrap();
    stand_in.away();
    let page = browser.get(&world, &answer(&state, "good")).await;
    assert!(page.body.contains("did not confirm who you are"), "{}", page.body);
}

#[tokio::test]
async fn an_address_begins_so_many_in_an_hour() {
    let stand_in = StandIn::new(KNOWN);
    let world = world("social-many", &stand_in, |settings| settings.budgets.social = 1).await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    let peer = Peer { address: Some(IpAddr::from([192, 0, 2, 1])), ..Peer::default() };
    let link = link(&page);
    let begin = || Request::get(&link).extension(peer.clone());
    assert_eq!(browser.once(&world, begin(), Body::empty()).await.status, StatusCode::SEE_OTHER);
    let late = browser.once(&world, begin(), Body::empty()).await;
    assert_eq!((late.status, late.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "3600"));
    assert!(late.body.contains("Too many attempts."), "{}", late.body);
}

#[tokio::test]
async fn a_class_that_is_essential_takes_a_password() {
    let stand_in = StandIn::new(KNOWN);
    let world = world("social-acr", &stand_in, |_| {}).await;
    let mut browser = Browser::default();
    let wants =
        json!({ "id_token": { "acr": { "essential": true, "values": ["urn:placet:acr:password"] } } });
    let page = browser.get(&world, &world.request(&[("claims", &wants.to_string())])).await;
    let state = leave(&mut browser, &world, &page).await.parameter("state").unwrap();
    let answered = browser.get(&world, &answer(&state, "good")).await;
    let error = answered.parameter("error");
    assert_eq!(
        error.as_deref(),
        Some("unmet_authentication_requirements"),
        "{} {}",
        answered.status,
        answered.body
    );
    // A later request is asked for a password first.
    let page = browser.get(&world, &world.request(&[("claims", &wants.to_string())])).await;
    assert!(page.body.contains("Please sign in again"), "{}", page.body);
    let page = browser.post(&world, &page, "sign-in", &[("login", "max"), ("password", "p")]).await;
    assert!(page.body.contains("Max Power"), "{}", page.body);
}

#[tokio::test]
async fn without_a_network_there_is_none() {
    let world = World::plain("social-none").await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    assert!(!page.body.contains("by-facebook"));
    let (action, _) = page.form("sign-in");
    let page = browser.get(&world, &action.replace("/sign-in", "/sns/facebook")).await;
    assert_eq!((page.status, page.heading()), (StatusCode::OK, "Sign in"));
}
