//! The endpoints of an authority (OpenID Federation 1.0 §8, §9).

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, RawForm, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use placet_base::form;
use placet_engine::rules::federation::EntityId;
use serde_json::{Value, json};

use super::budgets::BODY;
use super::resolving::Standing;
use super::subordinates::Subordinate;

type Of = State<Arc<Standing>>;

pub(crate) fn router(standing: Arc<Standing>) -> Router {
    let resolver = standing.now();
    let id = resolver.authority.id.as_str();
    let path = id.splitn(4, '/').nth(3).unwrap_or_default().trim_end_matches('/');
    let at = |name: &str| if path.is_empty() { format!("/{name}") } else { format!("/{path}/{name}") };
    Router::new()
        .route(&at(".well-known/openid-federation"), get(configuration))
        .route(&at("fetch"), get(fetch))
        .route(&at("list"), get(list))
        .route(&at("resolve"), get(resolve))
        .route(&at("trust_mark"), get(trust_mark))
        .route(&at("trust_mark_list"), get(trust_mark_list))
        .route(&at("trust_mark_status"), post(trust_mark_status))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(standing)
}

async fn configuration(State(standing): Of) -> Response {
    signed("application/entity-statement+jwt", standing.now().authority.configuration())
}

/// §8.1
async fn fetch(State(standing): Of, query: RawQuery) -> Response {
    let (resolver, query) = (standing.now(), Query::read(query));
    let Some(sub) = query.one("sub") else { return lacking("sub") };
    if sub == resolver.authority.id.as_str() {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "It is this authority itself.");
    }
    match resolver.authority.subordinate(sub) {
        Some(subordinate) => {
            signed("application/entity-statement+jwt", resolver.authority.about(subordinate))
        }
        None => refused(StatusCode::NOT_FOUND, "not_found", "No subordinate of this authority."),
    }
}

/// §8.2
async fn list(State(standing): Of, query: RawQuery) -> Response {
    let (resolver, query) = (standing.now(), Query::read(query));
    let flag = |name: &str| query.one(name).map(|value| value == "true");
    let (intermediate, marked, kind) =
        (flag("intermediate"), flag("trust_marked"), query.one("trust_mark_type"));
    let types = query.all("entity_type");
    let fits = |one: &&Subordinate| {
        intermediate.is_none_or(|wanted| wanted == one.intermediate)
            && marked.is_none_or(|wanted| wanted != one.trust_marks.is_empty())
            && kind.is_none_or(|kind| one.has_mark(kind))
            && (types.is_empty() || one.entity_types.iter().any(|own| types.contains(own)))
    };
    listed(resolver.authority.document.subordinates.iter().filter(fits))
}

fn listed<'a>(entities: impl Iterator<Item = &'a Subordinate>) -> Response {
    in_json(StatusCode::OK, &json!(entities.map(|one| one.entity_id.as_str()).collect::<Vec<_>>()))
}

/// §8.3
async fn resolve(State(standing): Of, query: RawQuery) -> Response {
    let (resolver, query) = (standing.now(), Query::read(query));
    let Some(sub) = query.one("sub").and_then(EntityId::parse) else { return lacking("sub") };
    let anchors = query.all("trust_anchor");
    if anchors.is_empty() {
        return lacking("trust_anchor");
    }
    match resolver.resolved(&sub, &anchors, &query.all("entity_type")).await {
        Ok(response) => signed("application/resolve-response+jwt", response),
        Err(fault) => {
            let error = fault.error().wire();
            let unknown = error == "invalid_trust_anchor";
            let status = if unknown { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
            refused(status, error, &fault.reason.message())
        }
    }
}

/// §8.6
async fn trust_mark(State(standing): Of, query: RawQuery) -> Response {
    let (resolver, query) = (standing.now(), Query::read(query));
    let (Some(kind), Some(sub)) = (query.one("trust_mark_type"), query.one("sub")) else {
        return lacking("trust_mark_type and sub");
    };
    let authority = &resolver.authority;
    match authority.subordinate(sub).and_then(|subordinate| authority.mark(subordinate, kind)) {
        Some(mark) => signed("application/trust-mark+jwt", mark),
        None => refused(StatusCode::NOT_FOUND, "not_found", "It has no such trust mark of this authority."),
    }
}

/// §8.5
async fn trust_mark_list(State(standing): Of, query: RawQuery) -> Response {
    let (resolver, query) = (standing.now(), Query::read(query));
    let Some(kind) = query.one("trust_mark_type") else { return lacking("trust_mark_type") };
    let sub = query.one("sub");
    let fits = |one: &&Subordinate| one.has_mark(kind) && sub.is_none_or(|sub| one.entity_id == sub);
    listed(resolver.authority.document.subordinates.iter().filter(fits))
}

/// §8.4
async fn trust_mark_status(State(standing): Of, RawForm(form): RawForm) -> Response {
    let query = Query::of(std::str::from_utf8(&form).unwrap_or_default());
    let Some(mark) = query.one("trust_mark") else { return lacking("trust_mark") };
    match standing.now().authority.mark_status(mark) {
        Some(status) => {
            let headers =
                [(CONTENT_TYPE, "application/trust-mark-status-response+jwt"), (CACHE_CONTROL, "no-store")];
            (headers, status).into_response()
        }
        None => refused(StatusCode::NOT_FOUND, "not_found", "No trust mark of this authority."),
    }
}

/// The parameters of a request.
struct Query(Vec<(String, String)>);

impl Query {
    fn read(RawQuery(query): RawQuery) -> Self {
        Self::of(&query.unwrap_or_default())
    }

    fn of(text: &str) -> Self {
        let pairs = text.split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((form::decode(name)?.into_owned(), form::decode(value)?.into_owned()))
        });
        Self(pairs.collect())
    }

    /// One that comes twice is none.
    fn one(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(own, _)| own == name);
        let first = found.next().map(|(_, value)| value.as_str());
        first.filter(|value| found.next().is_none() && !value.is_empty())
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(own, _)| own == name).map(|(_, value)| value.clone()).collect()
    }
}

fn signed(content_type: &'static str, text: String) -> Response {
    ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "max-age=60")], text).into_response()
}

fn lacking(what: &str) -> Response {
    refused(
        StatusCode::BAD_REQUEST,
        "invalid_request",
        &format!("The request lacks {what}, or has it twice."),
    )
}

/// §8.9
fn refused(status: StatusCode, error: &str, description: &str) -> Response {
    in_json(status, &json!({ "error": error, "error_description": description }))
}

fn in_json(status: StatusCode, content: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], content.to_string()).into_response()
}
