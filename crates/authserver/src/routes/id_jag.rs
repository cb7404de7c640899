//! Grants for other authorization servers (draft-ietf-oauth-identity-assertion-authz-grant-04 §4.3): to which of them our
//! users' applications may go, and for what. The API has judged what was brought, and signs what is given.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use placet_sdk::types::{TokenExchangeRequest, TokenResponse, TokenType};
use placet_sdk::{Error, TokenExchangeDecision as Exchanged, Transport};
use serde_json::{Map, Value};

use crate::AuthServer;
use crate::respond::{json, unsupported, users_unavailable};
use crate::settings::ResourceAuthorizationServer;
use crate::users::User;

/// How long a grant is good, in seconds: long enough to be carried there.
const LIFETIME: i64 = 300;

type Refusal = (&'static str, &'static str);

const STRANGER: Refusal =
    ("invalid_target", "This server issues no grants for that audience to this client.");
const SCOPE: Refusal = ("invalid_scope", "Nothing of that scope may be asked for at that audience.");
const SUBJECT: Refusal = ("invalid_request", "The subject of the token is nobody here.");

pub(super) async fn issued<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    asked: &TokenResponse,
) -> Result<Response, Error> {
    let refused = |(error, description): Refusal| Ok(unsupported(error, description));
    let (agreed, there) = match agreed(asked, &server.settings.resource_authorization_servers) {
        Ok(agreed) => agreed,
        Err(refusal) => return refused(refusal),
    };
    let known = asked.subject_token_info.as_ref().and_then(|info| info.subject.as_deref());
    let subject = asked.subject.as_deref().or(known).unwrap_or_default();
    let user = match server.users.find(subject).await {
        Ok(Some(user)) => user,
        Ok(None) => return refused(SUBJECT),
        Err(e) => return Ok(users_unavailable(&e)),
    };
    let order = TokenExchangeRequest {
        issued_token_type: Some(TokenType::IdJag),
        client_id: asked.client_id,
        client_id_alias_used: asked.client_id_alias_used,
        claims: Some(Value::Object(claims(asked, &user, there)).to_string()),
        subject: Some(user.subject),
        resources: asked.resources.clone(),
        duration: Some(LIFETIME),
        ..agreed
    };
    Ok(answered(server.api.token_exchange(order).await?))
}

/// The answer with what was made.
pub(super) fn answered(made: Exchanged) -> Response {
    match made {
        Exchanged::Ok(content) => json(StatusCode::OK, content),
        Exchanged::CallerError(content) => {
            tracing::warn!(code = content.result_code, "an exchange that the API makes no token for");
            unsupported("invalid_request", "The token cannot be had in exchange.")
        }
        Exchanged::InternalServerError(_) | Exchanged::Unknown(_) => {
            unsupported("server_error", "The service cannot answer.")
        }
    }
}

/// Whether a client of ours may go there at all, as whom, and for what.
fn agreed<'a>(
    asked: &TokenResponse,
    known: &'a [ResourceAuthorizationServer],
) -> Result<(TokenExchangeRequest, &'a ResourceAuthorizationServer), Refusal> {
    let audience = asked.audiences.iter().flatten().next().ok_or(STRANGER)?;
    let there = known.iter().find(|server| server.issuer == *audience).ok_or(STRANGER)?;
    let there_as = names(asked).iter().find_map(|name| there.clients.get(name)).ok_or(STRANGER)?;
    let wanted = asked.scopes.as_deref().unwrap_or_default();
    let scopes: Vec<_> = wanted.iter().filter(|scope| there.scopes.contains(scope)).cloned().collect();
    if scopes.is_empty() && !wanted.is_empty() {
        return Err(SCOPE);
    }
    let order = TokenExchangeRequest {
        audience: Some(audience.clone()),
        audience_client_id: Some(there_as.clone()),
        scopes: Some(scopes),
        ..TokenExchangeRequest::default()
    };
    Ok((order, there))
}

/// What the client is called in the configuration: its number, or an alias that nobody could take for another's number.
pub(super) fn names(asked: &TokenResponse) -> Vec<String> {
    let alias = asked.client_id_alias.clone().filter(|alias| alias.parse::<u64>().is_err());
    asked.client_id.map(|id| id.to_string()).into_iter().chain(alias).collect()
}

/// How the user has signed in, as the ID token says; and the address by which the other server may know them, where it is to
/// be told (§3).
fn claims(asked: &TokenResponse, user: &User, there: &ResourceAuthorizationServer) -> Map<String, Value> {
    let token =
        asked.subject_token.as_deref().filter(|_| asked.subject_token_type == Some(TokenType::IdToken));
    let payload = token.and_then(|token| BASE64URL_NOPAD.decode(token.split('.').nth(1)?.as_bytes()).ok());
    let said: Map<String, Value> =
        payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or_default();
    let signed_in = said.into_iter().filter(|(name, _)| ["auth_time", "acr", "amr"].contains(&&**name));
    let address = ["email", "email_verified"].map(str::to_owned);
    let address = if there.email { user.chosen(&address, &[]) } else { Map::new() };
    signed_in.chain(address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clients_that_are_listed_go_where_that_is_listed() {
        let there = |issuer: &str| ResourceAuthorizationServer {
            issuer: issuer.to_owned(),
            scopes: vec!["chat.read".to_owned()],
            email: false,
            clients: [("7".to_owned(), "wiki".to_owned()), ("notes".to_owned(), "n".to_owned())].into(),
        };
        let known = [there("https://mail.example"), there("https://chat.example")];
        let asked = |audience: &str, client: i64, scopes: &[&str]| TokenResponse {
            audiences: Some(vec![audience.to_owned()]),
            client_id: Some(client),
            scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
            ..TokenResponse::default()
        };
        let agreed = |asked: &TokenResponse| agreed(asked, &known).map(|(order, _)| order);
        let order = agreed(&asked("https://chat.example", 7, &["chat.read", "chat.write"])).unwrap();
        assert_eq!(order.audience_client_id.as_deref(), Some("wiki"));
        assert_eq!(order.scopes.unwrap(), ["chat.read"]);
        let by_alias = TokenResponse {
            client_id_alias: Some("notes".to_owned()),
            ..asked("https://chat.example", 8, &[])
        };
        assert_eq!(agreed(&by_alias).unwrap().audience_client_id.as_deref(), Some("n"));
        let posing =
            TokenResponse { client_id_alias: Some("7".to_owned()), ..asked("https://chat.example", 8, &[]) };
        assert_eq!(agreed(&posing).err(), Some(STRANGER));
        assert_eq!(agreed(&asked("https://other.example", 7, &[])).err(), Some(STRANGER));
        assert_eq!(agreed(&asked("https://chat.example", 8, &[])).err(), Some(STRANGER));
        assert_eq!(agreed(&asked("https://chat.example", 7, &["admin"])).err(), Some(SCOPE));
    }
}
