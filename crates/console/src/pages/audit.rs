//! The audit log: who has changed what, with what was there before and after.

use std::collections::{BTreeSet, VecDeque};

use minijinja::{Value as Shown_, context};
use placet_sdk::types::AuditListQuery;
use serde_json::Value;

use super::Shown;
use crate::budgets::{AUDIT_PAGES, ENTRIES};
use crate::fields::moment;
use crate::problem::Problem;
use crate::visit::Visit;

/// Entries of one call.
const AT_ONCE: i32 = 1000;

/// The newest entries that are about what is looked for, and whether the log was read to its end.
struct Found {
    entries: VecDeque<Value>,
    is_whole: bool,
    /// From where on there is more.
    cursor: Option<String>,
}

pub(super) async fn get(visit: Visit) -> Shown {
    let search = visit.asked("q").unwrap_or_default();
    let found = newest(&visit, &search).await?;
    let rows: Vec<_> = found.entries.iter().rev().map(row).collect();
    let page = context! { rows, q => search, whole => found.is_whole, cursor => found.cursor };
    Ok(visit.show("audit.html", page))
}

/// The API tells the oldest first; the log is walked through, and the last of what fits is kept.
async fn newest(visit: &Visit, search: &str) -> Result<Found, Problem> {
    let (api, mut cursor) = (visit.api(), visit.asked("from"));
    let mut entries = VecDeque::new();
    for _ in 0..AUDIT_PAGES {
        let query = AuditListQuery { cursor: cursor.clone(), limit: Some(AT_ONCE) };
        let page = api.audit_get_list(query).await?.body;
        let texts: Vec<_> =
            page.entries.unwrap_or_default().into_iter().filter_map(|one| one.entry).collect();
        if texts.is_empty() {
            return Ok(Found { entries, is_whole: true, cursor });
        }
        let fits = |text: &&String| text.to_lowercase().contains(&search.to_lowercase());
        for text in texts.iter().filter(fits) {
            if entries.len() >= ENTRIES {
                entries.pop_front();
            }
            entries.extend(serde_json::from_str::<Value>(text));
        }
        cursor = page.cursor;
    }
    Ok(Found { entries, is_whole: false, cursor })
}

fn row(entry: &Value) -> Shown_ {
    let text = |name: &str| match &entry[name] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let names = |name: &str| {
        entry[name].as_object().into_iter().flatten().map(|(member, _)| member.clone()).collect::<Vec<_>>()
    };
    let members: BTreeSet<String> = names("before").into_iter().chain(names("after")).collect();
    let changes: Vec<_> = members
        .into_iter()
        .map(|member| {
            let value = |side: &str| match &entry[side][&member] {
                Value::Null => "–".to_owned(),
                Value::String(text) => text.clone(),
                other => serde_json::to_string_pretty(other).unwrap_or_default(),
            };
            context! { before => value("before"), after => value("after"), member }
        })
        .collect();
    context! {
        at => entry["at"].as_i64().map(moment), operation => text("operation"), kind => text("kind"), id => text("id"),
        service => text("serviceId"), token => text("tokenId"), from => text("from"), request => text("requestId"),
        sequence => text("sequence"), changes,
    }
}
