//! The table `[facebook]`.

use crate::SocialNetwork;
use serde::Deserialize;

/// What is left out is as Facebook has published it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FacebookConfig {
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    user_endpoint: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

impl FacebookConfig {
    pub(super) fn read(&self) -> Result<SocialNetwork, String> {
        let other = SocialNetwork::facebook();
        let endpoint = |name: &str, given: &Option<String>, other: String| match given {
            Some(url) if !is_endpoint(url) => Err(format!("facebook.{name}: expected an https URL")),
            given => Ok(given.clone().unwrap_or(other)),
        };
        Ok(SocialNetwork {
            authorization_endpoint: endpoint(
                "authorization_endpoint",
                &self.authorization_endpoint,
                other.authorization_endpoint,
            )?,
            token_endpoint: endpoint("token_endpoint", &self.token_endpoint, other.token_endpoint)?,
            user_endpoint: endpoint("user_endpoint", &self.user_endpoint, other.user_endpoint)?,
            scopes: self.scopes.clone(),
        })
    }
}

/// A secret is sent there. What is allowed on top, plain http within one's own network, `outgoing.allowed_origins` says.
fn is_endpoint(url: &str) -> bool {
    url::Url::parse(url)
        .is_ok_and(|url| ["https", "http"].contains(&url.scheme()) && url.fragment().is_none())
}
