//! Windows on lists.

use crate::budgets::{LIST_COUNT, LIST_PAGE};
use placet_api::types::ListQuery;
use placet_api::{CallError, Reason};
use placet_store::Page;

/// What a list shows when the call does not say.
const DEFAULT_END: usize = 5;

/// The window that a query asks for, of a list that is counted.
pub fn window(query: &ListQuery) -> Result<Page, CallError> {
    let start = number(query.start.as_deref(), Reason::ListStartMalformed {}, Reason::ListStartNegative {})?;
    let end = number(query.end.as_deref(), Reason::ListEndMalformed {}, Reason::ListEndNegative {})?;
    let start = start.unwrap_or(0);
    let end = end.unwrap_or_else(|| start.saturating_add(DEFAULT_END));
    Ok(Page::rows(start, end.clamp(start, start.saturating_add(LIST_PAGE))).counted(LIST_COUNT))
}

fn number(text: Option<&str>, malformed: Reason, negative: Reason) -> Result<Option<usize>, CallError> {
    let Some(text) = text else { return Ok(None) };
    let number: i32 = text.parse().map_err(|_| malformed)?;
    usize::try_from(number).map(Some).map_err(|_| negative.into())
}
