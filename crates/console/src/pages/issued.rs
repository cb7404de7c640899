//! Tokens that a service has issued: found, taken apart, taken away, and made for a test.

use axum::extract::Path;
use data_encoding::BASE64URL_NOPAD;
use minijinja::{Value, context};
use placet_api::endpoints::EndpointId;
use placet_base::registry::GrantType;
use placet_sdk::types::{
    AccessToken, InspectorListQuery, IntrospectionRequest, TokenCreateRequest, TokenListQuery,
    TokenRevokeRequest, TokenStatus,
};
use placet_sdk::{Content, IntrospectionDecision, TokenCreateDecision, form};
use serde_json::{Value as Json, json};

use super::{Shown, place, see};
use crate::api::Api;
use crate::budgets::{ISSUED, PAGE, SOME_CALLS};
use crate::fields::moment;
use crate::inspected;
use crate::posted::Posted;
use crate::problem::Problem;
use crate::told::{Call, HIDDEN, Told, quoted};
use crate::visit::{Seen, Visit};

/// Which tokens somebody wants to see.
struct Asked {
    client: Option<String>,
    subject: Option<String>,
    is_valid: bool,
    page: usize,
}

impl Asked {
    fn of(seen: &Seen) -> Self {
        let page = seen.asked("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let is_valid = seen.asked("all").is_none();
        Self { client: seen.asked("client"), subject: seen.asked("subject"), is_valid, page: page.max(1) }
    }

    fn query(&self) -> TokenListQuery {
        let start = self.page.saturating_sub(1).saturating_mul(PAGE);
        TokenListQuery {
            client_identifier: self.client.clone(),
            subject: self.subject.clone(),
            start: Some(start.to_string()),
            end: Some(start.saturating_add(PAGE).to_string()),
            token_status: Some(if self.is_valid { TokenStatus::Valid } else { TokenStatus::All }),
        }
    }

    fn address(&self) -> String {
        let mut pairs = Vec::new();
        pairs.extend(self.client.as_deref().map(|client| ("client", client)));
        pairs.extend(self.subject.as_deref().map(|subject| ("subject", subject)));
        pairs.extend((!self.is_valid).then_some(("all", "1")));
        form::encode(pairs)
    }
}

pub(super) async fn list(visit: Visit, Path(service): Path<i64>) -> Shown {
    let (api, asked) = (visit.about(service), Asked::of(&visit));
    let answer = api.service_get().await?;
    let found = api.token_get_list(asked.query()).await?.body;
    let now = visit.console.settings.ambient.clock.now().0;
    let rows: Vec<_> = found.access_tokens.iter().flatten().map(|token| row(token, now)).collect();
    let total = found.total_count.and_then(|count| usize::try_from(count).ok()).unwrap_or(rows.len());
    let pages = total.div_ceil(PAGE).max(1);
    let page = context! {
        service => place(&answer), rows, total, pages, page => asked.page, asked => asked.address(),
        client_id => asked.client, subject => asked.subject, all => !asked.is_valid,
    };
    Ok(visit.show("issued.html", page))
}

fn row(token: &AccessToken, now: i64) -> Value {
    let at = |millis: Option<i64>| millis.filter(|at| *at > 0).map(moment);
    let over = token.access_token_expires_at.is_some_and(|at| at > 0 && at <= now);
    context! {
        name => &token.access_token_hash, client => token.client_id.map(|id| id.to_string()), subject => &token.subject,
        grant => token.grant_type.map(|grant| grant.api_name()), scopes => &token.scopes, made => at(token.created_at),
        refreshed => at(token.last_refreshed_at), ends => at(token.access_token_expires_at), over,
        refresh_ends => at(token.refresh_token_expires_at),
    }
}

/// Which token was looked at, no address says.
pub(super) async fn looked(_: Visit, Path(service): Path<i64>) -> Shown {
    Ok(see(&format!("/services/{service}/issued")))
}

/// A token that somebody has pasted: what it says, what the service says, and what has become of it.
pub(super) async fn look(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    let token = posted.text("secret.token").filter(|token| token.len() <= ISSUED);
    let token = token.ok_or(Problem::Wrong("wrong.token"))?;
    let api = visit.about(service);
    let answer = api.service_get().await?;
    let parts = parts(&token)
        .map(|(header, claims)| context! { header => pretty(&header), claims => pretty(&claims) });
    // What it was asked before: looking at it is a call too.
    let mut calls = timeline(&api, &token).await;
    calls.reverse();
    let (says, problem) = introspected(&api, token.clone()).await?;
    visit.session.look_at(token.clone());
    let is_known = says.is_some();
    let page = context! {
        service => place(&answer), parts, says, problem, is_known, calls,
        hash => placet_base::TokenHash::of(&token).encoded(),
    };
    Ok(visit.show("issued_one.html", page))
}

async fn timeline(api: &Api, token: &str) -> Vec<Value> {
    let query = InspectorListQuery {
        search: Some(inspected::mark(token)),
        limit: i32::try_from(SOME_CALLS).ok(),
        ..Default::default()
    };
    // Whoever may not look there sees the token all the same.
    let found = api.inspector_get_list(query).await.ok().and_then(|found| found.body.calls);
    found.unwrap_or_default().iter().map(inspected::row).collect()
}

/// What the service says of it: its members, or why there are none.
async fn introspected(api: &Api, token: String) -> Result<(Option<Vec<Value>>, Option<String>), Problem> {
    let request = IntrospectionRequest { token: Some(token), ..Default::default() };
    let refused = |content: Content| Ok((None, content.result_message));
    match api.introspection(request).await? {
        IntrospectionDecision::Ok(issued) => {
            let document = crate::api::document(&issued.answer);
            let members = document.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
            let one = |(name, value): (&String, &Json)| context! { name, value => plain(value) };
            Ok((Some(members.filter(|(name, _)| !is_frame(name)).map(one).collect()), None))
        }
        IntrospectionDecision::BadRequest(content)
        | IntrospectionDecision::Unauthorized(content)
        | IntrospectionDecision::Forbidden(content)
        | IntrospectionDecision::InternalServerError(content) => refused(content),
        IntrospectionDecision::Unknown(_) => Err(Problem::Wrong("wrong.newer")),
    }
}

/// What the answer has beside what it says of the token.
fn is_frame(name: &str) -> bool {
    ["action", "responseContent", "resultCode", "resultMessage"].contains(&name)
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn pretty(value: &Json) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Header and claims of a JWT; nothing has shown that they are true.
fn parts(token: &str) -> Option<(Json, Json)> {
    let mut segments = token.split('.');
    let mut part = || {
        let bytes = BASE64URL_NOPAD.decode(segments.next()?.as_bytes()).ok()?;
        serde_json::from_slice::<Json>(&bytes).ok().filter(Json::is_object)
    };
    Some((part()?, part()?))
}

pub(super) async fn change(visit: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    match posted.get("do").unwrap_or_default() {
        "make" => make(&visit, service, &posted).await?,
        "revoke" => {
            let id = posted.text("id").ok_or(Problem::Wrong("wrong.choice"))?;
            let request = TokenRevokeRequest { access_token_identifier: Some(id), ..Default::default() };
            revoke(&visit, service, request).await?;
        }
        "revoke_this" => {
            let token = posted.text("hash").and_then(|hash| visit.session.looked_at(&hash));
            // Somebody has looked at another one since.
            let token = token.ok_or(Problem::Wrong("wrong.looked_at"))?;
            let request = TokenRevokeRequest { access_token_identifier: Some(token), ..Default::default() };
            revoke(&visit, service, request).await?;
        }
        "revoke_all" => {
            let (client_identifier, subject) = (posted.text("client"), posted.text("subject"));
            let is_meant = posted.get("sure").is_some() && (client_identifier.is_some() || subject.is_some());
            if !is_meant {
                return Err(Problem::Wrong("wrong.sure"));
            }
            let request = TokenRevokeRequest { client_identifier, subject, ..Default::default() };
            revoke(&visit, service, request).await?;
        }
        _ => return Err(Problem::Wrong("wrong.choice")),
    }
    Ok(see(&format!("/services/{service}/issued")))
}

async fn revoke(visit: &Visit, service: i64, request: TokenRevokeRequest) -> Result<(), Problem> {
    // A token may be named by its value, which is not shown.
    let mut body = serde_json::to_value(&request).unwrap_or_default();
    let mut command = format!("placet token --service {service} revoke");
    if request.access_token_identifier.is_some() {
        body["accessTokenIdentifier"] = HIDDEN.into();
        command.push_str(" -");
    }
    for (name, value) in [("client", &request.client_identifier), ("subject", &request.subject)] {
        command.push_str(
            &value.as_deref().map(|value| format!(" --{name} {}", quoted(value))).unwrap_or_default(),
        );
    }
    let count = visit.about(service).token_revoke(request).await?.count.unwrap_or_default();
    let call = Call::new(visit.api_url(), EndpointId::token_revoke).of(service).body(body);
    let told = Told::done("told.issued_revoked").about(count.to_string());
    visit.session.tell(told.by(call.ways(command, String::new())));
    Ok(())
}

/// How long a token for a test lives, in seconds.
const DURATIONS: [i64; 3] = [600, 3600, 86_400];

async fn make(visit: &Visit, service: i64, posted: &Posted) -> Result<(), Problem> {
    let client = posted.text("client").ok_or(Problem::Wrong("wrong.client"))?;
    let (subject, scopes) = (posted.text("subject"), posted.text("scopes").unwrap_or_default());
    let scopes: Vec<_> = scopes.split_whitespace().map(str::to_owned).collect();
    let duration = posted.text("duration").and_then(|text| text.parse().ok());
    let duration = duration.filter(|one| DURATIONS.contains(one)).ok_or(Problem::Wrong("wrong.choice"))?;
    let own = subject.is_none();
    let grant = if own { GrantType::ClientCredentials } else { GrantType::AuthorizationCode };
    let body = json!({
        "grantType": grant, "clientIdentifier": client, "subject": subject, "scopes": scopes, "accessTokenDuration": duration,
    });
    let mut command =
        format!("placet token --service {service} issue --client {} --duration {duration}", quoted(&client));
    command.push_str(&subject.map(|subject| format!(" --subject {}", quoted(&subject))).unwrap_or_default());
    command.push_str(&if scopes.is_empty() {
        String::new()
    } else {
        format!(" --scope {}", quoted(&scopes.join(",")))
    });
    let request: TokenCreateRequest =
        serde_json::from_value(body.clone()).map_err(|_| Problem::Wrong("wrong.choice"))?;
    let value = made(&visit.about(service), request).await?;
    let call = Call::new(visit.api_url(), EndpointId::token_create).of(service).body(body);
    let told = Told::done("told.issued_made").with_secret("issued.value", value);
    visit.session.tell(told.by(call.ways(command, String::new())));
    Ok(())
}

async fn made(api: &Api, request: TokenCreateRequest) -> Result<String, Problem> {
    match api.token_create(request).await? {
        TokenCreateDecision::Ok(answer) => {
            let made = answer.body;
            Ok(made.jwt_access_token.or(made.access_token).unwrap_or_default())
        }
        TokenCreateDecision::BadRequest(content)
        | TokenCreateDecision::Forbidden(content)
        | TokenCreateDecision::InternalServerError(content) => Err(refused(content)),
        TokenCreateDecision::Unknown(_) => Err(Problem::Wrong("wrong.newer")),
    }
}

/// The API took the call, and refuses what it is about.
fn refused(content: Content) -> Problem {
    let (code, message) =
        (content.result_code.unwrap_or_default(), content.result_message.unwrap_or_default());
    Problem::Refused { status: 400, code, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_jwt_is_taken_apart() {
        let (header, claims) = parts("eyJhbGciOiJub25lIn0.eyJzdWIiOiJqb2huIn0.").unwrap();
        assert_eq!((header["alg"].as_str(), claims["sub"].as_str()), (Some("none"), Some("john")));
        for wrong in ["opaque", "a.b.c", "eyJhbGciOiJub25lIn0.WzFd.", ""] {
            assert!(parts(wrong).is_none(), "{wrong}");
        }
    }
}
