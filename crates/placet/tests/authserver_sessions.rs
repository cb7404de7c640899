//! The authorization server and its sessions: what a login is, how it is used by several tabs, and how it ends.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/world.rs"]
mod world;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use data_encoding::BASE64URL_NOPAD;
use placet_base::Ttl;
use placet_sdk::form;
use placet_sdk::registry::{ClientAuthMethod, JwsAlg, Prompt, SubjectType};
use placet_sdk::types::{self, Service};
use serde_json::{Value, json};
use world::{Answer, BYE, Browser, CALLBACK, World, basic, claims, relying_party};

const ISSUER: &str = "https://as.example";
const JOHN: [(&str, &str); 2] = [("login", "john"), ("password", "john")];

/// The same page with another end of its forms' addresses.
fn aimed(page: &Answer, from: &str, to: &str) -> Answer {
    let body = page.body.replace(from, to).replace(&from.replace('/', "&#x2f;"), to);
    Answer { status: page.status, headers: page.headers.clone(), body }
}

async fn id_token(world: &World, browser: &mut Browser) -> String {
    let code = browser.code(world).await;
    world.redeemed(&code).await["id_token"].as_str().unwrap().to_owned()
}

async fn is_signed_in(world: &World, browser: &mut Browser) -> bool {
    let answer = browser.get(world, &world.request(&[("prompt", "none")])).await;
    answer.parameter("error").as_deref() != Some("login_required")
}

#[tokio::test]
async fn a_second_factor_alone_is_no_login() {
    let world = World::of(
        "reauth",
        ISSUER,
        |service| {
            service.supported_acrs =
                Some(["password", "second-factor"].map(|acr| format!("urn:placet:acr:{acr}")).to_vec());
            service.supported_prompt_values = Some(Prompt::ALL.to_vec());
        },
        |_, _| {},
    )
    .await;
    let mut browser = Browser::default();
    let before = claims(&id_token(&world, &mut browser).await);
    for wish in [("prompt", "login"), ("max_age", "1")] {
        world.clock.advance(Ttl::secs(2));
        let page = browser.get(&world, &world.request(&[wish])).await;
        assert_eq!(page.heading(), "Sign in", "{wish:?}");
        // The form of another step, and the answer to another question, are neither.
        let code = aimed(&page, "/sign-in", "/second-factor");
        let after = browser.post(&world, &code, "sign-in", &[("code", "123456")]).await;
        assert_eq!(after.heading(), "Sign in", "{wish:?}: {:?}", after.headers);
        let account = aimed(&page, "/sign-in", "/account");
        let after = browser.post(&world, &account, "sign-in", &[("choice", "same")]).await;
        assert_eq!(after.heading(), "Sign in", "{wish:?}");
        let consent = aimed(&page, "/sign-in", "/consent");
        let after = browser.post(&world, &consent, "sign-in", &[("decision", "allow")]).await;
        assert_eq!(after.heading(), "Sign in", "{wish:?}");
    }
    // A password that is sent to a page which asks for a code does not sign anybody in either.
    let asked = [("acr_values", "urn:placet:acr:second-factor")];
    let page = browser.get(&world, &world.request(&asked)).await;
    assert_eq!(page.heading(), "One more step");
    let password = aimed(&page, "/second-factor", "/sign-in");
    let jane = [("login", "jane"), ("password", "jane")];
    let after = browser.post(&world, &password, "second-factor", &jane).await;
    assert_eq!(after.heading(), "One more step");
    // The code makes the login stronger, and no younger.
    let answer = browser.post(&world, &after, "second-factor", &[("code", "123456")]).await;
    let code = answer.parameter("code").unwrap_or_else(|| panic!("{}", answer.body));
    let stronger = claims(world.redeemed(&code).await["id_token"].as_str().unwrap());
    assert_eq!(stronger["acr"], "urn:placet:acr:second-factor");
    assert_eq!(stronger["auth_time"], before["auth_time"]);
}

#[tokio::test]
async fn signing_in_in_one_tab_leaves_the_other_to_go_on() {
    let world = World::plain("tabs").await;
    for order in [[0, 1], [1, 0]] {
        let mut browser = Browser { origin: Some(ISSUER), ..Browser::default() };
        let mut pages = Vec::new();
        for state in ["tab-0", "tab-1"] {
            let path = world.request(&[("prompt", "consent")]).replace("state=s", &format!("state={state}"));
            pages.push(browser.get(&world, &path).await);
        }
        for tab in order {
            let mut page = browser.post(&world, &pages[tab], "sign-in", &JOHN).await;
            if page.heading() == "Shop asks for access" {
                page = browser.post(&world, &page, "consent", &[("decision", "allow")]).await;
            }
            assert_eq!(page.parameter("state"), Some(format!("tab-{tab}")), "{order:?}: {}", page.body);
            assert!(page.parameter("code").is_some());
        }
    }
    // A page from before a login does nothing by itself: it leads to where things stand.
    let mut browser = Browser::default();
    let old = browser.get(&world, &world.request(&[("prompt", "consent")])).await;
    let page = browser.post(&world, &old, "sign-in", &JOHN).await;
    let (action, csrf) = old.form("sign-in");
    let form = form::encode([("csrf", csrf.as_str()), ("decision", "allow")]);
    let request = Request::post(action.replace("/sign-in", "/consent"))
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = browser.once(&world, request, Body::from(form)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.header("location").starts_with("/interaction/"), "{}", answer.header("location"));
    let answer = browser.post(&world, &page, "consent", &[("decision", "allow")]).await;
    assert!(answer.parameter("code").is_some());
}

// shows OIDC-RP-Logout 2/methods
#[tokio::test]
async fn nobody_is_told_of_a_logout_that_has_not_happened() {
    let world = World::plain("cross-site").await;
    let mut browser = Browser::default();
    let hint = id_token(&world, &mut browser).await;
    let pairs = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "x")];
    // A form of another site comes without the cookie …
    let first = world.post("/logout", "", &pairs).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    assert!(first.header("location").starts_with("/logout?"), "{}", first.header("location"));
    assert!(is_signed_in(&world, &mut browser).await);
    // … which the browser brings when it goes where it is sent.
    let next = first.header("location").to_owned();
    assert_eq!(browser.get(&world, &next).await.header("location"), format!("{BYE}?state=x"));
    assert!(!is_signed_in(&world, &mut browser).await);
    // What does not fit into an address is not done, and nobody says that it was.
    let long = "x".repeat(10_000);
    let refused = world.post("/logout", "", &[("state", long.as_str()), ("id_token_hint", &hint)]).await;
    assert_eq!(
        (refused.status, refused.heading()),
        (StatusCode::BAD_REQUEST, "This sign-out cannot be accepted")
    );
    // Nor does a frame of another site bring the cookie.
    let query = form::encode([("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE)]);
    let framed = Request::get(format!("/logout?{query}")).header("sec-fetch-dest", "iframe");
    let framed = world.send(framed.body(Body::empty()).unwrap()).await;
    assert_eq!((framed.status, framed.header("location")), (StatusCode::BAD_REQUEST, ""));
}

#[tokio::test]
async fn a_hint_is_an_id_token_of_any_algorithm_and_nothing_else() {
    let world = World::of(
        "hints",
        ISSUER,
        |service| service.access_token_sign_alg = Some(JwsAlg::Es256),
        |client, _| {
            client.user_info_sign_alg = Some(JwsAlg::Es256);
        },
    )
    .await;
    let mut browser = Browser::default();
    let code = browser.code(&world).await;
    let tokens = world.redeemed(&code).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let request = Request::get("/userinfo").header("authorization", format!("Bearer {access_token}"));
    let userinfo = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(userinfo.header("content-type"), "application/jwt");
    let id_token = tokens["id_token"].as_str().unwrap();
    let (head, rest) = id_token.split_once('.').unwrap();
    let mut header: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(head.as_bytes()).unwrap()).unwrap();
    header["typ"] = json!("at+jwt");
    let relabelled = format!("{}.{rest}", BASE64URL_NOPAD.encode(header.to_string().as_bytes()));
    let encrypted = format!("{id_token}.x.y");
    for (hint, what) in [
        (userinfo.body.as_str(), "a userinfo answer"),
        (access_token, "an access token"),
        (&relabelled, "an ID token under another name"),
        (&encrypted, "five parts"),
    ] {
        let page = browser.get(&world, &format!("/logout?{}", form::encode([("id_token_hint", hint)]))).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{what}");
        assert!(is_signed_in(&world, &mut browser).await, "{what}");
    }
    // The client has changed its algorithm since: what it has is still an ID token.
    let id = world.id();
    let changed = types::Client { id_token_sign_alg: Some(JwsAlg::Hs256), ..world.client.clone() };
    world.api.client_update(id.as_str(), changed).await.unwrap();
    let left = |answer: &Answer| answer.header("location") == BYE;
    let leave = |hint: &str| {
        format!("/logout?{}", form::encode([("id_token_hint", hint), ("post_logout_redirect_uri", BYE)]))
    };
    assert!(left(&browser.get(&world, &leave(id_token)).await));
    assert!(!is_signed_in(&world, &mut browser).await);
    let code = browser.code(&world).await;
    let symmetric = world.redeemed(&code).await["id_token"].as_str().unwrap().to_owned();
    let of_another = world.api.client_create(relying_party()).await.unwrap().body;
    let forged = format!("{}x", &symmetric[..symmetric.len() - 1]);
    assert_eq!(browser.get(&world, &leave(&forged)).await.status, StatusCode::BAD_REQUEST);
    let other = of_another.client_id.unwrap().to_string();
    let query = form::encode([("id_token_hint", symmetric.as_str()), ("client_id", &other)]);
    assert_eq!(browser.get(&world, &format!("/logout?{query}")).await.status, StatusCode::BAD_REQUEST);
    assert!(is_signed_in(&world, &mut browser).await);
    assert!(left(&browser.get(&world, &leave(&symmetric)).await));
    assert!(!is_signed_in(&world, &mut browser).await);
}

#[tokio::test]
async fn an_id_token_names_the_session_where_the_client_hears_of_its_end() {
    let world = World::plain("sid").await;
    let mut browser = Browser::default();
    assert!(claims(&id_token(&world, &mut browser).await)["sid"].is_null());
    let listening = |change: fn(&mut types::Client)| {
        let mut client = relying_party();
        change(&mut client);
        client
    };
    for client in [
        listening(|client| client.backchannel_logout_uri = Some("https://client.example/back".to_owned())),
        listening(|client| {
            let uri = json!({ "frontchannel_logout_uri": "https://client.example/front" });
            client.custom_metadata = Some(uri.to_string());
        }),
    ] {
        let client = world.api.client_create(client).await.unwrap().body;
        let id = client.client_id.unwrap().to_string();
        let path =
            world.request(&[]).replace(&format!("client_id={}", world.id()), &format!("client_id={id}"));
        let page = browser.get(&world, &path).await;
        let answer = browser.post(&world, &page, "consent", &[("decision", "allow")]).await;
        let code = answer.parameter("code").unwrap();
        let pairs =
            [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
        let tokens = world.post("/token", &basic(&client), &pairs).await;
        let tokens: Value = serde_json::from_str(&tokens.body).unwrap();
        assert!(claims(tokens["id_token"].as_str().unwrap())["sid"].is_string());
    }
}

#[tokio::test]
async fn clients_can_watch_whether_the_session_is_still_the_same() {
    let world = World::plain("session-state").await;
    let metadata =
        world.send(Request::get("/.well-known/openid-configuration").body(Body::empty()).unwrap()).await;
    let metadata: Value = serde_json::from_str(&metadata.body).unwrap();
    assert_eq!(metadata["check_session_iframe"], "https://as.example/session/check");
    let page = world.send(Request::get("/session/check").body(Body::empty()).unwrap()).await;
    assert_eq!(page.header("x-frame-options"), "");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'sha256-") && !policy.contains("frame-ancestors"), "{policy}");
    assert!(page.body.contains("__Host-placet-browser-state"), "{}", page.body);
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    let consent = browser.post(&world, &page, "sign-in", &JOHN).await;
    let state = browser.cookies["__Host-placet-browser-state"].clone();
    assert!(!state.is_empty() && state != browser.cookies["__Host-placet-session"]);
    let answer = browser.post(&world, &consent, "consent", &[("decision", "allow")]).await;
    let told = answer.parameter("session_state").unwrap();
    let (hash, salt) = told.split_once('.').unwrap();
    let text = format!("{} https://client.example {state} {salt}", world.id());
    let expected = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    assert_eq!(hash, BASE64URL_NOPAD.encode(expected.as_ref()));
    // Without OpenID Connect there is none, and the end of the session is the end of the state.
    let plain = browser.get(&world, &world.request(&[]).replace("openid+email", "email")).await;
    let plain = browser.post(&world, &plain, "consent", &[("decision", "allow"), ("scope", "email")]).await;
    assert!(plain.parameter("code").is_some() && plain.parameter("session_state").is_none());
    let page = browser.get(&world, "/logout").await;
    browser.post(&world, &page, "logout", &[("decision", "yes")]).await;
    assert_eq!(browser.cookies["__Host-placet-browser-state"], "");
}

fn creating(service: &mut Service) {
    service.supported_prompt_values = Some(Prompt::ALL.to_vec());
    service.supported_ui_locales = Some(["en", "ja"].map(str::to_owned).to_vec());
}

#[tokio::test]
async fn somebody_without_an_account_makes_one() {
    let world = World::of("sign-up", ISSUER, creating, |_, _| {}).await;
    let metadata =
        world.send(Request::get("/.well-known/openid-configuration").body(Body::empty()).unwrap()).await;
    let metadata: Value = serde_json::from_str(&metadata.body).unwrap();
    assert!(metadata["prompt_values_supported"].as_array().unwrap().contains(&json!("create")));
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[("prompt", "create"), ("login_hint", "mia")])).await;
    assert_eq!(page.heading(), "Make an account");
    assert!(page.body.contains("value=\"mia\""), "{}", page.body);
    for (login, password, why) in [
        ("john", "long enough", "Somebody has this user name already."),
        ("mia", "short", "The password has to have 8 to 200 characters."),
        ("a b", "long enough", "A user name has letters and digits"),
    ] {
        let again = browser.post(&world, &page, "sign-up", &[("login", login), ("password", password)]).await;
        assert_eq!((again.status, again.heading()), (StatusCode::UNPROCESSABLE_ENTITY, "Make an account"));
        assert!(again.body.contains(why), "{}", again.body);
    }
    let pairs = [("login", "mia"), ("password", "long enough"), ("name", "Mia")];
    let consent = browser.post(&world, &page, "sign-up", &pairs).await;
    assert!(consent.body.contains("Not Mia?"), "{}", consent.body);
    let answer = browser.post(&world, &consent, "consent", &[("decision", "allow")]).await;
    assert!(answer.parameter("code").is_some());
    // In Japanese, and for whoever has an account after all.
    let page = browser.get(&world, &world.request(&[("prompt", "create"), ("ui_locales", "ja")])).await;
    assert_eq!(page.heading(), "アカウントの作成");
    let page = browser.post(&world, &page, "existing-account", &[("choice", "existing")]).await;
    assert!(!page.body.contains("id=\"sign-up\""), "{}", page.body);
    let mut other = Browser::default();
    let page = other.get(&world, &world.request(&[])).await;
    let page = other.post(&world, &page, "sign-in", &[("login", "mia"), ("password", "long enough")]).await;
    assert_ne!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_client_with_pairwise_names_ends_its_own_session_only_by_question() {
    let world = World::new("pairwise-logout", ISSUER, |client, _| {
        client.subject_type = Some(SubjectType::Pairwise);
        client.token_auth_method = Some(ClientAuthMethod::ClientSecretBasic);
    })
    .await;
    let mut browser = Browser::default();
    let hint = id_token(&world, &mut browser).await;
    assert_ne!(claims(&hint)["sub"], "john");
    let query = form::encode([("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE)]);
    let page = browser.get(&world, &format!("/logout?{query}")).await;
    assert!(page.header("location") == BYE || page.heading() == "Sign out?", "{} {}", page.status, page.body);
}
