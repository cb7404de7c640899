//! Tokens of one transaction (draft-ietf-oauth-transaction-tokens-10 §8): which workloads may have them, and for what. The
//! API has judged what was brought, and signs what is given.

use std::sync::Arc;

use axum::response::Response;
use placet_sdk::types::{TokenExchangeRequest, TokenResponse, TokenType};
use placet_sdk::{Error, Transport};

use super::id_jag::answered;
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::unsupported;
use crate::settings::Workload;

/// How long a transaction takes, in seconds (§4).
const LIFETIME: i64 = 60;

type Refusal = (&'static str, &'static str);

const STRANGER: Refusal = ("unauthorized_client", "This client is no workload of the trust domain.");
const SCOPE: Refusal = ("invalid_scope", "The workload may not begin transactions for that.");
const SUBJECT: Refusal =
    ("invalid_request", "A transaction begins with an access token that this server has issued.");

pub(super) async fn issued<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    request: &Forwarded,
    asked: &TokenResponse,
) -> Result<Response, Error> {
    let begun = match begun(asked, &server.settings.workloads) {
        Ok(begun) => begun,
        Err((error, description)) => return Ok(unsupported(error, description)),
    };
    // What an authenticated workload says of the request is what the others of the domain go by (§8.4).
    let order = TokenExchangeRequest {
        requester_context: request.parameter("request_context"),
        transaction_context: request.parameter("request_details"),
        ..begun
    };
    Ok(answered(server.api.token_exchange(order).await?))
}

/// Whether the workload may begin such a transaction, and whose it is: the user's of the token, or the client's that has
/// the token for itself.
fn begun(asked: &TokenResponse, known: &[Workload]) -> Result<TokenExchangeRequest, Refusal> {
    let names = [asked.client_id.map(|id| id.to_string()), asked.client_id_alias.clone()];
    let is = |workload: &&Workload| names.iter().flatten().any(|name| *name == workload.client);
    let workload = known.iter().find(is).ok_or(STRANGER)?;
    let scopes = asked.scopes.clone().unwrap_or_default();
    if !scopes.iter().all(|scope| workload.scopes.contains(scope)) {
        return Err(SCOPE);
    }
    let token = asked.subject_token_info.as_ref();
    let token = token.filter(|_| asked.subject_token_type == Some(TokenType::AccessToken)).ok_or(SUBJECT)?;
    let subject = token.subject.clone().or_else(|| token.client_id.map(|id| id.to_string()));
    Ok(TokenExchangeRequest {
        issued_token_type: Some(TokenType::TxnToken),
        client_id: asked.client_id,
        client_id_alias_used: asked.client_id_alias_used,
        subject,
        scopes: Some(scopes),
        duration: Some(LIFETIME),
        ..TokenExchangeRequest::default()
    })
}

#[cfg(test)]
mod tests {
    use placet_sdk::types::TokenInfo;

    use super::*;

    #[test]
    fn workloads_begin_what_they_may() {
        let known =
            [Workload { client: "7".to_owned(), scopes: vec!["trade".to_owned(), "quote".to_owned()] }];
        let asked = |client: i64, scope: &str, subject: Option<&str>| TokenResponse {
            client_id: Some(client),
            scopes: Some(vec![scope.to_owned()]),
            subject_token_type: Some(TokenType::AccessToken),
            subject_token_info: Some(TokenInfo {
                client_id: Some(9),
                subject: subject.map(str::to_owned),
                ..TokenInfo::default()
            }),
            ..TokenResponse::default()
        };
        let subject = |asked: &TokenResponse| begun(asked, &known).map(|order| order.subject.unwrap());
        assert_eq!(subject(&asked(7, "trade", Some("john"))).unwrap(), "john");
        assert_eq!(subject(&asked(7, "trade", None)).unwrap(), "9");
        assert_eq!(subject(&asked(8, "trade", Some("john"))), Err(STRANGER));
        assert_eq!(subject(&asked(7, "admin", Some("john"))), Err(SCOPE));
        let other = TokenResponse {
            subject_token_type: Some(TokenType::Jwt),
            subject_token_info: None,
            ..asked(7, "trade", None)
        };
        assert_eq!(subject(&other), Err(SUBJECT));
    }
}
