//! GET /api/audit/get/list

use placet_api::types::{AuditEntryView, AuditGetListResponse, AuditListQuery};
use placet_api::{CallError, Reach, Reason};
use placet_store::Page;

use crate::Engine;
use crate::budgets::LIST_PAGE;
use crate::fault::unanswered;
use crate::records::audit::{AuditEntry, AuditHead};

/// Entries that come where the call does not say how many.
const SOME: usize = 100;

/// The entries of the caller's organization, from the oldest on, or from where a page before has ended.
pub async fn list(
    engine: &Engine,
    reach: &Reach,
    query: &AuditListQuery,
) -> Result<AuditGetListResponse, CallError> {
    let owner = reach.caller().organization;
    let malformed = |name: &str| CallError::from(Reason::PropertyInvalid { property: name.to_owned() });
    let after = query.cursor.as_deref().filter(|text| !text.is_empty()).map(str::parse::<i64>).transpose();
    let from = after.map_err(|_| malformed("cursor"))?.map_or(0, |after| after.saturating_add(1));
    let limit = query.limit.map(usize::try_from).transpose().map_err(|_| malformed("limit"))?;
    let limit = limit.filter(|limit| *limit > 0).unwrap_or(SOME).min(LIST_PAGE);
    let (reader, entry) = (engine.installation(), Some((AuditEntry::ORGANIZATION, owner.to_string())));
    let found = reader.find_from::<AuditEntry>(entry, from, Page::rows(0, limit)).await;
    let (entries, _) = found.map_err(unanswered)?;
    let head = reader.get::<AuditHead>(&owner).await.map_err(unanswered)?;
    let head = head.map(placet_store::Loaded::into_value).unwrap_or_default();
    let end = entries.last().map(|entry| entry.id().0.to_string());
    Ok(AuditGetListResponse {
        cursor: end.or_else(|| query.cursor.clone()),
        entries: Some(
            entries
                .into_iter()
                .map(|entry| AuditEntryView {
                    hash: Some(entry.hash()),
                    entry: Some(entry.into_value().text),
                })
                .collect(),
        ),
        head_sequence: i64::try_from(head.sequence).ok(),
        head_hash: head.hash,
    })
}
