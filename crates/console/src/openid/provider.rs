//! The provider, as it is asked over HTTP: each request within ten seconds, each answer within a size, and nobody is followed
//! elsewhere.

use std::time::Duration;

use data_encoding::BASE64;
use placet_jose::{Header, JwkSet};
use placet_sdk::{Secret, form};
use serde_json::Value;

use super::{Failure, OpenId};
use crate::budgets::{PROVIDER_BODY, PROVIDER_SECONDS};

/// What the provider says of itself (OpenID Connect Discovery §3).
#[derive(Clone, Default)]
pub(super) struct Metadata {
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) userinfo_endpoint: Option<String>,
    pub(super) jwks_uri: String,
    /// Answers name it (RFC 9207 §3).
    pub(super) names_issuer: bool,
    /// The client's secret goes into the body, since the provider takes it nowhere else.
    pub(super) is_secret_posted: bool,
}

pub(super) struct Tokens {
    pub(super) access_token: Secret,
    pub(super) id_token: String,
}

pub(super) struct Provider {
    http: reqwest::Client,
    issuer: String,
    client_id: String,
    client_secret: Option<Secret>,
}

fn wrong(what: impl std::fmt::Display) -> Failure {
    Failure::Provider(what.to_string())
}

impl Provider {
    pub(super) fn new(settings: &OpenId) -> Result<Self, String> {
        let timeout = Duration::from_secs(PROVIDER_SECONDS);
        let none = reqwest::redirect::Policy::none();
        let mut http = reqwest::Client::builder().timeout(timeout).redirect(none).no_proxy();
        if let Some(pem) = &settings.authority {
            http = http.add_root_certificate(reqwest::Certificate::from_pem(pem).map_err(|e| e.to_string())?);
        }
        Ok(Self {
            http: http.build().map_err(|e| e.to_string())?,
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.as_ref().map(|secret| Secret::new(secret.expose().clone())),
        })
    }

    pub(super) async fn metadata(&self) -> Result<Metadata, Failure> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let said = self.sent(self.http.get(url)).await?;
        // Discovery §4.3: of another issuer, it is not this one's.
        if said.get("issuer").and_then(Value::as_str) != Some(&self.issuer) {
            return Err(wrong("the metadata is of another issuer"));
        }
        let found = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
        let url = |name: &str| found(name).ok_or_else(|| wrong(format!("the metadata has no {name}")));
        let methods = said.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let takes = |method: &str| methods.is_some_and(|all| all.iter().any(|one| one == method));
        Ok(Metadata {
            authorization_endpoint: url("authorization_endpoint")?,
            token_endpoint: url("token_endpoint")?,
            userinfo_endpoint: found("userinfo_endpoint"),
            jwks_uri: url("jwks_uri")?,
            names_issuer: said.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
            is_secret_posted: takes("client_secret_post") && !takes("client_secret_basic"),
        })
    }

    pub(super) async fn tokens(
        &self,
        metadata: &Metadata,
        code: &str,
        verifier: &Secret,
        redirect_uri: &str,
    ) -> Result<Tokens, Failure> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier.expose().as_str()),
        ];
        let mut request = self.http.post(&metadata.token_endpoint);
        match &self.client_secret {
            // RFC 6749 §2.3.1
            Some(secret) if !metadata.is_secret_posted => {
                request = request.header("authorization", self.basic(secret));
            }
            Some(secret) => {
                pairs.extend([("client_id", self.client_id.as_str()), ("client_secret", secret.expose())])
            }
            None => pairs.push(("client_id", &self.client_id)),
        }
        let kind = "application/x-www-form-urlencoded";
        let request = request.header("content-type", kind).body(form::encode(pairs));
        let mut said = self.sent(request).await?;
        let mut text = |name: &str| match said.remove(name) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(wrong(format!("there is no {name}"))),
        };
        Ok(Tokens { access_token: Secret::new(text("access_token")?), id_token: text("id_token")? })
    }

    fn basic(&self, secret: &Secret) -> String {
        let (mut id, mut password) = (String::new(), String::new());
        form::encode_into(&self.client_id, &mut id);
        form::encode_into(secret.expose(), &mut password);
        format!("Basic {}", BASE64.encode(format!("{id}:{password}").as_bytes()))
    }

    pub(super) async fn keys(&self, metadata: &Metadata) -> Result<JwkSet, Failure> {
        let said = self.sent(self.http.get(&metadata.jwks_uri)).await?;
        JwkSet::parse(&Value::Object(said).to_string()).map_err(|e| wrong(format!("the keys: {e:?}")))
    }

    pub(super) async fn userinfo(&self, metadata: &Metadata, token: &Secret) -> Result<Header, Failure> {
        let url = metadata.userinfo_endpoint.as_deref().ok_or(Failure::Unverified)?;
        self.sent(self.http.get(url).bearer_auth(token.expose())).await
    }

    /// Asks, and reads a JSON object.
    async fn sent(&self, request: reqwest::RequestBuilder) -> Result<Header, Failure> {
        // The error of the library names the URL, which the operator has configured or the provider named.
        let mut response = request.send().await.map_err(wrong)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(wrong)? {
            if body.len() + part.len() > PROVIDER_BODY {
                return Err(wrong("its answer is too large"));
            }
            body.extend_from_slice(&part);
        }
        let said: Option<Header> = serde_json::from_slice(&body).ok();
        if !status.is_success() {
            let error = said.as_ref().and_then(|said| said.get("error")).and_then(Value::as_str);
            return Err(wrong(format!("it answers {status} {}", error.unwrap_or_default())));
        }
        said.ok_or_else(|| wrong("its answer is no JSON object"))
    }
}
