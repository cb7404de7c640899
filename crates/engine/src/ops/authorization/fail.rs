//! POST /api/{serviceId}/auth/authorization/fail

use placet_api::Reason;
use placet_api::types::{AuthorizationFailReason, AuthorizationFailRequest};

use crate::cx::Cx;
use crate::fault::{ErrorText, Fault};
use crate::flow::deliver;
use crate::flow::pending_request::PendingRequest;
use crate::flow::refusal::Refusal;
use crate::mint::authorization_response::Delivery;
use crate::mint::error;

/// An error on its way to the client.
pub struct Failed {
    pub delivery: Delivery,
    pub fault: Fault,
}

pub async fn fail(cx: &mut Cx<'_>, call: &AuthorizationFailRequest) -> Result<Failed, Refusal> {
    let value =
        call.ticket.as_deref().filter(|value| !value.is_empty()).ok_or(Reason::FailTicketMissing {})?;
    let reason = call.reason.ok_or(Reason::FailReasonMissing {})?;
    let waiting = PendingRequest::find(cx, value).await?.ok_or(Reason::FailTicketUnknown {})?;
    let ticket = &waiting.ticket;
    let client = cx.client(ticket.client).await?.ok_or(Reason::FailTicketUnknown {})?;
    let description = call.description.clone().filter(|description| !description.is_empty());
    let fault = Fault::with_error_text(outcome(reason), ErrorText { description, uri: None });
    let parameters = error::parameters(&cx.tenant, &fault);
    let destination = &ticket.destination;
    let delivery = deliver::answer(cx, &client, ticket.alias_used, destination, &parameters).await?;
    waiting.end(cx);
    Ok(Failed { delivery, fault })
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
