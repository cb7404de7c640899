//! An access token presented for judgement, at introspection and at the userinfo endpoint.

use std::sync::Arc;

use placet_api::Reason;
use placet_store::Loaded;

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::records::token::{Token, Which};
use crate::tenant::Client;

/// The reasons of one endpoint for the same conditions.
pub struct Refusals {
    pub missing: Reason,
    pub unknown: Reason,
    pub expired: Reason,
    pub expired_refreshable: Reason,
    pub both_expired: Reason,
}

/// A token that is known, whether or not it is still good.
pub struct Known {
    pub token: Loaded<Token>,
    pub client: Arc<Client>,
}

impl Known {
    /// Why the token is of no use any more, if so.
    pub fn expiry(&self, cx: &Cx<'_>, refusals: Refusals) -> Result<&Self, Fault> {
        if !self.token.access.expires_at.is_past(cx.now) {
            return Ok(self);
        }
        let reason = match self.token.refresh {
            None => refusals.expired,
            Some(_) if self.token.is_refreshable(cx.now) => refusals.expired_refreshable,
            Some(_) => refusals.both_expired,
        };
        Err(reason.into())
    }
}

/// The token that a value stands for. A token whose client is gone is unknown.
pub async fn known(cx: &Cx<'_>, value: Option<&str>, refusals: &Refusals) -> Result<Known, Fault> {
    let value = value.filter(|value| !value.is_empty()).ok_or_else(|| refusals.missing.clone())?;
    let held = cx.bearer::<Token>(Which::Access, value).await?.and_then(Held::present);
    let token = held.ok_or_else(|| refusals.unknown.clone())?;
    let client = cx.client(token.entitlement.client).await?.ok_or_else(|| refusals.unknown.clone())?;
    Ok(Known { token, client })
}
