//! The inspector: what a service was asked in the last while, and each transaction with what decided it.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use minijinja::context;
use placet_sdk::types::{InspectedCall, InspectorGetQuery, InspectorGetResponse, InspectorListQuery};
use placet_sdk::{Error, form};

use super::{Shown, place, see};
use crate::api::{self, Api};
use crate::budgets::{CALLS, SOME_CALLS};
use crate::inspected::{self, Documents};
use crate::posted::Posted;
use crate::problem::Problem;
use crate::replay;
use crate::visit::{Seen, Visit};

/// What somebody looks for.
struct Asked {
    search: Option<String>,
    failed: bool,
    all: bool,
    after: Option<String>,
}

impl Asked {
    fn of(seen: &Seen) -> Self {
        let flag = |name: &str| seen.asked(name).is_some();
        // Whoever puts a token in an address has put it there; the API gets its mark all the same.
        let search = seen.asked("q").map(|text| inspected::sought(&text));
        Self { search, failed: flag("failed"), all: flag("all"), after: seen.asked("after") }
    }

    fn query(&self) -> InspectorListQuery {
        let limit = if self.all || self.after.is_some() { CALLS } else { SOME_CALLS };
        InspectorListQuery {
            cursor: self.after.clone(),
            limit: i32::try_from(limit).ok(),
            search: self.search.clone(),
            failed: self.failed.then_some(true),
        }
    }

    /// The same question in an address, but for where it begins.
    fn address(&self) -> String {
        let mut pairs = Vec::new();
        pairs.extend(self.search.as_deref().map(|search| ("q", search)));
        pairs.extend(self.failed.then_some(("failed", "1")));
        form::encode(pairs)
    }
}

pub(super) async fn list(visit: Visit, Path(service): Path<i64>) -> Shown {
    let (api, asked) = (visit.about(service), Asked::of(&visit));
    let answer = api.service_get().await?;
    let found = api.inspector_get_list(asked.query()).await?.body;
    let mut calls = found.calls.unwrap_or_default();
    let is_full = calls.len() >= SOME_CALLS && !asked.all && asked.after.is_none();
    if asked.after.is_some() {
        // They come in the order in which they were made, and are shown the latest first, as the others are.
        calls.reverse();
    }
    let rows: Vec<_> = calls.iter().map(inspected::row).collect();
    let page = context! {
        service => place(&answer), rows, q => &asked.search, failed => asked.failed, after => asked.after.is_some(),
        asked => asked.address(), cursor => found.cursor, more => is_full, most => CALLS,
    };
    Ok(visit.show("transactions.html", page))
}

/// What is looked for comes in a form: a token has no place in an address.
pub(super) async fn search(_: Visit, Path(service): Path<i64>, posted: Posted) -> Shown {
    let text = posted.text("secret.q").unwrap_or_default();
    let text = if posted.get("plain").is_some() { text } else { inspected::sought(&text) };
    let failed = posted.get("failed").is_some();
    let asked = Asked { search: Some(text).filter(|text| !text.is_empty()), failed, all: false, after: None };
    Ok(see(&format!("/services/{service}/transactions?{}", asked.address())))
}

async fn found(api: &Api, request: String) -> Result<InspectorGetResponse, Problem> {
    match api.inspector_get(InspectorGetQuery { request_id: Some(request) }).await {
        Ok(found) => Ok(found.body),
        // Calls are kept for a while, and one that is gone is no wrong question.
        Err(Error::Refused { status: 400 | 404, .. }) => Err(Problem::NotFound),
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn one(visit: Visit, Path((service, request)): Path<(i64, String)>) -> Shown {
    let api = visit.about(service);
    let answer = api.service_get().await?;
    let transaction = found(&api, request.clone()).await?;
    let calls = transaction.calls.unwrap_or_default();
    let documents = Documents { service: api::document(&answer), client: client(&api, &calls).await };
    let before = std::iter::once(None).chain(calls.iter().map(Some));
    let playground = visit.console.settings.playground.as_ref();
    let replay = playground.map(|playground| replay::of(&calls, &request, service, playground).shown());
    let shown: Vec<_> =
        calls.iter().zip(before).map(|(call, before)| inspected::whole(call, before, &documents)).collect();
    let client = documents.client.as_ref().map(|(id, _)| id.to_string());
    let page = context! {
        service => place(&answer), calls => shown, request, transaction => transaction.transaction_id,
        client_id => client, replay, playground => playground.map(|playground| &playground.path),
    };
    Ok(visit.show("transaction.html", page))
}

/// The client of the calls, as it is now.
async fn client(api: &Api, calls: &[InspectedCall]) -> Option<(i64, serde_json::Value)> {
    let name = calls.iter().find_map(|call| call.client_id.as_deref())?;
    let client = api.client_get(name).await.ok()?;
    Some((client.client_id?, api::document(&client)))
}

/// The transaction as a file: what the API tells, which is redacted already, and nothing of the service.
pub(super) async fn download(visit: Visit, Path((service, request)): Path<(i64, String)>) -> Shown {
    let transaction = found(&visit.about(service), request).await?;
    let text = serde_json::to_string_pretty(&transaction).unwrap_or_default();
    let named = transaction.transaction_id.unwrap_or_default();
    let digits: String = named.chars().filter(char::is_ascii_digit).collect();
    let disposition = format!("attachment; filename=\"transaction-{digits}.json\"");
    let disposition = HeaderValue::try_from(disposition).map_err(|_| Problem::NotFound)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_DISPOSITION, disposition),
    ];
    Ok::<Response, Problem>((headers, text).into_response())
}
