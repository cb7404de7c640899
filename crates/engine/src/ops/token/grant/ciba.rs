//! CIBA Core §10.1, §11 – the tokens of a backchannel authentication request

use placet_api::Reason;
use placet_base::Ttl;
use placet_base::registry::{DeliveryMode, GrantType};
use placet_store::Loaded;

use crate::cx::{Cx, Held};
use crate::fault::{ErrorText, Fault};
use crate::flow::issuing::{self, ChosenValues, Entitled};
use crate::flow::token::{Asked, Outcome};
use crate::mint::id_token::AccompanyingTokens;
use crate::records::backchannel::{Authorized, Backchannel, Poll, RequestValue, State};
use crate::records::entitlement::{Narrowed, Proof, Proven};
use crate::rules::admission::admitted;

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
            Err(Fault::with_error_text(
                reason,
                ErrorText { description: refused.description, uri: refused.uri },
            ))
        }
        State::Authorized(agreed) => tokens(cx, loaded, *agreed, asked).await,
    }
}

/// §7.3, §11: the client has to come again, and not too soon.
fn waiting(cx: &mut Cx<'_>, loaded: Loaded<Backchannel>) -> Fault {
    let (poll, now) = (loaded.poll(cx.now), cx.now);
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
    let client = asked.client.shared();
    let (agreed, redeemed) = agreed.redeemed();
    if cx.is_revoked(*loaded.id(), &client, agreed.terms.subject.as_ref()).await? {
        return Err(Reason::AuthReqIdUnknown {}.into());
    }
    let policy = cx.tenant.policy(&client, agreed.terms.granted())?;
    let proven = Proven {
        by: Proof::Backchannel(redeemed),
        admitted: admitted(&client, GrantType::Ciba, policy)?,
        bound: asked.evidence.bound(&client, &policy.token)?,
        narrowed: Narrowed::whole(),
    };
    let terms = agreed.terms.with(&asked.properties, asked.jwt_claims);
    let entitled = Entitled::new(terms.ok_or(Reason::TokenPropertiesTooLarge {})?, proven);
    let wanted = ChosenValues {
        access: asked.wanted.access.or(Ttl::specified(agreed.access_secs)),
        refresh: asked.wanted.refresh.or(Ttl::specified(agreed.refresh_secs)),
        ..asked.wanted
    };
    let mut issued = issuing::issue(cx, client.clone(), entitled, wanted).await?;
    let auth_req_id = asked.params.one("auth_req_id")?;
    let with = AccompanyingTokens {
        access_token: Some(issued.presented()),
        auth_req_id,
        ..AccompanyingTokens::default()
    };
    let about = issuing::IdTokenContext { policy: &policy, entitlement: &issued.record.entitlement };
    issued.id_token = Some(issuing::id_token(cx, &client, agreed.id_token, about, with).await?);
    cx.write.delete(loaded);
    Ok(Outcome::Issued(Box::new(issued), Reason::BackchannelRedeemed {}))
}
