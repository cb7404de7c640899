//! What users have agreed to at another server: read and written, a consent each line, and taken over one by one.
//!
//! The API has no call that takes a consent over. It remembers what is granted by an authorization request, so each consent becomes one
//! that is granted at once, as if the user had agreed here; the code that comes of it is worth nothing to anybody, and ends by itself.

use std::collections::{BTreeMap, BTreeSet};

use placet_sdk::registry::ResponseType;
use placet_sdk::types::{AuthorizationIssueRequest, AuthorizationRequest, SubjectRequest};
use placet_sdk::{
    AuthorizationDecision as Asked, AuthorizationIssueDecision as Issued, Client, ClientPath, Content, Error,
    Transport, form,
};
use serde::{Deserialize, Serialize};

use crate::problem::{Kind, Problem};

/// A hash (RFC 7636 §4.2) of what nobody knows: no code with it is redeemed.
const CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a user has agreed to give a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The user, as tokens name them.
    pub subject: String,
    /// The client, by its id.
    pub client: String,
    /// The scopes.
    pub scopes: Vec<String>,
}

/// What became of a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is here now.
    Over,
    /// It was here before.
    Before,
}

/// Consents as a file: one on each line, as JSON.
pub fn written(consents: &[Consent]) -> String {
    let line = |consent| serde_json::to_string(consent).unwrap_or_default() + "\n";
    consents.iter().map(line).collect()
}

/// Reads such a file.
///
/// # Errors
/// Each line that is none.
pub fn parse(text: &str) -> Result<Vec<Consent>, Vec<Problem>> {
    let (mut consents, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(consent) => consents.push(consent),
            Err(e) => problems.push(Problem::at(format!("line {}", number + 1), e)),
        }
    }
    if problems.is_empty() { Ok(consents) } else { Err(problems) }
}

/// Takes consents over to a service.
pub struct TakingOver<'a, T> {
    api: &'a Client<T>,
    scopes: BTreeSet<String>,
    clients: BTreeMap<String, Result<Asking, Problem>>,
    left: BTreeSet<(String, String)>,
}

/// How a client asks.
#[derive(Clone)]
struct Asking {
    redirect_uri: String,
    /// What it may ask for, where that is not all.
    scopes: Option<Vec<String>>,
}

impl<'a, T: Transport> TakingOver<'a, T> {
    /// `api` is about the service.
    ///
    /// # Errors
    /// Whatever the API refuses.
    pub async fn new(api: &'a Client<T>) -> Result<Self, Problem> {
        let service = api.service_get().await.map_err(|e| Problem::of_call("service", &e))?;
        let scopes =
            service.supported_scopes.iter().flatten().filter_map(|scope| scope.name.clone()).collect();
        Ok(Self { api, scopes, clients: BTreeMap::new(), left: BTreeSet::new() })
    }

    /// Clients with scopes that have stayed behind, because they may not ask for them here.
    pub fn left_behind(&self) -> impl Iterator<Item = (&str, &str)> {
        self.left.iter().map(|(client, scope)| (client.as_str(), scope.as_str()))
    }

    /// Takes one over. Scopes that the service or the client does not have stay behind.
    ///
    /// # Errors
    /// The consent that cannot be taken over, or an API that does not answer now.
    pub async fn take(&mut self, consent: &Consent) -> Result<Taken, Problem> {
        let place = format!("{} at {}", consent.subject, consent.client);
        let asking = self.asking(&consent.client).await?;
        let is_here = |scope: &&String| {
            self.scopes.contains(*scope) && asking.scopes.as_ref().is_none_or(|scopes| scopes.contains(scope))
        };
        let (scopes, left): (Vec<&String>, Vec<_>) = consent.scopes.iter().partition(is_here);
        self.left.extend(left.into_iter().map(|scope| (consent.client.clone(), scope.clone())));
        if scopes.is_empty() {
            return Err(Problem::at(&place, "the client may ask for none of these scopes"));
        }
        let scopes: Vec<&str> = scopes.into_iter().map(String::as_str).collect();
        let request = SubjectRequest { subject: Some(consent.subject.clone()) };
        let granted =
            self.api.client_granted_scopes_get_post(ClientPath::from(consent.client.as_str()), request);
        let granted = granted.await.map_err(|e| Problem::of_call(&place, &e))?.body.merged_granted_scopes;
        let is_granted = |scope: &&str| granted.iter().flatten().any(|known| known == scope);
        if scopes.iter().all(is_granted) {
            return Ok(Taken::Before);
        }
        self.grant(consent, &asking.redirect_uri, &scopes.join(" "))
            .await
            .map_err(|e| Problem { place, ..e })?;
        Ok(Taken::Over)
    }

    /// How a client asks: looked up once.
    async fn asking(&mut self, client: &str) -> Result<Asking, Problem> {
        if let Some(known) = self.clients.get(client) {
            return known.clone();
        }
        let found = found(self.api, client).await;
        // What may be there the next time is asked for the next time.
        if !matches!(&found, Err(problem) if problem.kind == Kind::Unreachable) {
            self.clients.insert(client.to_owned(), found.clone());
        }
        found
    }

    async fn grant(&self, consent: &Consent, redirect_uri: &str, scope: &str) -> Result<(), Problem> {
        let parameters = form::encode([
            ("response_type", "code"),
            ("client_id", consent.client.as_str()),
            ("redirect_uri", redirect_uri),
            ("scope", scope),
            ("state", "moved"),
            ("nonce", "moved"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let failed = |e: Error| Problem::of_call("", &e);
        let request = AuthorizationRequest { parameters: Some(parameters), ..Default::default() };
        let ticket = match self.api.authorization(request).await.map_err(failed)? {
            Asked::Interaction(asked) | Asked::NoInteraction(asked) => asked.body.ticket,
            Asked::Location(content)
            | Asked::Form(content)
            | Asked::BadRequest(content)
            | Asked::InternalServerError(content) => return Err(refused(content)),
            Asked::Unknown(_) => return Err(newer()),
        };
        let request = AuthorizationIssueRequest {
            ticket,
            subject: Some(consent.subject.clone()),
            ..Default::default()
        };
        match self.api.authorization_issue(request).await.map_err(failed)? {
            Issued::Location(_) | Issued::Form(_) => Ok(()),
            Issued::BadRequest(content) | Issued::InternalServerError(content) => Err(refused(content)),
            Issued::Unknown(_) => Err(newer()),
        }
    }
}

async fn found<T: Transport>(api: &Client<T>, client: &str) -> Result<Asking, Problem> {
    let found = api.client_get(ClientPath::from(client)).await;
    let found = found.map_err(|e| Problem::of_call(format!("client {client}"), &e))?.body;
    let has_code = found.response_types.iter().flatten().any(|kind| *kind == ResponseType::Code);
    let redirect_uri = found.redirect_uris.and_then(|uris| uris.into_iter().next()).filter(|_| has_code);
    let missing = "it has no authorization code flow, by which a consent is taken over";
    let redirect_uri = redirect_uri.ok_or_else(|| Problem::at(format!("client {client}"), missing))?;
    let limits = found.extension.filter(|extension| extension.requestable_scopes_enabled == Some(true));
    let scopes = limits.map(|extension| extension.requestable_scopes.unwrap_or_default());
    Ok(Asking { redirect_uri, scopes })
}

fn refused(content: Content) -> Problem {
    let why = content.result_message.unwrap_or_else(|| "refused, and no reason given".to_owned());
    Problem { kind: Kind::Refused, ..Problem::at("", why) }
}

fn newer() -> Problem {
    Problem::at("", "the server answers as a newer one does")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let consent = |subject: &str| Consent {
            subject: subject.to_owned(),
            client: "shop".to_owned(),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
        };
        let consents = [consent("john"), consent("\u{202e}\n\"")];
        let text = written(&consents);
        assert_eq!((text.lines().count(), parse(&text).unwrap()), (2, consents.to_vec()));
        let problems = parse("{\"subject\":\"john\"}\n\nno\n").unwrap_err();
        let places: Vec<_> = problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["line 1", "line 3"]);
    }
}
