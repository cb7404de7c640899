//! Signing in by way of a social network, where this server is a client (RFC 6749 §4.1): what is asked there, and what is
//! brought back.

mod attempts;

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use placet_outgoing::{Caller, Outgoing};
use placet_sdk::registry::Sns;
use placet_sdk::{Secret, form};
use serde::Deserialize;

pub(crate) use attempts::{Attempt, Attempts, Door, Taken};

use crate::form::with_query;
use crate::settings::Settings;
use crate::users::{FromNetwork, Network};

/// Where a social network is, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocialNetwork {
    /// Where people agree (RFC 6749 §3.1).
    pub authorization_endpoint: String,
    /// Where the code is redeemed (RFC 6749 §3.2).
    pub token_endpoint: String,
    /// What tells the owner of an access token: JSON with an `id`.
    pub user_endpoint: String,
    /// What is asked for beyond what the network gives anyway.
    pub scopes: Vec<String>,
}

impl SocialNetwork {
    /// As Facebook has published it (Manually Build a Login Flow).
    pub fn facebook() -> Self {
        Self {
            authorization_endpoint: "https://www.facebook.com/v25.0/dialog/oauth".to_owned(),
            token_endpoint: "https://graph.facebook.com/v25.0/oauth/access_token".to_owned(),
            user_endpoint: "https://graph.facebook.com/v25.0/me?fields=id".to_owned(),
            scopes: Vec::new(),
        }
    }

    /// Where the network is.
    pub(crate) fn of(settings: &Settings, sns: Sns) -> &Self {
        match sns {
            Sns::Facebook => &settings.facebook,
        }
    }

    /// Where the browser is sent: with a state that only it knows (RFC 6749 §10.12), and with PKCE, which a network that does not
    /// know it passes over (RFC 7636 §5).
    pub(crate) fn asked(&self, client_id: &str, back: &str, asking: &Asking<'_>) -> String {
        let hash = digest::digest(&digest::SHA256, asking.verifier.as_bytes());
        let (challenge, scope) = (BASE64URL_NOPAD.encode(hash.as_ref()), self.scopes.join(" "));
        let pairs = [
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", back),
            ("state", asking.state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("scope", &scope),
            // Facebook's name for a new login.
            ("auth_type", if asking.anew { "reauthenticate" } else { "" }),
        ];
        let given: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        with_query(&self.authorization_endpoint, &given)
    }

    /// Redeems a code, and asks whose access token it has brought.
    pub(crate) async fn redeemed(
        &self,
        outgoing: &Outgoing,
        network: &Network,
        code: &Redeeming<'_>,
    ) -> Result<FromNetwork, String> {
        let call = form::encode([
            ("grant_type", "authorization_code"),
            ("code", code.code),
            ("redirect_uri", code.back),
            ("client_id", &network.client_id),
            ("client_secret", network.client_secret.expose()),
            ("code_verifier", code.verifier),
        ]);
        let raw = outgoing.ask_form(&self.token_endpoint, call, Caller::Stranger).await;
        let raw = raw.map_err(|e| e.to_string())?;
        let tokens: Tokens = serde_json::from_str(&raw).map_err(|e| format!("the token response: {e}"))?;
        let owner = outgoing.get_as(&self.user_endpoint, &tokens.access_token, Caller::Stranger).await;
        let owner: Owner = serde_json::from_str(&owner.map_err(|e| e.to_string())?)
            .map_err(|e| format!("the owner of the access token: {e}"))?;
        if owner.id.is_empty() {
            return Err("the owner of the access token has no id".to_owned());
        }
        Ok(FromNetwork {
            sns: network.sns,
            id: owner.id,
            access_token: Secret::new(tokens.access_token),
            refresh_token: tokens.refresh_token.map(Secret::new),
            expires_in: tokens.expires_in,
            raw_token_response: Secret::new(raw),
        })
    }
}

/// What a network is called.
pub(crate) fn name(sns: Sns) -> &'static str {
    match sns {
        Sns::Facebook => "Facebook",
    }
}

/// What a network is asked with.
pub(crate) struct Asking<'a> {
    pub(crate) state: &'a str,
    /// RFC 7636 §4.1.
    pub(crate) verifier: &'a str,
    /// A login there that is not new will not do.
    pub(crate) anew: bool,
}

/// A code that has come back.
pub(crate) struct Redeeming<'a> {
    pub(crate) code: &'a str,
    /// Where it has come to (RFC 6749 §4.1.3).
    pub(crate) back: &'a str,
    /// RFC 7636 §4.5.
    pub(crate) verifier: &'a str,
}

/// RFC 6749 §5.1.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: i64,
}

#[derive(Deserialize)]
struct Owner {
    id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    #[test]
    fn a_network_is_asked_with_state_and_challenge() {
        let network = SocialNetwork { scopes: vec!["email".to_owned()], ..SocialNetwork::facebook() };
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let asked = |anew| {
            network.asked("1", "https://as.example/sns/facebook", &Asking { state: "s", verifier, anew })
        };
        assert!(asked(true).ends_with("&scope=email&auth_type=reauthenticate"));
        assert_eq!(
            asked(false),
            "https://www.facebook.com/v25.0/dialog/oauth?response_type=code&client_id=1\
             &redirect_uri=https%3A%2F%2Fas.example%2Fsns%2Ffacebook&state=s\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&scope=email"
        );
    }
}
