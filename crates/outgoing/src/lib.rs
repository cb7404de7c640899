//! Calls to URLs that a stranger has chosen: key sets, request objects and sector identifiers of clients, and
//! where they take logout tokens. Everything about such a call is bounded, and it leads to the open internet
//! only, unless the operator names an origin.

mod address;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, Url};

use address::is_public;

/// What an outgoing call may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest answer, in bytes.
    pub bytes: usize,
    /// From the first lookup to the last byte.
    pub time: Duration,
    /// Origins that may be asked although they are not https, or not public.
    pub origins: BTreeSet<Origin>,
    /// Any port of a loopback address counts as such an origin. For trying things on one machine.
    pub loopback: bool,
    /// PEM files of further certificates that are trusted.
    pub trusted: Vec<PathBuf>,
}

impl Default for Limits {
    fn default() -> Self {
        let (origins, trusted) = (BTreeSet::new(), Vec::new());
        Self { bytes: 64 * 1024, time: Duration::from_secs(5), origins, loopback: false, trusted }
    }
}

/// A scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// Reads `https://host:port` or `http://host:port`; nothing may stand behind it.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        (bare && url.username().is_empty()).then(|| Self::of(&url)).flatten()
    }

    fn of(url: &Url) -> Option<Self> {
        let known = ["http", "https"].contains(&url.scheme());
        let (host, port) = (url.host_str().filter(|_| known)?, url.port_or_known_default()?);
        Some(Self(format!("{}://{host}:{port}", url.scheme())))
    }
}

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The URL leads where no call may go.
    Forbidden(String),
    Failed(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Forbidden(why) | Self::Failed(why)) = self;
        f.write_str(why)
    }
}

impl std::error::Error for Failure {}

/// Makes the calls.
pub struct Outgoing {
    /// To the open internet.
    open: Client,
    /// To origins that the operator has named.
    named: Client,
    limits: Limits,
}

/// Names resolve to public addresses, or not at all: whoever owns a name may point it anywhere, and
/// change it between a check and a call.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

impl Outgoing {
    /// # Errors
    /// When the certificates of the limits, or the system's, cannot be read.
    pub fn new(limits: Limits) -> Result<Self, String> {
        let mut trusted = Vec::new();
        for path in &limits.trusted {
            let text = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
            let bundle = Certificate::from_pem_bundle(&text);
            trusted.extend(bundle.map_err(|e| format!("{}: {e}", path.display()))?);
        }
        let builder = || {
            let builder = Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(limits.time)
                .no_proxy()
                .user_agent(concat!("placet/", env!("CARGO_PKG_VERSION")));
            trusted.iter().fold(builder, |builder, one| builder.add_root_certificate(one.clone()))
        };
        let open = builder().https_only(true).dns_resolver(Arc::new(PublicOnly)).build();
        let named = builder().build();
        let failed = |e: reqwest::Error| format!("outgoing calls: {e}");
        Ok(Self { open: open.map_err(failed)?, named: named.map_err(failed)?, limits })
    }

    /// Whether the operator has named the origin of the URL.
    fn is_named(&self, url: &Url) -> bool {
        let loopback = || {
            let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        };
        Origin::of(url).is_some_and(|origin| self.limits.origins.contains(&origin))
            || self.limits.loopback && loopback()
    }

    /// Whether a call to the URL would be made at all, as far as the URL itself tells.
    pub fn permits(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        self.is_named(&url) || is_open(&url)
    }

    /// The document at the URL.
    ///
    /// # Errors
    /// [`Failure::Forbidden`] without a call; [`Failure::Failed`] for anything but a 200 with a text that is not
    /// too large, in time.
    pub async fn get(&self, url: &str) -> Result<String, Failure> {
        let response = self.client(url)?.get(url).send().await.map_err(|e| failed(url, &e))?;
        if response.status().as_u16() != 200 {
            return Err(failed(url, &format!("status {}", response.status())));
        }
        self.text(url, response).await
    }

    /// Posts a form, and hands back the status.
    ///
    /// # Errors
    /// As [`Outgoing::get`], except that any status is an answer; its content is not read.
    pub async fn post_form(&self, url: &str, form: String) -> Result<u16, Failure> {
        let request = self.client(url)?.post(url).header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(form).send().await.map_err(|e| failed(url, &e))?;
        Ok(response.status().as_u16())
    }

    fn client(&self, url: &str) -> Result<&Client, Failure> {
        let parsed = Url::parse(url).map_err(|e| failed(url, &e))?;
        match (self.is_named(&parsed), is_open(&parsed)) {
            (true, _) => Ok(&self.named),
            (false, true) => Ok(&self.open),
            (false, false) => {
                Err(Failure::Forbidden(format!("{url}: neither a public https URL nor an allowed origin")))
            }
        }
    }

    async fn text(&self, url: &str, mut response: reqwest::Response) -> Result<String, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| failed(url, &e))? {
            if body.len() + chunk.len() > self.limits.bytes {
                return Err(failed(url, &format!("more than {} bytes", self.limits.bytes)));
            }
            body.extend_from_slice(&chunk);
        }
        String::from_utf8(body).map_err(|e| failed(url, &e))
    }
}

fn failed(url: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure::Failed(format!("{url}: {why}"))
}

/// A URL that may lead to the open internet: https, and no address of an inside. What its name leads to is
/// judged when it is looked up.
fn is_open(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let local = host == "localhost" || host.ends_with(".localhost");
    url.scheme() == "https" && !host.is_empty() && !local && literal.map_or(true, is_public)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(origins: &[&str]) -> Outgoing {
        let origins = origins.iter().map(|text| Origin::parse(text).unwrap()).collect();
        Outgoing::new(Limits { origins, ..Limits::default() }).unwrap()
    }

    #[test]
    fn insides_are_closed_unless_they_are_named() {
        let closed = outgoing(&[]);
        for url in [
            "http://client.example/jwks",
            "https://127.0.0.1/jwks",
            "https://[::1]/jwks",
            "https://localhost/jwks",
            "https://169.254.169.254/latest",
            "https://2130706433/",
            "https://0x7f.1/",
            "file:///etc/passwd",
            "gopher://client.example/",
            "nothing",
        ] {
            assert!(!closed.permits(url), "{url}");
        }
        assert!(closed.permits("https://client.example/jwks"));
        let open = outgoing(&["http://127.0.0.1:8080"]);
        assert!(open.permits("http://127.0.0.1:8080/jwks"));
        assert!(!open.permits("http://127.0.0.1:8081/jwks"));
        assert!(!open.permits("http://127.0.0.1:8080@127.0.0.1/jwks"));
    }

    #[test]
    fn an_origin_is_nothing_but_an_origin() {
        assert!(Origin::parse("https://a.example").is_some());
        for text in ["https://a.example/path", "https://u@a.example", "ftp://a", "a.example"] {
            assert!(Origin::parse(text).is_none(), "{text}");
        }
    }
}
