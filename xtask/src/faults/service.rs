//! The service and the client that are asked about, made through the API, and the requests about them.

use serde_json::{Value, json};

use super::wire::{Answer, Connection};
use crate::bench::load::request;

/// Longer than any run.
const DAYS: u32 = 30 * 86_400;

pub(crate) struct Service {
    id: String,
    bearer: String,
    client: String,
    secret: String,
}

impl Service {
    /// Makes both with the token of an organization.
    pub(crate) fn furnish(address: &str, bearer: &str) -> Result<Self, String> {
        let grants = json!(["CLIENT_CREDENTIALS", "AUTHORIZATION_CODE", "REFRESH_TOKEN"]);
        let service = json!({
            "serviceName": "Faults", "issuer": "https://as.example",
            "supportedGrantTypes": grants, "supportedResponseTypes": ["CODE"],
            "supportedScopes": [{ "name": "read" }],
            "accessTokenDuration": DAYS, "refreshTokenDuration": DAYS, "authorizationCodeDuration": DAYS,
        });
        let client = json!({
            "clientName": "One", "clientType": "CONFIDENTIAL", "grantTypes": grants,
            "responseTypes": ["CODE"], "redirectUris": ["https://client.example/callback"],
        });
        let mut connection = Connection::to(address);
        let mut make = |path: &str, document: &Value| -> Result<Value, String> {
            let answer = connection.exchange(&request(path, bearer, &document.to_string()));
            let answer = answer.map_err(|lost| format!("{path}: {lost:?}"))?;
            let said = || format!("{path}: {}", String::from_utf8_lossy(&answer.body));
            serde_json::from_slice(&answer.body).ok().filter(|_| answer.status < 300).ok_or_else(said)
        };
        let id = make("/api/service/create", &service)?["apiKey"].to_string();
        let client = make(&format!("/api/{id}/client/create"), &client)?;
        let secret = client["clientSecret"].as_str().ok_or("a client without secret")?.to_owned();
        Ok(Self { id, bearer: bearer.to_owned(), client: client["clientId"].to_string(), secret })
    }

    fn post(&self, path: &str, body: &str) -> Vec<u8> {
        request(&format!("/api/{}/{path}", self.id), &self.bearer, body)
    }

    fn of_client(&self, path: &str, parameters: &str) -> Vec<u8> {
        let (client, secret) = (&self.client, &self.secret);
        self.post(
            path,
            &format!(r#"{{"parameters":"{parameters}","clientId":"{client}","clientSecret":"{secret}"}}"#),
        )
    }

    pub(crate) fn credentials(&self) -> Vec<u8> {
        self.of_client("auth/token", "grant_type=client_credentials&scope=read")
    }

    pub(crate) fn authorization(&self) -> Vec<u8> {
        let client = &self.client;
        self.post(
            "auth/authorization",
            &format!(r#"{{"parameters":"response_type=code&scope=read&client_id={client}"}}"#),
        )
    }

    pub(crate) fn issue(&self, ticket: &str) -> Vec<u8> {
        self.post("auth/authorization/issue", &format!(r#"{{"ticket":"{ticket}","subject":"john"}}"#))
    }

    pub(crate) fn redeem(&self, code: &str) -> Vec<u8> {
        self.of_client("auth/token", &format!("grant_type=authorization_code&code={code}"))
    }

    pub(crate) fn refresh(&self, token: &str) -> Vec<u8> {
        self.of_client("auth/token", &format!("grant_type=refresh_token&refresh_token={token}"))
    }

    pub(crate) fn revoke(&self, token: &str) -> Vec<u8> {
        self.of_client("auth/revocation", &format!("token={token}"))
    }

    pub(crate) fn pushed(&self) -> Vec<u8> {
        self.of_client("pushed_auth_req", "response_type=code&scope=read")
    }

    /// A token with its refresh token, at the operator's word.
    pub(crate) fn create(&self) -> Vec<u8> {
        let client = &self.client;
        self.post(
            "auth/token/create",
            &format!(r#"{{"grantType":"AUTHORIZATION_CODE","clientId":{client},"subject":"john","scopes":["read"]}}"#),
        )
    }

    /// Five of the client's tokens.
    pub(crate) fn page(&self) -> Vec<u8> {
        let path =
            format!("/api/{}/auth/token/get/list?clientIdentifier={}&start=0&end=5", self.id, self.client);
        crate::bench::load::get(&path, &self.bearer)
    }

    pub(crate) fn introspect(&self, token: &str) -> Vec<u8> {
        self.post("auth/introspection", &format!(r#"{{"token":"{token}"}}"#))
    }
}

/// What the API has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It is done: the answer.
    Yes(Vec<u8>),
    /// It is refused, with this code.
    No(String),
    /// It may have been done or not.
    Nothing,
}

impl Said {
    pub(crate) fn of(answer: &Answer) -> Self {
        let member = |name| crate::bench::subject::member(&answer.body, name).unwrap_or_default();
        match (answer.status, member("action")) {
            // What was shed was not begun; whoever asks need not know.
            (429 | 500.., _) | (_, "INTERNAL_SERVER_ERROR") => Self::Nothing,
            (200, "OK" | "LOCATION" | "INTERACTION") => Self::Yes(answer.body.clone()),
            _ => Self::No(member("resultCode").to_owned()),
        }
    }

    /// A member of the answer.
    pub(crate) fn value(body: &[u8], name: &str) -> Result<String, String> {
        let found = crate::bench::subject::member(body, name);
        found.map(str::to_owned).ok_or_else(|| format!("an answer without {name}"))
    }
}
