//! RFC 6749 §6, RFC 9700 §4.14.2, RFC 9449 §5 – refreshing tokens

use placet_api::Reason;
use placet_base::Scopes;
use placet_store::Loaded;

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::mint::entitlement::Entitlement;
use crate::ops::issuing::{self, Turn};
use crate::ops::repeat;
use crate::ops::token::request::{Asked, Outcome};
use crate::records::token::{Token, Which};
use crate::rules::params::Params;
use crate::rules::resource;
use crate::rules::sender::{Binding, Evidence};
use crate::tenant::Client;

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
    if !token.is_refreshable(cx.now) {
        return Err(Reason::RefreshTokenExpired {}.into());
    }
    let entitlement = renewed(cx, &token, &asked)?;
    let request = repeat::request(asked.params, &entitlement.binding)?;
    let turn = Turn { loaded: token, entitlement, presented: value, request };
    let issued = issuing::renew(cx, asked.client.shared(), turn, asked.wanted).await?;
    Ok(Outcome::Issued(Box::new(issued), Reason::Refreshed {}))
}

/// The record that a refresh token stands for, and whether the value has been replaced since.
async fn found(cx: &Cx<'_>, value: &str) -> Result<Option<(Loaded<Token>, bool)>, Fault> {
    Ok(match cx.bearer::<Token>(Which::Refresh, value).await? {
        Some(Held::Present(token)) => Some((token, false)),
        Some(Held::Past(token)) => Some((token, true)),
        None => cx.token(Which::Refresh, value).await?.map(|live| (live.token, false)),
    })
}

/// The same client that asks again at once, because an answer was lost, gets the same answer where the
/// service wants that. Otherwise one of two holders is not the client: neither keeps anything.
fn replayed(cx: &mut Cx<'_>, token: Loaded<Token>, asked: &Asked<'_>) -> Result<Outcome, Fault> {
    let binding = bound(&token.entitlement.binding, asked.client, &asked.evidence);
    if let Ok(binding) = binding
        && let Some(issued) = repeat::again(cx, &token, asked.client, asked.params, &binding)?
    {
        return Ok(Outcome::Issued(Box::new(issued), Reason::Refreshed {}));
    }
    cx.write.burn(token);
    Err(Reason::RefreshTokenReplayed {}.into())
}

fn renewed(cx: &Cx<'_>, token: &Token, asked: &Asked<'_>) -> Result<Entitlement, Fault> {
    let entitlement = token.entitlement.clone();
    let granted = entitlement.granted().clone();
    let mut scopes = narrowed(&granted, asked.params)?;
    if cx.tenant.tokens.openid_dropped_without_offline_access && !granted.contains(Scopes::OFFLINE_ACCESS) {
        scopes = scopes.retained(|scope| scope != Scopes::OPENID);
    }
    let mut jwt_claims = entitlement.jwt_claims.clone();
    jwt_claims.extend(asked.jwt_claims.clone());
    Ok(Entitlement {
        scopes,
        granted: Some(granted),
        binding: bound(&entitlement.binding, asked.client, &asked.evidence)?,
        audience: resource::narrowed(asked.params, &entitlement.resources)?,
        jwt_claims,
        properties: entitlement
            .properties
            .clone()
            .joined(&asked.properties)
            .ok_or(Reason::TokenPropertiesTooLarge {})?,
        ..entitlement
    })
}

/// RFC 9449 §5, RFC 8705 §7.1: the refresh token of a public client is bound to the key of its first
/// request. A confidential client has proven itself, and may come with a new key, but not without one.
fn bound(former: &Binding, client: &Client, evidence: &Evidence) -> Result<Binding, Fault> {
    let now = match client.is_public() && former.x5t.is_some() {
        true => evidence.binding(true),
        false => evidence.binding_for(client),
    };
    let same = !client.is_public() || former.held(evidence).is_ok();
    let kept = (former.jkt.is_none() || now.jkt.is_some()) && (former.x5t.is_none() || now.x5t.is_some());
    if !same || !kept {
        return Err(Reason::RefreshKeyDiffers {}.into());
    }
    Ok(now)
}

/// RFC 6749 §6: a refresh may ask for less, never for more.
fn narrowed(granted: &Scopes, params: &Params) -> Result<Scopes, Fault> {
    let Some(asked) = params.one("scope")?.map(Scopes::split) else { return Ok(granted.clone()) };
    if !granted.covers(&asked) {
        return Err(Reason::RefreshScopeExceeds {}.into());
    }
    Ok(asked)
}
