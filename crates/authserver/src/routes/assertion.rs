//! JWTs as grants (RFC 7523 §2.1): whose assertions are believed. The API has judged what the JWT says; whether its issuer is
//! trusted, and whom it speaks of, is known here.

use std::sync::{Arc, PoisonError};

use axum::response::Response;
use placet_jose::claims::Tolerance;
use placet_jose::jwt::{
    self, Expected, Expired, Kind, MaxLifetime, Party, Presence, Signature, Timing, Verified,
};
use placet_jose::{JwkSet, Parsed};
use placet_sdk::registry::{GrantType, JwsAlg};
use placet_sdk::types::{TokenCreateRequest, TokenResponse};
use placet_sdk::{Error, Transport};

use super::created;
use crate::AuthServer;
use crate::forward::Forwarded;
use crate::respond::{unsupported, users_unavailable};
use crate::settings::{AssertionGrant, AssertionIssuer};

/// How long keys are used without looking again, and how soon again because one is missing, in seconds.
const FRESH: i64 = 600;
const AGAIN: i64 = 10;
/// How far the clocks of two servers may be apart, in seconds.
const SKEW: i64 = 10;

/// §3.1: one error for all that can be wrong with an assertion, and a word on what it is.
type Refusal = &'static str;

const STRANGER: Refusal = "The issuer of the assertion is not one that this server believes.";
const OTHER_KIND: Refusal = "The issuer of the assertion is not believed in assertions of this kind.";
const KEYS: Refusal = "The keys of the assertion's issuer cannot be had.";
const SIGNATURE: Refusal = "The assertion is not what its issuer has signed for this server.";
const NOBODY: Refusal = "The subject of the assertion is nobody here.";

pub(super) async fn granted<T: Transport + 'static>(
    server: &Arc<AuthServer<T>>,
    request: &Forwarded,
    asked: &TokenResponse,
) -> Result<Response, Error> {
    let text = asked.assertion.as_deref().unwrap_or_default();
    let refused = |why: Refusal| Ok(unsupported("invalid_grant", why));
    let (verified, claim) = match believed(server, text).await {
        Ok(believed) => believed,
        Err(why) => return refused(why),
    };
    let subject = verified.required(claim).unwrap_or_default();
    let user = match server.users.find(subject).await {
        Ok(Some(user)) => user,
        Ok(None) => return refused(NOBODY),
        Err(e) => return Ok(users_unavailable(&e)),
    };
    let now = server.settings.ambient.clock.seconds();
    let rest = verified.times().exp.unwrap_or(now) - now;
    let keys = created::Keys::of(server, request);
    let wanted = TokenCreateRequest {
        grant_type: Some(GrantType::JwtBearer),
        subject: Some(user.subject),
        scopes: asked.scopes.clone(),
        resources: asked.resources.clone(),
        ..created::wanted(asked, &keys, rest)
    };
    created::answered(server, wanted, keys, None).await
}

/// The assertion, once a trusted issuer is known to have signed it for this server; and the claim by which that issuer names
/// our users.
async fn believed<T: Transport + 'static>(
    server: &AuthServer<T>,
    text: &str,
) -> Result<(Verified, &'static str), Refusal> {
    let parsed = Parsed::parse(text).map_err(|_| STRANGER)?;
    let issuer = issuer(&server.settings.assertion_issuers, &parsed).ok_or(STRANGER)?;
    // The API has judged whether grants of that kind are taken at all.
    let (kind, grant) = match jwt::says_to_be(text, Kind::IdJag) {
        true => (Kind::IdJag, AssertionGrant::IdJag),
        false => (Kind::AuthorizationGrant, AssertionGrant::JwtBearer),
    };
    if !issuer.grants.contains(&grant) {
        return Err(OTHER_KIND);
    }
    let set = keys(server, issuer, &parsed).await?;
    let token = format!("{}/token", server.settings.issuer.url());
    let for_us = |audience: &str| audience == server.settings.issuer.url() || audience == token;
    let expected = Expected {
        kind,
        signature: Signature::Required,
        algs: JwsAlg::ALL.iter().copied().filter(|alg| alg.is_asymmetric()).collect(),
        issuer: Party::Named(&|named| named == issuer.issuer),
        audience: Party::Named(&for_us),
        timing: Timing {
            now: server.settings.ambient.clock.now(),
            tolerance: Tolerance::exactly(SKEW),
            exp: Presence::Required,
            nbf: Presence::Optional,
            iat: Presence::Optional,
            expired: Expired::Refused,
            longest: MaxLifetime::Unlimited,
        },
    };
    let read = jwt::read(text, &expected, |found| set.verifying(found.alg, found.kid).collect::<Vec<_>>());
    let claim = if issuer.by_aud_sub { "aud_sub" } else { "sub" };
    read.map(|verified| (verified, claim)).map_err(|_| SIGNATURE)
}

/// The keys of a trusted issuer; fetched when they are old, and when they lack the one that the assertion names.
async fn keys<T: Transport + 'static>(
    server: &AuthServer<T>,
    issuer: &AssertionIssuer,
    parsed: &Parsed<'_>,
) -> Result<Arc<JwkSet>, Refusal> {
    let now = server.settings.ambient.clock.seconds();
    let kept =
        server.assertion_keys.lock().unwrap_or_else(PoisonError::into_inner).get(&issuer.issuer).cloned();
    if let Some((at, set)) = kept {
        let holds = set.verifying(parsed.alg(), parsed.kid()).next().is_some();
        if now - at < AGAIN || holds && now - at < FRESH {
            return Ok(set);
        }
    }
    let fetched = server.outgoing.get(&issuer.jwks_uri).await.map_err(|e| {
        tracing::warn!(issuer = issuer.issuer, %e, "the keys of an issuer of assertions");
        KEYS
    })?;
    let set = Arc::new(JwkSet::parse(&fetched.text).map_err(|_| KEYS)?);
    let mut known = server.assertion_keys.lock().unwrap_or_else(PoisonError::into_inner);
    known.insert(issuer.issuer.clone(), (now, set.clone()));
    Ok(set)
}

/// The trusted issuer that the assertion names, before anything else of it is known.
fn issuer<'a>(trusted: &'a [AssertionIssuer], parsed: &Parsed<'_>) -> Option<&'a AssertionIssuer> {
    let named = parsed.unproven_claims().get("iss")?.as_str()?;
    trusted.iter().find(|known| known.issuer == named)
}
