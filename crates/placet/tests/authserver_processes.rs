//! Many processes of one authorization server: what one of them remembers, all do.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/world.rs"]
mod world;

use world::{Answer, Browser, World};

const JOHN: [(&str, &str); 2] = [("login", "john"), ("password", "john")];
const ALLOW: [(&str, &str); 2] = [("decision", "allow"), ("scope", "email")];

async fn sign_in(world: &World, browser: &mut Browser) -> Answer {
    let page = browser.get(world, &world.request(&[])).await;
    browser.post(world, &page, "sign-in", &JOHN).await
}

async fn is_signed_in(world: &World, browser: &mut Browser) -> bool {
    let answer = browser.get(world, &world.request(&[("prompt", "none")])).await;
    answer.parameter("error").as_deref() != Some("login_required")
}

#[tokio::test]
async fn a_flow_goes_on_where_it_did_not_begin() {
    let mut world = World::plain("processes-flow").await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    world.go_on_elsewhere();
    let page = browser.post(&world, &page, "sign-in", &JOHN).await;
    assert_eq!(page.status, 200, "{}", page.body);
    // The one that has shown the page ends; the first one is back.
    world.go_on_elsewhere();
    world.lose_the_other();
    let answer = browser.post(&world, &page, "consent", &ALLOW).await;
    let code = answer.parameter("code").unwrap_or_else(|| panic!("{}", answer.body));
    assert!(world.redeemed(&code).await["id_token"].is_string());
    assert!(is_signed_in(&world, &mut browser).await);
}

#[tokio::test]
async fn a_logout_counts_everywhere_at_once() {
    let mut world = World::plain("processes-logout").await;
    let mut browser = Browser::default();
    let page = sign_in(&world, &mut browser).await;
    browser.post(&world, &page, "consent", &ALLOW).await;
    let kept = browser.cookies.clone();
    world.go_on_elsewhere();
    assert!(is_signed_in(&world, &mut browser).await);
    let page = browser.get(&world, "/logout").await;
    world.go_on_elsewhere();
    let page = browser.post(&world, &page, "logout", &[("decision", "yes")]).await;
    assert_eq!(page.heading(), "You are signed out");
    world.go_on_elsewhere();
    // Whoever has kept the cookie is nobody.
    let mut thief = Browser { cookies: kept, ..Browser::default() };
    assert!(!is_signed_in(&world, &mut thief).await);
}

#[tokio::test]
async fn a_button_that_is_pressed_at_two_processes_gets_one_answer() {
    let mut world = World::plain("processes-twice").await;
    let mut browser = Browser::default();
    let page = sign_in(&world, &mut browser).await;
    let mut again = Browser { cookies: browser.cookies.clone(), ..Browser::default() };
    let first = browser.post(&world, &page, "consent", &ALLOW).await;
    world.go_on_elsewhere();
    let second = again.post(&world, &page, "consent", &ALLOW).await;
    assert!(first.parameter("code").is_some());
    assert_eq!(first.header("location"), second.header("location"));
}

#[tokio::test]
async fn wrong_passwords_are_counted_together() {
    let mut world = World::plain("processes-guesses").await;
    let mut browser = Browser::default();
    let mut page = browser.get(&world, &world.request(&[])).await;
    for tries in 0..6 {
        assert_ne!(page.status, 429, "{tries}");
        world.go_on_elsewhere();
        page = browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "x")]).await;
    }
    assert_eq!(page.status, 429);
}

/// A browser that an account's owner has used is known to all.
#[tokio::test]
async fn a_known_browser_is_known_everywhere() {
    let mut world = World::plain("processes-device").await;
    let mut browser = Browser::default();
    sign_in(&world, &mut browser).await;
    let device = browser.cookies.iter().find(|(name, _)| name.contains("device")).unwrap().1.clone();
    world.go_on_elsewhere();
    browser.cookies.retain(|name, _| name.contains("device"));
    sign_in(&world, &mut browser).await;
    // It is not made another one.
    assert_eq!(browser.cookies.iter().find(|(name, _)| name.contains("device")).unwrap().1, &device);
}
