//! Tokens that only the API can judge.

use std::future::Future;
use std::pin::Pin;

use http::StatusCode;
use placet_base::TokenHash;
use placet_sdk::types::{IntrospectionRequest, IntrospectionResponse};
use placet_sdk::{Client, Content, IntrospectionDecision as Decision, Transport};
use quick_cache::sync::Cache;
use serde_json::Map;

use crate::challenge::{Error, Refusal};
use crate::presented::{Presented, Scheme};
use crate::protection::{AccessToken, Admitted, Requirements};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The API, whichever way it is reached.
pub(crate) trait Introspect: Send + Sync {
    fn judge<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Admitted, Refusal>>;

    /// Whether the token opens nothing without a proof: it is bound to a key.
    fn is_bound<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<bool, Error>>;
}

/// What is asked about.
pub(crate) struct Asked<'a> {
    pub(crate) presented: &'a Presented,
    pub(crate) demand: &'a Requirements,
    /// The URL of the request, without query.
    pub(crate) htu: String,
    /// Proofs must carry a nonce.
    pub(crate) nonces: bool,
}

/// Tokens that are known to be bound to a key, which no token ceases to be.
pub(crate) struct Bindings(Cache<TokenHash, ()>);

impl Bindings {
    pub(crate) fn new(tokens: usize) -> Self {
        Self(Cache::new(tokens))
    }

    /// What was let through so far, if the token is of its scheme. A bound token has no proof under `Bearer`, so that
    /// the API has refused it; of one that is bound to nothing the API ignores the proof, which RFC 9449 §7.1 does
    /// not: it is asked again, without.
    pub(crate) async fn fitting(
        &self,
        api: &dyn Introspect,
        asked: &Asked<'_>,
        good: Admitted,
    ) -> Result<Admitted, Error> {
        let token = asked.presented.hash();
        if asked.presented.scheme == Scheme::Bearer || self.0.get(&token).is_some() {
            return Ok(good);
        }
        match api.is_bound(asked).await? {
            true => {
                self.0.insert(token, ());
                Ok(good)
            }
            false => Err(Error::InvalidToken("The access token is bound to no key.")),
        }
    }
}

impl<T: Transport + 'static> Introspect for Client<T> {
    fn judge<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Admitted, Refusal>> {
        Box::pin(async move {
            let Asked { presented, demand, htu, nonces } = asked;
            let given = |list: &[String]| Some(list.to_vec()).filter(|list| !list.is_empty());
            let call = IntrospectionRequest {
                token: Some(presented.token.clone()),
                scopes: given(&demand.scopes),
                acr_values: given(&demand.acrs),
                max_age: demand.max_age,
                client_certificate: presented.pem(),
                dpop: presented.proof.clone(),
                htm: Some(presented.method.clone()),
                htu: Some(htu.clone()),
                dpop_nonce_required: nonces.then_some(true),
                ..IntrospectionRequest::default()
            };
            match self.introspection(call).await {
                Ok(Decision::Ok(issued)) => {
                    let nonce = issued.content.dpop_nonce;
                    Ok(Admitted { token: token(issued.answer.body), nonce })
                }
                Ok(Decision::BadRequest(content)) => Err(refusal(StatusCode::BAD_REQUEST, content)),
                Ok(Decision::Unauthorized(content)) => Err(refusal(StatusCode::UNAUTHORIZED, content)),
                Ok(Decision::Forbidden(content)) => Err(refusal(StatusCode::FORBIDDEN, content)),
                Ok(Decision::InternalServerError(_) | Decision::Unknown(_)) => Err(Refusal::unavailable()),
                Err(e) => {
                    tracing::error!(source = %e, "a token cannot be introspected");
                    Err(Refusal::unavailable())
                }
            }
        })
    }

    fn is_bound<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move {
            let call = IntrospectionRequest {
                token: Some(asked.presented.token.clone()),
                client_certificate: asked.presented.pem(),
                ..IntrospectionRequest::default()
            };
            match self.introspection(call).await {
                Ok(Decision::Ok(_)) => Ok(false),
                Ok(Decision::BadRequest(_) | Decision::Unauthorized(_) | Decision::Forbidden(_)) => Ok(true),
                Ok(Decision::InternalServerError(_) | Decision::Unknown(_)) | Err(_) => Err(Error::Away),
            }
        })
    }
}

fn refusal(status: StatusCode, content: Content) -> Refusal {
    Refusal { status, challenges: vec![content.text], nonce: content.dpop_nonce }
}

fn token(found: IntrospectionResponse) -> AccessToken {
    let mut claims = Map::new();
    let members = [
        ("authorization_details", serde_json::to_value(&found.authorization_details).ok()),
        ("properties", serde_json::to_value(&found.properties).ok()),
    ];
    for (name, value) in members {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            claims.insert(name.to_owned(), value);
        }
    }
    let number = found.client_id.unwrap_or_default().to_string();
    let alias = found.client_id_alias.filter(|_| found.client_id_alias_used == Some(true));
    AccessToken {
        subject: found.subject,
        client_id: alias.unwrap_or(number),
        scopes: found.scopes.unwrap_or_default(),
        acr: found.acr,
        auth_time: found.auth_time.filter(|time| *time > 0),
        // The API tells milliseconds.
        expires_at: found.expires_at.map(|end| end / 1000),
        audience: found.access_token_resources.unwrap_or_default(),
        claims,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn times_become_seconds_and_a_used_alias_is_the_name() {
        let found = IntrospectionResponse {
            client_id: Some(7),
            client_id_alias: Some("shop".to_owned()),
            client_id_alias_used: Some(true),
            expires_at: Some(1_767_225_600_000),
            auth_time: Some(0),
            ..IntrospectionResponse::default()
        };
        let token = token(found);
        assert_eq!(
            (token.client_id.as_str(), token.expires_at, token.auth_time),
            ("shop", Some(1_767_225_600), None)
        );
        assert_eq!(token.claims.get("properties"), None::<&Value>);
    }
}
