//! Engine, store, clock and callers of one test.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use placet_api::endpoints::{Carrier, dispatch};
use placet_api::{Call, CallError, EndpointId, Expected, Input, PathValues, Reply};
use placet_base::registry::JwsAlg;
use placet_base::{ServiceId, Timestamp, Ttl, form};
use placet_engine::{Addressed, Caller, Credential, Engine, Fault, FetchError, Fetched, Outside};
use placet_hsm::{Double, Hsm, HsmError, Hsms, KeyAlg};
use placet_jose::SigningKey;
use placet_store::{BoxFuture, Seal, Store};
use serde_json::{Map, Value};

use crate::furniture::{client_document, service_document};
use crate::switched::Switched;

/// Drives a future whose every part is ready at once.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the engine waits for something that is not there"),
    }
}

/// A clock that stands still, and randomness that follows from a counter.
struct Still {
    now: AtomicI64,
    /// How far the clock of the node that is asked is ahead, in milliseconds.
    ahead: AtomicI64,
    seeds: AtomicU64,
    /// Signatures cannot be made.
    silent: AtomicBool,
    /// What is published, by its URL.
    documents: Mutex<HashMap<String, String>>,
    /// What was sent, by its URL; only what is published takes something.
    posted: Mutex<HashMap<String, String>>,
    seen: Mutex<HashMap<[u8; 32], Timestamp>>,
    module: Arc<Double>,
    hsms: Hsms,
}

/// The modules of a world: `main`, which does everything, and `plain`, which signs with ES256.
fn modules() -> (Arc<Double>, Hsms) {
    let main = Arc::new(Double::default());
    let plain = Double::doing(vec![KeyAlg::Signs(JwsAlg::Es256)]);
    let named: Vec<(String, Arc<dyn Hsm>)> =
        vec![("main".to_owned(), main.clone()), ("plain".to_owned(), Arc::new(plain))];
    (main, Hsms::new(named))
}

impl Outside for Still {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::Relaxed) + self.ahead.load(Ordering::Relaxed))
    }

    fn seed(&self) -> [u8; 32] {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seeds.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        seed
    }

    fn sign(&self, key: Arc<SigningKey>, message: Vec<u8>) -> BoxFuture<'_, Option<Vec<u8>>> {
        Box::pin(async move { if self.silent.load(Ordering::Relaxed) { None } else { key.sign(&message) } })
    }

    fn hsms(&self) -> &Hsms {
        &self.hsms
    }

    fn fetch<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Fetched, FetchError>> {
        let found = self.documents.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        Box::pin(async move {
            let text = found.ok_or_else(|| FetchError::Failed(format!("{url}: nothing there")))?;
            Ok(Fetched { text, fresh: Some(FRESH) })
        })
    }

    fn ask<'a>(
        &'a self,
        url: &'a str,
        form: String,
        caller: Caller,
    ) -> BoxFuture<'a, Result<String, FetchError>> {
        Box::pin(async move {
            let answer = self.fetch_for(&format!("{url}?{form}"), caller).await;
            answer.map(|fetched| fetched.text)
        })
    }

    fn post<'a>(&'a self, url: &'a str, json: String) -> BoxFuture<'a, bool> {
        let taken = self.documents.lock().unwrap_or_else(PoisonError::into_inner).contains_key(url);
        self.posted.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), json);
        Box::pin(async move { taken })
    }

    fn permits(&self, url: &str) -> bool {
        url.starts_with("https://") && !url.contains("127.0.0.1") && !url.contains("localhost")
    }

    fn first_use(&self, mark: [u8; 32], now: Timestamp, until: Timestamp) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(mark, until).is_none_or(|former| former.is_past(now))
    }

    fn report(&self, _: u64, _: &Fault) {}
}

/// How long what is published may be used without being fetched again.
const FRESH: Ttl = Ttl::secs(600);

/// What the API answered.
pub struct Answer {
    pub status: u16,
    /// `Null` when the body is not JSON.
    pub body: Value,
    pub text: String,
    /// The version of what the body shows.
    pub version: Option<i64>,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        Self {
            status: reply.status,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
            version: reply.version,
        }
    }
}

/// An engine with one organization, and the means to call it.
pub struct World {
    pub(crate) engine: Engine,
    still: Arc<Still>,
    store: Arc<Switched>,
    pub organization: i64,
    pub organization_token: String,
    pub service: i64,
    /// Which version calls are meant for, from here on.
    pub expected: Expected,
    /// What the call was answered that has overtaken the last one.
    faster: Mutex<Option<Answer>>,
}

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600_000;

impl World {
    pub fn new() -> Self {
        Self::over(|store| store)
    }

    /// A world whose engine reaches its store through something else.
    pub(crate) fn over(way: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> Self {
        let (module, hsms) = modules();
        let still = Arc::new(Still {
            module,
            hsms,
            posted: Mutex::default(),
            now: AtomicI64::new(START),
            ahead: AtomicI64::new(0),
            seeds: AtomicU64::new(1),
            silent: AtomicBool::new(false),
            documents: Mutex::default(),
            seen: Mutex::default(),
        });
        let store = Arc::new(Switched::default());
        let seal = Seal::new(&[7; 32]).unwrap_or_else(|_| panic!("a seal"));
        let engine = Engine::new(way(store.clone()), still.clone(), seal);
        let founded = block_on(engine.found_organization("Test"));
        let (organization, organization_token) = founded.unwrap_or_else(|e| panic!("{e:?}"));
        Self {
            engine,
            still,
            store,
            organization: organization.0,
            organization_token,
            service: 0,
            expected: Expected::Any,
            faster: Mutex::default(),
        }
    }

    /// A world with a service and a client, and that client's identifier and secret.
    pub fn with_service_and_client() -> (Self, String, String) {
        let mut world = Self::new();
        let (client, secret) = world.furnish();
        (world, client, secret)
    }

    /// Makes a service and a client, whose identifier and secret it returns.
    pub(crate) fn furnish(&mut self) -> (String, String) {
        let make = |world: &Self, endpoint, document: &_| {
            let token = Some(world.organization_token.as_str());
            world.call(endpoint, token, PathValues::default(), document).body
        };
        self.service = make(self, EndpointId::service_create, &service_document())["apiKey"]
            .as_i64()
            .unwrap_or_else(|| panic!("no service"));
        let client = make(self, EndpointId::client_create, &client_document("fuzzed"));
        let secret = client["clientSecret"].as_str().unwrap_or_default().to_owned();
        (client["clientId"].to_string(), secret)
    }

    /// Another organization, and its first token.
    pub fn found(&self, name: &str) -> (i64, String) {
        let founded = block_on(self.engine.found_organization(name));
        let (organization, token) = founded.unwrap_or_else(|e| panic!("{e:?}"));
        (organization.0, token)
    }

    pub fn advance(&self, secs: i64) {
        self.still.now.fetch_add(secs * 1000, Ordering::Relaxed);
    }

    /// From here on a node is asked whose clock is so many milliseconds ahead.
    pub(crate) fn node_ahead(&self, millis: i64) {
        self.still.ahead.store(millis, Ordering::Relaxed);
    }

    /// Seconds since the epoch.
    pub fn now(&self) -> i64 {
        self.still.now.load(Ordering::Relaxed) / 1000
    }

    /// Publishes a text at a URL; `None` takes it away.
    pub fn publish(&self, url: &str, text: Option<&str>) {
        let mut documents = self.still.documents.lock().unwrap_or_else(PoisonError::into_inner);
        match text {
            Some(text) => documents.insert(url.to_owned(), text.to_owned()),
            None => documents.remove(url),
        };
    }

    /// What was last sent to a URL; it is then forgotten.
    pub fn posted(&self, url: &str) -> Option<String> {
        self.still.posted.lock().unwrap_or_else(PoisonError::into_inner).remove(url)
    }

    /// Writes down when tokens of the API were used.
    pub fn note_uses(&self) -> Result<usize, CallError> {
        block_on(self.engine.note_uses()).map(|noted| noted.0)
    }

    /// Does one step of what nobody waits for.
    pub fn work(&self) -> Result<bool, CallError> {
        block_on(self.engine.work())
    }

    pub fn switch_signing(&self, on: bool) {
        self.still.silent.store(!on, Ordering::Relaxed);
    }

    /// What becomes of the module `main`: it fails in a way, is up again, or loses its keys; or how many it must hold.
    pub(crate) fn hsm(&self, words: &[String]) -> Result<(), String> {
        let module = &self.still.module;
        let text = |why: &str| why.to_owned();
        match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["up"] => module.fail(None),
            ["away"] => module.fail(Some(HsmError::Away(text("switched off")))),
            ["late"] => module.fail(Some(HsmError::Late)),
            ["busy"] => module.fail(Some(HsmError::Busy)),
            ["full"] => module.fail(Some(HsmError::Full)),
            ["refuses"] => module.fail(Some(HsmError::Refused(text("told to")))),
            ["loses", "keys"] => module.clear(),
            ["holds", count] if module.len().to_string() == *count => {}
            ["holds", _] => return Err(format!("it holds {}", module.len())),
            other => return Err(format!("no module can be {other:?}")),
        }
        Ok(())
    }

    /// Whether a text has ever been given to the store as it is.
    pub(crate) fn has_written(&self, text: &str) -> bool {
        let written = self.store.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.iter().any(|body| body.windows(text.len().max(1)).any(|part| part == text.as_bytes()))
    }

    /// What becomes of the store: it is up, or fails in a way.
    pub fn store(&self, how: &str) -> Result<(), String> {
        self.store.switch(how)
    }

    /// Calls an endpoint about the world's service with JSON, or with a query where there is no body.
    pub fn call(
        &self,
        endpoint: EndpointId,
        token: Option<&str>,
        path: PathValues<'_>,
        members: &Map<String, Value>,
    ) -> Answer {
        match endpoint.row().carrier {
            Carrier::Query => {
                let query = form_of(members);
                self.send(endpoint, token, path, Input::Query(&query))
            }
            Carrier::Items => {
                let mut flags = members.clone();
                let items = flags.shift_remove("items").unwrap_or_default().to_string();
                let (items, flags) = (items.as_bytes(), &*form_of(&flags));
                self.send(endpoint, token, path, Input::Items { items, flags })
            }
            _ => {
                let body = Value::Object(members.clone()).to_string();
                self.send(endpoint, token, path, Input::Json(body.as_bytes()))
            }
        }
    }

    /// The same with a form.
    pub fn call_form(
        &self,
        endpoint: EndpointId,
        token: Option<&str>,
        path: PathValues<'_>,
        members: &Map<String, Value>,
    ) -> Answer {
        self.send(endpoint, token, path, Input::Form(form_of(members).as_bytes()))
    }

    /// The same with whatever bytes.
    pub fn send(
        &self,
        endpoint: EndpointId,
        token: Option<&str>,
        path: PathValues<'_>,
        input: Input<'_>,
    ) -> Answer {
        self.addressed(endpoint, token.map(Credential::Bearer), self.address(endpoint), (path, input))
    }

    fn address(&self, endpoint: EndpointId) -> Addressed {
        match endpoint.row().path.contains("{serviceId}") {
            true => Addressed::Named(ServiceId(self.service)),
            false => Addressed::Nothing,
        }
    }

    /// Calls an endpoint as the organization, with JSON or, where there is no body, with nothing; what comes of it may
    /// have to wait for the store.
    pub(crate) async fn ask(&self, endpoint: EndpointId, path: PathValues<'_>, body: &Value) -> Answer {
        let (credential, body) = (Credential::Bearer(&self.organization_token), body.to_string());
        let input = match endpoint.row().carrier {
            Carrier::Query => Input::Query(""),
            _ => Input::Json(body.as_bytes()),
        };
        self.answer(endpoint, Some(credential), self.address(endpoint), (path, input)).await
    }

    /// The same with credentials of any kind, about any service.
    pub fn addressed(
        &self,
        endpoint: EndpointId,
        credential: Option<Credential<'_>>,
        service: Addressed,
        input: (PathValues<'_>, Input<'_>),
    ) -> Answer {
        let mut first = pin!(self.answer(endpoint, credential, service, input));
        if let Poll::Ready(answer) = first.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return answer;
        }
        // It waits before its commit, as it was told to; what it has read may be so no longer when it goes on.
        let second = block_on(self.answer(endpoint, credential, service, input));
        *self.faster.lock().unwrap_or_else(PoisonError::into_inner) = Some(second);
        block_on(first)
    }

    /// The next call is overtaken by another like it: between what it has read and its first commit.
    pub(crate) fn overtake(&self) {
        self.store.waits.store(true, Ordering::Relaxed);
    }

    /// What the call was answered that has overtaken another; none has if none has written anything.
    pub(crate) fn faster(&self) -> Option<Answer> {
        self.store.waits.store(false, Ordering::Relaxed);
        self.faster.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn answer(
        &self,
        endpoint: EndpointId,
        credential: Option<Credential<'_>>,
        service: Addressed,
        (path, input): (PathValues<'_>, Input<'_>),
    ) -> Answer {
        let row = endpoint.row();
        let reply = async {
            let call = self.engine.admit(row, credential, service, path).await?;
            let call = Call { expected: self.expected, ..call };
            dispatch(row.id, &self.engine, &call, path, input).await
        };
        reply.await.unwrap_or_else(|error| error.reply()).into()
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn form_of(members: &Map<String, Value>) -> String {
    let texts: Vec<_> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    form::encode(texts.iter().map(|(name, text)| (*name, text.as_str())))
}
