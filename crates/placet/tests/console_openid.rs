//! Members sign in to the console by an OpenID provider: placet's own.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use common::browser::{Browser, Page};
use common::{Dir, Placet};

/// Somebody of the demonstration goes to the console by way of the provider.
async fn signed_in(placet: &Placet, browser: &mut Browser, login: &str, to: &str) -> Page {
    let page = browser.get(&format!("{}{to}", placet.value("AUTHLETE_BASE_URL"))).await;
    let link =
        page.body.split("href=\"/console/sign-in/openid?").nth(1).unwrap_or_else(|| panic!("{}", page.body));
    let query = link.split('"').next().unwrap().replace("&#x2f;", "/").replace("&amp;", "&");
    let begin = format!("{}/console/sign-in/openid?{query}", placet.value("AUTHLETE_BASE_URL"));
    let mut page = browser.get(&begin).await;
    assert!(page.has("sign-in"), "{}", page.body);
    page = browser.post(&page, "sign-in", &[("login", login), ("password", login)]).await;
    if page.has("consent") {
        page = browser.post(&page, "consent", &[("decision", "allow"), ("scope", "email")]).await;
    }
    page
}

/// The tokens that sign-ins of John have left.
fn john_s_tokens(placet: &Placet) -> usize {
    let organization: i64 = placet.value("AUTHLETE_ORGANIZATION_ID").parse().unwrap();
    let body = serde_json::json!({ "organizationId": organization });
    let token = placet.value("AUTHLETE_ORG_TOKEN");
    let all = placet.connect().post("/api/organizationtoken/all", token, &body).json();
    let is_his = |one: &&serde_json::Value| one["description"] == "Sign-in of john@example.com";
    all.as_array().unwrap().iter().filter(is_his).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_signs_in_and_others_do_not() {
    let dir = Dir::new("console-openid");
    let placet = Placet::dev(&dir);
    let service = placet.value("AUTHLETE_SERVICE_ID").to_owned();
    let wanted = format!("/console/services/{service}/clients?q=demo");
    let mut john = Browser::default();
    let page = signed_in(&placet, &mut john, "john", &wanted).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("<span>john@example.com</span>"), "{}", page.body);
    assert!(
        page.body.contains("Clients: Demo service"),
        "it goes on to where it was meant to: {}",
        page.body
    );

    // Whoever signs out leaves no token behind.
    assert_eq!(john_s_tokens(&placet), 1);
    let left = john.post(&page, "sign-out", &[]).await;
    assert!(left.body.contains("<h1>Sign in</h1>"), "{}", left.body);
    assert_eq!(john_s_tokens(&placet), 0);

    // Jane's address nobody has verified, and Hanako is no member.
    for (login, why) in [
        ("jane", "does not say that your address is yours"),
        ("hanako", "Nobody with your address is a member"),
    ] {
        let page = signed_in(&placet, &mut Browser::default(), login, "/console").await;
        assert_eq!(page.status, 422, "{}", page.body);
        assert!(page.body.contains(why) && !page.body.contains("code="), "{}", page.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_asked_for_signs_nobody_in() {
    let dir = Dir::new("console-openid-strangers");
    let placet = Placet::dev(&dir);
    let base = placet.value("AUTHLETE_BASE_URL").to_owned();
    let callback = format!("{base}/console/sign-in/callback?code=x&state=y&iss={base}/as");
    let page = Browser::default().get(&callback).await;
    assert!(page.status == 422 && page.body.contains("of another sign-in"), "{}", page.body);
    // One that has begun, and is answered by somebody else.
    let mut browser = Browser::default();
    let begun = browser.get(&format!("{base}/console/sign-in/openid")).await;
    assert!(begun.has("sign-in"), "{}", begun.body);
    let page = browser.get(&callback).await;
    assert!(page.status == 422 && page.body.contains("of another sign-in"), "{}", page.body);
    let page = browser.get(&format!("{base}/console")).await;
    assert!(page.body.contains("<h1>Sign in</h1>"), "{}", page.body);
}
