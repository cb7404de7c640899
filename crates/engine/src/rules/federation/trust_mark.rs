//! OpenID Federation 1.0 §7 – trust marks: read where they stand, and judged where somebody asks for one

use placet_jose::JwkSet;
use placet_jose::claims::Claims;
use placet_jose::jwt::{
    Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, Verified, asymmetric,
    read, read_unproven,
};
use serde_json::{Value, json};

use super::entity_id::EntityId;
use super::statement::{At, Statement, keys};
use super::unfit;
use crate::fault::Fault;
use crate::rules::unrepeated::{self, UnrepeatedJwt};

/// What is said of an entity by somebody who may say it; whether they may, nothing has shown.
#[derive(Debug, PartialEq, Eq)]
pub struct TrustMark {
    pub trust_mark_type: String,
    pub iss: EntityId,
    text: String,
}

/// What a trust anchor lays down of the marks of one type.
pub struct Recognized {
    /// §3.1.2: who may issue them; nobody in particular where that is empty.
    issuers: Vec<EntityId>,
    /// Whose they are, where issuers need to show that they act for somebody.
    owner: Option<Owner>,
}

struct Owner {
    sub: EntityId,
    keys: JwkSet,
}

/// A mark that an entity has. Seconds since the epoch; for good without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub until: Option<i64>,
}

impl Recognized {
    /// `None` for a type that the anchor's configuration says nothing of.
    pub fn by(anchor: &Statement, kind: &str) -> Option<Self> {
        let said = |claim: &str| anchor.claims().get(claim).and_then(|types| types.get(kind));
        let issuers = said("trust_mark_issuers")?.as_array()?.iter();
        let issuers = issuers.map(|one| one.as_str().and_then(EntityId::parse)).collect::<Option<_>>()?;
        let owner = match said("trust_mark_owners") {
            None => None,
            Some(owner) => Some(Owner {
                sub: owner.get("sub").and_then(Value::as_str).and_then(EntityId::parse)?,
                keys: keys(owner.get("jwks"), "trust_mark_owners").ok()?,
            }),
        };
        Some(Self { issuers, owner })
    }

    /// Whether this issuer may issue such marks.
    pub fn lets_issue(&self, issuer: &EntityId) -> bool {
        self.issuers.is_empty() || self.issuers.contains(issuer)
    }
}

impl TrustMark {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// As it stands in a list of marks.
    pub fn shown(&self) -> Value {
        json!({ "trust_mark_type": self.trust_mark_type, "trust_mark": self.text })
    }

    /// §7.3: by its issuer, whose keys these are, about this entity, good now, and on behalf of the owner where there is one.
    /// `None` for a mark that counts for nothing.
    pub fn verified(
        &self,
        sub: &EntityId,
        (recognized, keys): (&Recognized, &JwkSet),
        at: At,
    ) -> Option<Held> {
        if !recognized.lets_issue(&self.iss) {
            return None;
        }
        let mark = signed(&self.text, Kind::TrustMark, &self.iss, (keys, at))?;
        let about = mark.required("sub").ok()? == sub.as_str();
        let of_type = mark.required("trust_mark_type").ok()? == self.trust_mark_type;
        let held = (about && of_type).then(|| Held { until: mark.times().exp })?;
        match &recognized.owner {
            None => Some(held),
            Some(owner) => {
                let until = self.delegated(mark.text("delegation").ok()??, owner, at)?.until;
                Some(Held { until: held.until.into_iter().chain(until).min() })
            }
        }
    }

    /// §7.2.1: the owner lets the issuer issue.
    fn delegated(&self, delegation: &str, owner: &Owner, at: At) -> Option<Held> {
        let UnrepeatedJwt = unrepeated::jwt(delegation)?;
        let signed = signed(delegation, Kind::TrustMarkDelegation, &owner.sub, (&owner.keys, at))?;
        let to_issuer = signed.required("sub").ok()? == self.iss.as_str();
        let of_type = signed.required("trust_mark_type").ok()? == self.trust_mark_type;
        (to_issuer && of_type).then(|| Held { until: signed.times().exp })
    }
}

/// A JWT of this kind that `by` has signed with the key that it names.
pub(super) fn signed(text: &str, kind: Kind, by: &EntityId, (keys, at): (&JwkSet, At)) -> Option<Verified> {
    let issuer = |name: &str| name == by.as_str();
    let verified = read(text, &expected(at, kind, Expired::Refused, &issuer), |found| {
        let kid = found.kid.filter(|kid| !kid.is_empty());
        kid.map(|kid| keys.verifying(found.alg, Some(kid)).collect::<Vec<_>>()).unwrap_or_default()
    });
    verified.ok()
}

/// §3.2-19 to -21: the marks of a configuration, and who may issue and own marks. A mark of a kind that is not known is
/// left out (§7).
pub(super) fn all(claims: &Claims, at: At) -> Result<Vec<TrustMark>, Fault> {
    let Readable = issuers(claims)?;
    let Readable = owners(claims)?;
    let Some(list) = claims.get("trust_marks") else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| unfit("trust_marks"))?;
    let read = list.iter().map(|one| mark(one, at));
    read.filter_map(Result::transpose).collect()
}

fn mark(one: &Value, at: At) -> Result<Option<TrustMark>, Fault> {
    let wrong = || unfit("trust_marks");
    let member = |name: &str| one.get(name).and_then(Value::as_str);
    let (said, text) = member("trust_mark_type").zip(member("trust_mark")).ok_or_else(wrong)?;
    let entity = |name: &str| EntityId::parse(name).is_some();
    let mark = match read_unproven(text, &expected(at, Kind::TrustMark, Expired::Taken, &entity)) {
        Err(JwtError::Kind) => return Ok(None),
        mark => mark.map_err(|_| wrong())?,
    };
    // A peer that takes the first of two members reads another mark.
    let UnrepeatedJwt = unrepeated::jwt(text).ok_or_else(wrong)?;
    let iss = mark.required("iss").ok().and_then(EntityId::parse).ok_or_else(wrong)?;
    match mark.required("trust_mark_type") {
        Ok(inner) if inner == said => {
            Ok(Some(TrustMark { trust_mark_type: said.to_owned(), iss, text: text.to_owned() }))
        }
        _ => Err(wrong()),
    }
}

/// A mark that has expired is none, and spoils nothing where it stands.
fn expected(at: At, kind: Kind, expired: Expired, issuer: &dyn Fn(&str) -> bool) -> Expected<'_> {
    Expected {
        kind,
        signature: Signature::Required,
        algs: asymmetric(),
        issuer: Party::Named(issuer),
        audience: Party::Elsewhere("marks are for everybody"),
        timing: Timing {
            now: at.now,
            tolerance: at.tolerance,
            exp: Presence::Optional,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired,
            longest: MaxLifetime::Unlimited,
        },
    }
}

/// A claim about marks that can be read.
struct Readable;

fn issuers(claims: &Claims) -> Result<Readable, Fault> {
    const CLAIM: &str = "trust_mark_issuers";
    let entity = |one: &Value| one.as_str().is_some_and(|one| EntityId::parse(one).is_some());
    let entities = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(entity));
    match claims.get(CLAIM).map(|types| types.as_object().is_some_and(|all| all.values().all(entities))) {
        None | Some(true) => Ok(Readable),
        Some(false) => Err(unfit(CLAIM)),
    }
}

fn owners(claims: &Claims) -> Result<Readable, Fault> {
    const CLAIM: &str = "trust_mark_owners";
    let Some(types) = claims.get(CLAIM) else { return Ok(Readable) };
    let types = types.as_object().ok_or_else(|| unfit(CLAIM))?;
    for owner in types.values() {
        keys(owner.get("jwks"), CLAIM)?;
        owner.get("sub").and_then(Value::as_str).and_then(EntityId::parse).ok_or_else(|| unfit(CLAIM))?;
    }
    Ok(Readable)
}
