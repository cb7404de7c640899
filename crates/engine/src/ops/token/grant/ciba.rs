//! CIBA Core §10.1, §11 – the tokens of a backchannel authentication request

use placet_api::Reason;
use placet_base::registry::DeliveryMode;
use placet_base::{RecordNumber, Ttl};
use placet_store::{Id, Loaded};

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::mint::id_token::Companions;
use crate::ops::issuing::{self, Wanted};
use crate::ops::token::request::{Asked, Outcome};
use crate::records::backchannel::{Authorized, Backchannel, State, Which};

/// §11: how much longer a client that asks too soon must wait, in seconds.
const SLOWER: i64 = 5;

pub async fn redeem(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let value = asked.params.one("auth_req_id")?.ok_or(Reason::AuthReqIdMissing {})?;
    let held = cx.bearer::<Backchannel>(Which::AuthReqId, value).await?.and_then(Held::present);
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
            cx.write.burn(loaded);
            Err(match refused.by_user {
                true => Reason::BackchannelDeniedByUser {}.into(),
                false => Reason::BackchannelTransactionFailed {}.into(),
            })
        }
        State::Authorized(agreed) => tokens(cx, loaded, *agreed, asked).await,
    }
}

/// §7.3, §11: whoever asks before the interval is over waits longer from then on.
fn waiting(cx: &mut Cx<'_>, loaded: Loaded<Backchannel>) -> Fault {
    let early = cx.now < loaded.next_poll;
    let interval = if early { loaded.interval + SLOWER } else { loaded.interval };
    let next_poll = cx.now + Ttl::secs(interval.max(1));
    let next = Backchannel { interval, next_poll, ..loaded.value().clone() };
    cx.write.burn_into(loaded, &next);
    if early { Reason::AuthReqIdTooSoon {}.into() } else { Reason::AuthReqIdPending {}.into() }
}

async fn tokens(
    cx: &mut Cx<'_>,
    loaded: Loaded<Backchannel>,
    agreed: Authorized,
    asked: Asked<'_>,
) -> Result<Outcome, Fault> {
    let client = asked.client.shared();
    let Id::Number(number) = *loaded.id() else { return Err(Fault::server("a request without a number")) };
    let mut entitlement = agreed.entitlement;
    if cx.is_revoked(RecordNumber(number), &client, entitlement.subject.as_ref()).await? {
        return Err(Reason::AuthReqIdUnknown {}.into());
    }
    entitlement.properties =
        entitlement.properties.joined(&asked.properties).ok_or(Reason::TokenPropertiesTooLarge {})?;
    entitlement.jwt_claims.extend(asked.jwt_claims);
    entitlement.binding = asked.evidence.binding_for(&client);
    let wanted = Wanted {
        access: asked.wanted.access.or(Ttl::specified(agreed.access_secs)),
        refresh: asked.wanted.refresh.or(Ttl::specified(agreed.refresh_secs)),
        ..asked.wanted
    };
    let mut issued = issuing::issue(cx, client.clone(), entitlement, wanted).await?;
    let auth_req_id = asked.params.one("auth_req_id")?;
    let with = Companions { access_token: Some(issued.presented()), auth_req_id, ..Companions::default() };
    let token = issuing::id_token(cx, &client, agreed.id_token, &issued.record.entitlement, with).await?;
    issued.id_token = Some(token);
    cx.write.delete(loaded);
    Ok(Outcome::Issued(Box::new(issued), Reason::BackchannelRedeemed {}))
}
