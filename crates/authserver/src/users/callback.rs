//! Users whom an endpoint of the operator knows: that which the service names as its authentication callback, as the hosted
//! product's own sign-in page asks it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use placet_outgoing::Outgoing;
use placet_sdk::types::Service;
use placet_sdk::{Client, Transport};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::asking::{Endpoint, Question, subject};
use super::{BoxFuture, FromNetwork, Network, Social, Unavailable, User, Users};

/// As many of those who have signed in are remembered; who came longest ago is forgotten first.
const REMEMBERED: usize = 10_000;

/// What is answered.
#[derive(Deserialize)]
struct Verdict {
    authenticated: bool,
    subject: Option<String>,
    /// A JSON object as text.
    claims: Option<String>,
}

/// A store that asks the endpoint for each login, and remembers whom it has told of: nothing else knows of them.
pub struct CallbackUsers<T> {
    api: Client<T>,
    outgoing: Arc<Outgoing>,
    remembered: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    users: HashMap<String, User>,
    order: VecDeque<String>,
}

impl Remembered {
    fn keep(&mut self, user: User) {
        let subject = user.subject.clone();
        if self.users.insert(subject.clone(), user).is_some() {
            return;
        }
        self.order.push_back(subject);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.users.remove(&oldest);
        }
    }
}

impl<T: Transport + 'static> CallbackUsers<T> {
    /// `api`: whose service says where the endpoint is. `outgoing`: how it is called.
    pub fn new(api: Client<T>, outgoing: Outgoing) -> Self {
        Self { api, outgoing: Arc::new(outgoing), remembered: Mutex::default() }
    }

    async fn service(&self) -> Result<Service, Unavailable> {
        Ok(self.api.service_get().await.map_err(|e| away(&e))?.body)
    }

    /// Who it is, by a password or by the word of a network.
    async fn asked(&self, who: Who<'_>) -> Result<Option<User>, Unavailable> {
        let service = self.service().await?;
        let (id, password, network) = match who {
            Who::Login(login, password) => (login, Some(password), None),
            Who::From(from) => (from.id.as_str(), None, Some(from.into())),
        };
        let question = Question {
            service_api_key: service.api_key.unwrap_or_default(),
            id,
            password,
            claims: Some(service.supported_claims.as_deref().unwrap_or_default()),
            network,
        };
        let verdict: Verdict =
            endpoint(&service).ask(&self.outgoing, &question).await.map_err(|e| away(&e))?;
        if !verdict.authenticated {
            return Ok(None);
        }
        let user = user(verdict, id).map_err(|e| away(&e))?;
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).keep(user.clone());
        Ok(Some(user))
    }
}

/// Who somebody says that they are.
enum Who<'a> {
    /// By login name and password.
    Login(&'a str, &'a str),
    From(&'a FromNetwork),
}

fn away(e: &dyn std::fmt::Display) -> Unavailable {
    Unavailable(format!("the authentication callback: {e}"))
}

fn endpoint(service: &Service) -> Endpoint<'_> {
    Endpoint {
        url: service.authentication_callback_endpoint.as_deref(),
        key: service.authentication_callback_api_key.as_deref(),
        secret: service.authentication_callback_api_secret.as_deref(),
        setting: "authenticationCallbackEndpoint",
    }
}

/// Whom the endpoint tells of.
fn user(verdict: Verdict, login: &str) -> Result<User, String> {
    let subject = subject(verdict.subject)?;
    let claims: Map<String, Value> = match verdict.claims.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => serde_json::from_str(text).map_err(|e| format!("'claims': {e}"))?,
        None => Map::new(),
    };
    let name = claims.get("name").and_then(Value::as_str).unwrap_or(login).to_owned();
    Ok(User { subject, name, has_second_factor: false, claims })
}

impl<T: Transport + 'static> Users for CallbackUsers<T> {
    fn sign_in<'a>(
        &'a self,
        login: &'a str,
        password: &'a str,
    ) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        Box::pin(self.asked(Who::Login(login, password)))
    }

    /// The endpoint knows of none.
    fn second_factor<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<bool, Unavailable>> {
        Box::pin(async { Ok(false) })
    }

    fn find<'a>(&'a self, subject: &'a str) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let user = remembered.users.get(subject).cloned();
        Box::pin(async { Ok(user) })
    }

    fn social(&self) -> Option<&dyn Social> {
        Some(self)
    }
}

impl<T: Transport + 'static> Social for CallbackUsers<T> {
    fn networks<'a>(&'a self) -> BoxFuture<'a, Result<Vec<Network>, Unavailable>> {
        Box::pin(async {
            let service = self.service().await?;
            Ok(Network::all(service.supported_snses.as_deref(), service.sns_credentials.as_deref()))
        })
    }

    fn arrived<'a>(&'a self, from: &'a FromNetwork) -> BoxFuture<'a, Result<Option<User>, Unavailable>> {
        Box::pin(self.asked(Who::From(from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_somebody_or_nobody() {
        let verdict = |text: &str| serde_json::from_str::<Verdict>(text).unwrap();
        let known =
            user(verdict(r#"{"authenticated":true,"subject":"7","claims":"{\"name\":\"Max\"}"}"#), "max");
        let known = known.unwrap();
        assert_eq!((known.subject.as_str(), known.name.as_str()), ("7", "Max"));
        let bare = user(verdict(r#"{"authenticated":true,"subject":"7"}"#), "max").unwrap();
        assert_eq!((bare.name.as_str(), bare.claims.len()), ("max", 0));
        for wrong in [
            r#"{"authenticated":true}"#,
            r#"{"authenticated":true,"subject":""}"#,
            r#"{"authenticated":true,"subject":"ü"}"#,
            r#"{"authenticated":true,"subject":"7","claims":"[]"}"#,
        ] {
            assert!(user(verdict(wrong), "max").is_err(), "{wrong}");
        }
    }

    #[test]
    fn who_came_longest_ago_is_forgotten_first() {
        let mut remembered = Remembered::default();
        for n in 0..=REMEMBERED {
            remembered.keep(User { subject: n.to_string(), ..User::default() });
            remembered.keep(User { subject: n.to_string(), ..User::default() });
        }
        assert_eq!((remembered.users.len(), remembered.order.len()), (REMEMBERED, REMEMBERED));
        assert!(!remembered.users.contains_key("0") && remembered.users.contains_key("1"));
    }
}
