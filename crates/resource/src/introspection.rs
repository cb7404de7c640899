//! Tokens that only the API can judge.

use std::future::Future;
use std::pin::Pin;

use http::StatusCode;
use placet_sdk::types::{IntrospectionRequest, IntrospectionResponse};
use placet_sdk::{Client, Content, IntrospectionDecision as Decision, Transport};
use serde_json::Map;

use crate::challenge::Refusal;
use crate::presented::Presented;
use crate::protection::{AccessToken, Demand, Good};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The API, whichever way it is reached.
pub(crate) trait Introspect: Send + Sync {
    /// `htu`: the URL of the request, without query.
    fn judge<'a>(
        &'a self,
        presented: &'a Presented,
        demand: &'a Demand,
        htu: String,
        nonces: bool,
    ) -> BoxFuture<'a, Result<Good, Refusal>>;
}

impl<T: Transport + 'static> Introspect for Client<T> {
    fn judge<'a>(
        &'a self,
        presented: &'a Presented,
        demand: &'a Demand,
        htu: String,
        nonces: bool,
    ) -> BoxFuture<'a, Result<Good, Refusal>> {
        Box::pin(async move {
            let given = |list: &[String]| Some(list.to_vec()).filter(|list| !list.is_empty());
            let call = IntrospectionRequest {
                token: Some(presented.token.clone()),
                scopes: given(&demand.scopes),
                acr_values: given(&demand.acrs),
                max_age: demand.max_age,
                client_certificate: presented.pem(),
                dpop: presented.proof.clone(),
                htm: Some(presented.method.clone()),
                htu: Some(htu),
                dpop_nonce_required: nonces.then_some(true),
                ..IntrospectionRequest::default()
            };
            match self.introspection(call).await {
                Ok(Decision::Ok(issued)) => {
                    let nonce = issued.content.dpop_nonce;
                    Ok(Good { token: token(issued.answer.body), nonce })
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
