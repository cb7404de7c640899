//! Users whom an endpoint of the operator knows: that which the service names as its authentication callback, as the hosted
//! product's own sign-in page asks it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use placet_outgoing::Outgoing;
use placet_sdk::types::Service;
use placet_sdk::{Client, Transport};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{BoxFuture, Unavailable, User, Users};

/// As many of those who have signed in are remembered; who came longest ago is forgotten first.
const REMEMBERED: usize = 10_000;

/// What is asked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    service_api_key: i64,
    id: &'a str,
    password: &'a str,
    claims: &'a [String],
}

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

    async fn asked(&self, login: &str, password: &str) -> Result<Option<User>, Unavailable> {
        let away = |e: &dyn std::fmt::Display| Unavailable(format!("the authentication callback: {e}"));
        let service = self.api.service_get().await.map_err(|e| away(&e))?;
        let endpoint = service.authentication_callback_endpoint.as_deref().filter(|url| !url.is_empty());
        let endpoint =
            endpoint.ok_or_else(|| away(&"the service has no 'authenticationCallbackEndpoint'"))?;
        let question = Question {
            service_api_key: service.api_key.unwrap_or_default(),
            id: login,
            password,
            claims: service.supported_claims.as_deref().unwrap_or_default(),
        };
        let question = serde_json::to_string(&question).map_err(|e| away(&e))?;
        let answer = self.outgoing.ask_json(endpoint, credentials(&service), question).await;
        let verdict: Verdict = serde_json::from_str(&answer.map_err(|e| away(&e))?).map_err(|e| away(&e))?;
        if !verdict.authenticated {
            return Ok(None);
        }
        let user = user(verdict, login).map_err(|e| away(&e))?;
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).keep(user.clone());
        Ok(Some(user))
    }
}

/// What the endpoint is called with, where the service says it.
fn credentials(service: &Service) -> Option<(&str, &str)> {
    let key = service.authentication_callback_api_key.as_deref().filter(|key| !key.is_empty())?;
    Some((key, service.authentication_callback_api_secret.as_deref().unwrap_or_default()))
}

/// Whom the endpoint tells of.
fn user(verdict: Verdict, login: &str) -> Result<User, String> {
    let subject = verdict.subject.filter(|text| (1..=100).contains(&text.len()) && text.is_ascii());
    let subject = subject.ok_or("a 'subject' that is not 1 to 100 ASCII characters")?;
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
        Box::pin(self.asked(login, password))
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
