//! What the layer lets through, and what it says to the rest.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::{Api, ISSUER, Key, RESOURCE, ask, bearer, introspecting, now, offline, request};
use data_encoding::BASE64URL_NOPAD;
use http::{Response, StatusCode};
use placet_base::TokenHash;
use placet_resource::{ClientCertificate, JwtValidation, Protection, RequireToken};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_token_opens_the_resource() {
    let key = Key::new();
    let layer = RequireToken::new(Arc::new(offline(&key))).scopes(["orders:read"]).acrs(["pwd"]).max_age(200);
    let (status, _, response) = ask(&layer, bearer(&key.token(json!({})))).await;
    assert_eq!((status, response.body().as_str()), (StatusCode::OK, "john c1"));
}

// shows RFC6750 2/one-way
#[tokio::test]
async fn each_failure_has_its_challenge() {
    let key = Key::new();
    let layer =
        RequireToken::new(Arc::new(offline(&key))).scopes(["orders:read"]).acrs(["pwd", "otp"]).max_age(200);
    let metadata = "resource_metadata=\"https://rs.example/.well-known/oauth-protected-resource/orders\"";

    let (status, challenge, _) = ask(&layer, request(&[])).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(challenge.starts_with(&format!("Bearer {metadata} | DPoP algs=\"ES256 ")), "{challenge}");
    assert!(!challenge.contains("error"), "{challenge}");

    let other = Key::new();
    for (token, expected, error) in [
        ("opaque".to_owned(), 401, "invalid_token"),
        (other.token(json!({})), 401, "invalid_token"),
        (key.token(json!({ "exp": now() })), 401, "invalid_token"),
        (key.token(json!({ "exp": "soon" })), 401, "invalid_token"),
        (key.token(json!({ "iss": "https://other.example" })), 401, "invalid_token"),
        (key.token(json!({ "aud": ["https://other.example"] })), 401, "invalid_token"),
        (key.jwt(json!({ "typ": "JWT" }), json!({ "iss": ISSUER, "aud": RESOURCE })), 401, "invalid_token"),
        (key.token(json!({ "scope": "profile" })), 403, "insufficient_scope"),
        (key.token(json!({ "acr": "none" })), 401, "insufficient_user_authentication"),
        (key.token(json!({ "auth_time": now() - 500 })), 401, "insufficient_user_authentication"),
    ] {
        let (status, challenge, _) = ask(&layer, bearer(&token)).await;
        assert_eq!(status.as_u16(), expected, "{challenge}");
        assert!(
            challenge.starts_with(&format!("Bearer error=\"{error}\"")) && challenge.ends_with(metadata),
            "{challenge}"
        );
    }
    let (_, challenge, _) = ask(&layer, bearer(&key.token(json!({ "scope": "x" })))).await;
    assert!(challenge.contains("scope=\"orders:read\""), "{challenge}");
    let (_, challenge, _) = ask(&layer, bearer(&key.token(json!({ "acr": "x" })))).await;
    assert!(challenge.contains("acr_values=\"pwd otp\",max_age=\"200\""), "{challenge}");

    let two = request(&[("authorization", "Bearer a"), ("authorization", "Bearer b")]);
    let mut in_query = bearer(&key.token(json!({})));
    *in_query.uri_mut() = "/orders/1?access_token=x".parse().unwrap();
    for (request, expected) in [(two, 400), (in_query, 400), (bearer("a,b"), 400), (bearer(""), 400)] {
        let (status, challenge, _) = ask(&layer, request).await;
        assert_eq!(status.as_u16(), expected);
        assert!(challenge.starts_with("Bearer error=\"invalid_request\""), "{challenge}");
    }
    let (_, challenge, _) = ask(&layer, request(&[("authorization", "Basic a")])).await;
    assert!(!challenge.contains("error"), "{challenge}");
}

#[tokio::test]
async fn a_bound_token_needs_its_proof() {
    let (key, own, other) = (Key::new(), Key::new(), Key::new());
    let layer = RequireToken::new(Arc::new(offline(&key)));
    let token = key.token(json!({ "cnf": { "jkt": own.jwk.thumbprint().unwrap() } }));
    let with = |proof: &str| request(&[("authorization", &format!("DPoP {token}")), ("dpop", proof)]);
    let proof = own.proof(&token, json!({}));
    assert_eq!(ask(&layer, with(&proof)).await.0, StatusCode::OK);
    for (request, error) in [
        (with(&proof), "invalid_dpop_proof"),
        (bearer(&token), "invalid_token"),
        (request(&[("authorization", &format!("DPoP {token}"))]), "invalid_dpop_proof"),
        (with(&other.proof(&token, json!({}))), "invalid_token"),
        (with(&own.proof("another", json!({}))), "invalid_dpop_proof"),
        (with(&own.proof(&token, json!({ "htm": "POST" }))), "invalid_dpop_proof"),
        (with(&own.proof(&token, json!({ "htu": "https://rs.example/orders/2" }))), "invalid_dpop_proof"),
        (with(&own.proof(&token, json!({ "iat": now() - 1000 }))), "invalid_dpop_proof"),
    ] {
        let (status, challenge, _) = ask(&layer, request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(challenge.contains(&format!("error=\"{error}\"")), "{challenge}");
    }
    // RFC 9449 §7.1: the scheme DPoP for a token that is bound to nothing.
    let free = key.token(json!({}));
    let request =
        request(&[("authorization", &format!("DPoP {free}")), ("dpop", &own.proof(&free, json!({})))]);
    assert_eq!(ask(&layer, request).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_nonce_is_handed_out_and_then_taken() {
    let (key, own) = (Key::new(), Key::new());
    let layer = RequireToken::new(Arc::new(offline(&key).dpop_nonces()));
    let token = key.token(json!({ "cnf": { "jkt": own.jwk.thumbprint().unwrap() } }));
    let with = |more| {
        let proof = own.proof(&token, more);
        request(&[("authorization", &format!("DPoP {token}")), ("dpop", &proof)])
    };
    let nonce = |response: &Response<String>| response.headers()["dpop-nonce"].to_str().unwrap().to_owned();
    let (status, challenge, response) = ask(&layer, with(json!({}))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(challenge.contains("error=\"use_dpop_nonce\""), "{challenge}");
    let (status, _, response) = ask(&layer, with(json!({ "nonce": nonce(&response) }))).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!nonce(&response).is_empty());
    assert_eq!(ask(&layer, with(json!({ "nonce": "made-up" }))).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_of_a_certificate_needs_that_certificate() {
    let key = Key::new();
    let layer = RequireToken::new(Arc::new(offline(&key)));
    let thumbprint = TokenHash::of("der").encoded();
    assert!(BASE64URL_NOPAD.decode(thumbprint.as_bytes()).is_ok());
    let token = key.token(json!({ "cnf": { "x5t#S256": thumbprint } }));
    let with = |der: &[u8]| {
        let mut request = bearer(&token);
        request.extensions_mut().insert(ClientCertificate(der.into()));
        request
    };
    assert_eq!(ask(&layer, with(b"der")).await.0, StatusCode::OK);
    assert_eq!(ask(&layer, with(b"other")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&layer, bearer(&token)).await.0, StatusCode::UNAUTHORIZED);
}

/// Publishes one key set after the other, and counts.
async fn published(sets: Vec<String>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/jwks", listener.local_addr().unwrap());
    let counted: Arc<AtomicUsize> = Arc::default();
    let count = counted.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            let turn = count.fetch_add(1, Ordering::Relaxed);
            let set = sets.get(turn).or(sets.last()).unwrap();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", set.len());
            stream.write_all(format!("{head}{set}").as_bytes()).await.unwrap();
        }
    });
    (uri, counted)
}

#[tokio::test]
async fn keys_are_fetched_when_one_is_missing_and_not_for_every_made_up_one() {
    let (key, other) = (Key::new(), Key::new());
    let (uri, fetched) = published(vec![key.set()]).await;
    let protection = Protection::offline(RESOURCE, JwtValidation::fetching(ISSUER, &uri).unwrap());
    let layer = RequireToken::new(Arc::new(protection));
    assert_eq!(fetched.load(Ordering::Relaxed), 0);
    for _ in 0..3 {
        assert_eq!(ask(&layer, bearer(&key.token(json!({})))).await.0, StatusCode::OK);
    }
    assert_eq!(fetched.load(Ordering::Relaxed), 1);
    for _ in 0..3 {
        assert_eq!(ask(&layer, bearer(&other.token(json!({})))).await.0, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(fetched.load(Ordering::Relaxed), 1);
    // Nobody there: nobody is let through.
    let nobody =
        Protection::offline(RESOURCE, JwtValidation::fetching(ISSUER, "http://127.0.0.1:1/").unwrap());
    let layer = RequireToken::new(Arc::new(nobody));
    for _ in 0..2 {
        assert_eq!(ask(&layer, bearer(&key.token(json!({})))).await.0, StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn a_verdict_is_kept_for_the_same_question_alone() {
    let api = Api::default();
    let protection = Arc::new(introspecting(&api));
    let calls = || api.calls.load(Ordering::Relaxed);
    let plain = RequireToken::new(protection.clone());
    for _ in 0..3 {
        assert_eq!(ask(&plain, bearer("good")).await.2.body(), "john 7");
    }
    assert_eq!(calls(), 1);
    ask(&plain.clone().scopes(["a"]), bearer("good")).await;
    ask(&plain.clone().acrs(["pwd"]), bearer("good")).await;
    ask(&plain.clone().max_age(100), bearer("good")).await;
    assert_eq!(calls(), 4);
    // A login that is too old by now has no verdict to be kept.
    for _ in 0..2 {
        ask(&plain.clone().max_age(5), bearer("good")).await;
    }
    assert_eq!(calls(), 6);
    // A proof is for one request.
    for _ in 0..2 {
        ask(&plain, request(&[("authorization", "DPoP bound"), ("dpop", "p")])).await;
    }
    // Once more for the first, to know that it is bound to a key.
    assert_eq!(calls(), 9);
    for _ in 0..2 {
        let (status, challenge, response) = ask(&plain, bearer("bad")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(challenge.starts_with("Bearer error=\"invalid_token\",resource_metadata="), "{challenge}");
        assert_eq!(response.headers()["dpop-nonce"], "n");
    }
    assert_eq!(calls(), 11);
    let never = RequireToken::new(Arc::new(introspecting(&api).cache(10, Duration::ZERO)));
    for _ in 0..2 {
        ask(&never, bearer("good")).await;
    }
    assert_eq!(calls(), 13);
}

#[tokio::test]
async fn without_the_api_nobody_is_let_through() {
    let layer = RequireToken::new(Arc::new(introspecting(&Api { down: true, ..Api::default() })));
    let (status, challenge, response) = ask(&layer, bearer("good")).await;
    assert_eq!((status, challenge.as_str()), (StatusCode::SERVICE_UNAVAILABLE, ""));
    assert_eq!(response.headers()["retry-after"], "2");
}

#[test]
fn metadata_name_the_resource_and_who_issues_for_it() {
    let protection = introspecting(&Api::default());
    assert_eq!(protection.metadata_path(), "/.well-known/oauth-protected-resource/orders");
    let metadata: Value = serde_json::from_str(&protection.metadata(&["orders:read"])).unwrap();
    assert_eq!(metadata["resource"], RESOURCE);
    assert_eq!(metadata["authorization_servers"], json!([ISSUER]));
    assert_eq!(metadata["scopes_supported"], json!(["orders:read"]));
}
