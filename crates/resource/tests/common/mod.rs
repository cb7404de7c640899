//! Keys and tokens of a test's own, a resource behind the layer, and an API that answers introspection.

#![allow(dead_code, unreachable_pub, clippy::allow_attributes, reason = "every test uses a part of it")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use http::header::WWW_AUTHENTICATE;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use placet_base::registry::JwsAlg;
use placet_base::{Secret, ServiceId, TokenHash};
use placet_jose::{Jwk, Unsigned};
use placet_resource::{AccessToken, Content, JwtValidation, Protection, RequireToken};
use placet_sdk::{Client, Retry, Transport, TransportError};
use serde_json::{Map, Value, json};
use tower::{Layer, Service, ServiceExt};

pub const ISSUER: &str = "https://as.example";
/// Every proof has an identifier of its own.
static NEXT: AtomicUsize = AtomicUsize::new(0);
pub const RESOURCE: &str = "https://rs.example/orders";

pub struct Key {
    pub jwk: Jwk,
}

impl Key {
    pub fn new() -> Self {
        Self { jwk: Jwk::parse(&placet_jose::generate(JwsAlg::Es256).unwrap()).unwrap() }
    }

    pub fn jwt(&self, header: Value, claims: Value) -> String {
        let object = |value: Value| -> Map<String, Value> { value.as_object().unwrap().clone() };
        let key = self.jwk.signing_key(JwsAlg::Es256).unwrap();
        let input = Unsigned { header: object(header), claims: object(claims) }.signing_input(&key);
        let signature = key.sign(input.as_bytes()).unwrap();
        Unsigned::compact(input, &signature)
    }

    /// An access token with these claims over the usual ones.
    pub fn token(&self, more: Value) -> String {
        let mut claims = json!({
            "iss": ISSUER, "aud": RESOURCE, "sub": "john", "client_id": "c1", "scope": "orders:read profile",
            "exp": now() + 60, "iat": now(), "acr": "pwd", "auth_time": now() - 100,
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.jwt(json!({ "typ": "at+jwt" }), claims)
    }

    pub fn proof(&self, token: &str, more: Value) -> String {
        let mut claims = json!({
            "jti": NEXT.fetch_add(1, Ordering::Relaxed).to_string(), "htm": "GET", "htu": format!("{RESOURCE}/1"), "iat": now(),
            "ath": TokenHash::of(token).encoded(),
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.jwt(json!({ "typ": "dpop+jwt", "jwk": self.jwk.public() }), claims)
    }

    pub fn set(&self) -> String {
        json!({ "keys": [self.jwk.public()] }).to_string()
    }
}

#[expect(clippy::disallowed_methods, reason = "tokens of a test are made now")]
pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

pub fn offline(key: &Key) -> Protection {
    Protection::offline(RESOURCE, JwtValidation::with_keys(ISSUER, &key.set()).unwrap())
}

/// What became of a request: status, the challenge, and what the resource saw.
pub async fn ask(layer: &RequireToken, request: Request<String>) -> (StatusCode, String, Response<String>) {
    let resource = tower::service_fn(|request: Request<Content<String>>| async move {
        let token = request.extensions().get::<AccessToken>().unwrap();
        let who = format!("{} {}", token.subject.as_deref().unwrap_or("-"), token.client_id);
        let body = request.into_body().collect().await.unwrap().to_bytes();
        Ok::<_, Infallible>(Response::new(who + std::str::from_utf8(&body).unwrap()))
    });
    let response = layer.layer(resource).ready().await.unwrap().call(request).await.unwrap();
    let challenges = response.headers().get_all(WWW_AUTHENTICATE).iter();
    let challenge = challenges.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(" | ");
    (response.status(), challenge, response)
}

pub fn request(headers: &[(&str, &str)]) -> Request<String> {
    let mut request = Request::builder().uri("/orders/1?page=2");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(String::new()).unwrap()
}

pub fn bearer(token: &str) -> Request<String> {
    request(&[("authorization", &format!("Bearer {token}"))])
}

/// Answers introspection, and counts.
#[derive(Clone, Default)]
pub struct Api {
    pub calls: Arc<AtomicUsize>,
    pub down: bool,
}

impl Transport for Api {
    async fn send(&self, request: Request<bytes::Bytes>) -> Result<Response<bytes::Bytes>, TransportError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if self.down {
            return Err(TransportError::Unreached("down".to_owned()));
        }
        let call: Value = serde_json::from_slice(request.body()).unwrap();
        let answer = match call["token"].as_str().unwrap() {
            // Of a token that is bound to no key the API ignores proofs; one that is bound it refuses without.
            "good" => good(json!([RESOURCE])),
            "bound" if call["dpop"].is_string() => good(json!([RESOURCE])),
            "of-two" => good(json!(["https://other.example", RESOURCE])),
            "elsewhere" => good(json!(["https://other.example/api", format!("{RESOURCE}/1")])),
            "anywhere" => good(Value::Null),
            _ => {
                json!({ "action": "UNAUTHORIZED", "responseContent": "Bearer error=\"invalid_token\"", "dpopNonce": "n" })
            }
        };
        Ok(Response::new(answer.to_string().into()))
    }
}

fn good(resources: Value) -> Value {
    json!({
        "action": "OK", "responseContent": "", "subject": "john", "clientId": 7, "scopes": ["a"],
        "expiresAt": (now() + 60) * 1000, "authTime": now() - 10, "accessTokenResources": resources,
    })
}

pub fn introspecting(api: &Api) -> Protection {
    let client =
        Client::new(api.clone(), Secret::new("t".to_owned())).for_service(ServiceId(1)).retry(Retry::NEVER);
    Protection::introspecting(RESOURCE, client).authorization_server(ISSUER)
}
