//! The SDK over a socket: time-outs, repetitions, DPoP-bound tokens, and answers of a newer API.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use placet_jose::{Jwk, Parsed};
use placet_sdk::registry::JwsAlg;
use placet_sdk::types::{IntrospectionRequest, TokenRequest};
use placet_sdk::{
    Client, Credentials, DpopKey, Error, HttpTransport, IntrospectionDecision, Retry, Secret, ServiceId,
    TokenDecision, TransportError,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the API answers, one after the other; the last one again and again. `None` for silence.
type Script = Vec<Option<String>>;

/// An API that follows a script, and keeps the requests.
struct Api {
    base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Api {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = requests.clone();
        tokio::spawn(async move {
            for turn in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let answer = script.get(turn).or(script.last()).cloned().flatten();
                let kept = kept.clone();
                tokio::spawn(async move {
                    let mut request = vec![0; 64 * 1024];
                    let read = stream.read(&mut request).await.unwrap();
                    kept.lock().unwrap().push(String::from_utf8_lossy(&request[..read]).into_owned());
                    match answer {
                        Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                        None => tokio::time::sleep(Duration::from_secs(60)).await,
                    }
                });
            }
        });
        Self { base, requests }
    }

    fn client(&self) -> Client<HttpTransport> {
        self.with(Secret::new("t0ken".to_owned()))
    }

    fn with(&self, credentials: impl Into<Credentials>) -> Client<HttpTransport> {
        let retry = Retry { pause: Duration::from_millis(1), ..Retry::default() };
        let transport = HttpTransport::new(&self.base).unwrap();
        Client::new(transport, credentials)
            .for_service(ServiceId(7))
            .retry(retry)
            .timeout(Duration::from_millis(500))
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(status: u16, headers: &str, body: &str) -> Option<String> {
    let length = body.len();
    Some(format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    ))
}

fn ok() -> Option<String> {
    answer(200, "", r#"{"action":"OK","responseContent":"{}","subject":"john"}"#)
}

fn introspection() -> IntrospectionRequest {
    IntrospectionRequest { token: Some("a".to_owned()), ..IntrospectionRequest::default() }
}

#[tokio::test]
async fn a_call_names_service_and_token() {
    let api = Api::start(vec![ok()]).await;
    let IntrospectionDecision::Ok(issued) = api.client().introspection(introspection()).await.unwrap() else {
        panic!("not the action that was sent");
    };
    assert_eq!(issued.answer.subject.as_deref(), Some("john"));
    let request = &api.requests()[0];
    assert!(request.starts_with("POST /api/7/auth/introspection HTTP/1.1\r\n"), "{request}");
    assert!(
        request.contains("authorization: Bearer t0ken\r\n") && request.ends_with(r#"{"token":"a"}"#),
        "{request}"
    );
}

#[tokio::test]
async fn what_changes_nothing_is_repeated_and_what_does_is_not() {
    let unavailable = || answer(503, "", r#"{"resultCode":"A990101","resultMessage":"[A990101] later"}"#);
    let api = Api::start(vec![unavailable(), unavailable(), ok()]).await;
    assert!(api.client().introspection(introspection()).await.is_ok());
    assert_eq!(api.requests().len(), 3);

    let api = Api::start(vec![unavailable(), ok()]).await;
    match api.client().token(TokenRequest::default()).await {
        Err(Error::Refused { status: 503, result_code, .. }) => {
            assert_eq!(result_code.as_deref(), Some("A990101"))
        }
        _ => panic!("expected the refusal"),
    }
    assert_eq!(api.requests().len(), 1);
    // Turned away at the door: nothing has happened.
    let api = Api::start(vec![answer(429, "retry-after: 0\r\n", "{}"), ok()]).await;
    assert!(matches!(api.client().token(TokenRequest::default()).await, Ok(TokenDecision::Ok(_))));
    assert_eq!(api.requests().len(), 2);
}

#[tokio::test]
async fn silence_ends_in_time() {
    let api = Api::start(vec![None, ok()]).await;
    assert!(api.client().introspection(introspection()).await.is_ok());
    let api = Api::start(vec![None]).await;
    let silent = api.client().token(TokenRequest::default()).await;
    assert!(matches!(silent, Err(Error::Transport(TransportError::TimedOut))));
    let nobody = Client::new(HttpTransport::new("http://127.0.0.1:1").unwrap(), Secret::new("t".to_owned()));
    let unreached = nobody.for_service(ServiceId(7)).retry(Retry::NEVER).token(TokenRequest::default()).await;
    assert!(matches!(unreached, Err(Error::Transport(TransportError::Unreached(_)))));
}

#[tokio::test]
async fn every_other_status_is_an_error_with_its_code() {
    let body = r#"{"resultCode":"A001215","resultMessage":"[A001215] no","later":1}"#;
    for status in [400, 401, 403, 404, 500] {
        let api = Api::start(vec![answer(status, "", body)]).await;
        match api.client().token(TokenRequest::default()).await {
            Err(Error::Refused { status: found, result_code, .. }) => {
                assert_eq!((found, result_code.as_deref()), (status, Some("A001215")));
            }
            _ => panic!("{status} was taken for an answer"),
        }
    }
    for (status, body) in [(302, ""), (204, ""), (200, "<html>")] {
        let api = Api::start(vec![answer(status, "location: http://127.0.0.1:1/\r\n", body)]).await;
        let result = api.client().token(TokenRequest::default()).await;
        assert!(matches!(result, Err(Error::UnexpectedAnswer { .. })), "{status}");
    }
}

#[tokio::test]
async fn a_newer_api_is_understood_as_far_as_it_goes() {
    let body = r#"{"action":"ASK_THE_BOARD","responseContent":"x","board":["a"]}"#;
    let api = Api::start(vec![answer(200, "", body)]).await;
    let TokenDecision::Unknown(answer) = api.client().token(TokenRequest::default()).await.unwrap() else {
        panic!("expected an unknown action");
    };
    assert_eq!(answer.unknown_action(), Some("ASK_THE_BOARD"));
    assert_eq!(answer.response_content.as_deref(), Some("x"));
    assert_eq!(answer.unknown.get("/board"), Some(&serde_json::json!(["a"])));
}

#[tokio::test]
async fn a_bound_token_is_proven_at_each_call() {
    let jwk = placet_jose::generate(JwsAlg::Es256).unwrap();
    let key = DpopKey::parse(&jwk, JwsAlg::Es256).unwrap();
    let wanted = answer(401, "dpop-nonce: n1\r\n", r#"{"resultCode":"A1","resultMessage":"nonce"}"#);
    let api = Api::start(vec![wanted, ok()]).await;
    let client = api.with(Credentials::Dpop { token: Secret::new("t0ken".to_owned()), key });
    // The nonce is asked for once, and used from then on.
    assert!(client.token(TokenRequest::default()).await.is_ok());
    assert!(client.token(TokenRequest::default()).await.is_ok());
    let requests = api.requests();
    assert_eq!(requests.len(), 3);
    let public = Jwk::parse(&jwk).unwrap();
    let mut seen = Vec::new();
    for (turn, request) in requests.iter().enumerate() {
        let header =
            |name: &str| request.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        assert_eq!(header("authorization:"), "DPoP t0ken");
        let proof = header("dpop:");
        let parsed = Parsed::parse(&proof).unwrap();
        assert_eq!(parsed.header["typ"], "dpop+jwt");
        assert!(parsed.header["jwk"].get("d").is_none());
        let claims = parsed.verified(&public.verifying_key(JwsAlg::Es256).unwrap()).unwrap();
        assert_eq!(claims["htm"], "POST");
        assert_eq!(claims["htu"], format!("{}/api/7/auth/token", api.base));
        assert_eq!(claims.get("nonce").is_some(), turn > 0);
        assert!(!seen.contains(&claims["jti"]));
        seen.push(claims["jti"].clone());
    }
}
