//! The trust marks that a service wants of clients below a trust anchor (OpenID Federation 1.0 §7).

use placet_api::Reason;
use placet_jose::JwkSet;

use crate::budgets::TRUST_MARKS;
use crate::fault::Fault;
use crate::flow::trust_chains::{self, Source};
use crate::rules::federation::trust_mark::{Held, Recognized, TrustMark};
use crate::rules::federation::{Chain, EntityId, Statement};
use crate::tenant::Anchor;

/// Until when the subject of the chain is what it is: the chain is good, and so are the marks that are wanted. Seconds since the
/// epoch.
pub async fn good_until(source: &dyn Source, anchors: &[Anchor], chain: &Chain) -> Result<i64, Fault> {
    let anchor = anchors
        .iter()
        .find(|anchor| anchor.id == chain.anchor_id().as_str())
        .ok_or(Reason::TrustAnchorUnknown {})?;
    let mut until = chain.expires_at();
    if anchor.trust_mark_types.is_empty() {
        return Ok(until);
    }
    let fetched;
    let own = match chain.anchor() {
        Some(own) => own,
        None => {
            fetched = trust_chains::of_anchor(source, (chain.anchor_id(), anchor)).await?;
            &fetched
        }
    };
    for kind in &anchor.trust_mark_types {
        let held = held(source, anchors, (chain, own), kind).await;
        let held = held.ok_or_else(|| Reason::TrustMarkMissing { kind: kind.clone() })?;
        until = held.until.map_or(until, |end| end.min(until));
    }
    Ok(until)
}

/// The mark of this type that can be verified, if the subject has such a one.
async fn held(
    source: &dyn Source,
    anchors: &[Anchor],
    (chain, anchor): (&Chain, &Statement),
    kind: &str,
) -> Option<Held> {
    let recognized = Recognized::by(anchor, kind)?;
    let subject = chain.subject();
    let of_type = |mark: &&TrustMark| mark.trust_mark_type == kind && recognized.lets_issue(&mark.iss);
    for mark in subject.trust_marks.iter().filter(of_type).take(TRUST_MARKS) {
        let keys = keys(source, anchors, (chain, anchor), &mark.iss).await;
        let verified = keys.and_then(|keys| mark.verified(&subject.sub, (&recognized, &keys), source.at()));
        if verified.is_some() {
            return verified;
        }
    }
    None
}

/// Whether one mark of the subject can be verified.
pub async fn is_held(
    source: &dyn Source,
    anchors: &[Anchor],
    (chain, anchor): (&Chain, &Statement),
    mark: &TrustMark,
) -> bool {
    let Some(recognized) = Recognized::by(anchor, &mark.trust_mark_type) else { return false };
    if !recognized.lets_issue(&mark.iss) {
        return false;
    }
    let keys = keys(source, anchors, (chain, anchor), &mark.iss).await;
    keys.is_some_and(|keys| mark.verified(&chain.subject().sub, (&recognized, &keys), source.at()).is_some())
}

/// §7.3: the Federation Entity Keys of whoever has issued a mark, by a chain to the same anchor.
async fn keys(
    source: &dyn Source,
    anchors: &[Anchor],
    (chain, anchor): (&Chain, &Statement),
    issuer: &EntityId,
) -> Option<JwkSet> {
    if *issuer == anchor.sub {
        return Some(anchor.jwks.clone());
    }
    if *issuer == chain.subject().sub {
        return Some(chain.keys().clone());
    }
    let found = trust_chains::resolved(source, anchors, issuer, None).await.ok()?;
    (*found.anchor_id() == anchor.sub).then(|| found.keys().clone())
}
