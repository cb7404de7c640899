//! The console's inspector and its result codes, as a browser without scripts sees them.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::console::{Browser, World, field, text};
use common::{Answer, Connection};
use placet_ambient::Stopwatch;
use placet_sdk::form;
use serde_json::json;

/// The page, once it has what is wanted: calls are kept with a delay.
fn until(mut page: impl FnMut() -> Answer, wanted: impl Fn(&Answer) -> bool) -> Answer {
    let started = Stopwatch::start();
    loop {
        let page = page();
        if wanted(&page) {
            return page;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{}", page.body);
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Looks for something, as the form does, and says where that has led.
fn search(world: &World, browser: &mut Browser, fields: &[(&str, &str)]) -> String {
    let page = browser.get(&world.at("/transactions"));
    let csrf = field(&page, "csrf");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    let answer = browser.posted_from(&browser.origin.clone(), &world.at("/transactions"), &all);
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.headers["location"].clone()
}

#[test]
fn why_a_request_failed_is_found_by_the_token() {
    let world = World::new("console-transactions");
    let mut browser = world.owner();
    let mut connection = world.placet.connect();
    let code = world.placet.code(&mut connection);
    let parameters = format!("grant_type=authorization_code&code={code}");
    let token = world.placet.token(&mut connection, &parameters)["accessToken"].as_str().unwrap().to_owned();
    world.placet.introspect(&mut connection, &token);
    let replayed =
        world.placet.token(&mut connection, &parameters)["resultCode"].as_str().unwrap().to_owned();

    // The token goes into no address, and what is found is found by its hash.
    let address = search(&world, &mut browser, &[("secret.q", &token)]);
    assert!(!address.contains(&token) && address.contains("?q="), "{address}");
    let page = until(|| browser.get(&address), |page| page.body.contains("<code>introspection</code>"));
    assert!(!page.body.contains(&token));
    let failed = search(&world, &mut browser, &[("failed", "1")]);
    let page = until(|| browser.get(&failed), |page| page.body.contains(&replayed));
    assert!(!page.body.contains("<code>introspection</code>"), "{}", page.body);

    // From the list to the transaction, and to what decided.
    let start = world.at("/transactions/");
    let links = page.body.split(&start).skip(1);
    let id = links.filter_map(|rest| rest.split('"').next()).next().unwrap().to_owned();
    let one = browser.get(&world.at(&format!("/transactions/{id}")));
    assert_eq!(one.status, 200, "{}", one.body);
    for wanted in [
        "CodeReplayed",
        "https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2",
        "1. <code>authorization</code>",
        "5. <code>token</code>",
        "This call",
        "href=\"/play/again?",
        "ms later",
    ] {
        assert!(text(&one).contains(wanted), "{wanted} in {}", one.body);
    }
    for secret in [&token, &code, &world.placet.value("DEMO_CLIENT_SECRET").to_owned()] {
        assert!(!one.body.contains(secret.as_str()), "{secret}");
    }
    let file = browser.get(&world.at(&format!("/transactions/{id}/json")));
    assert!(file.headers["content-disposition"].starts_with("attachment"), "{:?}", file.headers);
    assert_eq!(file.json()["calls"].as_array().map(Vec::len), Some(5));
    assert!(!file.body.contains(&token) && !file.body.contains(&code));
    assert_eq!(browser.get(&world.at("/transactions/7")).status, 404);
    assert_eq!(browser.get(&world.at("/transactions/x")).status, 404);
}

#[test]
fn the_id_of_an_error_page_leads_to_what_was_decided() {
    let world = World::new("console-error-page");
    let mut browser = world.owner();
    let issuer = world.placet.value("DEMO_ISSUER").split_once("://").unwrap().1;
    let (host, base) =
        issuer.split_once('/').map_or((issuer, String::new()), |(host, path)| (host, format!("/{path}")));
    let client = world.placet.value("DEMO_CLIENT_ID");
    let elsewhere = "redirect_uri=https%3A%2F%2Fattacker.example%2Fcb";
    let path = format!("{base}/authorize?response_type=code&client_id={client}&{elsewhere}");
    let page = Connection::to(host).send("GET", &path, "", b"").unwrap();
    assert_eq!(page.status, 400, "{}", page.body);
    let id = page.body.split_once("id=\"transaction\">").unwrap().1.split('<').next().unwrap();
    let found = until(|| browser.get(&world.at(&format!("/transactions/{id}"))), |page| page.status == 200);
    assert!(
        found.body.contains("<code>authorization</code>") && found.body.contains(client),
        "{}",
        found.body
    );
    is_sent_again(&world, &mut browser, &text(&found));
    let listed = search(&world, &mut browser, &[("secret.q", id)]);
    let listed = browser.get(&listed);
    assert!(listed.body.contains(&world.at(&format!("/transactions/{id}"))), "{}", listed.body);
}

/// The request goes to the playground, is sent once more from there, and is seen step by step.
fn is_sent_again(world: &World, browser: &mut Browser, transaction: &str) {
    let link = transaction.split("href=\"/play/again?").nth(1).unwrap_or_else(|| panic!("{transaction}"));
    let query = link.split('"').next().unwrap().replace("&amp;", "&");
    let page = text(&browser.get(&format!("/play/again?{query}&state=")));
    for wanted in ["https://attacker.example/cb", world.placet.value("DEMO_CLIENT_ID"), "Made anew"] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    let fields: Vec<_> = form::pairs(&query).chain([("state".to_owned(), String::new())]).collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let ready = text(&browser.post("/play/again", &fields));
    let send = ready.split("id=\"send\" href=\"").nth(1).unwrap_or_else(|| panic!("{ready}"));
    let send = send.split('"').next().unwrap().replace("&amp;", "&");
    assert!(
        send.starts_with("/as/authorize?") && send.contains("attacker.example") && send.contains("&state="),
        "{send}"
    );
    assert_eq!(browser.get(&send).status, 400);
    let run = ready.split("id=\"steps\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let steps = text(&browser.get(&run));
    assert!(steps.contains("attacker.example") && steps.contains("auth/authorization"), "{steps}");
    assert!(!steps.contains("id=\"send\""), "{steps}");
}

#[test]
fn what_is_new_comes_after_what_is_known() {
    let world = World::new("console-live");
    let mut browser = world.owner();
    let known = browser.get(&world.at("/transactions"));
    let cursor = known.body.split("data-cursor=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = world.at(&format!("/transactions?after={cursor}&live=1"));
    world.call(
        &format!("/api/{}/auth/introspection", world.service),
        &json!({ "token": "<script>x</script>" }),
    );
    let page = until(|| browser.get(&path), |page| page.body.contains("<code>introspection</code>"));
    // What strangers send is shown, and does not run.
    let id =
        page.body.split(&world.at("/transactions/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let one = browser.get(&world.at(&format!("/transactions/{id}")));
    assert!(!one.body.contains("<script>x"), "{}", one.body);
    let next = page.body.split("data-cursor=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let none = browser.get(&world.at(&format!("/transactions?after={next}")));
    assert!(none.body.contains("There is nothing new."), "{}", none.body);
}

#[test]
fn codes_say_whose_they_are_and_lead_to_calls() {
    let world = World::new("console-codes");
    let mut browser = world.owner();
    let found = browser.get("/console/codes?q=%5BA008306%5D");
    assert!(found.body.contains("/console/codes/A008306") && found.body.contains("1 of 1"), "{}", found.body);
    let none = browser.get("/console/codes?q=no-such-thing");
    assert!(none.body.contains("No code has this."), "{}", none.body);
    let servers = browser.get("/console/codes?class=server");
    assert!(!servers.body.contains("A008306"));
    let one = browser.get("/console/codes/a008306");
    for wanted in ["parRequired", "rfc9126.html", "The OAuth client", "/transactions?q=A008306"] {
        assert!(one.body.contains(wanted), "{wanted} in {}", one.body);
    }
    assert_eq!(browser.get("/console/codes/A999999").status, 404);
}
