//! `DIR/env`: what a first try needs to know, under the names that published clients read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What is written, in its order.
const NAMES: [&str; 16] = [
    "AUTHLETE_BASE_URL",
    "AUTHLETE_API_VERSION",
    "AUTHLETE_ORGANIZATION_ID",
    "AUTHLETE_ORG_TOKEN",
    "AUTHLETE_SERVICE_ID",
    "AUTHLETE_SERVICE_APIKEY",
    "AUTHLETE_SERVICE_ACCESSTOKEN",
    "AUTHLETE_BEARER",
    "AUTHLETE_API_TOKEN",
    "DEMO_ISSUER",
    "DEMO_CLIENT_ID",
    "DEMO_CLIENT_SECRET",
    "DEMO_PUBLIC_CLIENT_ID",
    "DEMO_REDIRECT_URI",
    "PLAY_CLIENT_ID",
    "PLAY_CLIENT_SECRET",
];

/// What directories of former releases do not have yet, and get at the next start.
const LATER: [&str; 2] = ["CONSOLE_CLIENT_ID", "CONSOLE_CLIENT_SECRET"];

#[derive(Default)]
pub(crate) struct Environment(BTreeMap<&'static str, String>);

impl Environment {
    /// What an earlier run has left; `None` when anything is missing.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        let pairs = NAMES.iter().map(|name| Some((*name, value(name)?.to_owned())));
        let known = pairs.collect::<Option<BTreeMap<_, _>>>()?;
        let later = LATER.iter().filter_map(|name| Some((*name, value(name)?.to_owned())));
        Some(Self(known.into_iter().chain(later).collect()))
    }

    pub(crate) fn text(&self) -> String {
        NAMES.iter().chain(&LATER).map(|name| format!("{name}={}\n", self.value(name))).collect()
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    pub(crate) fn set(&mut self, name: &'static str, value: impl ToString) {
        self.0.insert(name, value.to_string());
    }
}
