//! POST /api/{serviceId}/auth/authorization/fail

use placet_api::Reason;
use placet_api::types::{AuthorizationFailReason, AuthorizationFailRequest};

use super::Refusal;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::ticket::Ticket;
use crate::rules::redirect_uri::Destination;

/// An error on its way to the client.
pub struct Failed {
    pub destination: Destination,
    pub fault: Fault,
    /// In place of our own description.
    pub description: Option<String>,
}

pub async fn fail(cx: &mut Cx<'_>, call: &AuthorizationFailRequest) -> Result<Failed, Refusal> {
    let value =
        call.ticket.as_deref().filter(|value| !value.is_empty()).ok_or(Reason::FailTicketMissing {})?;
    let reason = call.reason.ok_or(Reason::FailReasonMissing {})?;
    let ticket = cx.ticket::<Ticket>(value).await?;
    let ticket = ticket.ok_or(Reason::FailTicketUnknown {})?;
    let destination = ticket.destination.clone();
    cx.write.delete(ticket);
    let description = call.description.clone().filter(|description| !description.is_empty());
    Ok(Failed { destination, fault: outcome(reason).into(), description })
}

fn outcome(reason: AuthorizationFailReason) -> Reason {
    use AuthorizationFailReason as Why;
    match reason {
        Why::Unknown => Reason::FailedForUnknownReason {},
        Why::NotLoggedIn => Reason::NotLoggedIn {},
        Why::MaxAgeNotSupported => Reason::MaxAgeNotSupported {},
        Why::ExceedsMaxAge => Reason::ExceedsMaxAge {},
        Why::DifferentSubject => Reason::DifferentSubject {},
        Why::AcrNotSatisfied => Reason::AcrNotSatisfied {},
        Why::Denied => Reason::Denied {},
        Why::ServerError => Reason::FailedByServerError {},
        Why::NotAuthenticated => Reason::NotAuthenticated {},
        Why::AccountSelectionRequired => Reason::AccountSelectionRequired {},
        Why::ConsentRequired => Reason::ConsentRequired {},
        Why::InteractionRequired => Reason::InteractionRequired {},
        Why::InvalidTarget => Reason::InvalidTarget {},
        Why::InvalidScope => Reason::InvalidScope {},
        Why::UnauthorizedClient => Reason::UnauthorizedClient {},
        Why::TemporarilyUnavailable => Reason::TemporarilyUnavailable {},
    }
}
