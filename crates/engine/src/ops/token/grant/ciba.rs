//! CIBA Core §10.1, §11 – the tokens of a backchannel authentication request

use placet_api::Reason;
use placet_base::registry::DeliveryMode;
use placet_store::Loaded;

use super::decided;
use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::flow::token::{Asked, Outcome};
use crate::records::backchannel::{Backchannel, RequestValue, State};
use crate::records::decision::{Authorized, Poll};

pub async fn redeem(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let value = asked.params.one("auth_req_id")?.ok_or(Reason::AuthReqIdMissing {})?;
    let held = cx.bearer::<Backchannel>(RequestValue::AuthReqId, value).await?.and_then(Held::present);
    let loaded = held.ok_or(Reason::AuthReqIdUnknown {})?;
    if loaded.client != asked.client.id {
        return Err(Reason::AuthReqIdOfOtherClient {}.into());
    }
    if loaded.mode == DeliveryMode::Push {
        return Err(Reason::AuthReqIdPushed {}.into());
    }
    if loaded.expires_at.is_past(cx.now) {
        return Err(Reason::AuthReqIdExpired {}.into());
    }
    match loaded.state.clone() {
        State::Opened | State::Pending => Err(waiting(cx, loaded)),
        State::Refused(refused) => {
            cx.write.delete_regardless(loaded);
            let reason = match refused.by_user {
                true => Reason::BackchannelDeniedByUser {},
                false => Reason::BackchannelTransactionFailed {},
            };
            Err(decided::refusal(reason, refused))
        }
        State::Authorized(agreed) => tokens(cx, loaded, *agreed, asked).await,
    }
}

/// §7.3, §11: the client has to come again, and not too soon.
fn waiting(cx: &mut Cx<'_>, loaded: Loaded<Backchannel>) -> Fault {
    let (poll, now) = (loaded.pace.poll(cx.now), cx.now);
    cx.write.transition_regardless(loaded, |request| Some(request.polled(now)));
    match poll {
        Poll::TooSoon => Reason::AuthReqIdTooSoon {}.into(),
        Poll::InTime => Reason::AuthReqIdPending {}.into(),
    }
}

async fn tokens(
    cx: &mut Cx<'_>,
    loaded: Loaded<Backchannel>,
    agreed: Authorized,
    asked: Asked<'_>,
) -> Result<Outcome, Fault> {
    let auth_req_id = asked.params.one("auth_req_id")?;
    let issued = decided::tokens(cx, *loaded.id(), agreed, asked, auth_req_id).await?;
    cx.write.delete(loaded);
    Ok(Outcome::Issued(Box::new(issued.ok_or(Reason::AuthReqIdUnknown {})?), Reason::BackchannelRedeemed {}))
}
