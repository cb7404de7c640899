//! What of an HTTP request is handed on to the API, as it is.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CONNECTION, HOST, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use axum::response::Response;
use placet_sdk::Transport;
use placet_sdk::presented::{
    ATTESTATION, ATTESTATION_POP, Basic, Broken, DPOP, NoToken, Token, is_form, only,
};
use placet_serving::BodyError;

use crate::certificate::{Certificates, Peer};
use crate::respond::typed;
use crate::session::Handle;
use crate::settings::{Proxy, Settings};
use crate::{AuthServer, form};

/// A request to one of the endpoints that clients call.
pub(crate) struct Forwarded {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) peer: Peer,
    /// That of the browser, where there is one.
    pub(crate) session: Option<Handle>,
}

impl<T: Transport + 'static> FromRequest<Arc<AuthServer<T>>> for Forwarded {
    type Rejection = Response;

    async fn from_request(
        request: Request<axum::body::Body>,
        server: &Arc<AuthServer<T>>,
    ) -> Result<Self, Response> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let headers = request.headers().clone();
        let peer = request.extensions().get::<Peer>().cloned().unwrap_or_default();
        let body = Bytes::from_request(request, server).await.map_err(unread)?;
        let session = server.cookies.session_name(&headers);
        let mut forwarded = Self { method, uri, headers, body, peer, session: None };
        if let Some(id) = session {
            let found = server.sessions.find(&id, server.now()).await;
            forwarded.session = found.map_err(|e| {
                let visit = server.visit(&forwarded);
                server.forgetful(&visit, &e, &visit.here)
            })?;
        }
        Ok(forwarded)
    }
}

/// 413, 408, 503 or 400, with the error of a body that OAuth would have (RFC 6749 §5.2). What remains of the body is not
/// waited for.
fn unread(rejection: BytesRejection) -> Response {
    // axum hides the cause of this one behind a box of its own.
    let too_large = rejection.status() == BodyError::Large.status();
    let why = if too_large { BodyError::Large } else { BodyError::of(&rejection) };
    let error = if why == BodyError::Crowded { "temporarily_unavailable" } else { "invalid_request" };
    let text = format!(r#"{{"error":"{error}","error_description":"{}"}}"#, said(why));
    let mut response = typed(why.status(), "application/json", text);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    if let Some(seconds) = why.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn said(why: BodyError) -> &'static str {
    match why {
        BodyError::Large => "The body is larger than 64 KiB.",
        BodyError::Late => "The body did not arrive in time.",
        BodyError::Crowded => "Too many bodies are arriving.",
        BodyError::Broken => "The body broke off.",
    }
}

impl Forwarded {
    /// The form, as it came. Anything that is no form is an empty one: the API says what is missing.
    pub(crate) fn parameters(&self) -> String {
        if is_form(&self.headers) { String::from_utf8_lossy(&self.body).into_owned() } else { String::new() }
    }

    /// The query, as it came.
    pub(crate) fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// One parameter of the form.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        form::value(&self.parameters(), name)
    }

    /// What the client proves itself with in the `Authorization` header.
    pub(crate) fn basic(&self) -> Result<Basic, Broken> {
        Basic::read(&self.headers)
    }

    /// Whether the client brings a secret, an assertion or an attestation, which the API then holds it to. A certificate is none: clients
    /// that prove nothing may bring one.
    pub(crate) fn is_credentialed(&self, basic: &Basic) -> bool {
        let brought = |name| self.parameter(name).is_some_and(|value| !value.is_empty());
        basic.secret.is_some()
            || brought("client_secret")
            || brought("client_assertion")
            || self.attestation().is_some()
    }

    /// The access token, in one way (RFC 6750 §2, RFC 9449 §7.1).
    pub(crate) fn token(&self) -> Result<Token, NoToken> {
        Token::read(&self.headers, self.query(), &self.parameters())
    }

    /// The address that was called, below the issuer: that of mutual TLS if the client has called that one
    /// (RFC 8705 §5), which a proof then names (RFC 9449 §4.3).
    pub(crate) fn called(&self, settings: &Settings, path: &str) -> String {
        let host = self.text(&HOST).or(self.uri.authority().map(|authority| authority.as_str()));
        let mutual = settings.mutual.as_ref().filter(|mutual| host.is_some_and(|host| mutual.is_at(host)));
        format!("{}{path}", mutual.unwrap_or(&settings.issuer).url())
    }

    pub(crate) fn dpop(&self) -> Option<String> {
        only(&self.headers, &DPOP)
    }

    pub(crate) fn attestation(&self) -> Option<String> {
        only(&self.headers, &ATTESTATION)
    }

    pub(crate) fn attestation_pop(&self) -> Option<String> {
        only(&self.headers, &ATTESTATION_POP)
    }

    pub(crate) fn certificates(&self, proxy: Option<&Proxy>) -> Certificates {
        self.peer.certificates(&self.headers, proxy)
    }

    /// Where the request comes from, as far as can be told.
    pub(crate) fn address(&self, proxy: Option<&Proxy>) -> Option<IpAddr> {
        self.peer.client(&self.headers, proxy)
    }

    pub(crate) fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
