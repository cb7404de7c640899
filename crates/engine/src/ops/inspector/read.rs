//! GET /api/{serviceId}/inspector/get/list and /api/{serviceId}/inspector/get

use std::collections::HashMap;

use placet_api::explained::explained;
use placet_api::reasons::is_refusal;
use placet_api::types::{
    Explanation, InspectedCall, InspectorGetListResponse, InspectorGetQuery, InspectorGetResponse,
    InspectorListQuery, Pair,
};
use placet_api::{CallError, Reason};
use placet_store::Page;

use crate::budgets::{INSPECTED_ROWS, LIST_PAGE};
use crate::cx::Cx;
use crate::fault::unanswered;
use crate::records::inspected::{Inspected, InspectedCalls, Place};

/// Calls that come where the question does not say how many.
const SOME: usize = 100;

/// The latest calls, or those after a cursor.
pub async fn list(
    cx: &mut Cx<'_>,
    query: &InspectorListQuery,
) -> Result<InspectorGetListResponse, CallError> {
    let malformed = |name: &str| CallError::from(Reason::PropertyInvalid { property: name.to_owned() });
    let cursor = query.cursor.as_deref().filter(|text| !text.is_empty());
    let from = cursor.map(|text| place(text).ok_or_else(|| malformed("cursor"))).transpose()?;
    let limit = query.limit.map(usize::try_from).transpose().map_err(|_| malformed("limit"))?;
    let limit = limit.filter(|limit| *limit > 0).unwrap_or(SOME).min(LIST_PAGE);
    let calls = kept(cx).await?;
    let end = calls.last().map_or((0, 0), |((row, index), _)| (*row, index + 1));
    // A ring that has begun anew knows nothing of the cursors of the one before.
    let from = from.map(|from| if from.0 > end.0 { (0, 0) } else { from });
    let (wanted, numbers) = (Wanted::new(query), transactions(&calls));
    let fits =
        |(place, call): &(Place, Inspected)| from.is_none_or(|from| *place >= from) && wanted.takes(call);
    let mut found: Vec<_> = calls.into_iter().zip(numbers).filter(|(call, _)| fits(call)).collect();
    let mut next = end;
    if from.is_none() {
        found.reverse();
    } else if let Some(((cut, _), _)) = found.get(limit) {
        next = *cut;
    }
    found.truncate(limit);
    Ok(InspectorGetListResponse {
        calls: Some(found.into_iter().map(|((_, call), number)| short(call, number)).collect()),
        cursor: Some(format!("{}.{}", next.0, next.1)),
    })
}

/// A call, and those that belong to the same transaction.
pub async fn get(cx: &mut Cx<'_>, query: &InspectorGetQuery) -> Result<InspectorGetResponse, CallError> {
    let missing = || Reason::PropertyMissing { property: "requestId".to_owned() };
    let id = query.request_id.as_deref().ok_or_else(missing)?;
    let calls = kept(cx).await?;
    let transactions = transactions(&calls);
    let named = calls.iter().position(|(_, call)| call.request.to_string() == id);
    let named = named.ok_or(Reason::InspectedUnknown {})?;
    let transaction = transactions[named];
    let numbered = calls.into_iter().zip(transactions).filter(|(_, of)| *of == transaction);
    Ok(InspectorGetResponse {
        transaction_id: Some(transaction.to_string()),
        calls: Some(numbered.map(|((_, call), of)| whole(call, of)).collect()),
    })
}

/// What is kept of the service, in the order in which it was kept.
async fn kept(cx: &Cx<'_>) -> Result<Vec<(Place, Inspected)>, CallError> {
    let (name, value) = InspectedCalls::OF;
    let page = Page::rows(0, INSPECTED_ROWS);
    let found = cx.read.find::<InspectedCalls>(Some((name, value.to_owned())), page).await;
    let (rows, _) = found.map_err(unanswered)?;
    let mut calls: Vec<_> = rows.into_iter().flat_map(|row| row.into_value().shown(cx.now)).collect();
    calls.sort_by_key(|(place, _)| *place);
    Ok(calls)
}

/// A cursor: the place of the first call that is not known.
fn place(text: &str) -> Option<Place> {
    let (row, index) = text.split_once('.')?;
    Some((row.parse().ok()?, index.parse().ok()?))
}

/// For each call the request id of the first that it is connected with: by a code, a token, a ticket that both had.
fn transactions(calls: &[(Place, Inspected)]) -> Vec<u64> {
    let mut groups: Vec<usize> = (0..calls.len()).collect();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (index, (_, call)) in calls.iter().enumerate() {
        for mark in &call.marks {
            let other = *seen.entry(mark).or_insert(index);
            join(&mut groups, index, other);
        }
    }
    (0..calls.len()).map(|index| calls[root(&groups, index)].1.request).collect()
}

/// The first call of the group.
fn root(groups: &[usize], mut index: usize) -> usize {
    while groups[index] != index {
        index = groups[index];
    }
    index
}

fn join(groups: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(groups, one), root(groups, other));
    let (first, later) = (one.min(other), one.max(other));
    groups[later] = first;
}

/// What a call must be like.
struct Wanted {
    text: Option<String>,
    /// The mark of the text, and the text, which may be one.
    marks: Vec<String>,
    failed: bool,
}

impl Wanted {
    fn new(query: &InspectorListQuery) -> Self {
        let text = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
        Self {
            text: text.map(str::to_lowercase),
            marks: text.map_or_else(Vec::new, |text| vec![Inspected::mark(text), text.to_owned()]),
            failed: query.failed == Some(true),
        }
    }

    fn takes(&self, call: &Inspected) -> bool {
        if self.failed && !failed(call) {
            return false;
        }
        let Some(text) = self.text.as_deref() else { return true };
        let has = |held: &str| held.to_lowercase().contains(text);
        let members = [&call.action, &call.code, &call.message, &call.client, &call.subject, &call.token];
        call.marks.iter().any(|mark| self.marks.contains(mark))
            || call.request.to_string() == text
            || has(&call.endpoint)
            || members.into_iter().flatten().any(|held| has(held))
            || call.asked.iter().chain(&call.answered).any(|(_, value)| has(value))
    }
}

/// Whether a call was refused, by the API or by the protocol.
fn failed(call: &Inspected) -> bool {
    call.status >= 400 || call.code.as_deref().is_some_and(is_refusal)
}

fn short(call: Inspected, transaction: u64) -> InspectedCall {
    InspectedCall {
        request_id: Some(call.request.to_string()),
        transaction_id: Some(transaction.to_string()),
        at: Some(call.at),
        micros: i64::try_from(call.micros).ok(),
        endpoint: Some(call.endpoint),
        status: Some(i32::from(call.status)),
        action: call.action,
        result_code: call.code,
        result_message: call.message,
        client_id: call.client,
        subject: call.subject,
        token_id: call.token,
        left_out: Some(call.left_out).filter(|left| *left > 0).and_then(|left| i64::try_from(left).ok()),
        ..InspectedCall::default()
    }
}

fn whole(mut call: Inspected, transaction: u64) -> InspectedCall {
    let (asked, answered) = (std::mem::take(&mut call.asked), std::mem::take(&mut call.answered));
    let explanation = call.code.as_deref().and_then(explained).map(|found| Explanation {
        reason: Some(found.reason.to_owned()),
        rules: Some(owned(found.rules)),
        clauses: Some(owned(found.clauses)),
        settings: Some(owned(found.settings)),
    });
    InspectedCall {
        request: Some(pairs(asked)),
        answer: Some(pairs(answered)),
        explanation,
        ..short(call, transaction)
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn pairs(members: Vec<(String, String)>) -> Vec<Pair> {
    members.into_iter().map(|(key, value)| Pair { key: Some(key), value: Some(value) }).collect()
}
