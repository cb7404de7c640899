//! The authorization server and its clients: how they prove themselves, and what becomes of those that do not.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/dpop.rs"]
mod dpop;
#[path = "common/world.rs"]
mod world;

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use dpop::Key;
use placet_authserver::{Budgets, Issuer, Peer};
use placet_sdk::form;
use placet_sdk::registry::{ClientAuthMethod, GrantType, SubjectType};
use placet_sdk::types::{self, Scope};
use serde_json::{Value, json};
use world::{Answer, Browser, CALLBACK, World, claims, relying_party};

const ISSUER: &str = "https://as.example";

fn challenge(answer: &Answer) -> &str {
    answer.header("www-authenticate")
}

/// A POST with headers as bytes.
async fn posted(world: &World, path: &str, headers: &[(&str, &[u8])], body: &str) -> Answer {
    let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_bytes(value).unwrap());
    }
    world.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

// shows RFC6749 2.3.1/brute-force
#[tokio::test]
async fn every_client_that_does_not_prove_itself_gets_a_challenge() {
    let world = World::plain("broken").await;
    let broken: [&[u8]; 9] = [
        b"Basic",
        b"Basic ",
        b"Basic YWJj",
        b"Basic %%%",
        b"Basic //46eA==",
        b"Basic JXp6OnNlY3JldA==",
        b"Basic \xff\xfe",
        b"Digest username=\"x\"",
        b"Bearer x",
    ];
    for path in ["/token", "/par", "/introspect", "/revoke"] {
        let body = "grant_type=authorization_code&token=x&response_type=code";
        for header in broken {
            let answer = posted(&world, path, &[("authorization", header)], body).await;
            let said: Value = serde_json::from_str(&answer.body).unwrap();
            let header = String::from_utf8_lossy(header);
            assert_eq!(
                (answer.status.as_u16(), said["error"].as_str()),
                (401, Some("invalid_client")),
                "{path} {header}"
            );
            assert!(
                challenge(&answer).starts_with("Basic realm="),
                "{path} {header}: {}",
                challenge(&answer)
            );
        }
        let right = world.basic();
        let twice = [("authorization", right.as_bytes()), ("authorization", right.as_bytes())];
        assert_eq!(posted(&world, path, &twice, body).await.status, 401, "{path}");
        // In the form, where no header was tried: a 401 has a challenge all the same.
        let body = format!("{body}&client_id={}&client_secret=wrong", world.id());
        let answer = posted(&world, path, &[], &body).await;
        assert!(
            answer.status == 400 || answer.status == 401 && challenge(&answer).starts_with("Basic"),
            "{path} {}",
            answer.status
        );
    }
}

fn registering(service: &mut types::Service) {
    service.dynamic_registration_supported = Some(true);
    service.registration_management_endpoint = Some(format!("{ISSUER}/register"));
    let scopes = service.supported_scopes.get_or_insert_default();
    scopes.push(Scope { name: Some("client_registration".to_owned()), ..Scope::default() });
    service.supported_grant_types.get_or_insert_default().push(GrantType::ClientCredentials);
}

async fn registered(
    world: &World,
    method: &str,
    path: &str,
    token: Option<&str>,
    from: Option<[u8; 4]>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    if let Some(from) = from {
        request = request.extension(Peer { address: Some(IpAddr::from(from)), ..Peer::default() });
    }
    let body = match method {
        "POST" | "PUT" => json!({ "redirect_uris": [CALLBACK] }).to_string(),
        _ => String::new(),
    };
    world.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_token_that_manages_no_client_gets_a_challenge() {
    let world = World::of("management", ISSUER, registering, |_, _| {}).await;
    let made: Value =
        serde_json::from_str(&registered(&world, "POST", "/register", None, None).await.body).unwrap();
    let own = format!("/register/{}", made["client_id"].as_str().unwrap());
    let other = format!("/register/{}", world.id());
    let right = format!("Bearer {}", made["registration_access_token"].as_str().unwrap());
    for method in ["GET", "PUT", "DELETE"] {
        for (path, token) in [
            (&own, None),
            (&own, Some("Bearer wrong")),
            (&other, Some(right.as_str())),
            (&own, Some("Basic eDp5")),
        ] {
            let answer = registered(&world, method, path, token, None).await;
            assert_eq!(answer.status.as_u16(), 401, "{method} {path} {token:?}: {}", answer.body);
            assert!(challenge(&answer).starts_with("Bearer"), "{method}: {}", challenge(&answer));
            let presented = token.is_some_and(|token| token.starts_with("Bearer"));
            assert_eq!(challenge(&answer).contains("invalid_token"), presented, "{method} {token:?}");
        }
    }
    assert_eq!(registered(&world, "GET", &own, Some(&right), None).await.status, 200);
    assert_eq!(registered(&world, "DELETE", &own, Some(&right), None).await.status, 204);
    let gone = registered(&world, "GET", &own, Some(&right), None).await;
    assert!(gone.status == 401 && challenge(&gone).starts_with("Bearer"), "{}", gone.status);
}

#[tokio::test]
async fn an_initial_access_token_is_one_that_was_given_for_registration() {
    let change = |client: &mut types::Client, settings: &mut placet_authserver::Settings| {
        client.grant_types = Some(vec![GrantType::ClientCredentials]);
        settings.registration_needs_token = true;
    };
    let world = World::of("initial", ISSUER, registering, change).await;
    let token = async |scope: &str| {
        let pairs = [("grant_type", "client_credentials"), ("scope", scope)];
        let answer = world.post("/token", &world.basic(), &pairs).await;
        let token: Value = serde_json::from_str(&answer.body).unwrap();
        format!("Bearer {}", token["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.body)))
    };
    let (any, right) = (token("email").await, token("client_registration").await);
    for (token, expected) in
        [(None, 401), (Some("Bearer wrong"), 401), (Some(any.as_str()), 401), (Some(right.as_str()), 201)]
    {
        let answer = registered(&world, "POST", "/register", token, None).await;
        assert_eq!(answer.status.as_u16(), expected, "{token:?}: {}", answer.body);
        assert_eq!(challenge(&answer).starts_with("Bearer"), expected == 401, "{}", challenge(&answer));
    }
    // Open to everybody it is still not open to tokens of any kind.
    let open = World::of("initial-open", ISSUER, registering, |_, _| {}).await;
    for broken in ["Bearer x", "Bearer", "Basic eDp5", "DPoP x"] {
        let answer = registered(&open, "POST", "/register", Some(broken), None).await;
        assert_eq!(answer.status, 401, "{broken}: {}", answer.body);
        assert!(challenge(&answer).starts_with("Bearer"), "{broken}: {}", challenge(&answer));
    }
    assert_eq!(registered(&open, "POST", "/register", None, None).await.status, 201);
}

#[tokio::test]
async fn one_address_registers_so_many_clients_in_an_hour() {
    let budgets = Budgets { registrations: 2, ..Budgets::default() };
    let world =
        World::of("registrations", ISSUER, registering, |_, settings| settings.budgets = budgets).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(registered(&world, "POST", "/register", None, Some([192, 0, 2, 1])).await);
    }
    assert_eq!(statuses.iter().map(|answer| answer.status.as_u16()).collect::<Vec<_>>(), [201, 201, 429]);
    let wait: i64 = statuses[2].header("retry-after").parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
    assert_eq!(registered(&world, "POST", "/register", None, Some([192, 0, 2, 2])).await.status, 201);
}

/// A token of the code flow, bound to the key if there is one.
async fn access_token(world: &World, proof: Option<&str>) -> String {
    let code = Browser::default().code(world).await;
    let pairs = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let basic = world.basic();
    let mut headers = vec![("authorization", basic.as_bytes())];
    headers.extend(proof.map(|proof| ("dpop", proof.as_bytes())));
    let answer = posted(world, "/token", &headers, &form::encode(pairs)).await;
    let tokens: Value = serde_json::from_str(&answer.body).unwrap();
    tokens["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

// shows RFC6750 2/one-way OIDC-Core 5.3/bearer
#[tokio::test]
async fn userinfo_takes_a_token_once_and_under_the_scheme_of_its_kind() {
    let world = World::plain("userinfo").await;
    let key = Key::new();
    let at = format!("{ISSUER}/userinfo");
    let plain = access_token(&world, None).await;
    let bound = access_token(&world, Some(&key.proof("POST", &format!("{ISSUER}/token"), None))).await;
    let ask = async |uri: &str, authorization: Option<String>, proof: Option<String>, body: &str| {
        let mut headers = Vec::new();
        headers.extend(authorization.as_ref().map(|text| ("authorization", text.as_bytes())));
        headers.extend(proof.as_ref().map(|text| ("dpop", text.as_bytes())));
        let answer = posted(&world, uri, &headers, body).await;
        (answer.status.as_u16(), challenge(&answer).to_owned())
    };
    let proof = |token: &str| Some(key.proof("POST", &at, Some(token)));
    let [bearer, dpop] =
        ["bearer", "DPoP"].map(|scheme| move |token: &str| Some(format!("{scheme} {token}")));
    let form = |token: &str| format!("access_token={token}");
    for (what, (status, challenge), expected, error) in [
        ("header", ask("/userinfo", bearer(&plain), None, "").await, 200, ""),
        ("form", ask("/userinfo", None, None, &form(&plain)).await, 200, ""),
        ("bound", ask("/userinfo", dpop(&bound), proof(&bound), "").await, 200, ""),
        (
            "header and form",
            ask("/userinfo", bearer(&plain), None, &form(&plain)).await,
            400,
            "invalid_request",
        ),
        (
            "header and query",
            ask(&format!("/userinfo?{}", form(&plain)), bearer(&plain), None, "").await,
            400,
            "invalid_request",
        ),
        ("query", ask(&format!("/userinfo?{}", form(&plain)), None, None, "").await, 400, "invalid_request"),
        (
            "form twice",
            ask("/userinfo", None, None, &format!("{0}&access%5Ftoken={plain}", form(&plain))).await,
            400,
            "invalid_request",
        ),
        ("bound as bearer", ask("/userinfo", bearer(&bound), None, "").await, 401, "invalid_token"),
        (
            "bound as bearer with a proof",
            ask("/userinfo", bearer(&bound), proof(&bound), "").await,
            401,
            "invalid_token",
        ),
        (
            "bound in a form with a proof",
            ask("/userinfo", None, proof(&bound), &form(&bound)).await,
            401,
            "invalid_token",
        ),
        ("unbound as DPoP", ask("/userinfo", dpop(&plain), proof(&plain), "").await, 401, "invalid_token"),
        (
            "unbound as DPoP without a proof",
            ask("/userinfo", dpop(&plain), None, "").await,
            401,
            "invalid_token",
        ),
        ("nothing", ask("/userinfo", None, None, "").await, 401, ""),
    ] {
        assert_eq!(status, expected, "{what}: {challenge}");
        assert!(
            challenge.contains(error) && challenge.contains("error") != error.is_empty(),
            "{what}: {challenge}"
        );
    }
}

// shows RFC9449 4.3/one
#[tokio::test]
async fn a_proof_names_the_address_that_was_called() {
    let world = World::new("aliases", ISSUER, |_, settings| {
        settings.mutual = Issuer::parse("https://mtls.as.example:8443");
    })
    .await;
    let ask = async |host: &str, htu: &str| {
        let proof = Key::new().proof("POST", htu, None);
        let basic = world.basic();
        let headers =
            [("authorization", basic.as_bytes()), ("dpop", proof.as_bytes()), ("host", host.as_bytes())];
        let answer = posted(&world, "/token", &headers, "grant_type=authorization_code&code=x").await;
        serde_json::from_str::<Value>(&answer.body).unwrap()["error"].as_str().unwrap().to_owned()
    };
    let (plain, alias) = ("https://as.example/token", "https://mtls.as.example:8443/token");
    // A proof that is right leaves the code to be wrong.
    assert_eq!(ask("as.example", plain).await, "invalid_grant");
    assert_eq!(ask("mtls.as.example:8443", alias).await, "invalid_grant");
    assert_eq!(ask("as.example", alias).await, "invalid_dpop_proof");
    assert_eq!(ask("mtls.as.example:8443", plain).await, "invalid_dpop_proof");
    assert_eq!(ask("attacker.example", "https://attacker.example/token").await, "invalid_dpop_proof");
}

fn self_signed(name: &str) -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.self_signed(&key).unwrap().der().to_vec()
}

#[tokio::test]
async fn anybody_can_write_a_name_into_a_certificate() {
    let world = World::of(
        "vouched",
        ISSUER,
        |service| {
            service.supported_grant_types.get_or_insert_default().push(GrantType::ClientCredentials);
            service.supported_revocation_auth_methods = Some(vec![ClientAuthMethod::TlsClientAuth]);
        },
        |_, _| {},
    )
    .await;
    let certificate = self_signed("bank.example");
    let client = |method: ClientAuthMethod| types::Client {
        token_auth_method: Some(method),
        grant_types: Some(vec![GrantType::ClientCredentials]),
        ..relying_party()
    };
    let by_name = types::Client {
        tls_client_auth_san_dns: Some("bank.example".to_owned()),
        ..client(ClientAuthMethod::TlsClientAuth)
    };
    let by_name = world.api.client_create(by_name).await.unwrap().body.client_id.unwrap().to_string();
    let ask = async |id: &str, path: &str, vouched_for: bool| {
        let peer = Peer { presented: Arc::new(vec![certificate.clone()]), vouched_for, ..Peer::default() };
        let pairs = [("grant_type", "client_credentials"), ("client_id", id), ("token", "x")];
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(peer)
            .body(Body::from(form::encode(pairs)));
        world.send(request.unwrap()).await.status.as_u16()
    };
    assert_eq!(ask(&by_name, "/token", false).await, 401);
    assert_eq!(ask(&by_name, "/token", true).await, 200);
    assert_eq!(ask(&by_name, "/revoke", false).await, 401);
    assert_eq!(ask(&by_name, "/revoke", true).await, 200);
    assert_eq!(ask(&by_name, "/introspect", false).await, 401);
}

#[tokio::test]
async fn a_client_with_pairwise_names_does_not_learn_who_somebody_is() {
    let world =
        World::new("pairwise", ISSUER, |client, _| client.subject_type = Some(SubjectType::Pairwise)).await;
    let code = Browser::default().code(&world).await;
    let tokens = world.redeemed(&code).await;
    assert_ne!(claims(tokens["id_token"].as_str().unwrap())["sub"], "john");
    let token = tokens["access_token"].as_str().unwrap();
    let answer = world.post("/introspect", &world.basic(), &[("token", token)]).await;
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(said["active"], true, "{}", answer.body);
    assert!(!answer.body.contains("john"), "{}", answer.body);
}

/// Publishes the metadata document of a client on this machine; the URL of it.
fn publishing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/client.json", listener.local_addr().unwrap());
    let document = json!({
        "client_id": url,
        "client_name": "Published",
        "redirect_uris": [CALLBACK],
        "id_token_signed_response_alg": "ES256",
    });
    let document = document.to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nCache-Control: max-age=600\r\n\r\n",
            document.len()
        );
        stream.write_all((head + &document).as_bytes()).unwrap();
    });
    url
}

#[tokio::test]
async fn a_client_that_says_at_a_url_what_it_is_is_shown_with_its_host() {
    let discovering = |service: &mut types::Service| {
        service.client_id_metadata_document_supported = Some(true);
        service.cimd_http_permitted = Some(true);
        service.supported_token_auth_methods.get_or_insert_default().push(ClientAuthMethod::None);
    };
    let world = World::of("published", ISSUER, discovering, |_, _| {}).await;
    let url = publishing();
    let mut browser = Browser::default();
    let asked = [
        ("response_type", "code"),
        ("client_id", url.as_str()),
        ("redirect_uri", CALLBACK),
        ("scope", "openid email"),
    ];
    let page = browser.get(&world, &format!("/authorize?{}", form::encode(asked))).await;
    let page = browser.post(&world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    assert!(page.heading().contains("Published"), "{}", page.body);
    assert!(page.body.contains("id=\"host\"") && page.body.contains("127.0.0.1"), "{}", page.body);
    let answer = browser.post(&world, &page, "consent", &[("decision", "allow"), ("scope", "email")]).await;
    let code = answer.parameter("code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", CALLBACK),
        ("client_id", url.as_str()),
    ];
    let answer = posted(&world, "/token", &[], &form::encode(form)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let tokens: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(claims(tokens["id_token"].as_str().unwrap())["aud"], json!([url]));
}

#[tokio::test]
async fn an_app_that_lets_others_begin_a_login_can_be_opened() {
    let world = World::of(
        "begun",
        ISSUER,
        |_| {},
        |client, _| {
            client.login_uri = Some("https://client.example/login?from=as".to_owned());
        },
    );
    let world = world.await;
    let mut browser = Browser::default();
    let code = browser.code(&world).await;
    world.redeemed(&code).await;
    let page = browser.get(&world, "/apps").await;
    // OpenID Connect Core §4: the issuer that the login is to be begun at.
    let begun = "https://client.example/login?from=as&amp;iss=https%3A%2F%2Fas.example";
    let body = page.body.replace("&#x2f;", "/");
    assert!(body.contains(&format!("href=\"{begun}\"")), "{}", page.body);
}
