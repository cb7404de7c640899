//! Tokens of one transaction (draft-ietf-oauth-transaction-tokens-10 §8): which workloads may have them, and for what. The
//! API has judged what was brought, and signs what is given.

use std::sync::Arc;

use axum::response::Response;
use placet_sdk::types::{TokenExchangeRequest, TokenResponse, TokenType};
use placet_sdk::{Error, Transport};

use super::id_jag::{answered, names};
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::unsupported;
use crate::settings::Workload;

/// How long a transaction takes, in seconds (§4).
const LIFETIME: i64 = 60;

type Refusal = (&'static str, &'static str);

const STRANGER: Refusal = ("unauthorized_client", "This client is no workload of the trust domain.");
const SCOPE: Refusal =
    ("invalid_scope", "The workload may not begin transactions for that, or not with that access token.");
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
    let names = names(asked);
    let is = |workload: &&Workload| names.contains(&workload.client);
    let workload = known.iter().find(is).ok_or(STRANGER)?;
    let token = asked.subject_token_info.as_ref();
    let token = token.filter(|_| asked.subject_token_type == Some(TokenType::AccessToken)).ok_or(SUBJECT)?;
    let scopes = asked.scopes.clone().unwrap_or_default();
    let held: Vec<_> = token.scopes.iter().flatten().filter_map(|scope| scope.name.as_ref()).collect();
    // §8.3: a transaction is for no more than the token that begins it.
    let covered = |scope: &String| {
        let wanted = workload.scopes.get(scope).filter(|wanted| !wanted.is_empty());
        wanted.is_some_and(|wanted| wanted.iter().all(|scope| held.contains(&scope)))
    };
    if !scopes.iter().all(covered) {
        return Err(SCOPE);
    }
    // §5.2: a client has a subject that no user has.
    let subject = token.subject.clone().or_else(|| token.client_id.map(|id| format!("client:{id}")));
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
    use placet_sdk::types::{Scope, TokenInfo};

    use super::*;

    #[test]
    fn workloads_begin_what_they_may() {
        let purpose = |name: &str, of: &[&str]| {
            (name.to_owned(), of.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>())
        };
        let scopes = [purpose("trade", &["orders:write"]), purpose("quote", &["read"]), purpose("free", &[])];
        let known = [Workload { client: "7".to_owned(), scopes: scopes.into() }];
        let asked = |client: i64, scope: &str, subject: Option<&str>| TokenResponse {
            client_id: Some(client),
            scopes: Some(vec![scope.to_owned()]),
            subject_token_type: Some(TokenType::AccessToken),
            subject_token_info: Some(TokenInfo {
                client_id: Some(9),
                subject: subject.map(str::to_owned),
                scopes: Some(vec![Scope { name: Some("orders:write".to_owned()), ..Scope::default() }]),
                ..TokenInfo::default()
            }),
            ..TokenResponse::default()
        };
        let subject = |asked: &TokenResponse| begun(asked, &known).map(|order| order.subject.unwrap());
        assert_eq!(subject(&asked(7, "trade", Some("john"))).unwrap(), "john");
        assert_eq!(subject(&asked(7, "trade", None)).unwrap(), "client:9");
        assert_eq!(subject(&asked(8, "trade", Some("john"))), Err(STRANGER));
        for beyond in ["admin", "quote", "free"] {
            assert_eq!(subject(&asked(7, beyond, Some("john"))), Err(SCOPE), "{beyond}");
        }
        let other = TokenResponse {
            subject_token_type: Some(TokenType::Jwt),
            subject_token_info: None,
            ..asked(7, "trade", None)
        };
        assert_eq!(subject(&other), Err(SUBJECT));
    }
}
