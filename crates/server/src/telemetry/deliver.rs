//! One request to the collector (OTLP 1.x, OTLP/HTTP, binary protobuf), and what became of it.

use std::path::Path;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client};

use super::settings::Settings;

/// What is sent, and where below the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
}

impl Signal {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        }
    }
}

/// Why the collector has not taken something.
#[derive(Debug)]
pub(super) enum Undelivered {
    /// It may take the same a little later.
    ForNow(String),
    Refused(String),
}

impl Undelivered {
    pub(super) fn why(&self) -> &str {
        let (Self::ForNow(why) | Self::Refused(why)) = self;
        why
    }
}

pub(super) struct Collector {
    client: Client,
    endpoint: String,
}

impl Collector {
    /// # Errors
    /// When a file of the settings cannot be read.
    pub(super) fn new(settings: &Settings, endpoint: &str) -> Result<Self, String> {
        let headers = settings.headers_file.as_deref().map(headers).transpose()?.unwrap_or_default();
        let builder = Client::builder()
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(settings.timeout)
            .no_proxy()
            .user_agent(concat!("placet/", env!("CARGO_PKG_VERSION")));
        let trusted = settings.ca_file.as_deref().map(authorities).transpose()?.unwrap_or_default();
        let builder = trusted.into_iter().fold(builder, |builder, one| builder.add_root_certificate(one));
        let client = builder.build().map_err(|e| format!("telemetry: {e}"))?;
        Ok(Self { client, endpoint: endpoint.to_owned() })
    }

    /// What it answers is not read: its status says all there is to do.
    pub(super) async fn send(&self, signal: Signal, message: Bytes) -> Result<(), Undelivered> {
        let url = format!("{}/v1/{}", self.endpoint, signal.name());
        let request = self.client.post(url).header(CONTENT_TYPE, "application/x-protobuf").body(message);
        let response = request.send().await.map_err(|e| Undelivered::ForNow(reason(&e)))?;
        let status = response.status();
        match status.as_u16() {
            200..300 => Ok(()),
            // OTLP, "Failures" of OTLP/HTTP: these are to be tried again.
            429 | 502..=504 => Err(Undelivered::ForNow(format!("status {status}"))),
            _ => Err(Undelivered::Refused(format!("status {status}"))),
        }
    }
}

/// The error with its causes, without the address, which is set.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.last().map_or_else(|| "no answer".to_owned(), ToString::to_string)
}

/// `name: value` on each line; they are secrets, and shown nowhere.
fn headers(path: &Path) -> Result<HeaderMap, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut headers = HeaderMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong =
            || format!("{}:{}: expected a header such as \"name: value\"", path.display(), number + 1);
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        let name = HeaderName::try_from(name.trim()).map_err(|_| wrong())?;
        let mut value = HeaderValue::try_from(value.trim()).map_err(|_| wrong())?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, String> {
    let text = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let bundle = Certificate::from_pem_bundle(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    if bundle.is_empty() {
        return Err(format!("{}: there is no certificate in it", path.display()));
    }
    Ok(bundle)
}
