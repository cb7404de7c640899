//! RFC 6749 §6, RFC 9700 §4.14.2 – refreshing tokens

use placet_api::Reason;
use placet_base::Scopes;

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::mint::entitlement::Entitlement;
use crate::ops::token::issuing::{self, Turn};
use crate::ops::token::request::{Asked, Outcome};
use crate::records::token::{Token, Which};
use crate::rules::params::Params;

pub async fn refresh(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let value = asked.params.one("refresh_token")?.ok_or(Reason::RefreshTokenMissing {})?;
    let held = cx.bearer::<Token>(Which::Refresh, value).await?.ok_or(Reason::RefreshTokenUnknown {})?;
    let (token, past) = match held {
        Held::Present(token) => (token, false),
        Held::Past(token) => (token, true),
    };
    if token.entitlement.client != asked.client.id {
        return Err(Reason::RefreshTokenOfOtherClient {}.into());
    }
    if past {
        // One of two holders is not the client: neither keeps anything.
        cx.write.burn(token);
        return Err(Reason::RefreshTokenReplayed {}.into());
    }
    if !token.is_refreshable(cx.now) {
        return Err(Reason::RefreshTokenExpired {}.into());
    }
    let mut entitlement = token.entitlement.clone();
    let granted = entitlement.granted().clone();
    entitlement.scopes = narrowed(&granted, asked.params)?;
    if cx.tenant.tokens.openid_dropped_without_offline_access && !granted.contains(Scopes::OFFLINE_ACCESS) {
        entitlement.scopes = entitlement.scopes.retained(|scope| scope != Scopes::OPENID);
    }
    let entitlement = Entitlement {
        granted: Some(granted),
        properties: entitlement
            .properties
            .joined(&asked.properties)
            .ok_or(Reason::TokenPropertiesTooLarge {})?,
        ..entitlement
    };
    let turn = Turn { loaded: token, entitlement, presented: value };
    let issued = issuing::renew(cx, asked.client.shared(), turn, asked.lifetimes)?;
    Ok(Outcome::Issued(Box::new(issued), Reason::Refreshed {}))
}

/// RFC 6749 §6: a refresh may ask for less, never for more.
fn narrowed(granted: &Scopes, params: &Params) -> Result<Scopes, Fault> {
    let Some(asked) = params.one("scope")?.map(Scopes::split) else { return Ok(granted.clone()) };
    if !granted.covers(&asked) {
        return Err(Reason::RefreshScopeExceeds {}.into());
    }
    Ok(asked)
}
