//! Developers of clients, whom an endpoint of the operator knows: that which the service names as its developer authentication
//! callback, as the hosted product's own pages for developers ask it.

use placet_outgoing::Outgoing;
use placet_sdk::types::Service;
use placet_sdk::{Client, Transport};
use serde::{Deserialize, Serialize};

use super::asking::{Endpoint, Question, subject};
use super::{FromNetwork, Network, Unavailable};

/// How much of a name is shown, in characters.
const NAME: usize = 100;
/// Clients that have registered themselves have a developer of their own, whom nobody may be.
const REGISTERED: &str = "authlete_";

/// A developer: what the member `developer` of their clients says, and how pages address them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Developer {
    pub(crate) subject: String,
    pub(crate) name: String,
}

/// What is answered.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    authenticated: bool,
    subject: Option<String>,
    display_name: Option<String>,
}

/// Who somebody says that they are.
pub(crate) enum Who<'a> {
    /// By login name and password.
    Login(&'a str, &'a str),
    From(&'a FromNetwork),
}

/// Asks the endpoint.
pub(crate) struct Developers<'a, T> {
    pub(crate) api: &'a Client<T>,
    pub(crate) outgoing: &'a Outgoing,
}

impl<T: Transport + 'static> Developers<'_, T> {
    async fn service(&self) -> Result<Service, Unavailable> {
        Ok(self.api.service_get().await.map_err(|e| away(&e))?.body)
    }

    /// The developer; `None` for nobody that the endpoint knows.
    pub(crate) async fn known(&self, who: &Who<'_>) -> Result<Option<Developer>, Unavailable> {
        let service = self.service().await?;
        let (id, password, network) = match who {
            Who::Login(login, password) => (*login, Some(*password), None),
            Who::From(from) => (from.id.as_str(), None, Some((*from).into())),
        };
        let service_api_key = service.api_key.unwrap_or_default();
        let question = Question { service_api_key, id, password, claims: None, network };
        let verdict = endpoint(&service).ask(self.outgoing, &question).await.map_err(|e| away(&e))?;
        developer(verdict, id).map_err(|e| away(&e))
    }

    /// The networks by way of which developers come.
    pub(crate) async fn networks(&self) -> Result<Vec<Network>, Unavailable> {
        let service = self.service().await?;
        let supported = service.supported_developer_snses.as_deref();
        Ok(Network::all(supported, service.developer_sns_credentials.as_deref()))
    }
}

fn away(e: &dyn std::fmt::Display) -> Unavailable {
    Unavailable(format!("the developer authentication callback: {e}"))
}

fn endpoint(service: &Service) -> Endpoint<'_> {
    Endpoint {
        url: service.developer_authentication_callback_endpoint.as_deref(),
        key: service.developer_authentication_callback_api_key.as_deref(),
        secret: service.developer_authentication_callback_api_secret.as_deref(),
        setting: "developerAuthenticationCallbackEndpoint",
    }
}

/// Whom the endpoint tells of.
fn developer(verdict: Verdict, id: &str) -> Result<Option<Developer>, String> {
    if !verdict.authenticated {
        return Ok(None);
    }
    let subject = subject(verdict.subject)?;
    if subject.starts_with(REGISTERED) {
        return Err("a 'subject' that stands for clients that have registered themselves".to_owned());
    }
    let name = verdict.display_name.filter(|name| !name.trim().is_empty());
    let name = name.as_deref().unwrap_or(id).chars().take(NAME).collect();
    Ok(Some(Developer { subject, name }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_a_developer_or_nobody() {
        let told = |text: &str| developer(serde_json::from_str(text).unwrap(), "max");
        let known =
            told(r#"{"authenticated":true,"subject":"d-1","displayName":"Max Power"}"#).unwrap().unwrap();
        assert_eq!((known.subject.as_str(), known.name.as_str()), ("d-1", "Max Power"));
        assert_eq!(told(r#"{"authenticated":true,"subject":"d-1"}"#).unwrap().unwrap().name, "max");
        assert_eq!(told(r#"{"authenticated":false,"subject":"d-1"}"#), Ok(None));
        for wrong in [
            r#"{"authenticated":true}"#,
            r#"{"authenticated":true,"subject":"ü"}"#,
            r#"{"authenticated":true,"subject":"authlete_1"}"#,
        ] {
            assert!(told(wrong).is_err(), "{wrong}");
        }
    }
}
