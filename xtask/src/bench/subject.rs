//! The service and the client that are measured, and the requests about them.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use placet_base::registry::JwsAlg;
use placet_jose::{Jwk, SigningKey, Unsigned};
use serde_json::{Map, Value, json};

use super::load::{self, Conversation};
use super::process::Server;
use super::signatures::key;

/// Where the bound tokens are shown.
const RESOURCE: &str = "https://rs.example/orders";

/// A client and the means to call the API about its service.
pub(crate) struct Subject {
    service: String,
    bearer: String,
    pub(crate) client: String,
    secret: String,
    redirect_uri: String,
}

impl Subject {
    /// What `placet dev` has written down.
    pub(crate) fn read(directory: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(directory.join("env")).map_err(|e| e.to_string())?;
        let value = |name: &str| {
            let mut pairs = text.lines().filter_map(|line| line.split_once('='));
            pairs.find(|(n, _)| *n == name).map(|(_, v)| v.to_owned()).ok_or(format!("no {name}"))
        };
        Ok(Self {
            service: value("AUTHLETE_SERVICE_ID")?,
            bearer: value("AUTHLETE_API_TOKEN")?,
            client: value("DEMO_CLIENT_ID")?,
            secret: value("DEMO_CLIENT_SECRET")?,
            redirect_uri: value("DEMO_REDIRECT_URI")?,
        })
    }

    /// Client id and secret.
    pub(crate) fn credentials(&self) -> (&str, &str) {
        (&self.client, &self.secret)
    }

    pub(crate) fn request(&self, path: &str, body: &str) -> Vec<u8> {
        load::request(&format!("/api/{}/{path}", self.service), &self.bearer, body)
    }

    pub(crate) fn issuance(&self) -> Vec<u8> {
        self.token("grant_type=client_credentials&scope=orders:read", "")
    }

    pub(crate) fn introspection(&self, token: &str) -> Vec<u8> {
        self.request("auth/introspection", &format!(r#"{{"token":"{token}","scopes":["orders:read"]}}"#))
    }

    pub(crate) fn page(&self) -> Vec<u8> {
        let path = format!("/api/{}/auth/token/get/list?start=0&end=5", self.service);
        load::get(&path, &self.bearer)
    }

    /// A device asks for codes.
    pub(crate) fn device(&self) -> Vec<u8> {
        self.of_client("device/authorization", "scope=openid", "")
    }

    /// A client asks for a person who is elsewhere.
    pub(crate) fn backchannel(&self) -> Vec<u8> {
        self.of_client("backchannel/authentication", "scope=openid&login_hint=john", "")
    }

    /// Lets batches make tokens for the client.
    pub(crate) fn let_migrate(&self, server: &Server) -> Result<(), String> {
        let path = format!("/api/{}/client/get/{}", self.service, self.client);
        let mut client: Value = parsed(&load::once(&server.address, &load::get(&path, &self.bearer))?)?;
        client["inScopeForTokenMigration"] = true.into();
        let update = self.request(&format!("client/update/{}", self.client), &client.to_string());
        load::once(&server.address, &update).map(|_| ())
    }

    pub(crate) fn status_of_batch(&self, id: &str) -> Vec<u8> {
        let path = format!("/api/{}/auth/token/create/batch/status/{id}", self.service);
        load::get(&path, &self.bearer)
    }

    pub(crate) fn token(&self, parameters: &str, more: &str) -> Vec<u8> {
        self.of_client("auth/token", parameters, more)
    }

    /// A protocol request of the client.
    fn of_client(&self, path: &str, parameters: &str, more: &str) -> Vec<u8> {
        let (client, secret) = (&self.client, &self.secret);
        let body = format!(
            r#"{{"parameters":"{parameters}","clientId":"{client}","clientSecret":"{secret}"{more}}}"#
        );
        self.request(path, &body)
    }

    /// Changes the service: its access tokens become JWTs that `alg` signs. A key is added for it.
    pub(crate) fn sign_access_tokens(&self, server: &Server, alg: JwsAlg) -> Result<(), String> {
        let path = format!("/api/{}/service/get", self.service);
        let mut service: Value = parsed(&load::once(&server.address, &load::get(&path, &self.bearer))?)?;
        let mut keys: Value = parsed(service["jwks"].as_str().unwrap_or_default().as_bytes())?;
        let all = keys["keys"].as_array_mut().ok_or("no keys")?;
        if !all.iter().any(|key| key["alg"] == alg.protocol_name()) {
            all.push(key(alg)?);
        }
        service["jwks"] = keys.to_string().into();
        service["accessTokenSignAlg"] = serde_json::to_value(alg).map_err(|e| e.to_string())?;
        load::once(&server.address, &self.request("service/update", &service.to_string())).map(|_| ())
    }
}

/// The code flow of a confidential client: three calls.
pub(crate) struct CodeFlow<'s> {
    pub(crate) subject: &'s Subject,
    /// `openid` brings an ID token.
    pub(crate) scope: &'static str,
}

impl Conversation for CodeFlow<'_> {
    fn steps(&self) -> usize {
        3
    }

    fn request(&self, _: usize, step: usize, last: &[u8]) -> Option<Cow<'_, [u8]>> {
        let Self { subject, scope } = self;
        let (client, redirect_uri) = (&subject.client, &subject.redirect_uri);
        let request = match step {
            0 => {
                let parameters = format!(
                    "response_type=code&scope={scope}&state=s&nonce=n&client_id={client}&redirect_uri={redirect_uri}"
                );
                subject.request("auth/authorization", &json!({ "parameters": parameters }).to_string())
            }
            1 => {
                let body = json!({ "ticket": member(last, "ticket")?, "subject": "john" }).to_string();
                subject.request("auth/authorization/issue", &body)
            }
            _ => {
                let code = member(last, "authorizationCode")?;
                let parameters =
                    format!("grant_type=authorization_code&code={code}&redirect_uri={redirect_uri}");
                subject.token(&parameters, "")
            }
        };
        Some(Cow::Owned(request))
    }
}

/// A client that proves its key (RFC 9449), and the tokens that are bound to it.
pub(crate) struct Prover {
    key: SigningKey,
    public: Value,
    /// Seconds since the epoch; proofs are good for five minutes.
    now: u64,
    made: u64,
}

impl Prover {
    pub(crate) fn new(now: u64) -> Result<Self, String> {
        let key = key(JwsAlg::Es256)?;
        let jwk = Jwk::parse(&key).ok_or("no key")?;
        let mut public = jwk.public();
        // A proof names its key by value.
        for member in ["kid", "use", "alg"] {
            public.as_object_mut().and_then(|members| members.remove(member));
        }
        let key = jwk.signing_key(JwsAlg::Es256).ok_or("no key")?;
        Ok(Self { key, public, now, made: 0 })
    }

    fn proof(&mut self, htm: &str, htu: &str, token: Option<&str>) -> Result<String, String> {
        self.made += 1;
        let mut claims = Map::new();
        claims.insert("jti".into(), format!("proof-{}", self.made).into());
        claims.insert("htm".into(), htm.into());
        claims.insert("htu".into(), htu.into());
        claims.insert("iat".into(), self.now.into());
        if let Some(token) = token {
            let hash = digest::digest(&digest::SHA256, token.as_bytes());
            claims.insert("ath".into(), BASE64URL_NOPAD.encode(hash.as_ref()).into());
        }
        let mut header = Map::new();
        header.insert("typ".into(), "dpop+jwt".into());
        header.insert("jwk".into(), self.public.clone());
        let input = Unsigned { header, claims }.signing_input(&self.key);
        let signature = self.key.sign(input.as_bytes()).ok_or("no signature")?;
        Ok(Unsigned::compact(input, &signature))
    }

    pub(crate) fn bound_token(&mut self, server: &Server, subject: &Subject) -> Result<String, String> {
        const ENDPOINT: &str = "https://as.example/token";
        let proof = self.proof("POST", ENDPOINT, None)?;
        let more = format!(r#","dpop":"{proof}","htm":"POST","htu":"{ENDPOINT}""#);
        let request = subject.token("grant_type=client_credentials&scope=orders:read", &more);
        let answer = load::once(&server.address, &request)?;
        member(&answer, "accessToken").map(str::to_owned).ok_or("no token".to_owned())
    }

    pub(crate) fn introspection(&mut self, subject: &Subject, token: &str) -> Result<Vec<u8>, String> {
        let proof = self.proof("GET", RESOURCE, Some(token))?;
        let body = format!(
            r#"{{"token":"{token}","scopes":["orders:read"],"dpop":"{proof}","htm":"GET","htu":"{RESOURCE}"}}"#
        );
        Ok(subject.request("auth/introspection", &body))
    }
}

fn parsed(text: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(text).map_err(|e| e.to_string())
}

/// A member of an answer whose text needs no unescaping, found without reading the rest: the load must cost
/// less than what it measures.
pub(crate) fn member<'a>(body: &'a [u8], name: &str) -> Option<&'a str> {
    let body = std::str::from_utf8(body).ok()?;
    let (_, rest) = body.split_once(&format!("\"{name}\":\""))?;
    rest.split_once('"').map(|(value, _)| value)
}
