//! RFC 8628 §3.4, §3.5 – the tokens of a device authorization request

use placet_api::Reason;
use placet_store::Loaded;

use super::decided;
use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::flow::token::{Asked, Outcome};
use crate::records::decision::{Authorized, Poll};
use crate::records::device::{Device, State};

pub async fn redeem(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let value = asked.params.one("device_code")?.ok_or(Reason::DeviceCodeMissing {})?;
    let loaded = cx.bearer::<Device>((), value).await?.and_then(Held::present);
    let loaded = loaded.ok_or(Reason::DeviceCodeUnknown {})?;
    if loaded.client != asked.client.id {
        return Err(Reason::DeviceCodeOfOtherClient {}.into());
    }
    if loaded.expires_at.is_past(cx.now) {
        return Err(Reason::DeviceCodeExpired {}.into());
    }
    match loaded.state.clone() {
        State::Pending => Err(waiting(cx, loaded)),
        State::Refused(refused) => {
            cx.write.delete_regardless(loaded);
            let reason = match refused.by_user {
                true => Reason::DeviceDeniedByUser {},
                // §3.5 has no error for this; with this one the device begins anew.
                false => Reason::DeviceTransactionFailed {},
            };
            Err(decided::refusal(reason, refused))
        }
        State::Authorized(agreed) => tokens(cx, loaded, *agreed, asked).await,
    }
}

/// §3.5: the device has to come again, and not too soon.
fn waiting(cx: &mut Cx<'_>, loaded: Loaded<Device>) -> Fault {
    let (poll, now) = (loaded.pace.poll(cx.now), cx.now);
    cx.write.transition_regardless(loaded, |request| Some(request.polled(now)));
    match poll {
        Poll::TooSoon => Reason::DeviceCodeTooSoon {}.into(),
        Poll::InTime => Reason::DeviceCodePending {}.into(),
    }
}

async fn tokens(
    cx: &mut Cx<'_>,
    loaded: Loaded<Device>,
    agreed: Authorized,
    asked: Asked<'_>,
) -> Result<Outcome, Fault> {
    let issued = decided::tokens(cx, *loaded.id(), agreed, asked, None).await?;
    let issued = issued.ok_or(Reason::DeviceCodeUnknown {})?;
    cx.write.delete(loaded);
    Ok(Outcome::Issued(Box::new(issued), Reason::DeviceRedeemed {}))
}
