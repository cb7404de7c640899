//! A question to an endpoint of the operator about who somebody is, as the hosted product's own pages ask it.

use placet_outgoing::Outgoing;
use placet_sdk::registry::Sns;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::FromNetwork;

/// Where is asked, and with what.
pub(super) struct Endpoint<'a> {
    pub(super) url: Option<&'a str>,
    pub(super) key: Option<&'a str>,
    pub(super) secret: Option<&'a str>,
    /// The setting that names it.
    pub(super) setting: &'static str,
}

/// What is asked. The operator's endpoint tells a password from the word of a network by `sns`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question<'a> {
    pub(super) service_api_key: i64,
    pub(super) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) claims: Option<&'a [String]>,
    #[serde(flatten)]
    pub(super) network: Option<Word<'a>>,
}

/// What a network has given.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Word<'a> {
    sns: Sns,
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    expires_in: i64,
    raw_token_response: &'a str,
}

impl<'a> From<&'a FromNetwork> for Word<'a> {
    fn from(from: &'a FromNetwork) -> Self {
        Self {
            sns: from.sns,
            access_token: from.access_token.expose(),
            refresh_token: from.refresh_token.as_ref().map(|token| token.expose().as_str()),
            expires_in: from.expires_in,
            raw_token_response: from.raw_token_response.expose(),
        }
    }
}

impl Endpoint<'_> {
    pub(super) async fn ask<V: DeserializeOwned>(
        &self,
        outgoing: &Outgoing,
        question: &Question<'_>,
    ) -> Result<V, String> {
        let url = self.url.filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| format!("the service has no '{}'", self.setting))?;
        let key = self.key.filter(|key| !key.is_empty());
        let basic = key.map(|key| (key, self.secret.unwrap_or_default()));
        let question = serde_json::to_string(question).map_err(|e| e.to_string())?;
        let answer = outgoing.ask_json(url, basic, question).await.map_err(|e| e.to_string())?;
        serde_json::from_str(&answer).map_err(|e| e.to_string())
    }
}

/// A subject as tokens and clients can have it.
pub(super) fn subject(text: Option<String>) -> Result<String, String> {
    let fits = |text: &String| (1..=100).contains(&text.len()) && text.is_ascii();
    text.filter(fits).ok_or_else(|| "a 'subject' that is not 1 to 100 ASCII characters".to_owned())
}
