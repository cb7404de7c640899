//! The authorization server on an engine in the same process, and a browser in front of it.

#![allow(dead_code, unreachable_pub, clippy::allow_attributes, reason = "every test uses a part of it")]

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use bytes::Bytes;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_ambient::{Ambient, Clock};
use placet_authserver::{
    AuthServer, Budgets, InMemory, Issuer, ListedUsers, Outgoing, OutgoingLimits, Settings, Users,
};
use placet_sdk::registry::{ClientAuthMethod, ClientType, GrantType, JwsAlg, ResponseType};
use placet_sdk::types::{self, Scope, Service, ServiceTokenRequest};
use placet_sdk::{Client, Retry, Secret, ServiceId, Transport, TransportError, form};
use placet_server::config::Config;
use placet_server::in_process::InProcess;
use placet_server::keys::key_set;
use placet_server::serve::{OpenApi, open};
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::common::Dir;

pub const CALLBACK: &str = "https://client.example/cb";
pub const BYE: &str = "https://client.example/bye";

/// The engine, as long as nobody pulls the plug. It keeps the last ticket, which no browser sees.
#[derive(Clone)]
pub struct Plug {
    api: InProcess,
    out: Arc<AtomicBool>,
    ticket: Arc<Mutex<String>>,
    parents: Arc<Mutex<Vec<String>>>,
}

impl Transport for Plug {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if let Some(parent) = request.headers().get("traceparent") {
            self.parents.lock().unwrap().push(parent.to_str().unwrap().to_owned());
        }
        match self.out.load(Ordering::Relaxed) {
            true => Err(TransportError::Unreached("the plug is out".to_owned())),
            false => {
                let response = self.api.send(request).await?;
                let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
                if let Some(ticket) = body["ticket"].as_str() {
                    *self.ticket.lock().unwrap() = ticket.to_owned();
                }
                Ok(response)
            }
        }
    }
}

pub struct World {
    _dir: Dir,
    pub router: Router,
    /// Another process of the authorization server, which shares with the first what is remembered.
    other: Router,
    pub api: Client<Plug>,
    pub out: Arc<AtomicBool>,
    pub ticket: Arc<Mutex<String>>,
    /// What calls have said of the trace that they belong to.
    pub parents: Arc<Mutex<Vec<String>>>,
    pub client: types::Client,
    /// Of both servers; it stands still.
    pub clock: Clock,
}

impl World {
    pub async fn new(
        name: &str,
        issuer: &str,
        change: impl FnOnce(&mut types::Client, &mut Settings),
    ) -> Self {
        Self::of(name, issuer, |_| {}, change).await
    }

    /// With another service as well.
    pub async fn of(
        name: &str,
        issuer: &str,
        service: impl FnOnce(&mut Service),
        change: impl FnOnce(&mut types::Client, &mut Settings),
    ) -> Self {
        let users = |budgets: &Budgets, _| Arc::new(ListedUsers::demo().unwrap().within(budgets));
        Self::with_users(Dir::new(name), issuer, service, (change, users)).await
    }

    /// With users of the test's own.
    pub async fn with_users<U: Users + 'static>(
        dir: Dir,
        issuer: &str,
        service: impl FnOnce(&mut Service),
        (change, users): (
            impl FnOnce(&mut types::Client, &mut Settings),
            impl FnOnce(&Budgets, Client<Plug>) -> Arc<U>,
        ),
    ) -> Self {
        let ambient = Ambient { clock: Clock::stopped(), ..Ambient::default() };
        let mut config = Config { ambient: ambient.clone(), ..Config::new(dir.0.clone()) };
        config.fetch.loopback = true;
        let opened = open(&config).await.unwrap();
        let out = Arc::new(AtomicBool::new(false));
        let (ticket, parents) = (Arc::default(), Arc::default());
        let plug = Plug {
            api: InProcess(opened.api.clone()),
            out: out.clone(),
            ticket: Arc::clone(&ticket),
            parents: Arc::clone(&parents),
        };
        let (service, token) = furnished(&opened, issuer, service).await;
        let client = || {
            Client::new(plug.clone(), Secret::new(token.clone()))
                .for_service(ServiceId(service))
                .retry(Retry::NEVER)
        };
        let mut settings =
            Settings { ambient: ambient.clone(), ..Settings::new(Issuer::parse(issuer).unwrap()) };
        let mut wanted = relying_party();
        change(&mut wanted, &mut settings);
        let registered = client().client_create(wanted).await.unwrap().body;
        let users = users(&settings.budgets, client());
        let shared = Arc::new(InMemory::new(&settings.budgets, ambient.clock.clone()));
        let process = || {
            let outgoing = OutgoingLimits { loopback: true, ..OutgoingLimits::default() };
            let outgoing = Outgoing::new(outgoing).unwrap();
            let server = AuthServer::new(client(), users.clone(), settings.clone(), None, outgoing);
            server.unwrap().sharing(shared.clone()).router()
        };
        Self {
            _dir: dir,
            router: process(),
            other: process(),
            api: client(),
            out,
            ticket,
            parents,
            client: registered,
            clock: ambient.clock,
        }
    }

    pub async fn plain(name: &str) -> Self {
        Self::new(name, "https://as.example", |_, _| {}).await
    }

    /// From now on the other process answers.
    pub fn go_on_elsewhere(&mut self) {
        std::mem::swap(&mut self.router, &mut self.other);
    }

    /// The process that answered last is no more.
    pub fn lose_the_other(&mut self) {
        self.other = Router::new();
    }

    pub fn id(&self) -> String {
        self.client.client_id.unwrap().to_string()
    }

    pub fn basic(&self) -> String {
        basic(&self.client)
    }

    pub fn request(&self, more: &[(&str, &str)]) -> String {
        let id = self.id();
        let pairs = [
            ("response_type", "code"),
            ("client_id", id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email"),
            ("state", "s"),
        ];
        format!("/authorize?{}", form::encode(pairs.into_iter().chain(more.iter().copied())))
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().call(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub async fn post(&self, path: &str, authorization: &str, pairs: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", authorization)
            .body(Body::from(form::encode(pairs.iter().copied())));
        self.send(request.unwrap()).await
    }

    pub async fn redeemed(&self, code: &str) -> Value {
        let pairs = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        let answer = self.post("/token", &self.basic(), &pairs).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

pub fn basic(client: &types::Client) -> String {
    let pair = format!("{}:{}", client.client_id.unwrap(), client.client_secret.as_deref().unwrap());
    format!("Basic {}", BASE64.encode(pair.as_bytes()))
}

pub fn relying_party() -> types::Client {
    types::Client {
        client_name: Some("Shop".to_owned()),
        client_type: Some(ClientType::Confidential),
        token_auth_method: Some(ClientAuthMethod::ClientSecretBasic),
        grant_types: Some(vec![GrantType::AuthorizationCode, GrantType::Password]),
        response_types: Some(vec![ResponseType::Code]),
        redirect_uris: Some(vec![CALLBACK.to_owned()]),
        id_token_sign_alg: Some(JwsAlg::Es256),
        custom_metadata: Some(json!({ "post_logout_redirect_uris": [BYE] }).to_string()),
        ..Default::default()
    }
}

async fn furnished(opened: &OpenApi, issuer: &str, change: impl FnOnce(&mut Service)) -> (i64, String) {
    let (organization, token) = opened.api.engine().found_organization("Test").await.unwrap();
    let admin = Client::new(InProcess(opened.api.clone()), Secret::new(token));
    let scope = |name: &str| Scope { name: Some(name.to_owned()), ..Default::default() };
    let mut service = Service {
        issuer: Some(issuer.to_owned()),
        token_endpoint: Some(format!("{issuer}/token")),
        supported_grant_types: Some(vec![GrantType::AuthorizationCode, GrantType::Password]),
        supported_response_types: Some(vec![ResponseType::Code]),
        supported_scopes: Some(vec![scope("openid"), scope("email")]),
        supported_token_auth_methods: Some(vec![
            ClientAuthMethod::ClientSecretBasic,
            ClientAuthMethod::TlsClientAuth,
        ]),
        supported_custom_client_metadata: Some(
            ["post_logout_redirect_uris", "frontchannel_logout_uri", "frontchannel_logout_session_required"]
                .map(str::to_owned)
                .to_vec(),
        ),
        // Whatever ends TLS validates chains: here, the tests say so.
        mutual_tls_validate_pki_cert_chain: Some(false),
        backchannel_logout_supported: Some(true),
        backchannel_logout_session_supported: Some(true),
        jwks: Some(key_set(&["ES256"]).unwrap()),
        ..Default::default()
    };
    change(&mut service);
    let service = admin.service_create(service).await.unwrap().api_key.unwrap();
    let wanted = ServiceTokenRequest {
        service_id: Some(service),
        organization_id: Some(organization.0),
        ..Default::default()
    };
    let made = admin.servicetoken_create(wanted).await.unwrap();
    (service, made.body.access_token.unwrap())
}

/// What a JWT says.
pub fn claims(jwt: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(jwt.split('.').nth(1).unwrap().as_bytes()).unwrap())
        .unwrap()
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A parameter of the redirect.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.header("location").split_once('?')?;
        let pairs = query.split('&').filter_map(|item| item.split_once('='));
        pairs
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| form::decode(value).unwrap().into_owned())
    }

    pub fn heading(&self) -> &str {
        self.body.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap_or_default()
    }

    /// Where the form with this id goes, and its CSRF token.
    pub fn form(&self, id: &str) -> (String, String) {
        let at =
            self.body.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {}", self.body));
        let start = self.body[..at].rfind("<form").unwrap();
        let attribute = |from: usize, name: &str| {
            let rest = &self.body[from..];
            let value = rest.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
            value.replace("&#x2f;", "/")
        };
        let csrf = self.body[start..].find("name=\"csrf\"").unwrap();
        (attribute(start, "action"), attribute(start + csrf, "value"))
    }
}

/// A browser with cookies.
#[derive(Default)]
pub struct Browser {
    pub cookies: HashMap<String, String>,
    pub origin: Option<&'static str>,
}

impl Browser {
    pub async fn get(&mut self, world: &World, path: &str) -> Answer {
        let mut answer = self.once(world, Request::get(path), Body::empty()).await;
        // Within the server; what leads away is for the test.
        while answer.header("location").starts_with('/') {
            let next = answer.header("location").to_owned();
            answer = self.once(world, Request::get(next), Body::empty()).await;
        }
        answer
    }

    pub async fn post(&mut self, world: &World, page: &Answer, id: &str, pairs: &[(&str, &str)]) -> Answer {
        let (action, csrf) = page.form(id);
        let body = form::encode([("csrf", csrf.as_str())].into_iter().chain(pairs.iter().copied()));
        let mut request = Request::post(action).header("content-type", "application/x-www-form-urlencoded");
        if let Some(origin) = self.origin {
            request = request.header("origin", origin);
        }
        let answer = self.once(world, request, Body::from(body)).await;
        match answer.header("location").starts_with('/') {
            true => self.get(world, answer.header("location")).await,
            false => answer,
        }
    }

    /// Sends a form as another site could: without what a page of ours would have added.
    pub async fn send_form(&mut self, world: &World, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.once(world, request, Body::from(form::encode(pairs.iter().copied()))).await
    }

    pub async fn once(&mut self, world: &World, request: axum::http::request::Builder, body: Body) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = world.send(request.header("cookie", cookies.join("; ")).body(body).unwrap()).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// Signs in, agrees, and comes back with a code.
    pub async fn code(&mut self, world: &World) -> String {
        let page = self.get(world, &world.request(&[])).await;
        let page = self.post(world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
        if let Some(code) = page.parameter("code") {
            return code;
        }
        let answer = self.post(world, &page, "consent", &[("decision", "allow"), ("scope", "email")]).await;
        answer.parameter("code").unwrap_or_else(|| panic!("{} {}", answer.status, answer.body))
    }
}

/// Answers with a text, as often as it is asked.
pub fn publishing(text: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", text.len());
            let _ = stream.write_all((head + &text).as_bytes());
        }
    });
    url
}
