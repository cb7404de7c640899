//! An access token presented for judgement, at introspection and at the userinfo endpoint.

use placet_api::types::Pair;
use placet_api::{OAuthError, Reason};
use placet_base::Scopes;

use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::evidence::{self, PresentedProof};
use crate::policy::Policy;
use crate::records::token::TokenValue;
use crate::rules::message_signature::{self, Message, Signed, SignedRequest};
use crate::rules::sender::HeldKey;

/// The reasons of one endpoint for the same conditions.
pub struct Refusals {
    pub missing: Reason,
    pub unknown: Reason,
    pub expired: Reason,
    pub expired_refreshable: Reason,
    pub both_expired: Reason,
}

/// What came with the token.
#[derive(Clone, Copy, Default)]
pub struct Presented<'a> {
    pub certificate: Option<&'a str>,
    pub shown: PresentedProof<'a>,
    pub headers: Option<&'a Vec<Pair>>,
    pub target_uri: Option<&'a str>,
    pub body: bool,
    pub message: Option<&'a str>,
}

/// The token that a value stands for, whether or not it is still good.
pub async fn known(cx: &Cx<'_>, value: Option<&str>, refusals: &Refusals) -> Result<LiveToken, Fault> {
    let value = value.filter(|value| !value.is_empty()).ok_or_else(|| refusals.missing.clone())?;
    Ok(cx.token(TokenValue::Access, value).await?.ok_or_else(|| refusals.unknown.clone())?)
}

impl LiveToken {
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

    /// The scheme under which the token is used.
    pub fn scheme(&self) -> &'static str {
        if self.token.entitlement.binding.jkt.is_some() { "DPoP" } else { "Bearer" }
    }

    /// What the token's scopes demand of its use.
    pub fn policy(&self, cx: &Cx<'_>) -> Policy {
        cx.tenant.policy(&self.client, &self.token.entitlement.scopes)
    }

    /// Whether whoever presents the token holds its keys, and has signed the request where that is asked
    /// for.
    pub async fn held(
        &self,
        cx: &Cx<'_>,
        value: &str,
        presented: Presented<'_>,
        policy: &Policy,
    ) -> Result<HeldKey, Fault> {
        let binding = &self.token.entitlement.binding;
        // A proof for a token that is bound to no key proves nothing, and is not looked at.
        let dpop = presented.shown.dpop.filter(|_| binding.jkt.is_some());
        let shown = PresentedProof { dpop, ..presented.shown };
        let certificate = presented.certificate.filter(|_| binding.x5t.is_some());
        let held = match binding.is_none() {
            true => binding.held(&Default::default()),
            false => binding.held(&evidence::at_resource(cx, value, certificate, shown, policy.client.algs)?),
        };
        let held = held.map_err(evidence::not_held)?;
        if policy.resource.requests_signed {
            self.signed(cx, presented).await?;
        }
        Ok(held)
    }

    /// RFC 9421: the request is signed with a key of the client.
    async fn signed(&self, cx: &Cx<'_>, presented: Presented<'_>) -> Result<Signed, Fault> {
        let shown = presented.shown;
        let message = Message {
            method: shown.htm.unwrap_or("GET"),
            target: presented
                .target_uri
                .or(shown.htu)
                .or(shown.addresses.first().map(String::as_str))
                .unwrap_or_default(),
            headers: headers(presented.headers),
            body: presented.body || presented.message.is_some_and(|body| !body.is_empty()),
            content: presented.message,
        };
        let keys = cx.keys(&self.client, |_| true).await?;
        let on = SignedRequest {
            keys: keys.get(),
            fallback_key: self.client.message_key.as_deref(),
            now: cx.now,
            skew: cx.tenant.tolerance.late,
        };
        message_signature::verified(&message, &on)
    }
}

/// What a challenge names besides its error.
pub fn wanted(fault: &Fault) -> Vec<(&'static str, String)> {
    match fault.error() {
        // RFC 6750 §3.1: `insufficient_scope` names what would do.
        OAuthError::InsufficientScope => vec![("scope", Scopes::OPENID.to_owned())],
        _ => Vec::new(),
    }
}

/// Headers as names and values.
pub fn headers(pairs: Option<&Vec<Pair>>) -> Vec<(&str, &str)> {
    let pairs = pairs.into_iter().flatten();
    pairs.filter_map(|pair| Some((pair.key.as_deref()?, pair.value.as_deref()?))).collect()
}
