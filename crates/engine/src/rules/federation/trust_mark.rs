//! OpenID Federation 1.0 §7 – trust marks, as far as they can be read: nobody asks for one here

use placet_jose::claims::Claims;
use placet_jose::jwt::{
    Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, asymmetric,
    read_unproven,
};
use serde_json::Value;

use super::entity_id::EntityId;
use super::statement::{At, keys};
use super::unfit;
use crate::fault::Fault;

/// What is said of an entity by somebody who may say it; whether they may, nothing has shown.
#[derive(Debug, PartialEq, Eq)]
pub struct TrustMark {
    pub trust_mark_type: String,
    pub iss: String,
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
    let read = match read_unproven(text, &expected(at, &entity)) {
        Err(JwtError::Kind) => return Ok(None),
        read => read.map_err(|_| wrong())?,
    };
    let iss = read.required("iss").map_err(|_| wrong())?.to_owned();
    match read.required("trust_mark_type") {
        Ok(inner) if inner == said => Ok(Some(TrustMark { trust_mark_type: said.to_owned(), iss })),
        _ => Err(wrong()),
    }
}

/// A mark that has expired is none, and spoils nothing.
fn expected<'a>(at: At, issuer: &'a dyn Fn(&str) -> bool) -> Expected<'a> {
    Expected {
        kind: Kind::TrustMark,
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
            expired: Expired::Taken,
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
