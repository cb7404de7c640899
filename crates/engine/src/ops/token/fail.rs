//! POST /api/{serviceId}/auth/token/fail

use placet_api::Reason;
use placet_api::types::{TokenFailReason, TokenFailRequest};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::password_ticket::PasswordTicket;

/// The fault that the client is told.
pub struct Failed(pub Fault);

pub async fn fail(cx: &mut Cx<'_>, call: &TokenFailRequest) -> Result<Failed, Fault> {
    let value = call.ticket.as_deref().filter(|v| !v.is_empty()).ok_or(Reason::TokenFailTicketMissing {})?;
    let reason = call.reason.ok_or(Reason::TokenFailReasonMissing {})?;
    let ticket = cx.ticket::<PasswordTicket>(value).await?;
    cx.write.delete(ticket.ok_or(Reason::TokenFailTicketUnknown {})?);
    Ok(Failed(outcome(reason).into()))
}

fn outcome(reason: TokenFailReason) -> Reason {
    match reason {
        TokenFailReason::Unknown => Reason::TokenFailedForUnknownReason {},
        // COMPAT: RFC 6749 §5.2 would have invalid_grant; the hosted product documents invalid_request,
        // and its sample is what callers test against.
        TokenFailReason::InvalidResourceOwnerCredentials => Reason::ResourceOwnerCredentialsInvalid {},
        TokenFailReason::InvalidTarget => Reason::TokenTargetInvalid {},
        TokenFailReason::InvalidClient => Reason::TokenClientInvalid {},
        TokenFailReason::UnauthorizedClient => Reason::TokenClientUnauthorized {},
        TokenFailReason::InvalidScope => Reason::TokenScopeInvalid {},
    }
}
