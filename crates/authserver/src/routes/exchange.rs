//! Token exchange (RFC 8693): who may act for whom. The API has verified the tokens; what is decided here is whether the
//! exchange makes sense, and how little the new token may be.

use std::sync::Arc;

use axum::response::Response;
use placet_sdk::registry::GrantType;
use placet_sdk::types::{
    StandardIntrospectionRequest, TokenCreateRequest, TokenInfo, TokenResponse, TokenType,
};
use placet_sdk::{Error, IntrospectionStandardDecision as Introspected, Transport, form};
use serde_json::{Map, Value, json};

use super::{created, id_jag, txn_token};
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::unsupported;

/// Actors behind actors (§4.1).
const CHAIN: usize = 8;
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Why there will be no token: error and description (§2.2.2).
type Refusal = (&'static str, &'static str);

const FOREIGN: Refusal =
    ("invalid_request", "This server exchanges access tokens that it has issued, and nothing else.");
const OTHER_TYPE: Refusal =
    ("invalid_request", "This server issues access tokens in exchange, and nothing else.");
const TARGET: Refusal = ("invalid_target", "A target is named by its URI.");
const SCOPE: Refusal = ("invalid_scope", "The scope goes beyond that of the subject token.");
const ACTOR: Refusal = ("invalid_request", "The actor may not act for the subject.");
const BOUND: Refusal = (
    "invalid_request",
    "The subject token is bound to a key, and the request does not show that it is held.",
);
const LONG_CHAIN: Refusal = ("invalid_request", "Too many have acted for the subject already.");

/// What the API does not tell with the decision.
struct Said {
    /// What standard introspection says of the subject token.
    subject: Map<String, Value>,
    scope: Option<String>,
}

pub(super) async fn exchange<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    request: &Forwarded,
    asked: &TokenResponse,
) -> Result<Response, Error> {
    match asked.requested_token_type {
        Some(TokenType::IdJag) => return id_jag::issued(server, asked).await,
        Some(TokenType::TxnToken) => return txn_token::issued(server, request, asked).await,
        _ => {}
    }
    let subject = asked.subject_token.as_deref().unwrap_or_default();
    let parameters = form::encode([("token", subject)]);
    let call = StandardIntrospectionRequest {
        parameters: Some(parameters),
        ..StandardIntrospectionRequest::default()
    };
    let subject = match server.api.introspection_standard(call).await? {
        Introspected::Ok(content) => serde_json::from_str(&content.text).unwrap_or_default(),
        _ => Map::new(),
    };
    let said = Said { subject, scope: request.parameter("scope") };
    let keys = created::Keys::of(server, request);
    let now = server.settings.ambient.clock.seconds();
    let wanted = match judged(asked, &said, &keys, now) {
        Ok(wanted) => wanted,
        Err((error, description)) => return Ok(unsupported(error, description)),
    };
    created::answered(server, wanted, keys, Some(ACCESS_TOKEN)).await
}

/// The token that is given, or why there is none. It is for less than the subject token, and ends with it.
fn judged(
    asked: &TokenResponse,
    said: &Said,
    keys: &created::Keys,
    now: i64,
) -> Result<TokenCreateRequest, Refusal> {
    if asked.requested_token_type.is_some_and(|kind| kind != TokenType::AccessToken) {
        return Err(OTHER_TYPE);
    }
    let subject = known(asked.subject_token_type, asked.subject_token_info.as_ref())?;
    if !keys.are_of(said.subject.get("cnf")) {
        return Err(BOUND);
    }
    let user = subject.subject.clone().ok_or(FOREIGN)?;
    let actor = match &asked.actor_token {
        Some(_) => Some(known(asked.actor_token_type, asked.actor_token_info.as_ref())?),
        None => None,
    };
    let acting = acting(actor, asked, &said.subject)?;
    Ok(TokenCreateRequest {
        grant_type: Some(GrantType::TokenExchange),
        subject: Some(user),
        scopes: Some(scopes(asked, subject, said.scope.is_some())?),
        resources: Some(targets(asked)?),
        // Whatever the client wants of its own tokens: this one stays as it was.
        certificate_thumbprint: said
            .subject
            .get("cnf")
            .and_then(|cnf| cnf.get("x5t#S256")?.as_str().map(str::to_owned)),
        jwt_at_claims: acting.map(|act| json!({ "act": act }).to_string()),
        ..created::wanted(asked, keys, subject.expires_at.unwrap_or(now) - now)
    })
}

fn known(kind: Option<TokenType>, info: Option<&TokenInfo>) -> Result<&TokenInfo, Refusal> {
    info.filter(|_| kind == Some(TokenType::AccessToken)).ok_or(FOREIGN)
}

/// RFC 6749 §6 in spirit: no more than the subject token is for, and nothing that outlives the user's presence.
fn scopes(asked: &TokenResponse, subject: &TokenInfo, named: bool) -> Result<Vec<String>, Refusal> {
    let held: Vec<_> = subject.scopes.iter().flatten().filter_map(|scope| scope.name.as_deref()).collect();
    let wanted = asked.scopes.iter().flatten().filter(|scope| *scope != "offline_access");
    let (kept, beyond): (Vec<String>, Vec<String>) =
        wanted.cloned().partition(|scope| held.contains(&scope.as_str()));
    if named && !beyond.is_empty() { Err(SCOPE) } else { Ok(kept) }
}

/// §2.1: `resource` and `audience` together; a name that is no URI is none that anybody here knows.
fn targets(asked: &TokenResponse) -> Result<Vec<String>, Refusal> {
    let mut targets = asked.resources.clone().unwrap_or_default();
    for audience in asked.audiences.iter().flatten() {
        if !url::Url::parse(audience).is_ok_and(|url| url.fragment().is_none()) {
            return Err(TARGET);
        }
        if !targets.contains(audience) {
            targets.push(audience.clone());
        }
    }
    Ok(targets)
}

/// §4.1, §4.4: who acts, in front of whoever has acted before; and whether the subject token lets them.
fn acting(
    actor: Option<&TokenInfo>,
    asked: &TokenResponse,
    subject: &Map<String, Value>,
) -> Result<Option<Value>, Refusal> {
    let client = |id: Option<i64>| id.map(|id| id.to_string());
    let by = match actor {
        Some(actor) => (actor.subject.clone().or(client(actor.client_id)), client(actor.client_id)),
        None => (client(asked.client_id), client(asked.client_id)),
    };
    if let Some(may) = subject.get("may_act") {
        let is = |name: &str, found: &Option<String>| {
            may.get(name).is_none_or(|wanted| wanted.as_str() == found.as_deref())
        };
        if !is("sub", &by.0) || !is("client_id", &by.1) || may.get("sub").or(may.get("client_id")).is_none() {
            return Err(ACTOR);
        }
    }
    let before = subject.get("act").cloned();
    let Some(actor) = actor else { return Ok(before) };
    let depth = std::iter::successors(before.as_ref(), |act| act.get("act")).count();
    if depth >= CHAIN {
        return Err(LONG_CHAIN);
    }
    let mut act = json!({ "sub": by.0 });
    if actor.subject.is_some() {
        act["client_id"] = by.1.into();
    }
    if let Some(before) = before {
        act["act"] = before;
    }
    Ok(Some(act))
}

#[cfg(test)]
mod tests {
    use placet_sdk::types::Scope;

    use super::*;

    fn info(subject: &str, scopes: &[&str]) -> TokenInfo {
        let scope = |name: &&str| Scope { name: Some((*name).to_owned()), ..Scope::default() };
        TokenInfo {
            client_id: Some(7),
            subject: Some(subject.to_owned()).filter(|subject| !subject.is_empty()),
            scopes: Some(scopes.iter().map(scope).collect()),
            expires_at: Some(1_060),
            ..TokenInfo::default()
        }
    }

    fn asked() -> TokenResponse {
        TokenResponse {
            client_id: Some(9),
            scopes: Some(vec!["read".to_owned()]),
            subject_token: Some("t".to_owned()),
            subject_token_type: Some(TokenType::AccessToken),
            subject_token_info: Some(info("john", &["read", "write"])),
            ..TokenResponse::default()
        }
    }

    fn said(subject: Value) -> Said {
        Said { subject: subject.as_object().cloned().unwrap_or_default(), scope: Some("x".to_owned()) }
    }

    fn act(wanted: &TokenCreateRequest) -> Value {
        serde_json::from_str(wanted.jwt_at_claims.as_deref().unwrap_or("null")).unwrap()
    }

    #[test]
    fn a_token_is_for_less_and_ends_with_its_subject() {
        let wanted = judged(&asked(), &said(json!({})), &created::Keys::none(), 1_000).unwrap();
        assert_eq!((wanted.subject.as_deref(), wanted.client_id), (Some("john"), Some(9)));
        assert_eq!((wanted.access_token_duration, act(&wanted)), (Some(60), Value::Null));
        let late = judged(&asked(), &said(json!({})), &created::Keys::none(), -100_000).unwrap();
        assert_eq!(late.access_token_duration, Some(created::LONGEST));
        let more = |scopes: &[&str]| TokenResponse {
            scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
            ..asked()
        };
        assert_eq!(
            judged(&more(&["read", "admin"]), &said(json!({})), &created::Keys::none(), 0).err(),
            Some(SCOPE)
        );
        let unnamed = Said { scope: None, ..said(json!({})) };
        let kept =
            judged(&more(&["read", "admin", "offline_access"]), &unnamed, &created::Keys::none(), 0).unwrap();
        assert_eq!(kept.scopes.unwrap(), ["read"]);
    }

    #[test]
    fn what_nobody_here_can_judge_is_refused() {
        let of = |kind| TokenResponse { subject_token_type: Some(kind), ..asked() };
        for kind in [TokenType::Jwt, TokenType::IdToken, TokenType::RefreshToken, TokenType::Saml2] {
            assert_eq!(judged(&of(kind), &said(json!({})), &created::Keys::none(), 0).err(), Some(FOREIGN));
        }
        let userless = TokenResponse { subject_token_info: Some(info("", &[])), ..asked() };
        assert_eq!(judged(&userless, &said(json!({})), &created::Keys::none(), 0).err(), Some(FOREIGN));
        let wants = |kind| TokenResponse { requested_token_type: Some(kind), ..asked() };
        assert_eq!(
            judged(&wants(TokenType::Saml2), &said(json!({})), &created::Keys::none(), 0).err(),
            Some(OTHER_TYPE)
        );
        assert!(judged(&wants(TokenType::AccessToken), &said(json!({})), &created::Keys::none(), 0).is_ok());
        let to = |audience: &str| TokenResponse { audiences: Some(vec![audience.to_owned()]), ..asked() };
        assert_eq!(judged(&to("billing"), &said(json!({})), &created::Keys::none(), 0).err(), Some(TARGET));
        let wanted =
            judged(&to("https://api.example/"), &said(json!({})), &created::Keys::none(), 0).unwrap();
        assert_eq!(wanted.resources.unwrap(), ["https://api.example/"]);
    }

    /// RFC 9449 §6, RFC 8705 §3: a token that somebody has found does not become one without a key.
    #[test]
    fn who_holds_no_key_gets_nothing_for_a_token_that_is_bound_to_one() {
        let keys = created::Keys::shown;
        let exchanged =
            |cnf: Value, keys: created::Keys| judged(&asked(), &said(json!({ "cnf": cnf })), &keys, 0);
        for wrong in [keys(None, None), keys(Some("other"), None), keys(None, Some("key"))] {
            assert_eq!(exchanged(json!({ "jkt": "key" }), wrong).err(), Some(BOUND));
        }
        assert_eq!(exchanged(json!({ "jkt": 5 }), keys(None, None)).err(), Some(BOUND));
        let own = exchanged(json!({ "jkt": "key" }), keys(Some("key"), None)).unwrap();
        assert_eq!(own.dpop_key_thumbprint.as_deref(), Some("key"));
        for wrong in [keys(None, None), keys(Some("key"), None), keys(None, Some("other"))] {
            assert_eq!(exchanged(json!({ "x5t#S256": "key" }), wrong).err(), Some(BOUND));
        }
        let own = exchanged(json!({ "x5t#S256": "key" }), keys(None, Some("key"))).unwrap();
        assert_eq!(own.certificate_thumbprint.as_deref(), Some("key"));
    }

    // shows RFC8693 4.1/chain 4.4/may-act
    #[test]
    fn who_acts_is_told_and_must_be_let() {
        let by = |subject: &str| TokenResponse {
            actor_token: Some("a".to_owned()),
            actor_token_type: Some(TokenType::AccessToken),
            actor_token_info: Some(info(subject, &[])),
            ..asked()
        };
        let wanted =
            judged(&by("agent"), &said(json!({ "act": { "sub": "first" } })), &created::Keys::none(), 0)
                .unwrap();
        let chain = json!({ "act": { "sub": "agent", "client_id": "7", "act": { "sub": "first" } } });
        assert_eq!(act(&wanted), chain);
        let service = judged(&by(""), &said(json!({})), &created::Keys::none(), 0).unwrap();
        assert_eq!(act(&service), json!({ "act": { "sub": "7" } }));
        // Nobody acts anew, and whoever did still did.
        let same =
            judged(&asked(), &said(json!({ "act": { "sub": "first" } })), &created::Keys::none(), 0).unwrap();
        assert_eq!(act(&same), json!({ "act": { "sub": "first" } }));
        let may = |may: Value| {
            judged(&by("agent"), &said(json!({ "may_act": may })), &created::Keys::none(), 0).err()
        };
        assert_eq!(may(json!({ "sub": "agent" })), None);
        assert_eq!(may(json!({ "sub": "agent", "client_id": "7" })), None);
        assert_eq!(may(json!({ "sub": "other" })), Some(ACTOR));
        assert_eq!(may(json!({ "sub": "agent", "client_id": "8" })), Some(ACTOR));
        assert_eq!(may(json!({})), Some(ACTOR));
        let mut deep = json!({ "sub": "first" });
        (1..CHAIN).for_each(|_| deep = json!({ "sub": "next", "act": deep }));
        assert_eq!(
            judged(&by("agent"), &said(json!({ "act": deep })), &created::Keys::none(), 0).err(),
            Some(LONG_CHAIN)
        );
    }
}
