//! The trust marks that a service wants of clients below a trust anchor (OpenID Federation 1.0 §7).

use placet_api::Reason;
use placet_jose::JwkSet;
use serde_json::{Map, Value};

use crate::budgets::TRUST_MARKS;
use crate::fault::Fault;
use crate::flow::trust_chains::{self, Source};
use crate::rules::federation::mark_status::{self, Active, Question};
use crate::rules::federation::trust_mark::{Held, Recognized, TrustMark};
use crate::rules::federation::{Chain, EntityId, FEDERATION_ENTITY, Statement};
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
        let held = held(source, anchors, (chain, own), kind).await?;
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
) -> Result<Held, Fault> {
    let of_type = |mark: &&TrustMark| mark.trust_mark_type == kind;
    let recognized = Recognized::by(anchor, kind);
    let issued = |mark: &&TrustMark| recognized.as_ref().is_some_and(|by| by.lets_issue(&mark.iss));
    let mut why = missing(kind).into();
    for mark in chain.subject().trust_marks.iter().filter(of_type).filter(issued).take(TRUST_MARKS) {
        match verified(source, anchors, (chain, anchor), mark).await {
            Ok(held) => return Ok(held),
            Err(fault) => why = fault,
        }
    }
    Err(why)
}

fn missing(kind: &str) -> Reason {
    Reason::TrustMarkMissing { kind: kind.to_owned() }
}

/// One mark of the subject, if it can be verified, and its issuer does not say that it is one no longer.
pub async fn verified(
    source: &dyn Source,
    anchors: &[Anchor],
    (chain, anchor): (&Chain, &Statement),
    mark: &TrustMark,
) -> Result<Held, Fault> {
    let missing = || missing(&mark.trust_mark_type);
    let recognized = Recognized::by(anchor, &mark.trust_mark_type).filter(|by| by.lets_issue(&mark.iss));
    let recognized = recognized.ok_or_else(missing)?;
    let issuer = issuer(source, anchors, (chain, anchor), &mark.iss).await.ok_or_else(missing)?;
    let held = mark.verified(&chain.subject().sub, (&recognized, &issuer.keys), source.at());
    let held = held.ok_or_else(missing)?;
    match asked(source, &issuer, mark).await {
        Ok(Some(Active) | None) => Ok(held),
        Err(why) => Err(Fault::caused_by(missing(), why)),
    }
}

/// §8.4: what the issuer says of the mark, where it answers such questions. A mark that nobody can be asked about now is none:
/// whoever had it taken away would wait for such a time.
async fn asked(source: &dyn Source, issuer: &Issuer, mark: &TrustMark) -> Result<Option<Active>, String> {
    let said = |fault: Fault| fault.source.unwrap_or_else(|| fault.reason.message());
    let Some(question) = Question::about(mark, &issuer.entity).map_err(said)? else { return Ok(None) };
    let answer = source.answer(&question.url, &question.form, mark.iss.as_str()).await.map_err(said)?;
    let active = mark_status::active(&answer, (mark, &issuer.keys), source.at());
    active.map(Some).ok_or_else(|| format!("{}: the trust mark is not active", question.url))
}

/// Whoever has issued a mark.
struct Issuer {
    /// Its Federation Entity Keys.
    keys: JwkSet,
    /// What it is as a federation entity (§5.1.1).
    entity: Map<String, Value>,
}

/// §7.3: by a chain to the same anchor.
async fn issuer(
    source: &dyn Source,
    anchors: &[Anchor],
    (chain, anchor): (&Chain, &Statement),
    issuer: &EntityId,
) -> Option<Issuer> {
    if *issuer == anchor.sub {
        let entity = anchor.metadata_of(FEDERATION_ENTITY).cloned().unwrap_or_default();
        return Some(Issuer { keys: anchor.jwks.clone(), entity });
    }
    // What it says of itself need not be asked again.
    if *issuer == chain.subject().sub {
        return Some(Issuer { keys: chain.keys().clone(), entity: Map::new() });
    }
    let found = trust_chains::resolved(source, anchors, issuer, None).await.ok()?;
    if *found.anchor_id() != anchor.sub {
        return None;
    }
    let entity = found.metadata().ok()?.get(FEDERATION_ENTITY).and_then(Value::as_object).cloned();
    Some(Issuer { keys: found.keys().clone(), entity: entity.unwrap_or_default() })
}
