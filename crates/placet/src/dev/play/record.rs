//! What happens during a run of the playground, hop by hop: requests that reach the authorization server or the
//! resource server, and the calls of the API behind each.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use placet_sdk::{Transport, TransportError, form};
use serde_json::Value;

use super::Runs;

/// Names the run in the browser, and in the requests that the playground makes itself.
pub(super) const COOKIE_NAME: &str = "placet-play";
pub(super) static RUN_HEADER: HeaderName = HeaderName::from_static("x-placet-play");

/// The largest body that is shown, in bytes.
const LARGEST: usize = 256 * 1024;

tokio::task_local! {
    /// The calls of the API that belong to the request being answered.
    static CALLS: Arc<Mutex<Vec<Call>>>;
}

/// One call of the API, and what it decided.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) path: String,
    pub(super) request: Value,
    pub(super) response: Value,
}

/// One request and its response, with what happened in between.
#[derive(Clone, Default)]
pub(super) struct Hop {
    /// The name of a text.
    pub(super) title: &'static str,
    /// Who asks whom; the name of a text.
    pub(super) between: &'static str,
    pub(super) request: String,
    pub(super) response: String,
    pub(super) calls: Vec<Call>,
}

impl Hop {
    /// Whether another one is a repetition of this.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        self.title == other.title && self.request == other.request && self.response == other.response
    }
}

/// Notes what goes through it, for the request that it is part of.
#[derive(Clone)]
pub(crate) struct Recorder<T>(pub(crate) T);

impl<T: Transport> Transport for Recorder<T> {
    async fn send(
        &self,
        request: axum::http::Request<Bytes>,
    ) -> Result<axum::http::Response<Bytes>, TransportError> {
        let Ok(calls) = CALLS.try_with(Arc::clone) else { return self.0.send(request).await };
        let path = request.uri().path().to_owned();
        let sent = serde_json::from_slice(request.body()).unwrap_or_default();
        let response = self.0.send(request).await?;
        let received = serde_json::from_slice(response.body()).unwrap_or_default();
        let call = Call { path, request: sent, response: received };
        calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        Ok(response)
    }

    fn base(&self) -> &str {
        self.0.base()
    }
}

/// Lets a request pass, and notes it if it belongs to a run.
pub(super) async fn watched(State(runs): State<Runs>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_shown = ["/as/", "/rs/", "/.well-known/"].iter().any(|part| path.starts_with(part))
        && !path.contains("/assets/");
    let Some(run) = run_of(request.headers()).filter(|_| is_shown) else { return next.run(request).await };
    let by_playground = request.headers().contains_key(&RUN_HEADER);
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return next.run(Request::from_parts(parts, Body::empty())).await;
    };
    let shown = shown_request(&parts, &body);
    let calls = Arc::new(Mutex::new(Vec::new()));
    let answered = next.run(Request::from_parts(parts, Body::from(body)));
    let response = CALLS.scope(calls.clone(), answered).await;
    let (head, body) = response.into_parts();
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let hop = Hop {
        title: title(&path),
        between: match (by_playground, !path.starts_with("/rs/")) {
            (true, true) => "between.client_as",
            (true, false) => "between.client_rs",
            (false, _) => "between.browser_as",
        },
        request: shown,
        response: shown_response(&head, &body),
        calls: std::mem::take(&mut *calls.lock().unwrap_or_else(PoisonError::into_inner)),
    };
    runs.note(&run, hop);
    Response::from_parts(head, Body::from(body))
}

pub(super) fn run_of(headers: &HeaderMap) -> Option<String> {
    let own = headers.get(&RUN_HEADER).and_then(|value| value.to_str().ok());
    let cookies = headers.get(COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let cookie = cookies.split(';').find_map(|item| item.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
    own.or(cookie).map(str::to_owned)
}

fn title(path: &str) -> &'static str {
    match path {
        "/as/par" => "hop.par",
        "/as/authorize" => "hop.authorize",
        "/as/token" => "hop.token",
        "/as/userinfo" => "hop.userinfo",
        "/as/jwks" => "hop.jwks",
        "/rs/orders" => "hop.resource",
        "/rs/payments" => "hop.payments",
        "/as/device_authorization" => "hop.device_authorization",
        "/as/backchannel_authentication" => "hop.backchannel",
        "/as/device" => "hop.device",
        "/as/inbox" => "hop.inbox",
        "/as/nonce" => "hop.nonce",
        "/as/credential" => "hop.credential",
        "/as/deferred_credential" => "hop.deferred",
        "/as/offer" => "hop.offer_page",
        path if path.starts_with("/as/offers/") => "hop.offer",
        path if path.starts_with("/.well-known/openid-credential-issuer") => "hop.issuer",
        path if path.starts_with("/as/grants/") => "hop.grants",
        path if path.ends_with("/sign-in") => "hop.sign_in",
        path if path.ends_with("/consent") => "hop.consent",
        path if path.ends_with("/second-factor") => "hop.second_factor",
        path if path.starts_with("/as/interaction/") => "hop.interaction",
        _ => "hop.other",
    }
}

fn shown_request(parts: &axum::http::request::Parts, body: &Bytes) -> String {
    let mut text = format!("{} {}", parts.method, parts.uri);
    for name in [AUTHORIZATION, HeaderName::from_static("dpop"), CONTENT_TYPE] {
        if let Some(value) = parts.headers.get(&name).and_then(|value| value.to_str().ok()) {
            text.push_str(&format!("\n{name}: {value}"));
        }
    }
    if !body.is_empty() {
        text.push_str("\n\n");
        let body = String::from_utf8_lossy(body);
        let is_json = serde_json::from_str::<Value>(&body).is_ok();
        text.push_str(&if is_json { pretty(&body) } else { readable_form(&body) });
    }
    text
}

/// A form, one parameter a line, without what nobody should read over a shoulder.
fn readable_form(form: &str) -> String {
    let line = |item: &str| {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        let value = match name {
            "password" | "csrf" => "…".to_owned(),
            _ => form::decode(value).map_or_else(|| value.to_owned(), std::borrow::Cow::into_owned),
        };
        format!("{name} = {value}")
    };
    form.split('&').map(line).collect::<Vec<_>>().join("\n")
}

fn shown_response(head: &axum::http::response::Parts, body: &Bytes) -> String {
    let mut text = head.status.to_string();
    for name in [LOCATION, WWW_AUTHENTICATE, HeaderName::from_static("dpop-nonce"), CONTENT_TYPE] {
        if let Some(value) = head.headers.get(&name).and_then(|value| value.to_str().ok()) {
            text.push_str(&format!("\n{name}: {value}"));
        }
    }
    let is_page =
        head.headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    if is_page {
        text.push_str("\n\n(a page)");
    } else if !body.is_empty() {
        text.push_str("\n\n");
        text.push_str(&pretty(&String::from_utf8_lossy(body)));
    }
    text
}

/// JSON with its members on lines of their own; anything else as it is.
pub(super) fn pretty(text: &str) -> String {
    let value: Option<Value> = serde_json::from_str(text).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}
