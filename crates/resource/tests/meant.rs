//! Tokens that are good, but not here, not like this, or not twice.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Arc;

use common::{Api, Key, RESOURCE, ask, bearer, introspecting, offline, request};
use http::{Request, StatusCode};
use placet_resource::RequireToken;
use serde_json::json;

fn dpop(token: &str, proof: &str) -> Request<String> {
    request(&[("authorization", &format!("DPoP {token}")), ("dpop", proof)])
}

/// `POST` of a body of this type, with a token in the header.
fn posted(token: &str, kind: &str, body: &str) -> Request<String> {
    let mut request = request(&[("authorization", &format!("Bearer {token}")), ("content-type", kind)]);
    *request.method_mut() = http::Method::POST;
    *request.body_mut() = body.to_owned();
    request
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_token_for_another_resource_is_refused_whatever_its_form() {
    let key = Key::new();
    let layer = RequireToken::new(Arc::new(offline(&key)));
    for (audience, expected) in [
        (json!(RESOURCE), 200),
        (json!(["https://other.example", RESOURCE]), 200),
        (json!("https://other.example"), 401),
        (json!(format!("{RESOURCE}/1")), 401),
        (json!("https://rs.example"), 401),
        (json!([]), 401),
    ] {
        let token = key.token(json!({ "aud": audience }));
        assert_eq!(ask(&layer, bearer(&token)).await.0.as_u16(), expected, "{audience}");
    }
    let layer = RequireToken::new(Arc::new(introspecting(&Api::default())));
    for (token, expected) in [("good", 200), ("of-two", 200), ("elsewhere", 401), ("anywhere", 401)] {
        let (status, challenge, _) = ask(&layer, bearer(token)).await;
        assert_eq!(status.as_u16(), expected, "{token}");
        assert_eq!(challenge.starts_with("Bearer error=\"invalid_token\""), expected == 401, "{challenge}");
    }
    // A refusal is not turned into a verdict that is kept.
    assert_eq!(ask(&layer, bearer("elsewhere")).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tokens_that_are_restricted_to_nothing_are_good_where_the_operator_says_so() {
    let layer = RequireToken::new(Arc::new(introspecting(&Api::default()).allow_unrestricted_tokens()));
    for (token, expected) in [("anywhere", 200), ("good", 200), ("elsewhere", 401)] {
        assert_eq!(ask(&layer, bearer(token)).await.0.as_u16(), expected, "{token}");
    }
    let layer = RequireToken::new(Arc::new(introspecting(&Api::default()).audience("https://other.example")));
    for (token, expected) in [("of-two", 200), ("good", 401), ("anywhere", 401)] {
        assert_eq!(ask(&layer, bearer(token)).await.0.as_u16(), expected, "{token}");
    }
}

#[tokio::test]
async fn a_token_comes_under_the_scheme_of_its_kind() {
    let layer = RequireToken::new(Arc::new(introspecting(&Api::default())));
    for (request, expected, error) in [
        (dpop("bound", "p"), 200, ""),
        (dpop("bound", "p"), 200, ""),
        (
            dpop("good", "p"),
            401,
            "DPoP algs=\"ES256 ES384 ES512 EdDSA PS256 PS384 PS512 RS256 RS384 RS512\",error=\"invalid_token\"",
        ),
        (request(&[("authorization", "DPoP good")]), 401, "DPoP algs="),
        (request(&[("authorization", "DPoP bound")]), 401, "DPoP algs="),
        (bearer("bound"), 401, "Bearer error=\"invalid_token\""),
        // A proof does not make a bearer token of a bound one.
        (request(&[("authorization", "Bearer bound"), ("dpop", "p")]), 401, "Bearer error=\"invalid_token\""),
        (request(&[("authorization", "bearer bound"), ("dpop", "p")]), 401, "Bearer error=\"invalid_token\""),
        (request(&[("authorization", "Bearer good"), ("dpop", "p")]), 200, ""),
    ] {
        let what = format!("{:?}", request.headers());
        let (status, challenge, _) = ask(&layer, request).await;
        assert_eq!(status.as_u16(), expected, "{what}: {challenge}");
        assert!(challenge.starts_with(error), "{what}: {challenge}");
    }
}

// shows RFC6750 2/one-way
#[tokio::test]
async fn a_token_in_two_places_is_in_none() {
    let key = Key::new();
    let token = key.token(json!({}));
    let opaque = RequireToken::new(Arc::new(introspecting(&Api::default())));
    let offline = RequireToken::new(Arc::new(offline(&key)));
    for (layer, token) in [(&opaque, "good"), (&offline, token.as_str())] {
        for (kind, body, expected) in [
            (FORM, format!("a=b&access_token={token}"), 400),
            (FORM, "access_token=".to_owned(), 400),
            (FORM, "a=b&access%5Ftoken=x".to_owned(), 400),
            ("Application/X-WWW-Form-URLencoded; charset=UTF-8", "access_token=x".to_owned(), 400),
            (FORM, "a=access_token&access_tokens=x".to_owned(), 200),
            ("application/json", "{\"access_token\":\"x\"}".to_owned(), 200),
            (FORM, "a".repeat(1024 * 1024 + 1), 413),
        ] {
            let (status, challenge, response) = ask(layer, posted(token, kind, &body)).await;
            assert_eq!(status.as_u16(), expected, "{kind}: {challenge}");
            assert_eq!(challenge.contains("error=\"invalid_request\""), expected == 400, "{challenge}");
            // The resource reads what was sent.
            assert!(expected != 200 || response.body().ends_with(&body), "{}", response.body());
        }
        for query in ["access_token=x", "a=b&access_token", "access%5ftoken=x"] {
            let mut with = bearer(token);
            *with.uri_mut() = format!("/orders/1?{query}").parse().unwrap();
            assert_eq!(ask(layer, with).await.0, StatusCode::BAD_REQUEST, "{query}");
            let mut alone = request(&[]);
            *alone.uri_mut() = format!("/orders/1?{query}").parse().unwrap();
            assert_eq!(ask(layer, alone).await.0, StatusCode::BAD_REQUEST, "{query}");
        }
        let twice = [("authorization", format!("Bearer {token}")), ("authorization", "DPoP x".to_owned())];
        let twice = twice.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(ask(layer, request(&twice)).await.0, StatusCode::BAD_REQUEST);
    }
}

// shows RFC9449 4.3/one
#[tokio::test]
async fn a_proof_names_the_address_that_was_called() {
    let (key, own) = (Key::new(), Key::new());
    let layer = RequireToken::new(Arc::new(offline(&key).mtls_alias("https://mtls.rs.example:8443")));
    let token = key.token(json!({ "cnf": { "jkt": own.jwk.thumbprint().unwrap() } }));
    let ask = async |host: &str, htu: &str| {
        let proof = own.proof(&token, json!({ "htu": htu }));
        let authorization = format!("DPoP {token}");
        let headers = [("host", host), ("authorization", authorization.as_str()), ("dpop", proof.as_str())];
        ask(&layer, request(&headers)).await.0.as_u16()
    };
    let (plain, mutual) = (format!("{RESOURCE}/1"), "https://mtls.rs.example:8443/orders/1");
    assert_eq!(ask("rs.example", &plain).await, 200);
    assert_eq!(ask("MTLS.rs.example:8443", mutual).await, 200);
    assert_eq!(ask("mtls.rs.example:8443", &plain).await, 401);
    assert_eq!(ask("rs.example", mutual).await, 401);
    // A name that is none of ours stands for the first, whatever it says.
    assert_eq!(ask("attacker.example", &plain).await, 200);
    assert_eq!(ask("attacker.example", "https://attacker.example/orders/1").await, 401);
}
