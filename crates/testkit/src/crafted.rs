//! What the parties of a case make for themselves: keys, tokens, proofs, certificates.

use std::collections::HashMap;

use aws_lc_rs::digest;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_base::registry::{JweAlg, JweEnc, JwsAlg};
use placet_jose::Jwk;
use serde_json::{Map, Value, json};

use crate::keys::{Certified, Signer, jwe, jwt, opened, private, public, signature};
use crate::script::member;

#[derive(Default)]
pub(crate) struct Crafted {
    keys: HashMap<String, Value>,
    /// How many keys of each kind there are.
    made: HashMap<String, usize>,
    certificates: HashMap<String, Certified>,
    /// For identifiers that must differ.
    counter: usize,
}

type Made = Vec<(String, String)>;

impl Crafted {
    /// `VERB NAME name=value …` – the variables that come of it.
    pub(crate) fn make(&mut self, verb: &str, words: &[String], now: i64) -> Result<Made, String> {
        let (name, words) = words.split_first().ok_or("expected a name")?;
        match verb {
            "key" => self.key(name, words),
            "certificate" => self.certificate(name, words),
            "hash" => {
                let text = words.first().ok_or("expected a text")?;
                let digest = digest::digest(&digest::SHA256, text.as_bytes());
                Ok(vec![
                    (name.clone(), BASE64URL_NOPAD.encode(digest.as_ref())),
                    (format!("{name}.digest"), format!("sha-256=:{}:", BASE64.encode(digest.as_ref()))),
                ])
            }
            "jwe" => self.jwe(name, words),
            "signature" => self.signature(name, words, now),
            "open" => {
                let members = members(words)?;
                let key = self.named(&members, "key")?;
                let inner = opened(text(&members, "from")?, &key).ok_or("it does not open")?;
                Ok(vec![(name.clone(), inner)])
            }
            _ => self.token(verb, name, words, now),
        }
    }

    fn next_of(&mut self, kind: &str) -> Result<Value, String> {
        let nth = self.made.entry(kind.to_owned()).or_default();
        let key = private(kind, *nth).ok_or_else(|| format!("there is no kind of key {kind}"))?;
        *nth += 1;
        Ok(key)
    }

    /// `key NAME ALG [kid=…] [use=…]`, or `key NAME of=JWK` – `{NAME.jwks}` is its public set, `{NAME.jkt}` its thumbprint.
    fn key(&mut self, name: &str, words: &[String]) -> Result<Made, String> {
        let (kind, changes) = words.split_first().ok_or("expected an algorithm")?;
        let mut key = match kind.strip_prefix("of=") {
            Some(given) => serde_json::from_str(given).map_err(|e| e.to_string())?,
            None => self.next_of(kind)?,
        };
        for (member, value) in members(changes)? {
            key[member] = value;
        }
        let shown = public(&key).ok_or("no public key")?;
        let jkt = Jwk::parse(&key).and_then(|jwk| jwk.thumbprint()).ok_or("no thumbprint")?;
        self.keys.insert(name.to_owned(), key.clone());
        let set = json!({ "keys": [shown] }).to_string();
        Ok(vec![
            // As a text inside JSON.
            (format!("{name}.quoted"), Value::from(set.as_str()).to_string()),
            (format!("{name}.jwks"), set),
            (format!("{name}.jwk"), shown.to_string()),
            (format!("{name}.private"), key.to_string()),
            (format!("{name}.own"), quoted_set(&key)),
            (format!("{name}.kid"), shown["kid"].as_str().unwrap_or_default().to_owned()),
            (format!("{name}.jkt"), jkt),
        ])
    }

    /// `certificate NAME cn=… [dns=…] [ca] [signed-by=NAME [of=PEM]]` – `{NAME.pem}`, `.x5t`, `.jwk`, `.jwks`, and `.own`: the private key
    /// with it, in a set that is a text in JSON.
    fn certificate(&mut self, name: &str, words: &[String]) -> Result<Made, String> {
        let issuer = words.iter().find_map(|word| word.strip_prefix("signed-by="));
        let issuer = match issuer {
            Some(issuer) => Some(self.certificates.get(issuer).ok_or("there is no such issuer")?),
            None => None,
        };
        let of = words.iter().find_map(|word| word.strip_prefix("of="));
        let made = Certified::make(words, issuer, of).ok_or("no certificate")?;
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": name, "x5c": [made.text()] });
        let mut private = made.private().ok_or("no private key")?;
        private["kid"] = name.into();
        private["x5c"] = json!([made.text()]);
        let variables = vec![
            (format!("{name}.own"), quoted_set(&private)),
            (format!("{name}.pem"), made.text()),
            (format!("{name}.x5t"), made.thumbprint().ok_or("no thumbprint")?),
            (format!("{name}.jwk"), jwk.to_string()),
            (format!("{name}.jwks"), json!({ "keys": [jwk] }).to_string()),
        ];
        // Its key signs as those of `key` do.
        self.keys.insert(name.to_owned(), made.private().ok_or("no private key")?);
        self.certificates.insert(name.to_owned(), made);
        Ok(variables)
    }

    /// `jwe NAME text=… key=NAME alg=… enc=…`; `jwk=…` for a key that is not ours.
    fn jwe(&mut self, name: &str, words: &[String]) -> Result<Made, String> {
        let members = members(words)?;
        let key = match members.get("jwk") {
            Some(Value::Object(jwk)) => Value::Object(jwk.clone()),
            _ => self.named(&members, "key")?,
        };
        let alg = JweAlg::from_protocol(text(&members, "alg")?).ok_or("no such alg")?;
        let enc = JweEnc::from_protocol(text(&members, "enc")?).ok_or("no such enc")?;
        let zip = members.contains_key("zip");
        // Spaces behind it, as many: JSON is the same with them.
        let padding = members.get("padded").and_then(Value::as_u64).unwrap_or(0);
        let padding = " ".repeat(usize::try_from(padding).map_err(|e| e.to_string())?);
        let whole = text(&members, "text")?.to_owned() + &padding;
        let encrypted = jwe(&whole, &key, (alg, enc), zip).ok_or("it does not encrypt")?;
        Ok(vec![(name.to_owned(), encrypted)])
    }

    /// `signature NAME key=NAME @method=… authorization=… [created=… expires=… alg=… tag=…]` – the headers of an HTTP message that
    /// is signed (RFC 9421): `{NAME.quoted}`, the input as JSON, and `{NAME.value}`. What is named is covered, in this order.
    fn signature(&self, name: &str, words: &[String], now: i64) -> Result<Made, String> {
        let mut members = members(words)?;
        let key = self.named(&members, "key")?;
        members.shift_remove("key");
        let created = members.shift_remove("created").map_or_else(|| now.into(), |value| timed(value, now));
        let mut more = String::new();
        for (name, value) in
            ["expires", "alg", "tag"].iter().filter_map(|n| Some((n, members.shift_remove(*n)?)))
        {
            more.push_str(&format!(";{name}={}", timed(value, now)));
        }
        let covered: Vec<_> = members.keys().map(|name| format!("\"{name}\"")).collect();
        let kid = key.get("kid").and_then(Value::as_str).unwrap_or_default();
        let input = format!("({});created={created};keyid=\"{kid}\"{more}", covered.join(" "));
        let lines = members.iter().map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("\"{name}\": {value}\n")
        });
        let base = format!("{}\"@signature-params\": {input}", lines.collect::<String>());
        let signature = signature(&key, base.as_bytes()).ok_or("it cannot be signed so")?;
        Ok(vec![
            (format!("{name}.quoted"), Value::from(format!("sig={input}")).to_string()),
            (format!("{name}.value"), format!("sig=:{}:", BASE64.encode(&signature))),
        ])
    }

    fn named(&self, members: &Map<String, Value>, member: &str) -> Result<Value, String> {
        let name = text(members, member)?;
        self.keys.get(name).cloned().ok_or_else(|| format!("there is no key {name}"))
    }

    /// `jwt`, `assertion`, `dpop`, `statement`, `attestation` and `attestation-pop`: `key=NAME`, `key=none` or `secret=…`, then `alg=…`, `header.NAME=…`
    /// and claims. A time may be `now+60`; `claim=-` takes a claim away that would be there by itself.
    fn token(&mut self, verb: &str, name: &str, words: &[String], now: i64) -> Result<Made, String> {
        let mut given = members(words)?;
        let signer = match (given.shift_remove("key"), given.shift_remove("secret")) {
            (Some(Value::String(none)), _) if none == "none" => Signer::Nobody,
            (Some(key), _) => {
                let key = Map::from_iter([("key".to_owned(), key)]);
                Signer::Key(self.named(&key, "key")?)
            }
            (None, Some(secret)) => Signer::Secret(secret.as_str().unwrap_or_default().to_owned()),
            (None, None) => return Err("expected key or secret".to_owned()),
        };
        let alg = given.shift_remove("alg").and_then(|alg| JwsAlg::from_protocol(alg.as_str()?));
        let (mut header, mut claims) = self.usual(verb, &signer, &mut given, now);
        for (member, value) in given {
            let (place, member) = match member.strip_prefix("header.") {
                Some(member) => (&mut header, member.to_owned()),
                None => (&mut claims, member),
            };
            match timed(value, now) {
                Value::String(none) if none == "-" => place.shift_remove(&member),
                value => place.insert(member, value),
            };
        }
        let token = jwt(&signer, alg, header, claims).ok_or("it cannot be signed so")?;
        Ok(vec![(name.to_owned(), token)])
    }

    /// What such a token holds when nothing else is said.
    fn usual(
        &mut self,
        verb: &str,
        signer: &Signer,
        given: &mut Map<String, Value>,
        now: i64,
    ) -> (Map<String, Value>, Map<String, Value>) {
        self.counter += 1;
        let (mut header, mut claims) = (Map::new(), Map::new());
        if let Signer::Key(key) = signer
            && let Some(kid) = key.get("kid").filter(|_| verb != "dpop")
        {
            header.insert("kid".into(), kid.clone());
        }
        match verb {
            "assertion" => {
                let client = client(given);
                claims.insert("iss".into(), client.clone().into());
                claims.insert("sub".into(), client.into());
                claims.insert("aud".into(), "https://as.example".into());
                claims.insert("exp".into(), (now + 60).into());
                claims.insert("iat".into(), now.into());
                claims.insert("jti".into(), format!("assertion-{}", self.counter).into());
            }
            "attestation" => {
                header.shift_remove("kid");
                header.insert("typ".into(), "oauth-client-attestation+jwt".into());
                claims.insert("sub".into(), client(given).into());
                claims.insert("exp".into(), (now + 60).into());
            }
            "attestation-pop" => {
                header.insert("typ".into(), "oauth-client-attestation-pop+jwt".into());
                claims.insert("aud".into(), "https://as.example".into());
                claims.insert("iat".into(), now.into());
                claims.insert("jti".into(), format!("proof-{}", self.counter).into());
            }
            "statement" => {
                header.insert("typ".into(), "entity-statement+jwt".into());
                claims.insert("iat".into(), now.into());
                claims.insert("exp".into(), (now + 3600).into());
            }
            "dpop" => {
                header.insert("typ".into(), "dpop+jwt".into());
                if let Signer::Key(key) = signer {
                    header.insert("jwk".into(), public(key).unwrap_or_default());
                }
                claims.insert("htm".into(), "POST".into());
                claims.insert("htu".into(), "https://as.example/token".into());
                claims.insert("iat".into(), now.into());
                claims.insert("jti".into(), format!("proof-{}", self.counter).into());
                if let Some(token) = given.shift_remove("token") {
                    let token = token.as_str().unwrap_or_default().to_owned();
                    let digest = digest::digest(&digest::SHA256, token.as_bytes());
                    claims.insert("ath".into(), BASE64URL_NOPAD.encode(digest.as_ref()).into());
                }
            }
            _ => {}
        }
        (header, claims)
    }
}

/// The client of the member of that name, however it is written.
fn client(given: &mut Map<String, Value>) -> String {
    let client = given.shift_remove("client").unwrap_or_default();
    client.as_str().map_or_else(|| client.to_string(), str::to_owned)
}

fn members(words: &[String]) -> Result<Map<String, Value>, String> {
    let members: Option<Map<String, Value>> = words.iter().map(|word| member(word)).collect();
    members.ok_or_else(|| "expected name=value".to_owned())
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    members.get(name).and_then(Value::as_str).ok_or_else(|| format!("expected {name}=…"))
}

/// `now+60` and `now-60` as a time.
fn timed(value: Value, now: i64) -> Value {
    let offset = value.as_str().and_then(|text| text.strip_prefix("now"));
    match offset.and_then(|offset| if offset.is_empty() { Some(0) } else { offset.parse::<i64>().ok() }) {
        Some(offset) => (now + offset).into(),
        None => value,
    }
}

/// A set of one key, as a text in JSON.
fn quoted_set(key: &Value) -> String {
    Value::from(json!({ "keys": [key] }).to_string()).to_string()
}
