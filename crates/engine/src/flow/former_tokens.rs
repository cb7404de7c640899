//! Tokens of the server that a service was at before. One that is not known here is asked about there, and if it is in force,
//! it is from then on a token of this service: it is revoked, refreshed and listed as any other.

use placet_api::Reason;
use placet_base::registry::GrantType;
use placet_base::{Subject, Ttl};
use placet_jose::Parsed;
use serde_json::Value;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::clients;
use crate::flow::issuing::{self, ChosenValues, Entitled};
use crate::handle::HandleKind;
use crate::outside::Caller;
use crate::pattern::MatchBudget;
use crate::records::entitlement::{Narrowed, Proof, Proven, Terms};
use crate::records::token::TokenValue;
use crate::records::used_jti::UsedJti;
use crate::rules::admission::admitted;
use crate::rules::former_token::{self, FormerToken, Kind};
use crate::tenant::{Client, FormerServer};

/// A token that somebody has presented.
pub struct Presented {
    pub which: TokenValue,
    pub value: String,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    Taken,
    /// It was known here already, or is nobody's.
    Left,
}

/// Takes the token over, if it is one of the former server's that is in force and was not known here before.
pub async fn take_over(cx: &mut Cx<'_>, presented: &Presented) -> Result<Takeover, Fault> {
    let tenant = cx.tenant.clone();
    let Some(former) = tenant.former.as_ref().filter(|former| !former.until.is_past(cx.now)) else {
        return Ok(Takeover::Left);
    };
    let Presented { which, value } = presented;
    if is_ours(cx, value) || cx.token(*which, value).await?.is_some() || seen(cx, value).await? {
        return Ok(Takeover::Left);
    }
    let Some(token) = asked(cx, former, presented).await? else { return Ok(Takeover::Left) };
    match issued(cx, presented, token).await {
        Err(fault) if fault.is_passing() => Err(fault),
        // What this service would not issue, it does not take over.
        Err(_) => Ok(Takeover::Left),
        Ok(takeover) => Ok(takeover),
    }
}

/// Whether the value was made here, whatever has become of it: nobody else is told of those.
fn is_ours(cx: &Cx<'_>, value: &str) -> bool {
    let made_here = |text: &str| {
        let tags = [HandleKind::AccessToken, HandleKind::RefreshToken];
        tags.into_iter().any(|tag| cx.tenant.handles.read(tag, text).is_some())
    };
    let parsed = Parsed::parse(value).ok();
    let jti = parsed.as_ref().and_then(|jwt| jwt.unproven_claims().get("jti")).and_then(Value::as_str);
    made_here(value) || jti.is_some_and(made_here)
}

/// Whether the token was taken over before: it is not known any more because it was revoked, or has expired.
async fn seen(cx: &Cx<'_>, value: &str) -> Result<bool, Fault> {
    Ok(cx.read.find_one::<UsedJti>(UsedJti::MARK, &mark(value)).await?.is_some())
}

fn mark(value: &str) -> String {
    UsedJti::mark("former-token", "", value)
}

/// What the former server says of the token. Strangers present what they like, so that it is asked within the bounds of those.
async fn asked(
    cx: &Cx<'_>,
    former: &FormerServer,
    Presented { which, value }: &Presented,
) -> Result<Option<FormerToken>, Fault> {
    let (kind, hint) = match which {
        TokenValue::Access => (Kind::Access, "access_token"),
        TokenValue::Refresh => (Kind::Refresh, "refresh_token"),
    };
    let question = former.question(value, hint);
    let asking = (&*cx.engine.outside, Caller::Stranger);
    let place = (cx.tenant.id, former.endpoint.as_str(), question.as_str());
    let answer = cx.engine.documents.answer(asking, place, cx.now).await;
    let text = answer.map_err(|why| Fault::caused_by(Reason::FormerServerAway {}, why))?;
    Ok(former_token::read(&text, kind, (cx.now, former.until)))
}

/// Whether the user has a token of the client already, where there is one at most.
async fn has_only_token(cx: &Cx<'_>, client: &Client, subject: Option<&Subject>) -> Result<bool, Fault> {
    let Some(subject) = subject else { return Ok(false) };
    let owner = cx.owner(subject).await?;
    Ok(owner.is_some_and(|owner| owner.only_token(client.id).is_some()))
}

/// Issues the token again, under the value that it has.
async fn issued(
    cx: &mut Cx<'_>,
    Presented { which, value }: &Presented,
    token: FormerToken,
) -> Result<Takeover, Fault> {
    let named = clients::named(cx, &token.client).await?.filter(|named| !named.client.locked);
    let Some(named) = named else { return Ok(Takeover::Left) };
    if cx.is_revoked_before(token.issued_at, &named.client, token.subject.as_ref()).await? {
        return Ok(Takeover::Left);
    }
    let grant = match token.subject {
        Some(_) => GrantType::AuthorizationCode,
        None => GrantType::ClientCredentials,
    };
    let work = MatchBudget::of_request();
    let terms = Terms {
        subject: token.subject,
        scopes: token.scopes.iter().filter(|scope| cx.tenant.scopes.knows(scope, &work)).collect(),
        acr: token.acr,
        auth_time: token.auth_time,
        resources: token.audience,
        ..Terms::new(named.client.id, named.alias_used, grant)
    };
    let policy = cx.tenant.policy(&named.client, &terms.scopes);
    // What the rule of one token has ended there, or would end here, does not come back to end another.
    if policy.token.single && has_only_token(cx, &named.client, terms.subject.as_ref()).await? {
        return Ok(Takeover::Left);
    }
    let proven = Proven {
        by: Proof::Operator,
        admitted: admitted(&named.client, grant, policy)?,
        bound: token.binding.sufficient(&policy.token, named.client.certificate_bound)?,
        narrowed: Narrowed::whole(),
    };
    let left = Ttl::secs(token.expires_at.secs_after(cx.now));
    let wanted = match which {
        TokenValue::Access => ChosenValues {
            access: Some(left),
            // There is one at the former server, if at all.
            refreshless: true,
            access_token: Some(value.clone()),
            ..ChosenValues::default()
        },
        TokenValue::Refresh => ChosenValues {
            // Nobody has the access token: it is made anew when the refresh token is used.
            access: Some(Ttl::secs(1)),
            refresh: Some(left),
            refresh_token: Some(value.clone()),
            ..ChosenValues::default()
        },
    };
    issuing::issue(cx, named.client, Entitled::new(terms, proven), wanted).await?;
    let number = cx.number();
    let until = token.expires_at;
    cx.write.insert(cx.tenant.id, &number, &UsedJti { mark: mark(value), expires_at: until });
    Ok(Takeover::Taken)
}
