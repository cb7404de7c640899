//! Settings of the web console.

use std::path::PathBuf;

use super::{path, switch};
use crate::outside::Origin;

/// Whether the process has the console, which whoever starts the server hands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsoleSettings {
    pub enabled: bool,
    /// The origin that browsers see; empty until it is said.
    pub origin: String,
    /// The OpenID provider by which people sign in.
    pub openid_issuer: Option<String>,
    /// The client that the console is there, and where its secret is.
    pub openid_client_id: Option<String>,
    pub openid_client_secret_file: Option<PathBuf>,
    /// Where a token of the organization is with which members are signed in.
    pub token_file: Option<PathBuf>,
}

impl ConsoleSettings {
    pub(super) fn set_enabled(&mut self, text: &str) -> Result<(), &'static str> {
        self.enabled = switch(text)?;
        Ok(())
    }

    pub(super) fn set_origin(&mut self, text: &str) -> Result<(), &'static str> {
        Origin::parse(text).ok_or("expected an origin such as \"https://console.example\"")?;
        self.origin = text.to_owned();
        Ok(())
    }

    /// OpenID Connect Discovery §3: an https URL without query and fragment; on this machine, http does.
    pub(super) fn set_issuer(&mut self, text: &str) -> Result<(), &'static str> {
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        let is_local = local.iter().filter_map(|start| text.strip_prefix(start));
        let is_local = is_local.into_iter().any(|rest| rest.is_empty() || rest.starts_with([':', '/']));
        let is_url = text.len() > "https://".len() && (text.starts_with("https://") || is_local);
        if !is_url || text.contains(['?', '#', ' ', '@']) {
            return Err("expected an issuer such as \"https://login.example\"");
        }
        self.openid_issuer = Some(text.to_owned());
        Ok(())
    }

    pub(super) fn set_client(&mut self, text: &str) -> Result<(), &'static str> {
        if text.is_empty() {
            return Err("expected the id of a client");
        }
        self.openid_client_id = Some(text.to_owned());
        Ok(())
    }

    pub(super) fn set_secret(&mut self, text: &str) -> Result<(), &'static str> {
        path(&mut self.openid_client_secret_file, text)
    }

    pub(super) fn set_token(&mut self, text: &str) -> Result<(), &'static str> {
        path(&mut self.token_file, text)
    }

    /// What does not go together.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.enabled && self.origin.is_empty() {
            problems
                .push("console.origin: missing; the console takes forms of its own origin alone".to_owned());
        }
        let wanted = [
            ("console.openid_issuer", self.openid_issuer.is_some()),
            ("console.openid_client_id", self.openid_client_id.is_some()),
            ("console.token_file", self.token_file.is_some()),
        ];
        if wanted.iter().any(|(_, is_there)| *is_there) || self.openid_client_secret_file.is_some() {
            let missing = wanted.iter().filter(|(_, is_there)| !is_there);
            problems.extend(missing.map(|(name, _)| {
                format!(
                    "{name}: missing; sign-in by an OpenID provider takes issuer, client and token together"
                )
            }));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_on_this_machine() {
        let takes = |text: &str| ConsoleSettings::default().set_issuer(text).is_ok();
        for right in [
            "https://login.example",
            "https://login.example/realm",
            "http://localhost:8080/as",
            "http://[::1]",
        ] {
            assert!(takes(right), "{right}");
        }
        for wrong in [
            "",
            "https://",
            "http://login.example",
            "http://localhost.evil.example",
            "http://localhost@evil.example",
            "https://login.example/?x",
            "https://login.example/#x",
        ] {
            assert!(!takes(wrong), "{wrong}");
        }
    }

    #[test]
    fn issuer_client_and_token_go_together() {
        let mut settings = ConsoleSettings::default();
        assert!(settings.problems().is_empty());
        settings.set_secret("/s").unwrap();
        assert_eq!(settings.problems().len(), 3);
        settings.set_issuer("https://login.example").unwrap();
        settings.set_client("console").unwrap();
        assert_eq!(settings.problems().len(), 1);
        settings.set_token("/t").unwrap();
        assert!(settings.problems().is_empty());
    }
}
