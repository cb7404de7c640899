//! The authorization server on an engine in the same process: what browsers and relying parties cannot be made to
//! do, or to see.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/world.rs"]
mod world;

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener};
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_authserver::{Peer, Proxy};
use placet_sdk::registry::{ClientAuthMethod, ClientType};
use placet_sdk::{form, types};
use serde_json::{Value, json};
use world::{Answer, BYE, Browser, CALLBACK, World, basic, claims, relying_party};

#[tokio::test]
async fn a_ticket_that_is_gone_and_a_client_that_is_hostile() {
    let world = World::new("hostile", "https://as.example", |client, _| {
        client.client_name = Some("<script>alert(1)</script>{{ 7 * 7 }}{user}".to_owned());
        client.logo_uri = Some("javascript:alert(1)".to_owned());
        client.policy_uri = Some("data:text/html,x".to_owned());
    })
    .await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[("login_hint", "\"><script>")])).await;
    let consent = browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    for page in [&page, &consent] {
        assert!(!page.body.contains("<script>") && !page.body.contains("javascript:"), "{}", page.body);
        assert!(!page.body.contains("data:text") && page.body.contains("{{ 7 * 7 }}"), "{}", page.body);
        assert!(!page.body.contains(&*world.ticket.lock().unwrap()), "{}", page.body);
    }
    // What only the API knows has ended meanwhile.
    let ticket = Some(world.ticket.lock().unwrap().clone());
    let reason = Some(types::AuthorizationFailReason::Denied);
    let ended = types::AuthorizationFailRequest { ticket, reason, ..Default::default() };
    world.api.authorization_fail(ended).await.unwrap();
    let answer = browser.post(&world, &consent, "consent", &[("decision", "allow")]).await;
    assert_eq!((answer.status, answer.heading()), (StatusCode::BAD_REQUEST, "This page has ended"));
    assert!(answer.body.contains("Go back to the application"), "{}", answer.body);
}

#[tokio::test]
async fn without_the_engine_there_is_a_page_to_try_again_and_nothing_is_lost() {
    let world = World::plain("away").await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    let consent = browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    world.out.store(true, Ordering::Relaxed);
    let answer = browser.post(&world, &consent, "consent", &[("decision", "allow")]).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "2"));
    assert_eq!(answer.heading(), "Not available right now");
    assert!(
        answer.body.contains("Try again") && answer.body.contains("id=\"transaction\""),
        "{}",
        answer.body
    );
    for path in [world.request(&[]), "/apps".to_owned()] {
        let answer = browser.get(&world, &path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(answer.heading(), "Not available right now");
    }
    for path in ["/token", "/par", "/introspect", "/revoke"] {
        let answer = world.post(path, &world.basic(), &[("token", "x")]).await;
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (StatusCode::SERVICE_UNAVAILABLE, "2"),
            "{path}"
        );
        assert!(answer.body.contains("temporarily_unavailable"), "{}", answer.body);
    }
    world.out.store(false, Ordering::Relaxed);
    let answer = browser.post(&world, &consent, "consent", &[("decision", "allow")]).await;
    assert!(answer.parameter("code").is_some(), "{}", answer.body);
}

/// The id that an error page shows.
fn transaction(page: &Answer) -> &str {
    page.body.split_once("id=\"transaction\">").unwrap().1.split('<').next().unwrap()
}

#[tokio::test]
async fn an_error_page_shows_the_request_id_of_the_call_that_was_refused() {
    let world = World::plain("error-id").await;
    let mut browser = Browser::default();
    let ids = [(); 2].map(|()| "/authorize?response_type=code&client_id=1");
    let mut shown = Vec::new();
    for path in ids {
        let page = browser.get(&world, path).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
        shown.push(transaction(&page).parse::<u64>().unwrap());
    }
    assert!(shown[0] < shown[1], "each call has a number of its own: {shown:?}");
    // Where nothing was answered there is no call to be found, and the id is one of the log alone.
    let missing = browser.get(&world, "/nowhere").await;
    world.out.store(true, Ordering::Relaxed);
    let away = browser.get(&world, ids[0]).await;
    for page in [&missing, &away] {
        let id = transaction(page);
        assert!(id.len() == 12 && id.parse::<u64>().is_err(), "{id}");
    }
}

// shows RFC6749 10.12/csrf
#[tokio::test]
async fn a_form_from_elsewhere_does_nothing() {
    let world = World::plain("forged").await;
    let mut browser = Browser { origin: Some("https://attacker.example"), ..Browser::default() };
    let page = browser.get(&world, &world.request(&[])).await;
    let credentials = [("login", "john"), ("password", "john")];
    let answer = browser.post(&world, &page, "sign-in", &credentials).await;
    assert_eq!(
        (answer.status, answer.heading()),
        (StatusCode::FORBIDDEN, "This form did not come from here")
    );
    // A form that was shown to somebody else.
    let mut other = Browser { origin: Some("https://as.example"), ..Browser::default() };
    let theirs = other.get(&world, &world.request(&[])).await;
    let id = |page: &Answer| page.form("sign-in").0.split('/').nth(2).unwrap().to_owned();
    let mixed = Answer { body: page.body.replace(&id(&page), &id(&theirs)), ..page };
    assert_eq!(other.post(&world, &mixed, "sign-in", &credentials).await.status, StatusCode::FORBIDDEN);
    assert_eq!(other.post(&world, &theirs, "sign-in", &credentials).await.heading(), "Shop asks for access");
}

// shows RFC6749 3.1.2.5/scripts 10.13/clickjacking RFC9700 4.16/framing 4.2.4/referrer
#[tokio::test]
async fn pages_and_cookies_are_as_closed_as_they_can_be() {
    let world = World::new("headers", "https://as.example", |_, _| {}).await;
    let mut browser = Browser::default();
    let first = browser.once(&world, Request::get(world.request(&[])), Body::empty()).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let cookie = first.header("set-cookie");
    assert!(cookie.starts_with("__Host-placet-session="), "{cookie}");
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{cookie} lacks {part}");
    }
    let page = browser.get(&world, first.header("location")).await;
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self' https://client.example",
    ] {
        assert!(policy.contains(part), "{policy} lacks {part}");
    }
    assert!(!policy.contains("script-src"), "{policy}");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
    // A login renames the session, so that a planted name leads nowhere.
    let planted = browser.cookies.clone();
    browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    assert_ne!(planted, browser.cookies);
    let mut attacker = Browser { cookies: planted, ..Browser::default() };
    let answer = attacker.get(&world, first.header("location")).await;
    assert_eq!(answer.heading(), "This page has ended");
}

// shows RFC6749 2.3.1/brute-force
#[tokio::test]
async fn guessing_is_slowed_down() {
    let world = World::plain("guess").await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[])).await;
    for _ in 0..5 {
        let answer = browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "x")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let right = [("login", "john"), ("password", "john")];
    let answer = browser.post(&world, &page, "sign-in", &right).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    // The password grant has the same brake.
    let pairs = [("grant_type", "password"), ("username", "john"), ("password", "john")];
    assert_eq!(world.post("/token", &world.basic(), &pairs).await.status, StatusCode::BAD_REQUEST);
    let pairs = [("grant_type", "password"), ("username", "jane"), ("password", "jane")];
    assert_eq!(world.post("/token", &world.basic(), &pairs).await.status, StatusCode::OK);
    let pairs = [("grant_type", "password"), ("username", "jane"), ("password", "x")];
    let wrong = world.post("/token", &world.basic(), &pairs).await;
    assert!(wrong.status == StatusCode::BAD_REQUEST && wrong.body.contains("A067301"), "{}", wrong.body);
}

// shows RFC6749 3.1/get 3.2/post 5.1/no-store RFC8414 3.2/json RFC9126 2.3/method OIDC-Core 5.3/bearer 13.1/form
#[tokio::test]
async fn methods_and_headers_of_the_endpoints() {
    let world = World::plain("methods").await;
    for path in ["/token", "/par", "/introspect", "/revoke", "/register"] {
        assert_eq!(world.send(Request::get(path).body(Body::empty()).unwrap()).await.status, 405, "{path}");
    }
    let wrong = world.post("/token", "Basic bm9ib2R5Ong=", &[("grant_type", "authorization_code")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.header("www-authenticate").starts_with("Basic realm="));
    assert_eq!((wrong.header("cache-control"), wrong.header("pragma")), ("no-store", "no-cache"));
    let bare = world.send(Request::get("/userinfo").body(Body::empty()).unwrap()).await;
    assert_eq!((bare.status, bare.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    let twice = world.post("/userinfo", "Bearer a", &[("access_token", "a")]).await;
    assert!(
        twice.status == StatusCode::BAD_REQUEST
            && twice.header("www-authenticate").contains("invalid_request")
    );
    let metadata =
        world.send(Request::get("/.well-known/openid-configuration").body(Body::empty()).unwrap()).await;
    assert_eq!((metadata.status, metadata.header("content-type")), (StatusCode::OK, "application/json"));
    // A request by form from another site comes without cookies, and is sent round again with GET.
    let form = world.post("/authorize", "", &[("client_id", &world.id())]).await;
    assert_eq!(form.status, StatusCode::SEE_OTHER);
    assert_eq!(form.header("location"), format!("/authorize?client_id={}", world.id()));
    // Scripts of other origins may call what clients call, and no page.
    let from_elsewhere =
        |path: &str| Request::get(path).header("origin", "https://spa.example").body(Body::empty()).unwrap();
    let keys = world.send(from_elsewhere("/jwks")).await;
    assert_eq!(keys.header("access-control-allow-origin"), "*");
    assert_eq!(world.send(from_elsewhere("/apps")).await.header("access-control-allow-origin"), "");
    let preflight = Request::options("/token")
        .header("origin", "https://spa.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "dpop")
        .body(Body::empty());
    let preflight = world.send(preflight.unwrap()).await;
    assert!(preflight.header("access-control-allow-headers").contains("dpop"), "{:?}", preflight.headers);
}

// shows RFC9449 4.3/one Form-Post 4/not-cached RFC9700 4.12/303 FAPI2-SP 5.3.2.1/307
#[tokio::test]
async fn proofs_come_once_and_answers_are_not_sent_on() {
    let world = World::plain("once").await;
    let request = Request::post("/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", world.basic())
        .header("dpop", "a")
        .header("dpop", "b")
        .body(Body::from("grant_type=authorization_code&code=x"));
    let twice = world.send(request.unwrap()).await;
    assert!(
        twice.status == StatusCode::BAD_REQUEST && twice.body.contains("invalid_dpop_proof"),
        "{}",
        twice.body
    );
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[("response_mode", "form_post")])).await;
    let (action, csrf) = page.form("sign-in");
    let form = form::encode([("csrf", csrf.as_str()), ("login", "john"), ("password", "john")]);
    let request = Request::post(action).header("content-type", "application/x-www-form-urlencoded");
    let signed_in = browser.once(&world, request, Body::from(form)).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
    let consent = browser.get(&world, signed_in.header("location")).await;
    let answer = browser.post(&world, &consent, "consent", &[("decision", "allow")]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(answer.body.contains("name=\"code\"") && answer.body.contains(CALLBACK), "{}", answer.body);
}

#[tokio::test]
async fn clients_learn_of_their_own_tokens_and_resource_servers_of_all() {
    let world = World::plain("introspect").await;
    let code = Browser::default().code(&world).await;
    let token = world.redeemed(&code).await["access_token"].as_str().unwrap().to_owned();
    let active = |answer: &Answer| serde_json::from_str::<Value>(&answer.body).unwrap()["active"] == true;
    let ask = [("token", token.as_str())];
    assert!(active(&world.post("/introspect", &world.basic(), &ask).await));
    let other = world.api.client_create(relying_party()).await.unwrap().body;
    assert!(!active(&world.post("/introspect", &basic(&other), &ask).await));
    let wrong = world.post("/introspect", "Basic bm9ib2R5Ong=", &ask).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let public = types::Client {
        client_type: Some(ClientType::Public),
        token_auth_method: Some(ClientAuthMethod::None),
        ..relying_party()
    };
    let public = world.api.client_create(public).await.unwrap().body.client_id.unwrap().to_string();
    let anybody =
        world.post("/introspect", "", &[("token", token.as_str()), ("client_id", public.as_str())]).await;
    assert_eq!(anybody.status, StatusCode::UNAUTHORIZED, "{}", anybody.body);
    // The question has not ended the token.
    assert!(active(&world.post("/introspect", &world.basic(), &ask).await));
}

#[tokio::test]
async fn a_certificate_comes_from_the_named_proxy_alone() {
    let world = World::new("proxy", "https://as.example", |client, settings| {
        client.token_auth_method = Some(ClientAuthMethod::TlsClientAuth);
        client.tls_client_auth_subject_dn = Some("CN=client".to_owned());
        settings.proxy = Some(Proxy {
            addresses: vec![IpAddr::from([10, 0, 0, 1])],
            certificate_header: "client-cert".parse().unwrap(),
            vouches: true,
            address_header: None,
        });
    })
    .await;
    let code = Browser::default().code(&world).await;
    let certificate = {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, "client");
        params.self_signed(&key).unwrap().der().to_vec()
    };
    let id = world.id();
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", id.as_str()),
    ];
    let ask = async |from: [u8; 4]| {
        let peer = Peer { address: Some(IpAddr::from(from)), ..Peer::default() };
        let request = Request::post("/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("client-cert", format!(":{}:", BASE64.encode(&certificate)))
            .extension(peer)
            .body(Body::from(form::encode(pairs)));
        world.send(request.unwrap()).await.status
    };
    assert_eq!(ask([10, 0, 0, 2]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask([10, 0, 0, 1]).await, StatusCode::OK);
}

/// Somebody who takes one logout token.
fn listener() -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/logout", listener.local_addr().unwrap());
    let taken = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = String::new();
        let mut buffer = [0; 8192];
        while !text.contains("logout_token=") {
            let read = stream.read(&mut buffer).unwrap();
            text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        text
    });
    (url, taken)
}

// shows OIDC-Backchannel-Logout 2.5/post OIDC-Frontchannel-Logout 2/iframe 2/session OIDC-RP-Logout 3/state
#[tokio::test]
async fn a_logout_reaches_the_clients_of_the_session() {
    let (url, taken) = listener();
    let world = World::new("logout", "https://as.example", |client, _| {
        client.backchannel_logout_uri = Some(url);
        client.backchannel_logout_session_required = Some(true);
        let metadata = json!({
            "post_logout_redirect_uris": [BYE],
            "frontchannel_logout_uri": "https://client.example/front",
            "frontchannel_logout_session_required": true,
        });
        client.custom_metadata = Some(metadata.to_string());
    })
    .await;
    let mut browser = Browser::default();
    let code = browser.code(&world).await;
    let id_token = world.redeemed(&code).await["id_token"].as_str().unwrap().to_owned();
    let query = form::encode([
        ("id_token_hint", id_token.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "x y"),
    ]);
    let page = browser.get(&world, &format!("/logout?{query}")).await;
    assert_eq!((page.status, page.heading()), (StatusCode::OK, "You are signed out"));
    // Front-channel: the browser loads the client's page, and goes on after that.
    let sid = claims(&id_token)["sid"].as_str().unwrap().to_owned();
    let frame = format!(
        "https://client.example/front?{}",
        form::encode([("iss", "https://as.example"), ("sid", sid.as_str())])
    );
    let html = page.body.replace("&#x2f;", "/").replace("&amp;", "&");
    assert!(html.contains(&format!("<iframe class=\"telling\" src=\"{frame}\"")), "{html}");
    assert!(page.header("content-security-policy").contains("frame-src https://client.example"));
    assert!(html.contains(&format!("content=\"2;url={BYE}?state=x+y\"")), "{html}");
    // Back-channel: a logout token for this session.
    let taken = tokio::task::spawn_blocking(move || taken.join().unwrap()).await.unwrap();
    assert!(
        taken.starts_with("POST /logout HTTP/1.1\r\n") && taken.contains("application/x-www-form-urlencoded"),
        "{taken}"
    );
    let told = claims(taken.split("logout_token=").nth(1).unwrap());
    assert_eq!(
        (told["sid"].as_str(), told["sub"].as_str(), told["aud"].as_str()),
        (Some(sid.as_str()), Some("john"), Some(world.id().as_str()))
    );
    let silent = browser.get(&world, &world.request(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
}

// shows OIDC-RP-Logout 2/methods 2/ask 2/mismatch 3/registered 2/expired
#[tokio::test]
async fn a_logout_link_that_is_wrong_leads_nowhere() {
    let world = World::plain("logout-links").await;
    let mut browser = Browser::default();
    let code = browser.code(&world).await;
    let id_token = world.redeemed(&code).await["id_token"].as_str().unwrap().to_owned();
    let payload = id_token.split('.').nth(1).unwrap();
    let unsigned = format!("{}.{payload}.", BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#));
    let id = world.id();
    for (pairs, why) in [
        (vec![("id_token_hint", unsigned.as_str()), ("post_logout_redirect_uri", BYE)], "an unsigned hint"),
        (vec![("id_token_hint", "x"), ("post_logout_redirect_uri", BYE)], "no hint at all"),
        (vec![("post_logout_redirect_uri", BYE)], "nobody's redirect URI"),
        (vec![("client_id", "1"), ("post_logout_redirect_uri", BYE)], "an unknown client"),
        (
            vec![("client_id", id.as_str()), ("post_logout_redirect_uri", "https://attacker.example/")],
            "an unregistered URI",
        ),
        (vec![("id_token_hint", id_token.as_str()), ("client_id", "1")], "another client than the hint's"),
    ] {
        let answer = browser.get(&world, &format!("/logout?{}", form::encode(pairs))).await;
        assert_eq!(
            (answer.status, answer.heading()),
            (StatusCode::BAD_REQUEST, "This sign-out cannot be accepted"),
            "{why}"
        );
        assert_eq!(answer.header("location"), "", "{why}");
    }
    // Without a hint the person is asked, and then led back.
    let query = form::encode([("client_id", id.as_str()), ("post_logout_redirect_uri", BYE)]);
    let page = browser.get(&world, &format!("/logout?{query}")).await;
    assert!(
        page.heading() == "Sign out?" && page.body.contains("Shop asks to sign you out."),
        "{}",
        page.body
    );
    let answer = browser.post(&world, &page, "logout", &[("decision", "yes")]).await;
    assert_eq!(answer.header("location"), BYE);
    // A hint of somebody who is gone already is enough to go back; its age is never asked for.
    let query = form::encode([("id_token_hint", id_token.as_str()), ("post_logout_redirect_uri", BYE)]);
    assert_eq!(browser.get(&world, &format!("/logout?{query}")).await.header("location"), BYE);
}

#[tokio::test]
async fn nothing_is_taken_back_from_an_app_that_has_nothing() {
    let world = World::plain("taken-back").await;
    let mut browser = Browser::default();
    let code = browser.code(&world).await;
    world.redeemed(&code).await;
    let stranger = types::Client { client_name: Some("Stranger".to_owned()), ..relying_party() };
    let stranger = world.api.client_create(stranger).await.unwrap().body.client_id.unwrap().to_string();
    let page = browser.get(&world, "/apps").await;
    let csrf = page.body.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let revoke = async |browser: &mut Browser, id: &str| {
        let answer = browser.send_form(&world, "/apps/revoke", &[("csrf", csrf), ("client", id)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.header("location").to_owned()
    };
    // Whether there is such a client makes no difference.
    for id in [&*stranger, "4711"] {
        let next = revoke(&mut browser, id).await;
        let page = browser.get(&world, &next).await;
        let told = page.body.contains("There was no access to take back.");
        assert!(told && !page.body.contains("Stranger") && page.body.contains("Shop"), "{}", page.body);
    }
    // A button that is pressed twice has ended it once.
    let id = world.id();
    revoke(&mut browser, &id).await;
    let next = revoke(&mut browser, &id).await;
    let page = browser.get(&world, &next).await;
    assert!(page.body.contains("Shop has no access any more."), "{}", page.body);
    let next = revoke(&mut browser, &id).await;
    let page = browser.get(&world, &next).await;
    assert!(page.body.contains("There was no access to take back."), "{}", page.body);
}

/// W3C Trace Context: what stands in front decides, if it is said to.
#[tokio::test]
async fn calls_belong_to_the_trace_that_the_request_names() {
    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-1122334455667788-01";
    for (traced, named, said) in [(true, 1, &[PARENT][..]), (true, 2, &[]), (false, 1, &[])] {
        let world = World::new(&format!("trace-{traced}-{named}"), "https://as.example", |_, settings| {
            settings.traced = traced;
        })
        .await;
        let mut request = Request::post("/introspect")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", world.basic());
        for _ in 0..named {
            request = request.header("traceparent", PARENT);
        }
        let answer = world.send(request.body(Body::from("token=x")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(*world.parents.lock().unwrap(), said, "{traced} {named}");
    }
}
