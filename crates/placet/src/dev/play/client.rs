//! The relying party behind the pages: it talks to the servers over HTTP, as any would.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use placet_ambient::Ambient;
use placet_sdk::form;
use serde_json::Value;

use super::beyond::{Demand, Next};
use super::broken::{self, Broken};
use super::flow::{Flow, Key, Proof, decoded, hashed, query};
use super::record::{RUN_HEADER, pretty};
use super::verifying::Check;
use super::{Party, Run};

/// What the run has come to.
#[derive(Clone, Default)]
pub(super) struct Outcome {
    /// Why there are no tokens: the name of a text, or the words of whoever refused.
    pub(super) problem: Option<String>,
    /// What was received, each with what is inside.
    pub(super) shown: Vec<Shown>,
}

/// Something received, taken apart.
#[derive(Clone)]
pub(super) struct Shown {
    /// The name of a text.
    pub(super) name: &'static str,
    pub(super) value: String,
    /// The header of a JWT.
    pub(super) header: Option<String>,
    /// The claims of a JWT, or the name of a text about something that has no inside.
    pub(super) inside: String,
    pub(super) verified: bool,
    /// Which of several it is.
    pub(super) of: String,
    /// What was looked at of a credential.
    pub(super) checks: Vec<Check>,
}

impl Outcome {
    pub(super) fn failed(problem: String) -> Self {
        Self { problem: Some(problem), shown: Vec::new() }
    }
}

pub(super) struct RelyingParty {
    http: reqwest::Client,
    party: Party,
    key: Arc<Key>,
    ambient: Ambient,
}

impl RelyingParty {
    pub(super) fn new(party: Party, key: Arc<Key>, ambient: Ambient) -> Result<Self, String> {
        let mut http = reqwest::Client::builder().timeout(Duration::from_secs(10)).no_proxy();
        if let Some(pem) = &party.authority {
            http = http.add_root_certificate(reqwest::Certificate::from_pem(pem).map_err(|e| e.to_string())?);
        }
        Ok(Self { http: http.build().map_err(|e| e.to_string())?, party, key, ambient })
    }

    /// 256 bits as text.
    pub(super) fn identifier(&self) -> String {
        self.ambient.entropy.identifier()
    }

    pub(super) fn now(&self) -> i64 {
        self.ambient.clock.seconds()
    }

    pub(super) fn is_https(&self) -> bool {
        self.party.front.starts_with("https:")
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.party.front)
    }

    /// Where to send the browser.
    pub(super) async fn request(&self, id: &str, run: &Run, consent: bool) -> Result<String, String> {
        let mut pairs = vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.party.client_id.clone()),
            ("redirect_uri", self.at("/play/callback")),
            ("state", run.state.clone()),
            ("nonce", run.nonce.clone()),
        ];
        match &run.wish {
            Some(wish) => pairs.extend(wish.parameters()),
            None => pairs.push(("scope", scope(run.flow))),
        }
        if consent {
            pairs.push(("prompt", "consent".to_owned()));
        }
        if let Some(Demand { acr_values, max_age }) = run.demand.clone() {
            pairs.extend([("acr_values", acr_values), ("max_age", max_age)]);
        }
        if run.flow == Flow::Grants {
            pairs.push(("grant_management_action", "create".to_owned()));
        }
        if run.flow.uses_pkce() {
            pairs.push(("code_challenge", hashed(&run.verifier)));
            pairs.push(("code_challenge_method", "S256".to_owned()));
        }
        if run.flow == Flow::Jarm {
            pairs.push(("response_mode", "jwt".to_owned()));
        }
        let client = ("client_id", self.party.client_id.clone());
        let carried = match run.flow {
            Flow::Par => vec![client, ("request_uri", self.pushed(id, &pairs).await?)],
            Flow::Jar => {
                let issuer = self.at("/as");
                let object = self.key.request_object(&self.party.client_id, &issuer, self.now(), &pairs);
                vec![client, ("request", object.ok_or("problem.key")?)]
            }
            _ => pairs,
        };
        Ok(self.at(&format!("/as/authorize?{}", query(&carried))))
    }

    async fn pushed(&self, id: &str, pairs: &[(&str, String)]) -> Result<String, String> {
        let answer = self.post(id, "/as/par", query(pairs), None).await?;
        let uri = answer.get("request_uri").and_then(Value::as_str);
        uri.map(str::to_owned).ok_or_else(|| answer.to_string())
    }

    /// The answer, the tokens, and what they open; and what is to be done besides.
    pub(super) async fn redeem(&self, id: &str, run: &Run, query: &str) -> (Outcome, Next) {
        let mut outcome = Outcome::default();
        match self.redeemed(id, run, query, &mut outcome).await {
            Ok(next) => (outcome, next),
            Err(problem) => (Outcome { problem: Some(problem), ..outcome }, Next::Nothing),
        }
    }

    /// What credentials are held against.
    pub(super) fn credential_root(&self) -> &[u8] {
        &self.party.credential_root
    }

    async fn redeemed(
        &self,
        id: &str,
        run: &Run,
        query: &str,
        outcome: &mut Outcome,
    ) -> Result<Next, String> {
        let keys = self.get(id, "/as/jwks", None).await?;
        let answer = self.answered(query, &keys, outcome)?;
        let parameter = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        // RFC 6749 §10.12, RFC 9207 §2.4
        if parameter("state").as_deref() != Some(&run.state) || parameter("iss") != Some(self.at("/as")) {
            return Err("problem.other_answer".to_owned());
        }
        if let Some(error) = parameter("error") {
            return Err(format!("{error}: {}", parameter("error_description").unwrap_or_default()));
        }
        let mut pairs = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", parameter("code").ok_or("problem.no_code")?),
            ("redirect_uri", self.at("/play/callback")),
        ];
        if run.flow.uses_pkce() {
            pairs.push(("code_verifier", run.verifier.clone()));
        }
        broken::parameters(run.broken, &mut pairs);
        let key = run.flow.is_bound().then_some(&*run.key);
        let form = super::flow::query(&pairs);
        let mut tokens = self.post_as(id, "/as/token", form.clone(), (key, run.broken)).await?;
        if run.broken == Some(Broken::Twice) {
            tokens = self.post(id, "/as/token", form, key).await?;
        }
        if run.flow.is_for_credentials() {
            let later = self.collected_by_details((id, run), &tokens, outcome).await?;
            return Ok(later.map_or(Next::Nothing, Next::Later));
        }
        if run.broken == Some(Broken::Proof) {
            let token = tokens.get("access_token").and_then(Value::as_str).unwrap_or_default();
            // The key is there, and is not shown: whoever has stolen the token has none.
            let (challenge, _) = self.tried(id, "/rs/orders", token).await?;
            return if run.flow.is_bound() { Err(challenge) } else { Err("broken.unbound".to_owned()) };
        }
        self.opened(id, &tokens, Opening { key, nonce: Some(&run.nonce), keys: &keys }, outcome).await?;
        self.beyond(id, run, &tokens, outcome).await
    }

    /// The tokens, and what they open.
    pub(super) async fn opened(
        &self,
        id: &str,
        tokens: &Value,
        with: Opening<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        let Opening { key, nonce: expected, keys } = with;
        let text = |name: &str| tokens.get(name).and_then(Value::as_str).map(str::to_owned);
        let access = text("access_token").ok_or_else(|| pretty(&tokens.to_string()))?;
        outcome.shown.push(opaque("got.access_token", &access, "got.opaque_access"));
        if let Some(refresh) = text("refresh_token") {
            outcome.shown.push(opaque("got.refresh_token", &refresh, "got.opaque_refresh"));
        }
        if let Some(token) = text("id_token") {
            let shown = jwt("got.id_token", &token, keys);
            let nonce =
                decoded(&token, keys).and_then(|jwt| Some(jwt.claims.get("nonce")?.as_str()?.to_owned()));
            let right = shown.verified && nonce.as_deref() == expected;
            outcome.shown.push(shown);
            if !right {
                return Err("problem.id_token".to_owned());
            }
        }
        let userinfo = self.get(id, "/as/userinfo", Some((&access, key))).await?;
        outcome.shown.push(opaque("got.userinfo", "", &pretty(&userinfo)));
        let orders = self.get(id, "/rs/orders", Some((&access, key))).await?;
        outcome.shown.push(opaque("got.resource", "", &pretty(&orders)));
        Ok(())
    }

    /// The parameters of the answer; out of their JWT, if they come in one (JARM §2.4).
    fn answered(&self, query: &str, keys: &str, outcome: &mut Outcome) -> Result<Value, String> {
        let decoded_pair = |item: &str| {
            let (name, value) = item.split_once('=')?;
            Some((name.to_owned(), Value::from(form::decode(value)?.into_owned())))
        };
        let parameters: serde_json::Map<_, _> = query.split('&').filter_map(decoded_pair).collect();
        let Some(response) = parameters.get("response").and_then(Value::as_str) else {
            return Ok(Value::Object(parameters));
        };
        let answer = decoded(response, keys).ok_or("problem.jarm")?;
        let right = answer.verified
            && answer.claims.get("aud").and_then(Value::as_str) == Some(&self.party.client_id);
        outcome.shown.push(jwt("got.answer", response, keys));
        if right { Ok(Value::Object(answer.claims)) } else { Err("problem.jarm".to_owned()) }
    }

    pub(super) async fn post(
        &self,
        id: &str,
        path: &str,
        form: String,
        key: Option<&Key>,
    ) -> Result<Value, String> {
        self.post_as(id, path, form, (key, None)).await
    }

    /// The same by a client that may have another secret than its own.
    async fn post_as(
        &self,
        id: &str,
        path: &str,
        form: String,
        (key, broken): (Option<&Key>, Option<Broken>),
    ) -> Result<Value, String> {
        let secret = broken::secret(broken, &self.party.client_secret);
        let basic = format!("{}:{secret}", self.party.client_id);
        let mut request = self
            .http
            .post(self.at(path))
            .header(&RUN_HEADER, id)
            .header("authorization", format!("Basic {}", BASE64.encode(basic.as_bytes())))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        if let Some(key) = key {
            let (jti, url) = (self.identifier(), self.at(path));
            let proof = Proof { jti: &jti, method: "POST", url: &url, token: None, now: self.now() };
            request = request.header("dpop", key.proof(&proof).ok_or("problem.key")?);
        }
        let text = sent(request).await?;
        serde_json::from_str(&text).map_err(|_| text)
    }

    /// JSON, with a token or without. An answer that is no JSON is its challenge.
    pub(super) async fn post_json(
        &self,
        id: &str,
        path: &str,
        token: Option<(&str, Option<&Key>)>,
        body: &Value,
    ) -> Result<Value, String> {
        let request = self.http.post(self.at(path)).header(&RUN_HEADER, id);
        let request = self.authorized(request, ("POST", path), token)?;
        let request = request.header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.map_err(|e| e.without_url().to_string())?;
        let challenge = response.headers().get("www-authenticate").and_then(|value| value.to_str().ok());
        let challenge = challenge.unwrap_or_default().to_owned();
        let text = response.text().await.map_err(|e| e.without_url().to_string())?;
        serde_json::from_str(&text).map_err(|_| challenge)
    }

    /// What a resource says to a token: its challenge, if it does not open, and its content.
    pub(super) async fn tried(&self, id: &str, path: &str, token: &str) -> Result<(String, String), String> {
        let request = self.http.get(self.at(path)).header(&RUN_HEADER, id).bearer_auth(token);
        let response = request.send().await.map_err(|e| e.without_url().to_string())?;
        let challenge = response.headers().get("www-authenticate").and_then(|value| value.to_str().ok());
        let challenge = challenge.unwrap_or_default().to_owned();
        Ok((challenge, response.text().await.map_err(|e| e.without_url().to_string())?))
    }

    /// Ends what is at the path.
    pub(super) async fn ended(&self, id: &str, path: &str, token: &str) -> Result<String, String> {
        sent(self.http.delete(self.at(path)).header(&RUN_HEADER, id).bearer_auth(token)).await
    }

    pub(super) async fn get(
        &self,
        id: &str,
        path: &str,
        token: Option<(&str, Option<&Key>)>,
    ) -> Result<String, String> {
        let request = self.http.get(self.at(path)).header(&RUN_HEADER, id);
        sent(self.authorized(request, ("GET", path), token)?).await
    }

    /// With the token, and a proof of the key that it is bound to (RFC 9449 §7.1).
    fn authorized(
        &self,
        request: reqwest::RequestBuilder,
        (method, path): (&str, &str),
        token: Option<(&str, Option<&Key>)>,
    ) -> Result<reqwest::RequestBuilder, String> {
        let Some((token, key)) = token else { return Ok(request) };
        let Some(key) = key else { return Ok(request.bearer_auth(token)) };
        let (jti, url) = (self.identifier(), self.at(path));
        let proof = Proof { jti: &jti, method, url: &url, token: Some(token), now: self.now() };
        let proof = key.proof(&proof).ok_or("problem.key")?;
        Ok(request.header("authorization", format!("DPoP {token}")).header("dpop", proof))
    }
}

fn scope(flow: Flow) -> String {
    let more = match flow {
        Flow::StepUp => " orders:write",
        Flow::Grants => " grant_management_query grant_management_revoke",
        _ => "",
    };
    format!("openid profile email orders:read{more}")
}

/// What tokens are held against.
#[derive(Clone, Copy)]
pub(super) struct Opening<'a> {
    /// The key that they are bound to.
    pub(super) key: Option<&'a Key>,
    /// That of the request, where it had one.
    pub(super) nonce: Option<&'a str>,
    /// The key set of the issuer.
    pub(super) keys: &'a str,
}

async fn sent(request: reqwest::RequestBuilder) -> Result<String, String> {
    let response = request.send().await.map_err(|e| e.without_url().to_string())?;
    response.text().await.map_err(|e| e.without_url().to_string())
}

pub(super) fn opaque(name: &'static str, value: &str, inside: &str) -> Shown {
    Shown {
        name,
        value: value.to_owned(),
        header: None,
        inside: inside.to_owned(),
        verified: false,
        of: String::new(),
        checks: Vec::new(),
    }
}

fn jwt(name: &'static str, value: &str, keys: &str) -> Shown {
    let decoded = decoded(value, keys);
    let inside = decoded.as_ref().and_then(|jwt| serde_json::to_string_pretty(&jwt.claims).ok());
    Shown {
        name,
        value: value.to_owned(),
        verified: decoded.as_ref().is_some_and(|jwt| jwt.verified),
        header: decoded.map(|jwt| jwt.header),
        inside: inside.unwrap_or_default(),
        of: String::new(),
        checks: Vec::new(),
    }
}
