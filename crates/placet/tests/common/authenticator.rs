//! A software authenticator, and the client in front of it (WebAuthn Level 3 §5.1, §6): as much of both as a server sees.
//! Each part can be told to be wrong.

#![allow(dead_code, unreachable_pub, clippy::allow_attributes, reason = "every test uses a part of it")]

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// User present, user verified, with a new key (§6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const NEW: u8 = 0x40;

pub struct Authenticator {
    /// Where the client says that it is.
    pub origin: &'static str,
    pub in_frame: bool,
    /// Whether it verifies its user.
    pub verifies: bool,
    keys: Vec<Key>,
}

pub struct Key {
    id: Vec<u8>,
    handle: String,
    pair: EcdsaKeyPair,
    pub counter: u32,
}

impl Default for Authenticator {
    fn default() -> Self {
        Self { origin: "https://as.example", in_frame: false, verifies: true, keys: Vec::new() }
    }
}

impl Authenticator {
    /// The key that was made last.
    pub fn key(&mut self) -> &mut Key {
        self.keys.last_mut().unwrap()
    }

    /// `navigator.credentials.create()`, with the attestation that says nothing (§8.7).
    pub fn create(&mut self, options: &Value) -> String {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = hash(pair.public_key().as_ref());
        let handle = options["user"]["id"].as_str().unwrap().to_owned();
        self.keys.push(Key { id, handle, pair, counter: 0 });
        self.create_with_last(options)
    }

    /// The same for the key that is there already, as no authenticator should.
    pub fn create_with_last(&mut self, options: &Value) -> String {
        let key = self.keys.last().unwrap();
        let public = key.pair.public_key().as_ref();
        let mut data = self.data(options["rp"]["id"].as_str().unwrap(), NEW, key.counter);
        data.extend([0; 16]);
        data.extend(u16::try_from(key.id.len()).unwrap().to_be_bytes());
        data.extend(&key.id);
        // The public key (RFC 9053 §7.1): EC2, ES256, P-256.
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20]);
        data.extend(&public[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&public[33..]);
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        attestation.extend(data);
        let client = self.client("webauthn.create", options);
        let response = json!({ "attestationObject": text(&attestation), "clientDataJSON": text(&client) });
        credential(&key.id, response)
    }

    /// `navigator.credentials.get()`, with the key that was made last.
    pub fn get(&mut self, options: &Value) -> String {
        self.key().counter += 1;
        let key = self.keys.last().unwrap();
        let data = self.data(options["rpId"].as_str().unwrap(), 0, key.counter);
        let client = self.client("webauthn.get", options);
        let signed = [data.as_slice(), &hash(&client)].concat();
        let signature = key.pair.sign(&SystemRandom::new(), &signed).unwrap();
        let response = json!({
            "authenticatorData": text(&data), "clientDataJSON": text(&client),
            "signature": text(signature.as_ref()), "userHandle": key.handle,
        });
        credential(&key.id, response)
    }

    fn data(&self, rp: &str, flags: u8, counter: u32) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        [hash(rp.as_bytes()).as_slice(), &[PRESENT | verified | flags], &counter.to_be_bytes()].concat()
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": self.in_frame,
        })
        .to_string()
        .into_bytes()
    }
}

fn credential(id: &[u8], response: Value) -> String {
    json!({ "id": text(id), "rawId": text(id), "type": "public-key", "response": response }).to_string()
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
