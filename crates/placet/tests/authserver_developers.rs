//! The pages for developers: who they are an endpoint of the operator says, and what is theirs the API.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/stand_in.rs"]
mod stand_in;
#[path = "common/world.rs"]
mod world;

use axum::http::StatusCode;
use placet_authserver::{Issuer, Settings};
use placet_sdk::registry::{ClientType, GrantType, Sns};
use placet_sdk::types::{self, Pair, Service, SnsCredentials};
use serde_json::{Value, json};
use stand_in::{StandIn, network};
use world::{Answer, Browser, World};

/// Knows everybody whose password is `right`, and whoever comes by way of the network.
fn verdict(question: &str) -> String {
    let question: Value = serde_json::from_str(question).unwrap();
    let known = question["password"] == "right" || question["sns"] == "FACEBOOK";
    let subject = question["id"].as_str().unwrap();
    let name = format!("Developer {subject}");
    json!({ "authenticated": known, "subject": subject, "displayName": name }).to_string()
}

async fn world(name: &str, stand_in: &StandIn, change: impl FnOnce(&mut Service, &mut Settings)) -> World {
    let (callback, facebook) = (stand_in.at("/developer"), network(stand_in));
    let credentials = |key: &str| {
        let text = |text: &str| Some(text.to_owned());
        Some(vec![SnsCredentials { sns: Some(Sns::Facebook), api_key: text(key), api_secret: text("s") }])
    };
    let given = std::cell::RefCell::new(None);
    let with_developers = |service: &mut Service| {
        service.developer_authentication_callback_endpoint = Some(callback);
        service.developer_authentication_callback_api_key = Some("placet".to_owned());
        service.developer_authentication_callback_api_secret = Some("s3cret".to_owned());
        service.supported_developer_snses = Some(vec![Sns::Facebook]);
        service.developer_sns_credentials = credentials("dev-app");
        service.supported_grant_types =
            Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::Password]);
        let mut settings = Settings::new(Issuer::parse("https://as.example").unwrap());
        change(service, &mut settings);
        given.replace(Some(settings.budgets));
    };
    World::of(name, "https://as.example", with_developers, |_, settings| {
        (settings.developers, settings.facebook) = (true, facebook);
        settings.budgets = given.take().unwrap();
    })
    .await
}

async fn signed_in(world: &World, name: &str) -> (Browser, Answer) {
    let mut browser = Browser::default();
    let page = browser.get(world, "/developers").await;
    assert_eq!(page.heading(), "Sign in as a developer");
    let page = browser.post(world, &page, "sign-in", &[("login", name), ("password", "right")]).await;
    assert_eq!(page.heading(), "Your applications", "{}", page.body);
    (browser, page)
}

const SHOP: [(&str, &str); 3] =
    [("name", "Shop"), ("redirect_uris", "https://shop.example/cb"), ("type", "confidential")];

/// A new client: its page, and its number.
async fn made(browser: &mut Browser, world: &World, fields: &[(&str, &str)]) -> (Answer, String) {
    let form = browser.get(world, "/developers/new").await;
    let page = browser.post(world, &form, "create", fields).await;
    let id = shown(&page, "client-id").unwrap_or_else(|| panic!("{} {}", page.status, page.body));
    (page, id)
}

fn shown(page: &Answer, id: &str) -> Option<String> {
    let rest = page.body.split(&format!("id=\"{id}\">")).nth(1)?;
    Some(rest.split('<').next().unwrap().to_owned())
}

fn at(id: &str) -> String {
    format!("/developers/clients/{id}")
}

#[tokio::test]
async fn a_developer_makes_changes_and_deletes_clients() {
    let stand_in = StandIn::saying(verdict);
    let world = world("developers", &stand_in, |_, _| {}).await;
    let (mut browser, page) = signed_in(&world, "max").await;
    assert!(page.body.contains("Developer max") && page.body.contains("You have no application yet."));
    // RFC 7617 §2
    let asked = stand_in.asked();
    assert!(asked[0].head.to_lowercase().contains("authorization: basic cgxhy2v0onmzy3jlda=="));
    let (page, id) = made(&mut browser, &world, &SHOP).await;
    let client = world.api.client_get(id.as_str()).await.unwrap().body;
    assert_eq!(shown(&page, "client-secret"), client.client_secret);
    assert_eq!(
        (client.developer.as_deref(), client.client_type),
        (Some("max"), Some(ClientType::Confidential))
    );
    assert_eq!(client.grant_types, Some(vec![GrantType::AuthorizationCode, GrantType::RefreshToken]));
    let vetted = client.attributes.clone().unwrap().pop().unwrap();
    assert_eq!((vetted.key.as_deref(), vetted.value.as_deref()), (Some("vetted"), Some("false")));
    // Once.
    let page = browser.get(&world, &at(&id)).await;
    assert_eq!(shown(&page, "client-secret"), None);
    let page = browser.post(&world, &page, "renew", &[]).await;
    let renewed = world.api.client_get(id.as_str()).await.unwrap().body.client_secret;
    assert_eq!(shown(&page, "client-secret"), renewed);
    assert_ne!(renewed, client.client_secret);
    // What is wrong is said, with what was typed in.
    let wrong = [("name", "Store"), ("redirect_uris", "http://store.example/cb")];
    let page = browser.post(&world, &page, "change", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.body.contains("each has to be of a kind") && page.body.contains("value=\"Store\""),
        "{}",
        page.body
    );
    let page = browser
        .post(&world, &page, "change", &[("name", "Store"), ("redirect_uris", "https://store.example/cb")])
        .await;
    assert_eq!(page.heading(), "Store", "{}", page.body);
    let page = browser.get(&world, "/developers?lang=ja").await;
    assert!(page.body.contains("あなたのアプリケーション") && page.body.contains(">Store<"), "{}", page.body);
    let page = browser.get(&world, &format!("{}/delete?lang=en", at(&id))).await;
    assert!(page.body.contains("This cannot be undone."), "{}", page.body);
    let page = browser.post(&world, &page, "delete", &[]).await;
    assert!(page.body.contains("You have no application yet."), "{}", page.body);
    assert!(world.api.client_get(id.as_str()).await.is_err());
    let page = browser.post(&world, &page, "sign-out", &[]).await;
    assert_eq!(page.heading(), "Sign in as a developer");
    assert_eq!(browser.get(&world, "/developers/new").await.heading(), "Sign in as a developer");
}

#[tokio::test]
async fn a_client_without_a_secret_uses_pkce() {
    let stand_in = StandIn::saying(verdict);
    let world = world("developers-public", &stand_in, |_, _| {}).await;
    let (mut browser, _) = signed_in(&world, "max").await;
    let fields =
        [SHOP[0], SHOP[1], ("type", "public"), ("logo", "https://shop.example/l"), ("description", "D")];
    let (page, id) = made(&mut browser, &world, &fields).await;
    assert!(shown(&page, "client-secret").is_none() && !page.body.contains("id=\"renew\""), "{}", page.body);
    let client = world.api.client_get(id.as_str()).await.unwrap().body;
    assert_eq!((client.pkce_required, client.pkce_s256_required), (Some(true), Some(true)));
    assert_eq!(
        (client.logo_uri.as_deref(), client.description.as_deref()),
        (Some("https://shop.example/l"), Some("D"))
    );
    // It has no secret to make a new one of.
    let (_, csrf) = page.form("change");
    browser.send_form(&world, &format!("{}/secret", at(&id)), &[("csrf", &csrf)]).await;
    assert_eq!(world.api.client_get(id.as_str()).await.unwrap().body.client_secret, client.client_secret);
}

#[tokio::test]
async fn a_developer_sees_and_changes_nothing_of_others() {
    let stand_in = StandIn::saying(verdict);
    let world = world("developers-others", &stand_in, |_, _| {}).await;
    let (mut max, _) = signed_in(&world, "max").await;
    let (_, id) = made(&mut max, &world, &SHOP).await;
    let before = world.api.client_get(id.as_str()).await.unwrap().body;
    let (mut eva, list) = signed_in(&world, "eva").await;
    assert!(!list.body.contains(&id));
    let (_, csrf) = list.form("sign-out");
    let own = world.id();
    for number in [id.as_str(), own.as_str(), "0", "x", "-1", &format!("0{id}")] {
        for path in [at(number), format!("{}/delete", at(number)), format!("{}/secret", at(number))] {
            let seen = eva.get(&world, &path).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
            // The form says whose it is, and nobody believes it.
            let fields = [
                ("csrf", csrf.as_str()),
                ("developer", "eva"),
                SHOP[0],
                ("redirect_uris", "https://e.example/"),
            ];
            assert_eq!(eva.send_form(&world, &path, &fields).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    let after = world.api.client_get(id.as_str()).await.unwrap().body;
    assert_eq!((after.client_secret, after.modified_at), (before.client_secret, before.modified_at));
    // Another site's form, and one without a browser.
    let fields = [SHOP[0], ("redirect_uris", "https://evil.example/")];
    for path in
        [at(&id), format!("{}/delete", at(&id)), format!("{}/secret", at(&id)), "/developers/new".to_owned()]
    {
        assert_eq!(max.send_form(&world, &path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
        let stranger = Browser::default().send_form(&world, &path, &fields).await;
        assert_eq!(stranger.heading(), "Sign in as a developer", "{path}");
    }
    assert_eq!(max.send_form(&world, "/developers/sign-out", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(max.get(&world, &at(&id)).await.heading(), "Shop");
}

#[tokio::test]
async fn what_the_operator_has_said_stays() {
    let stand_in = StandIn::saying(verdict);
    let world = world("developers-operator", &stand_in, |_, _| {}).await;
    let (mut browser, _) = signed_in(&world, "max").await;
    let (_, id) = made(&mut browser, &world, &SHOP).await;
    let pair = |key: &str, value: &str| Pair { key: Some(key.to_owned()), value: Some(value.to_owned()) };
    let mut client = world.api.client_get(id.as_str()).await.unwrap();
    (client.pkce_required, client.par_required) = (Some(true), Some(true));
    client.attributes = Some(vec![pair("vetted", "true"), pair("own", "1")]);
    world.api.client_update(id.as_str(), client).await.unwrap();
    let page = browser.get(&world, &at(&id)).await;
    let injected = [
        ("pkceRequired", "false"),
        ("par_required", "false"),
        ("attributes", r#"[{"key":"first_party","value":"true"}]"#),
        ("first_party", "true"),
        ("developer", "eva"),
        ("type", "public"),
    ];
    let kept = [("name", "Store"), ("redirect_uris", "https://shop.example/cb")];
    let page = browser.post(&world, &page, "change", &[&kept[..], &injected[..]].concat()).await;
    assert_eq!(page.heading(), "Store", "{}", page.body);
    let client = world.api.client_get(id.as_str()).await.unwrap().body;
    assert_eq!((client.pkce_required, client.par_required), (Some(true), Some(true)));
    assert_eq!(
        (client.developer.as_deref(), client.client_type),
        (Some("max"), Some(ClientType::Confidential))
    );
    let attributes = |client: &types::Client| json!(client.attributes);
    assert_eq!(
        attributes(&client),
        json!([{ "key": "vetted", "value": "true" }, { "key": "own", "value": "1" }])
    );
    // Other addresses have not been looked at.
    let fields = [("name", "Store"), ("redirect_uris", "https://other.example/cb")];
    let page = browser.post(&world, &page, "change", &fields).await;
    let mut client = world.api.client_get(id.as_str()).await.unwrap();
    assert_eq!(
        attributes(&client),
        json!([{ "key": "own", "value": "1" }, { "key": "vetted", "value": "false" }])
    );
    let query = format!(
        "/authorize?response_type=code&client_id={id}&scope=x&redirect_uri=https%3A%2F%2Fother.example%2Fcb"
    );
    assert_eq!(Browser::default().get(&world, &query).await.heading(), "You were not sent back");
    // Users of a client of the operator's own are not asked: its addresses are not for a developer to choose.
    client.attributes = Some(vec![pair("first_party", "true")]);
    world.api.client_update(id.as_str(), client).await.unwrap();
    let fields = [("name", "Store"), ("redirect_uris", "https://evil.example/cb")];
    let refused = browser.post(&world, &page, "change", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!refused.body.contains("id=\"change\"") && refused.body.contains("for those who run this site"));
    let (_, csrf) = refused.form("renew");
    let kept = browser.send_form(&world, &format!("{}/delete", at(&id)), &[("csrf", &csrf)]).await;
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY);
    let client = world.api.client_get(id.as_str()).await.unwrap().body;
    assert_eq!(client.redirect_uris, Some(vec!["https://other.example/cb".to_owned()]));
}

#[tokio::test]
async fn there_is_an_end_to_the_clients_of_a_developer() {
    let stand_in = StandIn::saying(verdict);
    let of_service =
        world("developers-many", &stand_in, |service, _| service.clients_per_developer = Some(1)).await;
    let of_server =
        world("developers-budget", &stand_in, |_, settings| settings.budgets.clients_of_developer = 1).await;
    for world in [of_service, of_server] {
        let (mut browser, _) = signed_in(&world, "max").await;
        made(&mut browser, &world, &SHOP).await;
        let form = browser.get(&world, "/developers/new").await;
        let full = browser.post(&world, &form, "create", &SHOP).await;
        assert_eq!(full.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(full.body.contains("as many applications as one developer can have"), "{}", full.body);
        let (mut other, _) = signed_in(&world, "eva").await;
        made(&mut other, &world, &SHOP).await;
    }
}

#[tokio::test]
async fn guesses_are_slowed_down_and_nobody_is_everybody() {
    let stand_in = StandIn::saying(verdict);
    let world = world("developers-guesses", &stand_in, |_, _| {}).await;
    let mut browser = Browser::default();
    let mut page = browser.get(&world, "/developers").await;
    for _ in 0..5 {
        page = browser.post(&world, &page, "sign-in", &[("login", "max"), ("password", "wrong")]).await;
        assert!(page.body.contains("do not match"), "{}", page.body);
    }
    page = browser.post(&world, &page, "sign-in", &[("login", "max"), ("password", "right")]).await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "2"));
    assert_eq!(stand_in.asked().len(), 5);
    // What clients that have registered themselves have for a developer.
    let page =
        browser.post(&world, &page, "sign-in", &[("login", "authlete_1"), ("password", "right")]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    let forged =
        browser.send_form(&world, "/developers/sign-in", &[("login", "eva"), ("password", "right")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_developer_comes_by_way_of_a_network() {
    let stand_in = StandIn::saying(verdict);
    let world = world("developers-network", &stand_in, |_, _| {}).await;
    let mut browser = Browser::default();
    let page = browser.get(&world, "/developers").await;
    assert!(page.body.contains("Continue with Facebook"), "{}", page.body);
    let asked = browser.get(&world, "/developers/with/facebook").await;
    assert_eq!(asked.parameter("client_id").as_deref(), Some("dev-app"));
    let back = asked.parameter("redirect_uri");
    assert_eq!(back.as_deref(), Some("https://as.example/developers/sns/facebook"));
    let state = asked.parameter("state").unwrap();
    // The door of users, and another browser.
    for (browser, path) in [
        (&mut browser, format!("/sns/facebook?code=good&state={state}")),
        (&mut Browser::default(), format!("/developers/sns/facebook?code=good&state={state}")),
    ] {
        assert_eq!(browser.get(&world, &path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    let page = browser.get(&world, &format!("/developers/sns/facebook?code=good&state={state}")).await;
    assert!(page.body.contains("Developer fb-1"), "{}", page.body);
    let told: Value = serde_json::from_str(&stand_in.asked().pop().unwrap().body).unwrap();
    assert_eq!(
        (&told["sns"], &told["id"], &told["claims"]),
        (&json!("FACEBOOK"), &json!("fb-1"), &Value::Null)
    );
    // A developer is no user.
    assert_eq!(browser.get(&world, "/apps").await.heading(), "Sign in");
    // Again, and not agreed to.
    let mut other = Browser::default();
    other.get(&world, "/developers").await;
    let state = other.get(&world, "/developers/with/facebook").await.parameter("state").unwrap();
    let page =
        other.get(&world, &format!("/developers/sns/facebook?error=access_denied&state={state}")).await;
    assert!(page.body.contains("left without an agreement"), "{}", page.body);
}

#[tokio::test]
async fn the_pages_are_there_where_they_are_switched_on() {
    let world = World::plain("developers-off").await;
    let page = Browser::default().get(&world, "/developers").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}
