//! A master key that AWS KMS has encrypted. `interop/aws-kms/run` holds the call against a stand-in that is not ours; here
//! what a server makes of its answers.

#![cfg(feature = "aws-kms")]
#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use common::Dir;
use common::at::At;
use data_encoding::BASE64;
use serde_json::{Value, json};

/// Decrypts a key to itself with every bit turned, unless it is not let in.
fn key_service() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let asked: Value = serde_json::from_slice(&body).unwrap();
            let encrypted = BASE64.decode(asked["CiphertextBlob"].as_str().unwrap().as_bytes()).unwrap();
            let (status, answer) = match encrypted.len() {
                1 => ("400 Bad Request", json!({ "__type": "AccessDeniedException", "message": "not you" })),
                _ => {
                    let plain: Vec<u8> = encrypted.iter().map(|byte| !byte).collect();
                    ("200 OK", json!({ "KeyId": "key", "Plaintext": BASE64.encode(&plain) }))
                }
            };
            let answer = answer.to_string();
            let head = "Content-Type: application/x-amz-json-1.1\r\nConnection: close";
            let whole =
                format!("HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
            stream.get_mut().write_all(whole.as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn a_key_that_the_service_decrypts_opens_the_store() {
    let dir = Dir::new("key-kms");
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.0.join(name);
        std::fs::write(&path, format!("{}\n", BASE64.encode(bytes))).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let url = key_service();
    let with = |extra: &[(&'static str, &str)]| {
        let fixed = [
            ("PLACET_MASTER_KEY_AWS_KMS_REGION", "eu-west-1"),
            ("PLACET_MASTER_KEY_AWS_KMS_ENDPOINT", &url),
            ("AWS_ACCESS_KEY_ID", "somebody"),
            ("AWS_SECRET_ACCESS_KEY", "a secret of theirs"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let extra = fixed.iter().chain(extra).map(|(name, value)| (*name, (*value).to_owned())).collect();
        At { extra, ..At::new(&dir) }
    };
    const FILE: &str = "PLACET_MASTER_KEY_AWS_KMS_FILE";
    let refused = |extra: &[(&'static str, &str)]| String::from_utf8(with(extra).refused().stderr).unwrap();
    let (one, other) = (file("one.kms", &[1; 32]), file("other.kms", &[2; 32]));
    let (short, denied) = (file("short.kms", &[3; 31]), file("denied.kms", &[3]));
    let token = with(&[(FILE, &one)]).found();
    assert!(!dir.0.join("master.key").exists());
    let mut serving = with(&[(FILE, &one)]).serve();
    assert_eq!(serving.connection.post("/api/service/create", &token, &json!({})).status, 200);
    drop(serving);
    let said = refused(&[(FILE, &other)]);
    assert!(said.contains("other.kms: this is not the key"), "{said}");
    assert!(refused(&[(FILE, &short)]).contains("short.kms: expected a key of 32 bytes"));
    let said = refused(&[(FILE, &denied)]);
    assert!(said.contains("denied.kms: AWS KMS") && said.contains("AccessDeniedException"), "{said}");
    // From one key of the service to another, and from there to a file.
    let at = with(&[(FILE, &other), ("PLACET_MASTER_KEY_AWS_KMS_FORMER_FILE", &one)]);
    assert!(at.command(&["rekey"]).status().unwrap().success());
    assert!(refused(&[(FILE, &one)]).contains("not the key"));
    std::fs::write(dir.0.join("former.key"), "fd".repeat(32)).unwrap();
    let key = "3c".repeat(32);
    let at = At { extra: vec![("PLACET_MASTER_KEY", key.clone())], ..At::new(&dir) };
    // What the service has made of the second file.
    assert!(at.command(&["rekey", "--master-key-only"]).status().unwrap().success());
    std::fs::remove_file(dir.0.join("former.key")).unwrap();
    let at = At { extra: vec![("PLACET_MASTER_KEY", key)], ..At::new(&dir) };
    assert_eq!(at.serve().connection.post("/api/service/create", &token, &json!({})).status, 200);
}
