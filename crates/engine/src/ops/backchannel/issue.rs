//! POST /api/{serviceId}/backchannel/authentication/issue

use placet_api::Reason;
use placet_api::types::BackchannelAuthenticationIssueRequest;
use placet_base::registry::DeliveryMode;
use serde_json::json;

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::records::backchannel::{Backchannel, RequestValue, State};
use crate::rules::ciba;

/// The response for the client (CIBA Core §7.3).
pub struct Acknowledgement {
    pub content: String,
    pub auth_req_id: String,
    pub expires_in: i64,
    pub interval: i64,
}

pub async fn issue(
    cx: &mut Cx<'_>,
    call: &BackchannelAuthenticationIssueRequest,
) -> Result<Acknowledgement, Fault> {
    let value = call.ticket.as_deref().filter(|v| !v.is_empty());
    let value = value.ok_or(Reason::BackchannelIssueTicketMissing {})?;
    let held = cx.bearer::<Backchannel>(RequestValue::Ticket, value).await?.and_then(Held::present);
    let loaded = held.ok_or(Reason::BackchannelIssueTicketUnknown {})?;
    if loaded.expires_at.is_past(cx.now) {
        return Err(Reason::BackchannelIssueTicketExpired {}.into());
    }
    if !matches!(loaded.state, State::Opened) {
        return Err(Reason::BackchannelIssueTicketUsed {}.into());
    }
    let id = cx.handle::<Backchannel>(RequestValue::AuthReqId, *loaded.id(), 0);
    let hash = id.hash();
    let auth_req_id = id.into_value();
    let longest = cx.tenant.backchannel.auth_req_id;
    let lifetime = ciba::lifetime(loaded.request.requested_expiry, longest);
    let interval = cx.tenant.backchannel.interval;
    let sealed = cx.seal(&auth_req_id, &Backchannel::place(&loaded.ticket))?;
    let (mode, now) = (loaded.mode, cx.now);
    cx.write.transition(loaded, |request| request.issued((hash, sealed), interval, now, lifetime));
    let mut content = json!({ "auth_req_id": auth_req_id, "expires_in": lifetime.as_secs() });
    // §7.3: push does not poll.
    if mode != DeliveryMode::Push {
        content["interval"] = interval.into();
    }
    let (content, expires_in) = (content.to_string(), lifetime.as_secs());
    Ok(Acknowledgement { content, auth_req_id, expires_in, interval })
}
