//! Tokens and grants of a service in the console: made, looked at, taken away.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use common::console::{Browser, World, field, text};
use serde_json::json;

/// Sends a form of a page.
fn send(browser: &mut Browser, page: &str, to: &str, fields: &[(&str, &str)]) -> common::Answer {
    let csrf = field(&browser.get(page), "csrf");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    browser.post(to, &all)
}

/// What is shown once.
fn shown(answer: &common::Answer) -> String {
    let rest = answer.body.split("data-copy-me>").nth(1).unwrap_or_else(|| panic!("{}", answer.body));
    rest.split('<').next().unwrap().to_owned()
}

#[test]
fn a_token_for_a_test_is_made_looked_at_and_taken_away() {
    let world = World::new("console-issued");
    let mut browser = world.owner();
    let (list, look) = (world.at("/issued"), world.at("/issued/look"));
    let client = world.placet.value("DEMO_CLIENT_ID").to_owned();
    let fields = [
        ("do", "make"),
        ("client", &client),
        ("subject", "john"),
        ("scopes", "orders:read"),
        ("duration", "600"),
    ];
    let made = send(&mut browser, &list, &list, &fields);
    let token = shown(&made);
    assert!(
        made.body.contains("A token for a test was made.") && text(&made).contains("/auth/token/create"),
        "{}",
        made.body
    );
    assert!(text(&made).contains("placet token --service"), "{}", made.body);

    let page = send(&mut browser, &list, &look, &[("secret.token", &token)]);
    for wanted in ["<code>usable</code>", "<code>true</code>", "<code>john</code>"] {
        assert!(page.body.contains(wanted), "{wanted} in {}", page.body);
    }
    assert!(!page.body.contains(&token));
    let languages = browser.get(&format!("{look}?lang=en"));
    assert_eq!(languages.headers.get("location").map(String::as_str), Some(list.as_str()));
    let hash = field(&page, "hash");
    let other = send(&mut browser, &list, &list, &[("do", "revoke_this"), ("hash", "x")]);
    assert_eq!(other.status, 422, "{}", other.body);
    let ended = send(&mut browser, &list, &list, &[("do", "revoke_this"), ("hash", &hash)]);
    assert!(ended.body.contains("Tokens are revoked: 1"), "{}", ended.body);
    let page = send(&mut browser, &list, &look, &[("secret.token", &token)]);
    assert!(
        !page.body.contains("<code>usable</code>") && page.body.contains("class=\"problem\""),
        "{}",
        page.body
    );

    // A JWT is taken apart, whoever has made it, and nothing in it runs.
    let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI8c2NyaXB0PngifQ.";
    let page = send(&mut browser, &list, &look, &[("secret.token", jwt)]);
    assert!(
        page.body.contains("Nobody has looked at its signature") && !page.body.contains("<script>x"),
        "{}",
        page.body
    );
    let wrong = send(&mut browser, &list, &list, &[("do", "make"), ("duration", "600")]);
    assert_eq!((wrong.status, wrong.body.contains("name one")), (422, true), "{}", wrong.body);
    let unknown =
        send(&mut browser, &list, &list, &[("do", "make"), ("client", "no-such"), ("duration", "600")]);
    assert!(unknown.status >= 400 && unknown.status < 500, "{}", unknown.body);
}

#[test]
fn all_of_a_user_go_at_once_if_that_is_meant() {
    let world = World::new("console-issued-all");
    let mut browser = world.owner();
    let mut connection = world.placet.connect();
    let tokens: Vec<_> = (0..2)
        .map(|_| {
            let code = world.placet.code(&mut connection);
            let parameters = format!("grant_type=authorization_code&code={code}");
            world.placet.token(&mut connection, &parameters)["accessToken"].as_str().unwrap().to_owned()
        })
        .collect();
    let list = world.at("/issued?subject=john");
    let page = browser.get(&list);
    assert!(page.body.contains("Revoke all of them") && page.body.contains("orders:read"), "{}", page.body);
    let all = [("do", "revoke_all"), ("client", ""), ("subject", "john")];
    let refused = send(&mut browser, &list, &world.at("/issued"), &all);
    assert_eq!(refused.status, 422, "{}", refused.body);
    // A form without either would be all of the service.
    let bare = send(&mut browser, &list, &world.at("/issued"), &[("do", "revoke_all"), ("sure", "1")]);
    assert_eq!(bare.status, 422, "{}", bare.body);
    let active = |connection: &mut common::Connection| {
        tokens.iter().filter(|token| world.placet.introspect(connection, token)["action"] == "OK").count()
    };
    assert_eq!(active(&mut connection), 2);
    // One, by the name that the list has for it.
    let name = field(&page, "id");
    let one = send(&mut browser, &list, &world.at("/issued"), &[("do", "revoke"), ("id", &name)]);
    assert!(one.body.contains("Tokens are revoked: 1"), "{}", one.body);
    assert_eq!(active(&mut connection), 1);
    let fields: Vec<_> = all.into_iter().chain([("sure", "1")]).collect();
    let ended = send(&mut browser, &list, &world.at("/issued"), &fields);
    assert!(ended.body.contains("Tokens are revoked: "), "{}", ended.body);
    assert_eq!(active(&mut connection), 0);
}

#[test]
fn what_a_user_has_granted_is_ended_with_its_tokens() {
    let world = World::new("console-grants");
    let mut browser = world.owner();
    let mut connection = world.placet.connect();
    let code = world.placet.code(&mut connection);
    let token = world.placet.token(&mut connection, &format!("grant_type=authorization_code&code={code}"));
    let token = token["accessToken"].as_str().unwrap();
    let path = world.at("/grants?subject=john");
    let page = browser.get(&path);
    assert!(page.body.contains("Demo client") && page.body.contains("orders:read"), "{}", page.body);
    let client = world.placet.value("DEMO_CLIENT_ID").to_owned();
    let ended = send(&mut browser, &path, &world.at("/grants"), &[("subject", "john"), ("client", &client)]);
    assert!(
        ended.body.contains("The grant has ended") && text(&ended).contains("placet grant --service"),
        "{}",
        ended.body
    );
    assert!(ended.body.contains("has granted nothing"), "{}", ended.body);
    let introspected =
        world.call(&format!("/api/{}/auth/introspection", world.service), &json!({ "token": token }));
    assert_ne!(introspected["action"], "OK");
    let other = browser.posted_from(
        "https://evil.example",
        &world.at("/grants"),
        &[("subject", "john"), ("client", &client)],
    );
    assert_eq!(other.status, 403);
}
