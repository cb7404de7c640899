//! The authorization server and the grants beyond the code flow: devices, from the endpoint through the pages to the
//! tokens; tokens in exchange for others.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/world.rs"]
mod world;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use placet_authserver::{AssertionGrant, AssertionIssuer, Peer};
use placet_jose::{Jwk, Unsigned};
use placet_sdk::form;
use placet_sdk::registry::{ClientAuthMethod, ClientType, GrantType, JwsAlg};
use placet_sdk::types::{ClientExtension, Pair, Scope, Service};
use serde_json::{Map, Value, json};
use world::{Answer, Browser, World, claims, publishing};

const JAG: &str = "https://jag.example";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn offering(service: &mut Service) {
    service.device_authorization_endpoint = Some("https://as.example/device_authorization".to_owned());
    service.device_verification_uri = Some("https://as.example/device".to_owned());
    service.device_verification_uri_complete =
        Some("https://as.example/device?user_code=USER_CODE".to_owned());
    service.supported_grant_types.as_mut().unwrap().push(GrantType::DeviceCode);
}

async fn world(name: &str) -> World {
    let world = World::of(name, "https://as.example", offering, |client, settings| {
        client.grant_types.as_mut().unwrap().push(GrantType::DeviceCode);
        client.attributes =
            Some(vec![Pair { key: Some("first_party".to_owned()), value: Some("true".to_owned()) }]);
        settings.budgets.codes = 5;
    });
    world.await
}

/// What a device gets.
async fn codes(world: &World) -> Value {
    let answer = world.post("/device_authorization", &world.basic(), &[("scope", "openid email")]).await;
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (StatusCode::OK, "no-store"),
        "{}",
        answer.body
    );
    serde_json::from_str(&answer.body).unwrap()
}

async fn poll(world: &World, codes: &Value) -> Answer {
    let code = codes["device_code"].as_str().unwrap();
    world.post("/token", &world.basic(), &[("grant_type", GRANT), ("device_code", code)]).await
}

fn path(uri: &Value) -> &str {
    uri.as_str().unwrap().strip_prefix("https://as.example").unwrap()
}

/// Signs in on the way to the page that asks for a code.
async fn asked(world: &World, browser: &mut Browser, uri: &Value) -> Answer {
    let page = browser.get(world, path(uri)).await;
    assert!(page.body.contains("to connect a device"), "{}", page.body);
    browser.post(world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await
}

// shows RFC8628 3.3/page 5.4/confirmation
#[tokio::test]
async fn a_device_is_connected_by_whoever_reads_its_code() {
    let world = world("device").await;
    let codes = codes(&world).await;
    assert!(poll(&world, &codes).await.body.contains("authorization_pending"));
    let mut browser = Browser::default();
    let page = asked(&world, &mut browser, &codes["verification_uri"]).await;
    assert_eq!(page.heading(), "Connect a device");
    // As people type it.
    let code = codes["user_code"].as_str().unwrap();
    let typed = format!("{}-{} ", code[..4].to_lowercase(), &code[4..]);
    let consent = browser.post(&world, &page, "device", &[("user_code", &typed)]).await;
    // Also for an application of the operator: only the person can tell whose device it is.
    assert_eq!(consent.heading(), "Shop asks for access");
    assert!(consent.body.contains(&format!("{}-{}", &code[..4], &code[4..])), "{}", consent.body);
    let done = browser.post(&world, &consent, "consent", &[("scope", "email"), ("decision", "allow")]).await;
    assert_eq!(done.heading(), "Your device is connected");
    let tokens: Value = serde_json::from_str(&poll(&world, &codes).await.body).unwrap();
    let id_token = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&id_token["sub"], &tokens["scope"]), (&"john".into(), &"openid email".into()));
    assert_eq!(id_token["acr"], "urn:placet:acr:password");
    // The code is used up.
    let page = browser.get(&world, "/device").await;
    let again = browser.post(&world, &page, "device", &[("user_code", code)]).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.body.contains("There is no such code"), "{}", again.body);
}

#[tokio::test]
async fn a_code_comes_with_its_address_and_may_be_refused() {
    let world = world("device-refused").await;
    let codes = codes(&world).await;
    let mut browser = Browser::default();
    let page = asked(&world, &mut browser, &codes["verification_uri_complete"]).await;
    let code = codes["user_code"].as_str().unwrap();
    let shown = format!("value=\"{}-{}\"", &code[..4], &code[4..]);
    assert!(page.body.contains(&shown), "{}", page.body);
    let consent = browser.post(&world, &page, "device", &[("user_code", code)]).await;
    let done = browser.post(&world, &consent, "consent", &[("decision", "deny")]).await;
    assert_eq!(done.heading(), "Your device is not connected");
    let answer = poll(&world, &codes).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("access_denied"), "{}", answer.body);
}

// shows RFC8628 5.1/pages
#[tokio::test]
async fn codes_are_not_tried_by_strangers_nor_without_end() {
    let world = world("device-guesses").await;
    // A form from elsewhere, and one of somebody who is nobody.
    let mut stranger = Browser::default();
    let answer = stranger.send_form(&world, "/device", &[("user_code", "WDJBMJHT")]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/device"));
    let mut browser = Browser::default();
    let page = asked(&world, &mut browser, &"https://as.example/device".into()).await;
    let forged = browser.send_form(&world, "/device", &[("user_code", "WDJBMJHT")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let (action, csrf) = page.form("device");
    let mut typed = async || {
        let peer = Peer { address: Some([192, 0, 2, 1].into()), ..Peer::default() };
        let request = Request::post(&*action).extension(peer);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let body = form::encode([("csrf", &*csrf), ("user_code", "WDJB-MJHT")]);
        browser.once(&world, request, Body::from(body)).await
    };
    for _ in 0..5 {
        assert_eq!(typed().await.status, StatusCode::BAD_REQUEST);
    }
    let answer = typed().await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "3600"));
}

#[tokio::test]
async fn a_device_that_may_not_is_refused() {
    let world = World::of("device-none", "https://as.example", offering, |client, _| {
        client.client_type = Some(ClientType::Public);
        client.token_auth_method = Some(ClientAuthMethod::None);
    });
    let world = world.await;
    let id = world.id();
    let request = Request::post("/device_authorization")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("client_id={id}")));
    let answer = world.send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("unauthorized_client"), "{}", answer.body);
    let answer = world.post("/device_authorization", &world.basic(), &[("scope", "openid")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
}

fn signed(key: &Jwk, header: Map<String, Value>, claims: Value) -> String {
    let key = key.signing_key(JwsAlg::Es256).unwrap();
    let input = Unsigned { header, claims: claims.as_object().unwrap().clone() }.signing_input(&key);
    let signature = key.sign(input.as_bytes()).unwrap();
    Unsigned::compact(input, &signature)
}

#[tokio::test]
async fn whoever_is_trusted_vouches_for_a_user_with_an_assertion() {
    let asserting = |service: &mut Service| {
        service.supported_grant_types.as_mut().unwrap().push(GrantType::JwtBearer);
    };
    let key = Jwk::parse(&placet_jose::generate(JwsAlg::Es256).unwrap()).unwrap();
    let other = Jwk::parse(&placet_jose::generate(JwsAlg::Es256).unwrap()).unwrap();
    let jwks_uri = publishing(json!({ "keys": [key.public()] }).to_string());
    let world = World::of("assertion", "https://as.example", asserting, |client, settings| {
        client.grant_types.as_mut().unwrap().push(GrantType::JwtBearer);
        let issuers = [("https://idp.example", AssertionGrant::JwtBearer), (JAG, AssertionGrant::IdJag)];
        settings.assertion_issuers = issuers
            .map(|(issuer, grant)| AssertionIssuer {
                issuer: issuer.to_owned(),
                jwks_uri: jwks_uri.clone(),
                grants: vec![grant],
                by_aud_sub: false,
            })
            .to_vec();
    });
    let world = world.await;
    let now = world.clock.seconds();
    let assertion = |key: &Jwk, issuer: &str, subject: &str, jti: &str| {
        let claims = json!({
            "iss": issuer, "sub": subject, "aud": "https://as.example", "exp": now + 300, "jti": jti,
        });
        signed(key, Map::new(), claims)
    };
    let brought = async |assertion: &str| {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion),
            ("scope", "email"),
        ];
        let answer = world.post("/token", &world.basic(), &form).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        (answer.status.as_u16(), told)
    };
    let idp = "https://idp.example";
    let good = assertion(&key, idp, "john", "1");
    let (status, made) = brought(&good).await;
    assert_eq!((status, &made["scope"]), (200, &json!("email")), "{made}");
    assert!(made["expires_in"].as_i64().unwrap() <= 300 && made.get("refresh_token").is_none(), "{made}");
    let token = made["access_token"].as_str().unwrap();
    let answer = world.post("/introspect", &world.basic(), &[("token", token)]).await;
    let seen: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&seen["active"], &seen["sub"]), (&json!(true), &json!("john")), "{seen}");
    // RFC 9449 §5: whoever shows a proof gets a token that is bound to its key.
    let header = json!({ "typ": "dpop+jwt", "jwk": other.public() }).as_object().unwrap().clone();
    let proof = json!({ "jti": "1", "htm": "POST", "htu": "https://as.example/token", "iat": now });
    let bound = assertion(&key, idp, "john", "5");
    let form = form::encode([
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", &bound),
        ("scope", "email"),
    ]);
    let request = Request::post("/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", world.basic())
        .header("dpop", signed(&other, header, proof));
    let answer = world.send(request.body(Body::from(form)).unwrap()).await;
    let made: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(made["token_type"], "DPoP", "{made}");
    for (what, text) in [
        ("replayed", good.clone()),
        ("of another key", assertion(&other, idp, "john", "2")),
        ("of a stranger", assertion(&key, "https://other.example", "john", "3")),
        ("of nobody", assertion(&key, idp, "nobody", "4")),
        ("of one that is believed in ID-JAGs alone", assertion(&key, JAG, "john", "6")),
        ("no JWT", "nonsense".to_owned()),
    ] {
        let (status, refused) = brought(&text).await;
        assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")), "{what} {refused}");
    }
}

fn exchanging(service: &mut Service) {
    service.supported_grant_types.as_mut().unwrap().push(GrantType::TokenExchange);
}

#[tokio::test]
async fn a_token_is_exchanged_for_one_that_is_less() {
    let world = World::of("exchange", "https://as.example", exchanging, |client, _| {
        client.grant_types.as_mut().unwrap().push(GrantType::TokenExchange);
        client.extension =
            Some(ClientExtension { token_exchange_permitted: Some(true), ..ClientExtension::default() });
    });
    let world = world.await;
    let code = Browser::default().code(&world).await;
    let tokens = world.redeemed(&code).await;
    let access = tokens["access_token"].as_str().unwrap();
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let asked = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", access),
        ("subject_token_type", kind),
    ];
    let exchanged = async |more: &[(&str, &str)]| {
        let pairs: Vec<_> = asked.iter().chain(more).copied().collect();
        world.post("/token", &world.basic(), &pairs).await
    };
    let actor = [("scope", "email"), ("actor_token", access), ("actor_token_type", kind)];
    let answer = exchanged(&actor).await;
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (StatusCode::OK, "no-store"),
        "{}",
        answer.body
    );
    let made: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&made["scope"], &made["issued_token_type"]), (&"email".into(), &kind.into()));
    assert!(made.get("refresh_token").is_none(), "{made}");
    let token = made["access_token"].as_str().unwrap();
    let answer = world.post("/introspect", &world.basic(), &[("token", token)]).await;
    let seen: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&seen["sub"], &seen["act"]["sub"]), (&"john".into(), &"john".into()), "{seen}");
    for (more, error) in [
        (&[("audience", "billing")][..], "invalid_target"),
        (&[("requested_token_type", "urn:ietf:params:oauth:token-type:saml2")], "invalid_request"),
    ] {
        let answer = exchanged(more).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, &told["error"]), (StatusCode::BAD_REQUEST, &error.into()), "{told}");
    }
    // What was left out does not come back.
    let again = [asked[0], ("subject_token", token), asked[2], ("scope", "openid email")];
    let answer = world.post("/token", &world.basic(), &again).await;
    assert!(answer.body.contains("invalid_scope"), "{}", answer.body);
}

fn managed(service: &mut Service) {
    let scope = |name: &str| Scope { name: Some(name.to_owned()), ..Scope::default() };
    let more = ["grant_management_query", "grant_management_revoke"].map(scope);
    service.supported_scopes.as_mut().unwrap().extend(more);
    service.grant_management_endpoint = Some("https://as.example/grants".to_owned());
    service.supported_grant_types.as_mut().unwrap().push(GrantType::ClientCredentials);
}

#[tokio::test]
async fn consent_is_remembered_for_each_grant_and_taken_back_alone() {
    let world = World::of("grants-apart", "https://as.example", managed, |_, _| {}).await;
    let mut browser = Browser::default();
    let create = world.request(&[("grant_management_action", "create")]);
    let page = browser.get(&world, &create).await;
    let page = browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    let allow = [("decision", "allow"), ("scope", "email")];
    let answer = browser.post(&world, &page, "consent", &allow).await;
    let first = world.redeemed(&answer.parameter("code").unwrap()).await;
    // Another grant is another question, whatever was agreed to before.
    let page = browser.get(&world, &create).await;
    assert_eq!(page.heading(), "Shop asks for access", "{}", page.body);
    let answer = browser.post(&world, &page, "consent", &allow).await;
    let second = world.redeemed(&answer.parameter("code").unwrap()).await;
    let grant = |tokens: &Value| tokens["grant_id"].as_str().unwrap().to_owned();
    assert_ne!(grant(&first), grant(&second));
    // What the grant holds already needs no question.
    let same = [("grant_management_action", "merge"), ("grant_id", &*grant(&second))];
    let answer = browser.get(&world, &world.request(&same)).await;
    assert!(answer.parameter("code").is_some(), "{}", answer.body);
    // The account shows both, and ends one.
    let page = browser.get(&world, "/apps").await;
    assert_eq!(page.body.matches("End this permission").count(), 2, "{}", page.body);
    let csrf = page.body.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let id = world.id();
    let form = [("csrf", csrf), ("client", &*id), ("grant", &*grant(&first))];
    let answer = browser.send_form(&world, "/apps/revoke", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let active = async |tokens: &Value| {
        let pairs = [("token", tokens["access_token"].as_str().unwrap())];
        let answer = world.post("/introspect", &world.basic(), &pairs).await;
        serde_json::from_str::<Value>(&answer.body).unwrap()["active"].as_bool().unwrap()
    };
    assert_eq!((active(&first).await, active(&second).await), (false, true));
    let page = browser.get(&world, "/apps").await;
    assert_eq!(page.body.matches("End this permission").count(), 1, "{}", page.body);
    // Also when the client has given its tokens back: it could ask for others.
    let pairs = [("token", second["access_token"].as_str().unwrap())];
    assert_eq!(world.post("/revoke", &world.basic(), &pairs).await.status, StatusCode::OK);
    let page = browser.get(&world, "/apps").await;
    assert_eq!(page.body.matches("End this permission").count(), 1, "{}", page.body);
}

#[tokio::test]
async fn a_client_reads_its_grant_and_ends_it() {
    let world = World::of("grants", "https://as.example", managed, |client, _| {
        client.grant_types.as_mut().unwrap().push(GrantType::ClientCredentials);
    });
    let world = world.await;
    let mut browser = Browser::default();
    let page = browser.get(&world, &world.request(&[("grant_management_action", "create")])).await;
    let page = browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    let answer = browser.post(&world, &page, "consent", &[("decision", "allow"), ("scope", "email")]).await;
    let tokens = world.redeemed(&answer.parameter("code").unwrap()).await;
    let grant = format!("/grants/{}", tokens["grant_id"].as_str().unwrap());
    let scope = "grant_management_query grant_management_revoke";
    let own = [("grant_type", "client_credentials"), ("scope", scope)];
    let own: Value = serde_json::from_str(&world.post("/token", &world.basic(), &own).await.body).unwrap();
    let asked = async |method: &str, authorization: Option<String>| {
        let mut request = Request::builder().method(method).uri(&grant);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        world.send(request.body(Body::empty()).unwrap()).await
    };
    let bearer = |token: &Value| Some(format!("Bearer {}", token["access_token"].as_str().unwrap()));
    let answer = asked("GET", bearer(&own)).await;
    assert_eq!(
        (answer.status, &*answer.body),
        (StatusCode::OK, r#"{"scopes":[{"scope":"openid email"}],"claims":["email","email_verified"]}"#)
    );
    let answer = asked("GET", None).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    let answer = asked("GET", bearer(&tokens)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.header("www-authenticate").contains("insufficient_scope"));
    let answer = asked("GET", bearer(&own).map(|text| text.replace("Bearer", "DPoP"))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(asked("DELETE", bearer(&own)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(asked("GET", bearer(&own)).await.status, StatusCode::NOT_FOUND);
    // With the grant ended what came of it.
    let token = tokens["access_token"].as_str().unwrap();
    let answer = world.post("/introspect", &world.basic(), &[("token", token)]).await;
    assert_eq!(answer.body, r#"{"active":false}"#);
}

#[tokio::test]
async fn attested_clients_get_their_challenges() {
    // shows ATTEST 8/endpoint
    let challenged = |service: &mut Service| {
        service.challenge_endpoint = Some("https://as.example/challenge".to_owned());
        service.supported_token_auth_methods.as_mut().unwrap().push(ClientAuthMethod::AttestJwtClientAuth);
    };
    let world = World::of("attested", "https://as.example", challenged, |client, _| {
        client.token_auth_method = Some(ClientAuthMethod::AttestJwtClientAuth);
    });
    let world = world.await;
    let answer = world.post("/challenge", "", &[]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    let request = Request::post("/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("oauth-client-attestation", "nonsense")
        .header("oauth-client-attestation-pop", "nonsense")
        .body(Body::from(form::encode([("grant_type", "client_credentials"), ("client_id", &*world.id())])))
        .unwrap();
    let answer = world.send(request).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(answer.body.contains("invalid_client_attestation"), "{}", answer.body);
    assert_eq!(answer.header("oauth-client-attestation-challenge"), told["attestation_challenge"]);
    // Without challenges there is no endpoint for them.
    let world = World::of("unchallenged", "https://as.example", |_| {}, |_, _| {}).await;
    assert_eq!(world.post("/challenge", "", &[]).await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn applications_of_a_device_share_a_login() {
    let sharing = |service: &mut Service| {
        exchanging(service);
        service.supported_grant_types.as_mut().unwrap().push(GrantType::RefreshToken);
        service.native_sso_supported = Some(true);
        let scope = Scope { name: Some("device_sso".to_owned()), ..Scope::default() };
        service.supported_scopes.as_mut().unwrap().push(scope);
    };
    let world = World::of("shared", "https://as.example", sharing, |client, _| {
        client.grant_types.as_mut().unwrap().extend([GrantType::TokenExchange, GrantType::RefreshToken]);
        client.extension =
            Some(ClientExtension { token_exchange_permitted: Some(true), ..ClientExtension::default() });
    });
    let world = world.await;
    let mut browser = Browser::default();
    let page =
        browser.get(&world, &world.request(&[]).replace("openid+email", "openid+email+device_sso")).await;
    let page = browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    let allowed = [("decision", "allow"), ("scope", "email"), ("scope", "device_sso")];
    let done = browser.post(&world, &page, "consent", &allowed).await;
    let tokens = world.redeemed(&done.parameter("code").unwrap()).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let secret = tokens["device_secret"].as_str().unwrap();
    assert!(claims(id_token)["ds_hash"].is_string() && claims(id_token)["sid"].is_string());
    // Another application of the device shows both.
    let shown = async |secret: &str| {
        let pairs = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", id_token),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
            ("actor_token", secret),
            ("actor_token_type", "urn:openid:params:token-type:device-secret"),
            ("audience", "https://as.example"),
            ("scope", "openid email"),
        ];
        world.post("/token", &world.basic(), &pairs).await
    };
    let answer = shown("guessed").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("invalid_grant"), "{}", answer.body);
    let answer = shown(secret).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let other: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(claims(other["id_token"].as_str().unwrap())["sub"], "john");
    assert_eq!(other["device_secret"], secret);
    let refreshed = async |secret: &str| {
        let token = tokens["refresh_token"].as_str().unwrap();
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", token), ("device_secret", secret)];
        world.post("/token", &world.basic(), &pairs).await
    };
    let answer = refreshed(secret).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let newer: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(newer["device_secret"], secret);
    // With a logout all of it ends.
    let page = browser.get(&world, "/logout").await;
    let left = browser.post(&world, &page, "logout", &[("decision", "yes")]).await;
    assert_eq!(left.heading(), "You are signed out", "{}", left.body);
    let answer = shown(secret).await;
    assert!(
        answer.status == StatusCode::BAD_REQUEST && answer.body.contains("invalid_grant"),
        "{}",
        answer.body
    );
    for tokens in [&newer, &other] {
        let token = tokens["access_token"].as_str().unwrap();
        let answer = world.post("/introspect", &world.basic(), &[("token", token)]).await;
        assert_eq!(answer.body, r#"{"active":false}"#);
    }
}
