//! RFC 6749 §6, RFC 9700 §4.14.2, RFC 9449 §5 – refreshing tokens

use placet_api::Reason;
use placet_base::Scopes;
use placet_store::Loaded;

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::flow::idempotent_refresh;
use crate::flow::issuing::{self, Entitled, Rotation};
use crate::flow::token::{Asked, Outcome, SharedTokens};
use crate::records::entitlement::{Narrowed, Proof, Proven};
use crate::records::token::{Token, TokenValue};
use crate::rules::admission::admitted;
use crate::rules::{native_sso, rar, resource, scope};

pub async fn refresh(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let value = asked.params.one("refresh_token")?.ok_or(Reason::RefreshTokenMissing {})?;
    let (token, past) = found(cx, value).await?.ok_or(Reason::RefreshTokenUnknown {})?;
    if token.entitlement.client != asked.client.id {
        return Err(Reason::RefreshTokenOfOtherClient {}.into());
    }
    let token = cx.live(token).await?.ok_or(Reason::RefreshTokenUnknown {})?.token;
    if past {
        return replayed(cx, token, &asked);
    }
    let refreshable = token.refreshable(cx.now).ok_or(Reason::RefreshTokenExpired {})?;
    let terms = token.entitlement.terms().clone();
    let policy = cx.tenant.policy(asked.client, terms.granted());
    let proven = Proven {
        by: Proof::Refresh(refreshable),
        admitted: admitted(asked.client, terms.grant, policy)?,
        bound: asked.evidence.bound_again(&terms.binding, asked.client, &policy.token)?,
        narrowed: Narrowed {
            scopes: narrowed(cx, &asked, terms.granted())?,
            resources: resource::narrowed(asked.params, &terms.resources)?,
            details: rar::Narrowed::whole(),
        },
    };
    let terms = terms.with(&asked.properties, asked.jwt_claims);
    let entitled = Entitled::new(terms.ok_or(Reason::TokenPropertiesTooLarge {})?, proven);
    let request = idempotent_refresh::request(asked.params, &entitled.entitlement.binding)?;
    let turn = Rotation { loaded: token, entitled, presented: value, request };
    let issued = issuing::renew(cx, asked.client.shared(), turn, asked.wanted).await?;
    let terms = issued.record.entitlement.terms();
    if native_sso::shared(&cx.tenant, &terms.scopes, terms.session.as_deref()).is_some() {
        let device_secret = asked.params.one("device_secret")?.map(str::to_owned);
        let reason = Reason::RefreshedShared {};
        let tokens = SharedTokens { issued, reason, device_secret, device_secret_hash: None };
        return Ok(Outcome::NativeSso(Box::new(tokens)));
    }
    Ok(Outcome::Issued(Box::new(issued), Reason::Refreshed {}))
}

/// The record that a refresh token stands for, and whether the value has been replaced since.
async fn found(cx: &Cx<'_>, value: &str) -> Result<Option<(Loaded<Token>, bool)>, Fault> {
    Ok(match cx.bearer::<Token>(TokenValue::Refresh, value).await? {
        Some(Held::Present(token)) => Some((token, false)),
        Some(Held::Past(token)) => Some((token, true)),
        None => cx.token(TokenValue::Refresh, value).await?.map(|live| (live.token, false)),
    })
}

/// The same client that asks again at once, because an answer was lost, gets the same answer where the
/// service wants that. Otherwise one of two holders is not the client: neither keeps anything.
fn replayed(cx: &mut Cx<'_>, token: Loaded<Token>, asked: &Asked<'_>) -> Result<Outcome, Fault> {
    let policy = cx.tenant.policy(asked.client, token.entitlement.granted());
    let bound = asked.evidence.bound_again(&token.entitlement.binding, asked.client, &policy.token);
    if let Ok(bound) = bound
        && let Some(issued) =
            idempotent_refresh::again(cx, &token, asked.client, asked.params, &bound.into_binding())?
    {
        return Ok(Outcome::Issued(Box::new(issued), Reason::Refreshed {}));
    }
    cx.write.delete_regardless(token);
    Err(Reason::RefreshTokenReplayed {}.into())
}

/// OpenID Connect Core §11: without offline access there is no user to identify once more, where the
/// service says so.
fn narrowed(cx: &Cx<'_>, asked: &Asked<'_>, granted: &Scopes) -> Result<scope::Narrowed, Fault> {
    let dropped =
        cx.tenant.tokens.openid_dropped_without_offline_access && !granted.contains(Scopes::OFFLINE_ACCESS);
    scope::narrowed(asked.params, granted, |scope| !(dropped && scope == Scopes::OPENID))
}
