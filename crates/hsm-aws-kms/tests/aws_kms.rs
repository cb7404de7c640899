//! The contract, with a stand-in for AWS KMS that is not ours, and what becomes of requests when the service fails them.
//!
//! The SDK learns from its environment who calls, so that each test runs in a process of its own. The contract wants such
//! a stand-in: `interop/aws-kms/run` starts one and says where it is.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::contract::{CHECKS, block_on};
use placet_hsm::{Destroyed, Hsm, HsmError, KeyAlg, KeyId, Limits, NewKey};
use placet_hsm_aws_kms::{Settings, connect, decrypted};
use placet_jose::Asked;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const KEY: KeyId = KeyId([9; 32]);

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says where the stand-in is")]
fn stand_in() -> Option<String> {
    std::env::var("AWS_KMS_STAND_IN").ok()
}

/// Runs the test `name`, of those that are ignored, as somebody who may use the keys.
fn as_somebody(name: &str) {
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", name, "--nocapture"])
        .env("AWS_ACCESS_KEY_ID", "somebody")
        .env("AWS_SECRET_ACCESS_KEY", "a secret of theirs")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    let said = [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(ran.status.success() && said[0].contains("1 passed"), "{}{}", said[0], said[1]);
}

fn at(runtime: &Runtime, endpoint: String, limits: Limits) -> Arc<dyn Hsm> {
    let settings =
        Settings { name: "cloud".to_owned(), region: "eu-west-1".to_owned(), endpoint: Some(endpoint) };
    runtime.block_on(connect(&settings, limits))
}

/// A service that answers every call so; not at all with an empty answer.
fn answering(runtime: &Runtime, answer: &'static str) -> String {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 8192]).await;
                if answer.is_empty() {
                    std::future::pending::<()>().await;
                }
                let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close";
                let whole = format!("{head}\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
                let _ = stream.write_all(whole.as_bytes()).await;
            });
        }
    });
    url
}

fn signs(hsm: &dyn Hsm) -> Result<Vec<u8>, HsmError> {
    block_on(hsm.sign(KEY, JwsAlg::Es256, b"message".to_vec()))
}

#[test]
fn contract() {
    if stand_in().is_none() {
        eprintln!("LEFT OUT: AWS_KMS_STAND_IN does not say where a stand-in is");
        return;
    }
    as_somebody("contract_of_the_stand_in");
}

#[test]
#[ignore = "in a process of its own"]
fn contract_of_the_stand_in() {
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let patient = Limits { timeout: Duration::from_secs(60), ..Limits::default() };
    let hsm = at(&runtime, stand_in().unwrap(), patient);
    for (name, check) in CHECKS {
        eprintln!("{name}");
        check(&*hsm);
    }
    // RSA-OAEP-256 is none of the contract, since not every module does it; this one does.
    let key = NewKey { id: KEY, alg: KeyAlg::Decrypts(JweAlg::RsaOaep256), label: "placet".to_owned() };
    assert!(block_on(hsm.generate(key.clone())).is_ok());
    // The name is free again after that, and a second key of the same id takes the place of the first.
    assert!(block_on(hsm.generate(key)).is_ok());
    assert_eq!(block_on(hsm.destroy(KEY)), Ok(Destroyed));
}

#[test]
fn decryption() {
    if stand_in().is_none() {
        eprintln!("LEFT OUT: AWS_KMS_STAND_IN does not say where a stand-in is");
        return;
    }
    as_somebody("what_a_key_of_the_service_encrypted_is_decrypted");
}

fn decrypts(runtime: &Runtime, endpoint: String, encrypted: Vec<u8>) -> Result<Vec<u8>, HsmError> {
    let settings =
        Settings { name: "cloud".to_owned(), region: "eu-west-1".to_owned(), endpoint: Some(endpoint) };
    let limits = Limits { timeout: Duration::from_secs(30), ..Limits::default() };
    let plain = runtime.block_on(decrypted(&settings, limits, encrypted));
    plain.map(|plain| plain.expose().clone())
}

#[test]
#[ignore = "in a process of its own"]
fn what_a_key_of_the_service_encrypted_is_decrypted() {
    let runtime = Runtime::new().unwrap();
    let url = stand_in().unwrap();
    let encrypted = runtime.block_on(async {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let loader = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new("eu-west-1"))
            .http_client(http)
            .endpoint_url(&url);
        let client = aws_sdk_kms::Client::new(&loader.load().await);
        let key = client
            .create_key()
            .description("a master key")
            .send()
            .await
            .unwrap()
            .key_metadata
            .unwrap()
            .key_id;
        let made = client.generate_data_key().key_id(key).number_of_bytes(32).send().await.unwrap();
        (made.ciphertext_blob.unwrap().into_inner(), made.plaintext.unwrap().into_inner())
    });
    let (mut encrypted, plain) = encrypted;
    assert_eq!(decrypts(&runtime, url.clone(), encrypted.clone()), Ok(plain));
    *encrypted.last_mut().unwrap() ^= 1;
    assert!(decrypts(&runtime, url, encrypted).is_err());
    let away = answering(&runtime, r#"{"__type":"AccessDeniedException"}"#);
    assert!(matches!(decrypts(&runtime, away, vec![0; 100]), Err(HsmError::Away(_))));
    let not_for_it = answering(&runtime, r#"{"__type":"InvalidCiphertextException"}"#);
    assert!(matches!(decrypts(&runtime, not_for_it, vec![0; 100]), Err(HsmError::Refused(_))));
}

#[test]
fn failures() {
    as_somebody("failures_have_their_names");
}

#[test]
#[ignore = "in a process of its own"]
fn failures_have_their_names() {
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let failing = |answer| signs(&*at(&runtime, answering(&runtime, answer), Limits::default()));
    assert_eq!(failing(r#"{"__type":"NotFoundException"}"#), Err(HsmError::NoKey));
    assert_eq!(failing(r#"{"__type":"LimitExceededException"}"#), Err(HsmError::Full));
    assert_eq!(failing(r#"{"__type":"ThrottlingException"}"#), Err(HsmError::Busy));
    assert!(matches!(failing(r#"{"__type":"AccessDeniedException"}"#), Err(HsmError::Away(_))));
    assert!(matches!(failing(r#"{"__type":"KMSInvalidStateException"}"#), Err(HsmError::Refused(_))));
    assert!(matches!(failing("no JSON"), Err(HsmError::Refused(_))));
    let refused = failing(r#"{"__type":"ValidationException","message":"too short"}"#);
    assert_eq!(refused, Err(HsmError::Unsupported("ValidationException: too short".to_owned())));
    // RFC 7516 §11.5: what cannot be decrypted is none of the module's errors.
    let url = answering(&runtime, r#"{"__type":"InvalidCiphertextException"}"#);
    let hsm = at(&runtime, url, Limits::default());
    assert_eq!(block_on(hsm.answer(KEY, JweAlg::RsaOaep, Asked::Decryption(vec![0; 256]))), Ok(None));
}

#[test]
fn absence() {
    as_somebody("a_service_that_is_away_or_silent_holds_nobody");
}

#[test]
#[ignore = "in a process of its own"]
fn a_service_that_is_away_or_silent_holds_nobody() {
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let nobody = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap().local_addr().unwrap();
    let away = at(&runtime, format!("http://{nobody}"), Limits::default());
    assert!(matches!(signs(&*away), Err(HsmError::Away(_))));
    let limits = Limits { threads: 1, queue: 1, timeout: Duration::from_millis(300) };
    let silent = at(&runtime, answering(&runtime, ""), limits);
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let silent = silent.clone();
            runtime.spawn(async move { silent.sign(KEY, JwsAlg::Es256, b"message".to_vec()).await })
        })
        .collect();
    let mut outcomes: Vec<_> =
        waiting.into_iter().map(|one| runtime.block_on(one).unwrap().unwrap_err().to_string()).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["no answer in time", "no answer in time", "the queue is full"]);
    // Their places are free again.
    assert_eq!(signs(&*silent), Err(HsmError::Late));
}
