//! What a call may take, and which origins may be asked although they are not open to all.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

/// What an outgoing call may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest answer, in bytes.
    pub bytes: usize,
    /// From the first byte to the last, and as long may be waited for a place before.
    pub time: Duration,
    /// Calls at a time; more wait.
    pub concurrency: usize,
    /// The same at one host.
    pub concurrency_per_host: usize,
    /// Origins that may be asked although they are not https, or not public.
    pub origins: BTreeSet<Origin>,
    /// Any port of a loopback address counts as such an origin. For trying things on one machine.
    pub loopback: bool,
    /// PEM files of further certificates that are trusted.
    pub trusted: Vec<PathBuf>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024,
            time: Duration::from_secs(5),
            concurrency: 64,
            concurrency_per_host: 8,
            origins: BTreeSet::new(),
            loopback: false,
            trusted: Vec::new(),
        }
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

    pub(crate) fn of(url: &Url) -> Option<Self> {
        let known = ["http", "https"].contains(&url.scheme());
        let (host, port) = (url.host_str().filter(|_| known)?, url.port_or_known_default()?);
        Some(Self(format!("{}://{host}:{port}", url.scheme())))
    }
}
