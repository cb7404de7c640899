//! The authorization server and what is given in exchange besides access tokens: grants for other authorization servers,
//! tokens of one transaction; and tokens that are bound to the certificate of whoever exchanges.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/world.rs"]
mod world;

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use placet_authserver::{AssertionGrant, AssertionIssuer, Peer, ResourceAuthorizationServer, Workload};
use placet_sdk::form;
use placet_sdk::registry::{GrantType, JwsAlg};
use placet_sdk::types::{self, ClientExtension, Service};
use serde_json::{Value, json};
use world::{Browser, World, claims, publishing};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";
const TXN_TOKEN: &str = "urn:ietf:params:oauth:token-type:txn_token";
const CHAT: &str = "https://chat.example";

fn exchanging(client: &mut types::Client) {
    client.grant_types.as_mut().unwrap().push(GrantType::TokenExchange);
    client.extension =
        Some(ClientExtension { token_exchange_permitted: Some(true), ..ClientExtension::default() });
    client.client_id_alias = Some("wiki".to_owned());
    client.client_id_alias_enabled = Some(true);
}

/// The answer of the token endpoint.
async fn asked(world: &World, pairs: &[(&str, &str)]) -> (u16, Value) {
    let answer = world.post("/token", &world.basic(), pairs).await;
    (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap())
}

async fn idp() -> World {
    let issuing = |service: &mut Service| {
        service.supported_grant_types.as_mut().unwrap().push(GrantType::TokenExchange);
        service.id_jag_sign_alg = Some(JwsAlg::Es256);
    };
    let world = World::of("id-jag-idp", "https://as.example", issuing, |client, settings| {
        exchanging(client);
        settings.resource_authorization_servers = vec![ResourceAuthorizationServer {
            issuer: CHAT.to_owned(),
            scopes: vec!["email".to_owned()],
            email: true,
            clients: [("wiki".to_owned(), "wiki-there".to_owned())].into(),
        }];
    });
    world.await
}

/// Where chats are: it believes what the other one says of its users.
async fn chat(idp: &World, name: &str, grants: Vec<AssertionGrant>) -> World {
    let request = Request::get("/jwks").body(Body::empty());
    let jwks_uri = publishing(idp.send(request.unwrap()).await.body);
    let accepting = |service: &mut Service| {
        service.supported_grant_types.as_mut().unwrap().push(GrantType::JwtBearer);
        service.id_jag_accepted = Some(true);
    };
    let world = World::of(name, CHAT, accepting, |client, settings| {
        client.grant_types.as_mut().unwrap().push(GrantType::JwtBearer);
        client.client_id_alias = Some("wiki-there".to_owned());
        client.client_id_alias_enabled = Some(true);
        let issuer = "https://as.example".to_owned();
        settings.assertion_issuers = vec![AssertionIssuer { issuer, jwks_uri, grants, by_aud_sub: false }];
    });
    world.await
}

#[tokio::test]
async fn an_application_goes_to_another_server_with_a_grant_of_its_own() {
    let idp = idp().await;
    let plain = chat(&idp, "id-jag-plain", vec![AssertionGrant::JwtBearer]).await;
    let chat = chat(&idp, "id-jag-chat", vec![AssertionGrant::IdJag]).await;
    let code = Browser::default().code(&idp).await;
    let tokens = idp.redeemed(&code).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let exchange = async |audience: &str, scope: &str| {
        let form = [
            ("grant_type", EXCHANGE),
            ("requested_token_type", ID_JAG),
            ("subject_token", id_token),
            ("subject_token_type", ID_TOKEN),
            ("audience", audience),
            ("scope", scope),
        ];
        asked(&idp, &form).await
    };
    let (status, given) = exchange(CHAT, "email admin").await;
    assert_eq!(
        (status, &given["token_type"], &given["scope"]),
        (200, &json!("N_A"), &json!("email")),
        "{given}"
    );
    assert_eq!((&given["issued_token_type"], &given["expires_in"]), (&json!(ID_JAG), &json!(300)));
    let grant = given["access_token"].as_str().unwrap();
    let said = claims(grant);
    assert_eq!((&said["client_id"], &said["sub"]), (&json!("wiki-there"), &json!("john")), "{said}");
    assert_eq!(
        (&said["acr"], &said["email"]),
        (&json!("urn:placet:acr:password"), &json!("john@example.com"))
    );
    for (audience, scope, error) in [
        ("https://mail.example", "email", "invalid_target"),
        (CHAT, "admin", "invalid_scope"),
        ("https://as.example", "email", "invalid_target"),
    ] {
        let (status, told) = exchange(audience, scope).await;
        assert_eq!((status, &told["error"]), (400, &json!(error)), "{told}");
    }
    // There, it is a grant; once, and for nobody else.
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", grant)];
    let (status, made) = asked(&chat, &form).await;
    assert_eq!((status, &made["scope"]), (200, &json!("email")), "{made}");
    let token = made["access_token"].as_str().unwrap();
    let answer = chat.post("/introspect", &chat.basic(), &[("token", token)]).await;
    let seen: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&seen["active"], &seen["sub"]), (&json!(true), &json!("john")), "{seen}");
    let (status, told) = asked(&chat, &form).await;
    assert_eq!((status, &told["error"]), (400, &json!("invalid_grant")), "{told}");
    // Where its issuer is believed in plain assertions alone, it is none.
    let (status, told) = asked(&plain, &form).await;
    assert_eq!((status, &told["error"]), (400, &json!("invalid_grant")), "{told}");
    assert!(told["error_description"].as_str().unwrap().contains("of this kind"), "{told}");
    // Here, it is none: it was issued for somebody else.
    let (status, _) = asked(&idp, &form).await;
    assert_eq!(status, 400);
}

// shows TXN 8.3/scope
#[tokio::test]
async fn a_workload_begins_a_transaction_of_a_user() {
    let issuing = |service: &mut Service| {
        service.supported_grant_types.as_mut().unwrap().push(GrantType::TokenExchange);
        service.txn_token_sign_alg = Some(JwsAlg::Es256);
        service.trust_domain = Some("trust.example".to_owned());
    };
    let world = World::of("txn-tokens", "https://as.example", issuing, |client, settings| {
        exchanging(client);
        settings.workloads = vec![Workload {
            client: "wiki".to_owned(),
            scopes: [("trade.stocks", "email"), ("trade.bonds", "bonds")]
                .map(|(purpose, scope)| (purpose.to_owned(), vec![scope.to_owned()]))
                .into(),
        }];
    });
    let world = world.await;
    let code = Browser::default().code(&world).await;
    let tokens = world.redeemed(&code).await;
    let begin = async |scope: &str| {
        let form = [
            ("grant_type", EXCHANGE),
            ("requested_token_type", TXN_TOKEN),
            ("subject_token", tokens["access_token"].as_str().unwrap()),
            ("subject_token_type", ACCESS_TOKEN),
            ("audience", "trust.example"),
            ("scope", scope),
            ("request_context", r#"{"req_ip":"192.0.2.1"}"#),
            ("request_details", r#"{"action":"BUY"}"#),
        ];
        asked(&world, &form).await
    };
    let (status, given) = begin("trade.stocks").await;
    assert_eq!((status, &given["token_type"]), (200, &json!("N_A")), "{given}");
    let said = claims(given["access_token"].as_str().unwrap());
    assert_eq!((&said["aud"], &said["sub"]), (&json!("trust.example"), &json!("john")), "{said}");
    assert_eq!((&said["rctx"]["req_ip"], &said["tctx"]["action"]), (&json!("192.0.2.1"), &json!("BUY")));
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 60);
    // Neither for what it may not, nor for what the token is not good for.
    for purpose in ["admin", "trade.bonds"] {
        let (status, told) = begin(purpose).await;
        assert_eq!((status, &told["error"]), (400, &json!("invalid_scope")), "{told}");
    }
}

// RFC 8705 §3: a client that wants tokens bound to its certificate gets them in exchange, too.
#[tokio::test]
async fn what_is_exchanged_is_bound_to_the_certificate() {
    let bound = |service: &mut Service| {
        service.supported_grant_types.as_mut().unwrap().push(GrantType::TokenExchange);
        service.tls_client_certificate_bound_access_tokens = Some(true);
    };
    let world = World::of("exchange-bound", "https://as.example", bound, |client, _| {
        exchanging(client);
        client.tls_client_certificate_bound_access_tokens = Some(true);
    });
    let world = world.await;
    let certificate = rcgen::generate_simple_self_signed(vec!["shop.example".to_owned()]).unwrap();
    let presented = Arc::new(vec![certificate.cert.der().to_vec()]);
    let send = async |pairs: &[(&str, &str)], shown: bool| {
        let presented = if shown { presented.clone() } else { Arc::default() };
        let request = Request::post("/token")
            .extension(Peer { presented, ..Peer::default() })
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", world.basic())
            .body(Body::from(form::encode(pairs.iter().copied())));
        let answer = world.send(request.unwrap()).await;
        (answer.status.as_u16(), serde_json::from_str::<Value>(&answer.body).unwrap())
    };
    let code = Browser::default().code(&world).await;
    let redeem = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", world::CALLBACK)];
    let (_, tokens) = send(&redeem, true).await;
    let exchange = [
        ("grant_type", EXCHANGE),
        ("subject_token", tokens["access_token"].as_str().unwrap()),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    let (status, told) = send(&exchange, false).await;
    assert_eq!((status, &told["error"]), (400, &json!("invalid_request")), "{told}");
    let (status, made) = send(&exchange, true).await;
    assert_eq!(status, 200, "{made}");
    let token = made["access_token"].as_str().unwrap();
    let answer = world.post("/introspect", &world.basic(), &[("token", token)]).await;
    let seen: Value = serde_json::from_str(&answer.body).unwrap();
    assert!(seen["cnf"]["x5t#S256"].is_string(), "{seen}");
}
