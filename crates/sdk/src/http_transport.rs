//! The API over HTTP.

use std::error::Error as _;

use bytes::Bytes;
use http::{Request, Response};

use crate::transport::{Transport, TransportError};

/// Reaches the API at a base URL, over connections that are kept and shared.
#[derive(Clone)]
pub struct HttpTransport {
    http: reqwest::Client,
    base: String,
}

impl HttpTransport {
    /// `base`: scheme, host and port, and a path where the API stands behind a prefix; `https://us.authlete.com`,
    /// for instance. Redirects are not followed: they would carry the token elsewhere.
    ///
    /// # Errors
    /// Says what is wrong with the URL, or why the system has no TLS configuration.
    pub fn new(base: &str) -> Result<Self, String> {
        Self::trusting(base, b"")
    }

    /// The same where the API's certificate is vouched for by an authority of one's own. `pem`: certificates that
    /// are trusted besides the system's.
    ///
    /// # Errors
    /// Says what is wrong with the URL or with the certificates.
    pub fn trusting(base: &str, pem: &[u8]) -> Result<Self, String> {
        let further = reqwest::Certificate::from_pem_bundle(pem).map_err(|e| e.to_string())?;
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("placet-sdk/", env!("CARGO_PKG_VERSION")));
        let builder = further.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
        Self::with(builder.build().map_err(|e| e.to_string())?, base)
    }

    /// The same with a client of one's own, for proxies, further certificates or a client certificate.
    ///
    /// # Errors
    /// Says what is wrong with the URL.
    pub fn with(http: reqwest::Client, base: &str) -> Result<Self, String> {
        let base = base.trim_end_matches('/');
        let url = reqwest::Url::parse(base).map_err(|e| format!("{base}: {e}"))?;
        if !["http", "https"].contains(&url.scheme()) || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("{base}: expected scheme, host, and no more than a path"));
        }
        Ok(Self { http, base: base.to_owned() })
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (parts, body) = request.into_parts();
        let url = format!("{}{}", self.base, parts.uri);
        let sent = self.http.request(parts.method, url).headers(parts.headers).body(body).send().await;
        let response = sent.map_err(failed)?;
        let mut whole = Response::new(Bytes::new());
        *whole.status_mut() = response.status();
        *whole.headers_mut() = response.headers().clone();
        *whole.body_mut() = response.bytes().await.map_err(failed)?;
        Ok(whole)
    }

    fn base(&self) -> &str {
        &self.base
    }
}

fn failed(e: reqwest::Error) -> TransportError {
    // The URL may name a client or a user; the sources say what happened.
    let e = e.without_url();
    let mut why = e.to_string();
    let mut source = e.source();
    while let Some(deeper) = source {
        why = deeper.to_string();
        source = deeper.source();
    }
    match e {
        e if e.is_timeout() => TransportError::TimedOut,
        e if e.is_connect() || e.is_builder() => TransportError::Unreached(why),
        _ => TransportError::Lost(why),
    }
}
