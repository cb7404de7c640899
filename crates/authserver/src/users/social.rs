//! Users who come by way of a social network.

use placet_sdk::Secret;
use placet_sdk::registry::Sns;
use placet_sdk::types::SnsCredentials;

use super::{BoxFuture, Unavailable, User};

/// A social network that a store takes the word of, and what this server is there.
pub struct Network {
    /// Which one.
    pub sns: Sns,
    /// The client there.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

impl Network {
    /// Those that are supported and known to this server.
    pub(super) fn all(supported: Option<&[Sns]>, credentials: Option<&[SnsCredentials]>) -> Vec<Self> {
        let known = credentials.unwrap_or_default().iter().filter_map(|one| {
            let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
            let sns = one.sns.filter(|sns| supported.unwrap_or_default().contains(sns))?;
            let client_secret = Secret::new(given(&one.api_secret)?);
            Some(Self { sns, client_id: given(&one.api_key)?, client_secret })
        });
        known.collect()
    }
}

/// Somebody who comes from a network, and what it has given for them.
pub struct FromNetwork {
    /// Which one.
    pub sns: Sns,
    /// What they are called there.
    pub id: String,
    /// What opens what the network tells of them.
    pub access_token: Secret,
    /// What renews it, where the network has given that.
    pub refresh_token: Option<Secret>,
    /// Seconds; 0 where the network does not say.
    pub expires_in: i64,
    /// The whole answer of the token endpoint.
    pub raw_token_response: Secret,
}

/// A store whose users may come by way of a social network.
pub trait Social: Send + Sync {
    /// By way of which ones.
    fn networks<'a>(&'a self) -> BoxFuture<'a, Result<Vec<Network>, Unavailable>>;

    /// The user who has come; `None` for nobody that the store knows.
    fn arrived<'a>(&'a self, from: &'a FromNetwork) -> BoxFuture<'a, Result<Option<User>, Unavailable>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_offered_that_is_supported_and_has_credentials() {
        let credentials = |secret: &str| {
            let text = |text: &str| Some(text.to_owned());
            vec![SnsCredentials { sns: Some(Sns::Facebook), api_key: text("1"), api_secret: text(secret) }]
        };
        let offered =
            |supported: &[Sns], secret: &str| Network::all(Some(supported), Some(&credentials(secret))).len();
        assert_eq!(
            (offered(&[Sns::Facebook], "s"), offered(&[Sns::Facebook], ""), offered(&[], "s")),
            (1, 0, 0)
        );
        assert!(Network::all(Some(&[Sns::Facebook]), None).is_empty());
    }
}
