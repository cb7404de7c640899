//! POST /api/{serviceId}/auth/authorization/ticket/info and /ticket/update

use placet_api::Reason;
use placet_api::types::{AuthorizationTicketInfoRequest, AuthorizationTicketUpdateRequest};
use placet_store::Loaded;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::pending_request::PendingRequest;
use crate::records::ticket::Ticket;

/// The text is kept with the ticket.
pub struct TicketUpdated;

/// The text that is kept with the ticket.
pub async fn info(cx: &mut Cx<'_>, call: &AuthorizationTicketInfoRequest) -> Result<Option<String>, Fault> {
    let ticket = open(cx, call.ticket.as_deref()).await?;
    let Some(sealed) = &ticket.context else { return Ok(None) };
    Ok(Some(cx.open(sealed, &Ticket::place(&ticket.hash))?.expose().clone()))
}

/// Keeps another text with the ticket.
pub async fn update(
    cx: &mut Cx<'_>,
    call: &AuthorizationTicketUpdateRequest,
) -> Result<TicketUpdated, Fault> {
    let loaded = open(cx, call.ticket.as_deref()).await?;
    let info = call.info.clone().ok_or(Reason::TicketInfoMissing {})?;
    let context = info.into_context();
    let sealed = match &context {
        Some(text) => Some(cx.seal(text, &Ticket::place(&loaded.hash))?),
        None => None,
    };
    cx.write.transition(loaded, |ticket| ticket.keeping(sealed));
    Ok(TicketUpdated)
}

async fn open(cx: &Cx<'_>, value: Option<&str>) -> Result<Loaded<Ticket>, Fault> {
    let value = value.filter(|value| !value.is_empty()).ok_or(Reason::TicketMissing {})?;
    let waiting = PendingRequest::find(cx, value).await?;
    Ok(waiting.ok_or(Reason::TicketUnknown {})?.ticket)
}
