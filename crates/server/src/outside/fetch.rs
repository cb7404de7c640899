//! Fetching what clients and operators have published: key sets, request objects, sector identifiers. The
//! URL was chosen by a stranger, so everything about the call is bounded, and it leads to the open
//! internet only, unless the operator names an origin.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use placet_engine::FetchError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, Url};

use super::address::is_public;

/// What an outgoing call may take.
#[derive(Clone, Debug)]
pub struct FetchLimits {
    /// The largest document, in bytes.
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

impl Default for FetchLimits {
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

pub(super) struct Fetcher {
    /// To the open internet.
    open: Client,
    /// To origins that the operator has named.
    named: Client,
    limits: FetchLimits,
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

impl Fetcher {
    pub(super) fn new(limits: FetchLimits) -> Result<Self, String> {
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

    pub(super) fn permits(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        self.is_named(&url) || is_open(&url)
    }

    pub(super) async fn fetch(&self, url: &str) -> Result<String, FetchError> {
        let forbidden = |why: &str| FetchError::Forbidden(format!("{url}: {why}"));
        let failed = |why: &dyn std::fmt::Display| FetchError::Failed(format!("{url}: {why}"));
        let parsed = Url::parse(url).map_err(|e| failed(&e))?;
        let client = match (self.is_named(&parsed), is_open(&parsed)) {
            (true, _) => &self.named,
            (false, true) => &self.open,
            (false, false) => return Err(forbidden("neither a public https URL nor an allowed origin")),
        };
        let mut response = client.get(parsed).send().await.map_err(|e| failed(&e))?;
        if response.status().as_u16() != 200 {
            return Err(failed(&format!("status {}", response.status())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| failed(&e))? {
            if body.len() + chunk.len() > self.limits.bytes {
                return Err(failed(&format!("more than {} bytes", self.limits.bytes)));
            }
            body.extend_from_slice(&chunk);
        }
        String::from_utf8(body).map_err(|e| failed(&e))
    }
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

    fn fetcher(origins: &[&str]) -> Fetcher {
        let origins = origins.iter().map(|text| Origin::parse(text).unwrap()).collect();
        Fetcher::new(FetchLimits { origins, ..FetchLimits::default() }).unwrap()
    }

    #[test]
    fn insides_are_closed_unless_they_are_named() {
        let closed = fetcher(&[]);
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
        let open = fetcher(&["http://127.0.0.1:8080"]);
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
