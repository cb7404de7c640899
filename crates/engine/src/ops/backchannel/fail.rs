//! POST /api/{serviceId}/backchannel/authentication/fail

use placet_api::Reason;
use placet_api::types::{BackchannelAuthenticationFailReason, BackchannelAuthenticationFailRequest};

use crate::cx::{Cx, Held};
use crate::fault::{ErrorText, Fault};
use crate::records::backchannel::{Backchannel, RequestValue};

/// The error for the client.
pub struct Failed(pub Fault);

/// COMPAT: a ticket that is not known does not change the answer; the hosted product's clients call this
/// when they have lost theirs.
pub async fn fail(cx: &mut Cx<'_>, call: &BackchannelAuthenticationFailRequest) -> Result<Failed, Fault> {
    if let Some(value) = call.ticket.as_deref().filter(|value| !value.is_empty())
        && let Some(loaded) =
            cx.bearer::<Backchannel>(RequestValue::Ticket, value).await?.and_then(Held::present)
    {
        cx.write.delete(loaded);
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let reason = outcome(call.reason.unwrap_or(BackchannelAuthenticationFailReason::ServerError));
    let words = ErrorText { description: given(&call.error_description), uri: given(&call.error_uri) };
    Ok(Failed(Fault::with_error_text(reason, words)))
}

fn outcome(reason: BackchannelAuthenticationFailReason) -> Reason {
    use BackchannelAuthenticationFailReason as Why;
    match reason {
        Why::AccessDenied => Reason::BackchannelDenied {},
        Why::ExpiredLoginHintToken => Reason::BackchannelHintExpired {},
        Why::InvalidBindingMessage => Reason::BackchannelMessageInvalid {},
        Why::InvalidTarget => Reason::BackchannelTargetInvalid {},
        Why::InvalidUserCode => Reason::BackchannelUserCodeInvalid {},
        Why::MissingUserCode => Reason::BackchannelUserCodeMissing {},
        Why::ServerError => Reason::BackchannelServerFailed {},
        Why::UnauthorizedClient => Reason::BackchannelClientUnauthorized {},
        Why::UnknownUserId => Reason::BackchannelUserUnknown {},
    }
}
