//! What stands in for a social network and for the operator's own endpoint, on one loopback address.

#![allow(dead_code, unreachable_pub, clippy::allow_attributes, reason = "every test uses a part of it")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use placet_authserver::SocialNetwork;

/// One call.
#[derive(Clone, Debug)]
pub struct Asked {
    pub head: String,
    pub body: String,
}

pub struct StandIn {
    origin: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    away: Arc<AtomicBool>,
}

impl StandIn {
    /// `verdict`: what the operator's endpoint says of whoever is asked about.
    pub fn new(verdict: &'static str) -> Self {
        Self::saying(move |_| verdict.to_owned())
    }

    /// The same, by what is asked.
    pub fn saying(verdict: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (asked, away) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<AtomicBool>::default());
        let (calls, gone) = (asked.clone(), away.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                if gone.load(Ordering::Relaxed) {
                    continue;
                }
                let call = read(&mut stream);
                let (status, answer) = answered(&call, &verdict);
                calls.lock().unwrap().push(call);
                let length = answer.len();
                let head =
                    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
                stream.write_all((head + &answer).as_bytes()).unwrap();
            }
        });
        Self { origin, asked, away }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Hangs up from now on.
    pub fn away(&self) {
        self.away.store(true, Ordering::Relaxed);
    }
}

fn read(stream: &mut TcpStream) -> Asked {
    let (mut text, mut buffer) = (String::new(), [0; 8192]);
    loop {
        let count = stream.read(&mut buffer).unwrap();
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if count == 0 || body.len() >= length.unwrap_or(0) {
            return Asked { head: head.to_owned(), body: body.to_owned() };
        }
    }
}

fn answered(call: &Asked, verdict: &impl Fn(&str) -> String) -> (&'static str, String) {
    let tokens = |token: &str| {
        let text = format!(r#"{{"access_token":"{token}","token_type":"bearer","expires_in":5183944}}"#);
        ("200 OK", text)
    };
    match call.head.split(' ').nth(1).unwrap() {
        "/token" if call.body.contains("code=good") => tokens("at-1"),
        "/token" if call.body.contains("code=nobody") => tokens("at-2"),
        "/token" if call.body.contains("code=broken") => ("200 OK", "access_token=at-1&expires=1".to_owned()),
        "/token" => ("400 Bad Request", r#"{"error":"invalid_grant"}"#.to_owned()),
        "/me?fields=id" if call.head.contains("at-1") => ("200 OK", r#"{"id":"fb-1"}"#.to_owned()),
        "/me?fields=id" => ("200 OK", r#"{"id":""}"#.to_owned()),
        _ => ("200 OK", verdict(&call.body)),
    }
}

/// Where the network is.
pub fn network(stand_in: &StandIn) -> SocialNetwork {
    SocialNetwork {
        authorization_endpoint: stand_in.at("/dialog"),
        token_endpoint: stand_in.at("/token"),
        user_endpoint: stand_in.at("/me?fields=id"),
        scopes: Vec::new(),
    }
}

/// RFC 7636 §4.2
pub fn challenge(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref())
}
