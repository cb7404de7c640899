//! What of an HTTP request is handed on to the API, as it is.

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, Method, Request, Uri};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;

use crate::certificate::{Certificates, Peer};
use crate::form;

static DPOP: HeaderName = HeaderName::from_static("dpop");
static ATTESTATION: HeaderName = HeaderName::from_static("oauth-client-attestation");
static ATTESTATION_POP: HeaderName = HeaderName::from_static("oauth-client-attestation-pop");

/// A request to one of the endpoints that clients call.
pub(crate) struct Forwarded {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) peer: Peer,
}

/// Basic credentials (RFC 6749 §2.3.1).
#[derive(Default)]
pub(crate) struct Basic {
    pub(crate) id: Option<String>,
    pub(crate) secret: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for Forwarded {
    type Rejection = Response;

    async fn from_request(request: Request<axum::body::Body>, state: &S) -> Result<Self, Response> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let headers = request.headers().clone();
        let peer = request.extensions().get::<Peer>().cloned().unwrap_or_default();
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self { method, uri, headers, body, peer })
    }
}

impl Forwarded {
    /// The form, as it came. Anything that is no form is an empty one: the API says what is missing.
    pub(crate) fn parameters(&self) -> String {
        let is_form = self.text(&CONTENT_TYPE).is_some_and(|value| {
            value
                .split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
        });
        if is_form { String::from_utf8_lossy(&self.body).into_owned() } else { String::new() }
    }

    /// The query, as it came.
    pub(crate) fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// One parameter of the form.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        form::value(&self.parameters(), name)
    }

    /// Id and secret of HTTP Basic, form-decoded as RFC 6749 §2.3.1 has it.
    pub(crate) fn basic(&self) -> Basic {
        let credentials = self.scheme("Basic").and_then(|text| {
            let decoded = String::from_utf8(BASE64.decode(text.as_bytes()).ok()?).ok()?;
            let (id, secret) = decoded.split_once(':')?;
            let plain = |text: &str| form::decode(text).unwrap_or_else(|| text.to_owned());
            Some((plain(id), plain(secret)))
        });
        let (id, secret) = credentials.unzip();
        Basic { id, secret }
    }

    /// An access token in the `Authorization` header, bearer or DPoP (RFC 6750 §2.1, RFC 9449 §7.1).
    pub(crate) fn token(&self) -> Option<String> {
        self.scheme("Bearer").or_else(|| self.scheme("DPoP")).map(str::to_owned)
    }

    /// RFC 9449 §4.3: one header of this kind; two come out as a text that is no proof.
    pub(crate) fn dpop(&self) -> Option<String> {
        let all: Vec<_> =
            self.headers.get_all(&DPOP).iter().filter_map(|value| value.to_str().ok()).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    pub(crate) fn attestation(&self) -> Option<String> {
        self.text(&ATTESTATION).map(str::to_owned)
    }

    pub(crate) fn attestation_pop(&self) -> Option<String> {
        self.text(&ATTESTATION_POP).map(str::to_owned)
    }

    pub(crate) fn certificates(&self, proxy: Option<&crate::settings::Proxy>) -> Certificates {
        self.peer.certificates(&self.headers, proxy)
    }

    /// Whether the client tried HTTP Basic, so that the answer has to name the scheme (RFC 6749 §5.2).
    pub(crate) fn is_basic(&self) -> bool {
        self.scheme("Basic").is_some()
    }

    fn scheme(&self, scheme: &str) -> Option<&str> {
        let (name, value) = self.text(&AUTHORIZATION)?.split_once(' ')?;
        name.eq_ignore_ascii_case(scheme).then(|| value.trim())
    }

    pub(crate) fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
