//! HTTP to what is not the API: authorization servers, and what they publish.

use std::path::Path;
use std::time::Duration;

use crate::document::read_text;
use crate::exit::{Exit, Failure};

/// An answer that is longer is none of OAuth's.
const LARGEST: usize = 1024 * 1024;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A certificate to show, and its private key, as files in PEM.
pub(crate) type Certificate<'a> = (&'a Path, &'a Path);

/// A client that follows no redirects. `trust`: a PEM file of an authority besides the system's.
pub(crate) fn client(
    trust: Option<&Path>,
    certificate: Option<Certificate<'_>>,
) -> Result<reqwest::Client, Failure> {
    let pem = trust.map(read_text).transpose()?.unwrap_or_default();
    let wrong = |e: reqwest::Error| Failure::usage(format!("--trust: {e}"));
    let further = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(wrong)?;
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
    let builder = further.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
    let identity = certificate.map(identity).transpose()?;
    let builder = identity.into_iter().fold(builder, reqwest::ClientBuilder::identity);
    builder.build().map_err(|e| Failure::failed(e.to_string()))
}

fn identity((certificate, key): Certificate<'_>) -> Result<reqwest::Identity, Failure> {
    let pem = read_text(certificate)? + "\n" + &read_text(key)?;
    reqwest::Identity::from_pem(pem.as_bytes()).map_err(|e| Failure::usage(format!("--cert and --key: {e}")))
}

/// An answer, as it was read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) date: Option<String>,
    /// RFC 9449 §8
    pub(crate) dpop_nonce: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Sends a request, and reads the answer as far as one may be long.
pub(crate) async fn sent(url: &str, request: reqwest::RequestBuilder) -> Result<Answer, Failure> {
    let unreachable = |e: reqwest::Error| {
        let e = e.without_url();
        let mut why: &dyn std::error::Error = &e;
        while let Some(deeper) = why.source() {
            why = deeper;
        }
        Failure::new(Exit::Unreachable, format!("{url}: {why}"))
    };
    let mut response = request.send().await.map_err(unreachable)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            return Err(Failure::failed(format!("{url}: the answer has more than {LARGEST} bytes")));
        }
    }
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (date, dpop_nonce) = (header("date"), header("dpop-nonce"));
    Ok(Answer { status: response.status().as_u16(), date, dpop_nonce, body })
}
