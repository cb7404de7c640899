//! POST /api/{serviceId}/auth/token/create/batch, GET …/status/{tokenBatchRequestId}, and what is done between the two.
//!
//! Every item is judged before the first token is made. A token that is there already under the value that an item
//! chooses, and is what the item asks for, counts as made: a batch that failed half-way can be sent again.

use std::collections::HashSet;

use placet_api::types::{
    TokenBatchKind, TokenBatchResult, TokenBatchStatus, TokenCreateBatchRequest, TokenCreateBatchResponse,
    TokenCreateBatchStatusResponse, TokenCreateRequest,
};
use placet_api::{CallError, Reason};
use placet_base::{RecordNumber, TokenHash, Ttl};
use placet_store::{Loaded, Page};

use super::create::{Decided, decide};
use crate::Engine;
use crate::budgets::{BATCH_NOTIFICATIONS, BATCH_STEP, WAITING_BATCHES};
use crate::cx::Cx;
use crate::fault::{Fault, unanswered};
use crate::flow::issuing::{self, ChosenValues};
use crate::flow::reply::result;
use crate::handle::HandleKind;
use crate::records::token::{Token, TokenValue};
use crate::records::token_batch::{Notification, Outcome, State, TokenBatch, TokenBatchPart, WaitingBatch};
use crate::records::used_jti::UsedJti;
use crate::tenant::Tenant;

/// Takes a batch on. One that is known already stays the one that it is; if it has failed, it begins once more.
pub async fn accept(
    cx: &mut Cx<'_>,
    call: &TokenCreateBatchRequest,
) -> Result<TokenCreateBatchResponse, CallError> {
    let values = distinct_values(&call.items)?;
    let dry_run = call.dry_run == Some(true);
    let text = serde_json::to_string(&call.items).map_err(CallError::internal)?;
    let content = UsedJti::mark("token-batch", if dry_run { "dry" } else { "wet" }, &text);
    let known = cx.read.find_one::<TokenBatch>(TokenBatch::CONTENT, &content).await;
    if let Some(known) = known.map_err(unanswered)? {
        return again(cx, known).await;
    }
    let mut parts = Vec::new();
    for items in call.items.chunks(BATCH_STEP) {
        let number = cx.number();
        let items = serde_json::to_string(items).map_err(CallError::internal)?;
        cx.write.insert(cx.tenant.id, &number, &TokenBatchPart { items, created_at: cx.now });
        parts.push(number);
    }
    let number = cx.number();
    let batch = TokenBatch::new((dry_run, content), values.items, parts, cx.now);
    cx.write.insert(cx.tenant.id, &number, &batch);
    queue(cx, number).await?;
    Ok(accepted(&cx.tenant, number))
}

async fn again(cx: &mut Cx<'_>, known: Loaded<TokenBatch>) -> Result<TokenCreateBatchResponse, CallError> {
    let number = *known.id();
    if matches!(known.state, State::Ended { outcome: Outcome::Failed { .. }, .. }) {
        let now = cx.now;
        cx.write.transition(known, |batch| batch.again(now));
        queue(cx, number).await?;
    }
    Ok(accepted(&cx.tenant, number))
}

/// The batch is on the list of those that wait.
struct Queued;

async fn queue(cx: &mut Cx<'_>, batch: RecordNumber) -> Result<Queued, CallError> {
    let service = cx.tenant.id;
    let id = WaitingBatch::id_of(service, batch);
    let known = cx.installation().get::<WaitingBatch>(&id).await.map_err(unanswered)?;
    if known.is_some() {
        return Ok(Queued);
    }
    let place = place(cx).await?;
    cx.write.insert(Engine::INSTALLATION, &id, &WaitingBatch { service, batch, place: Some(place) });
    Ok(Queued)
}

/// A place that no batch of the service has. It is a name that one batch has, so that no more wait than there are places,
/// however many come at once.
async fn place(cx: &mut Cx<'_>) -> Result<usize, CallError> {
    let of_service = Some((WaitingBatch::SERVICE, cx.tenant.id.to_string()));
    let page = Page::rows(0, WAITING_BATCHES);
    let found = cx.installation().find::<WaitingBatch>(of_service, page).await;
    let (others, count) = found.map_err(unanswered)?;
    let taken: HashSet<_> = others.iter().filter_map(|other| other.place).collect();
    // Whoever began with the first would meet all others there, and be out of attempts before there is a place.
    let [start] = cx.random::<1>();
    let places = (0..WAITING_BATCHES).map(|step| (usize::from(start) + step) % WAITING_BATCHES);
    let free = places.filter(|_| count < WAITING_BATCHES).find(|place| !taken.contains(place));
    Ok(free.ok_or(Reason::BatchesWaiting { limit: WAITING_BATCHES.to_string() })?)
}

fn accepted(tenant: &Tenant, number: RecordNumber) -> TokenCreateBatchResponse {
    let (result_code, result_message) = result(&Reason::BatchAccepted {});
    let request_id = Some(tenant.handles.name(HandleKind::TokenBatch, number));
    TokenCreateBatchResponse { result_code, result_message, request_id }
}

/// There are items, each with a value of its own.
struct DistinctValues {
    items: usize,
}

/// The answer tells nobody the values, so each item brings one.
fn distinct_values(items: &[TokenCreateRequest]) -> Result<DistinctValues, Reason> {
    if items.is_empty() {
        return Err(Reason::BatchEmpty {});
    }
    let mut seen = HashSet::new();
    for (index, item) in items.iter().enumerate() {
        let access = item.access_token.as_deref().filter(|text| !text.is_empty());
        let refresh = item.refresh_token.as_deref().filter(|text| !text.is_empty());
        if access.is_none() && refresh.is_none() {
            return Err(Reason::BatchValueMissing { item: index.to_string() });
        }
        let fresh = |kind: TokenValue, value: Option<&str>, seen: &mut HashSet<_>| {
            value.is_none_or(|value| seen.insert((Token::chosen(kind), TokenHash::of(value).encoded())))
        };
        if !fresh(TokenValue::Access, access, &mut seen) || !fresh(TokenValue::Refresh, refresh, &mut seen) {
            return Err(Reason::BatchValueTwice { item: index.to_string() });
        }
    }
    Ok(DistinctValues { items: items.len() })
}

pub async fn status(cx: &mut Cx<'_>, id: &str) -> Result<TokenCreateBatchStatusResponse, CallError> {
    let number = cx.tenant.handles.named(HandleKind::TokenBatch, id);
    let number = number.ok_or(Reason::BatchUnknown {})?;
    let batch = cx.read.get::<TokenBatch>(&number).await.map_err(unanswered)?;
    let status = told(&cx.tenant, &batch.ok_or(Reason::BatchUnknown {})?);
    let (result_code, result_message) = result(&Reason::BatchFound {});
    Ok(TokenCreateBatchStatusResponse { result_code, result_message, status: Some(status) })
}

/// What is said of a batch.
fn told(tenant: &Tenant, batch: &Loaded<TokenBatch>) -> TokenBatchStatus {
    let (result, tokens, error) = match &batch.state {
        State::Checking { .. } => (None, 0, None),
        State::Creating { done } => (None, *done, None),
        State::Ended { outcome: Outcome::Succeeded { tokens }, .. } => {
            (Some(TokenBatchResult::Succeeded), *tokens, None)
        }
        State::Ended { outcome: Outcome::Failed { tokens, code, description }, .. } => {
            (Some(TokenBatchResult::Failed), *tokens, Some((code.clone(), description.clone())))
        }
    };
    let (error_code, error_description) = error.unzip();
    TokenBatchStatus {
        batch_kind: Some(TokenBatchKind::Create),
        request_id: Some(tenant.handles.name(HandleKind::TokenBatch, *batch.id())),
        result,
        token_count: i64::try_from(tokens).ok(),
        error_code,
        error_description,
        created_at: Some(batch.created_at.millis()),
        modified_at: Some(batch.modified_at.millis()),
    }
}

/// What a step of a batch has come to.
pub enum Step {
    /// There is more to do.
    On,
    /// The operator is to hear of the end.
    Tell {
        url: String,
        json: String,
    },
    /// The operator could not be reached, and is to hear of it later.
    Later,
    Over,
}

/// Goes on with a batch: as many items as one commit deals with.
pub async fn step(cx: &mut Cx<'_>, number: &RecordNumber) -> Result<Step, Fault> {
    let Some(batch) = cx.read.get::<TokenBatch>(number).await? else { return finish(cx, *number).await };
    let (done, creating) = match &batch.state {
        State::Checking { done } => (*done, false),
        State::Creating { done } => (*done, true),
        State::Ended { notification: Notification::Owed { not_before, .. }, .. } => {
            let Some(url) = cx.tenant.tokens.batch_notification_endpoint.clone() else {
                return finish(cx, *number).await;
            };
            if !not_before.is_past(cx.now) {
                return Ok(Step::Later);
            }
            let status = serde_json::to_string(&told(&cx.tenant, &batch)).map_err(Fault::server)?;
            return Ok(Step::Tell { url, json: status });
        }
        State::Ended { notification: Notification::Over, .. } => return finish(cx, *number).await,
    };
    let items = items(cx, &batch, done).await?;
    let now = cx.now;
    match dealt_with(cx, &items, creating).await? {
        Dealt::All(count) => cx.write.transition(batch, |batch| batch.advanced(count, now)),
        Dealt::Stopped { before, fault } => {
            let error = described(done + before, &fault);
            cx.write.transition(batch, |batch| batch.failed(before, error, now));
        }
    }
    Ok(Step::On)
}

/// The items that come after those that are done.
async fn items(cx: &Cx<'_>, batch: &TokenBatch, done: usize) -> Result<Vec<TokenCreateRequest>, Fault> {
    let part =
        batch.parts.get(done / BATCH_STEP).ok_or_else(|| Fault::server("a batch of more than its parts"))?;
    let part = cx.read.get::<TokenBatchPart>(part).await?;
    let part = part.ok_or_else(|| Fault::server("a part of a batch is gone"))?;
    let mut items: Vec<TokenCreateRequest> = serde_json::from_str(&part.items).map_err(Fault::server)?;
    Ok(items.split_off((done % BATCH_STEP).min(items.len())))
}

enum Dealt {
    All(usize),
    /// An item cannot be made; so many before it could.
    Stopped {
        before: usize,
        fault: Fault,
    },
}

/// Judges the items, or makes their tokens. Stops before a user, or a session, that it has changed something about
/// already: what one commit writes, the same commit does not read.
async fn dealt_with(cx: &mut Cx<'_>, items: &[TokenCreateRequest], creating: bool) -> Result<Dealt, Fault> {
    let mut touched = HashSet::new();
    for (before, item) in items.iter().enumerate() {
        let names = [("user", &item.subject), ("session", &item.session_id)];
        let mut names = names.into_iter().filter_map(|(kind, name)| Some((kind, name.as_deref()?)));
        if creating && !names.all(|name| touched.insert(name)) {
            return Ok(Dealt::All(before));
        }
        let outcome = match creating {
            true => Box::pin(made(cx, item)).await,
            false => Box::pin(judged(cx, item)).await.map(|_| Made),
        };
        match outcome {
            Ok(Made) => {}
            // What may pass with time is tried again.
            Err(fault)
                if fault.is_passing()
                    || matches!(fault.reason, Reason::ServerFailed {} | Reason::SigningFailed {}) =>
            {
                return Err(fault);
            }
            Err(fault) => return Ok(Dealt::Stopped { before, fault }),
        }
    }
    Ok(Dealt::All(items.len()))
}

fn described(item: usize, fault: &Fault) -> (String, String) {
    (fault.reason.code().to_owned(), format!("Item {item}: {}", fault.reason.message()))
}

/// The token of an item is there.
struct Made;

async fn made(cx: &mut Cx<'_>, item: &TokenCreateRequest) -> Result<Made, Fault> {
    match judged(cx, item).await? {
        Judged::There => Ok(Made),
        Judged::Wanted(decided) => {
            let Decided { client, entitled, wanted } = *decided;
            issuing::issue(cx, client, entitled, wanted).await.map(|_| Made)
        }
    }
}

enum Judged {
    /// The token was made before.
    There,
    Wanted(Box<Decided>),
}

async fn judged(cx: &Cx<'_>, item: &TokenCreateRequest) -> Result<Judged, Fault> {
    let decided = decide(cx, item).await?;
    if !decided.client.migratable {
        return Err(Reason::BatchClientUnmarked {}.into());
    }
    let ChosenValues { access_token, refresh_token, .. } = &decided.wanted;
    let values = [(TokenValue::Access, access_token), (TokenValue::Refresh, refresh_token)];
    let mut there = 0;
    for (which, value) in values {
        let Some(value) = value else { continue };
        let hash = TokenHash::of(value).encoded();
        let Some(found) = cx.read.find_one::<Token>(Token::chosen(which), &hash).await? else { continue };
        let (found, wanted) = (&found.entitlement, &decided.entitled.entitlement);
        let same = found.client == wanted.client
            && found.subject == wanted.subject
            && found.grant == wanted.grant
            && found.granted() == wanted.granted();
        if !same {
            return Err(issuing::taken(which).into());
        }
        there += 1;
    }
    Ok(if there > 0 { Judged::There } else { Judged::Wanted(Box::new(decided)) })
}

/// Takes a batch off the list of those that wait.
async fn finish(cx: &mut Cx<'_>, number: RecordNumber) -> Result<Step, Fault> {
    let id = WaitingBatch::id_of(cx.tenant.id, number);
    if let Some(waiting) = cx.installation().get::<WaitingBatch>(&id).await? {
        cx.write.delete(waiting);
    }
    Ok(Step::Over)
}

/// The same for a batch whose service is gone. There is nothing more to do for it.
pub async fn forget(cx: &mut Cx<'_, ()>, waiting: &WaitingBatch) -> Result<bool, CallError> {
    let waiting = cx.read.get::<WaitingBatch>(&waiting.id()).await.map_err(unanswered)?;
    waiting.into_iter().for_each(|waiting| cx.write.delete(waiting));
    Ok(false)
}

/// How long after an attempt to tell the operator the next is made; twice as long after each.
const AGAIN_SECS: i64 = 10;

/// Keeps whether the operator could be told.
pub async fn told_of_end(cx: &mut Cx<'_>, (number, taken): &(RecordNumber, bool)) -> Result<Step, Fault> {
    let Some(batch) = cx.read.get::<TokenBatch>(number).await? else { return finish(cx, *number).await };
    let attempts = match &batch.state {
        State::Ended { notification: Notification::Owed { attempts, .. }, .. } => attempts + 1,
        State::Checking { .. } | State::Creating { .. } | State::Ended { .. } => BATCH_NOTIFICATIONS,
    };
    if *taken || attempts >= BATCH_NOTIFICATIONS {
        cx.write.transition(batch, |batch| batch.notified(Notification::Over));
        return finish(cx, *number).await;
    }
    let not_before = cx.now + Ttl::secs((1..attempts).fold(AGAIN_SECS, |pause, _| pause * 2));
    cx.write.transition(batch, |batch| batch.notified(Notification::Owed { attempts, not_before }));
    Ok(Step::Later)
}
