//! OpenID Federation 1.0 §3 – entity statements: an entity about itself (its configuration), or a superior about an entity

use std::sync::OnceLock;

use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::url::HttpsUrl;
use placet_jose::claims::{Claims, Tolerance, Untimely};
use placet_jose::jwt::{
    Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, Verified, asymmetric,
    read, read_unproven,
};
use placet_jose::{Jwk, JwkSet};
use serde_json::{Map, Value};

use super::constraints::Constraints;
use super::entity_id::EntityId;
use super::policy::Policy;
use super::trust_mark::{self, TrustMark};
use super::unfit;
use crate::fault::Fault;
use crate::rules::unrepeated::{self, UnrepeatedJwt};

/// When statements are read.
#[derive(Clone, Copy)]
pub struct At {
    pub now: Timestamp,
    pub tolerance: Tolerance,
}

/// A statement that says all that it must, and nothing that it must not. Nothing has shown yet who signed it.
pub struct Statement {
    pub text: String,
    pub iss: EntityId,
    pub sub: EntityId,
    /// Seconds since the epoch.
    pub iat: i64,
    pub exp: i64,
    /// Federation Entity Keys of the subject.
    pub jwks: JwkSet,
    /// Immediate superiors; of a configuration.
    pub hints: Vec<EntityId>,
    /// Metadata by entity type.
    pub metadata: Map<String, Value>,
    pub policy: Option<Policy>,
    pub constraints: Option<Constraints>,
    pub trust_marks: Vec<TrustMark>,
    claims: Claims,
    /// The key that was seen to have signed it.
    signer: OnceLock<Signer>,
}

/// A key that a statement names, and was signed with.
struct Signer {
    kid: String,
    alg: JwsAlg,
    /// RFC 7638
    thumbprint: String,
}

/// That a statement is by whom it says.
#[derive(Debug)]
pub struct Signed(());

/// A statement that names no audience.
#[derive(Debug)]
pub struct ForAll;

/// §3.1.2, §3.1.3: claims of one kind of statement, and not of the other.
const OF_CONFIGURATIONS: [&str; 4] =
    ["authority_hints", "trust_marks", "trust_mark_issuers", "trust_mark_owners"];
const OF_SUBORDINATES: [&str; 4] =
    ["constraints", "metadata_policy", "metadata_policy_crit", "source_endpoint"];

impl Statement {
    /// §3.2, all but the signature.
    ///
    /// # Errors
    /// By what is wrong with it.
    pub fn read(text: &str, at: At) -> Result<Self, Fault> {
        let entity = |name: &str| EntityId::parse(name).is_some();
        let unproven = read_unproven(text, &expected(at, &entity)).map_err(reason)?;
        let claims = unproven.claims().clone();
        // A peer that takes the first of two members reads another statement.
        let UnrepeatedJwt = unrepeated::jwt(text).ok_or(Reason::EntityStatementUnreadable {})?;
        let (iss, sub) = (entity_id(&claims, "iss")?, entity_id(&claims, "sub")?);
        let OfItsKind = placed(&claims, iss == sub)?;
        let Understood = understood(&claims)?;
        let Fetchable = source(&claims)?;
        Ok(Self {
            iat: unproven.times().iat.unwrap_or_default(),
            exp: unproven.times().exp.unwrap_or_default(),
            jwks: keys(claims.get("jwks"), "jwks")?,
            hints: hints(&claims)?,
            metadata: metadata(&claims)?,
            policy: claims.get("metadata_policy").map(Policy::parse).transpose()?,
            constraints: claims.get("constraints").map(Constraints::parse).transpose()?,
            trust_marks: trust_mark::all(&claims, at)?,
            text: text.to_owned(),
            iss,
            sub,
            claims,
            signer: OnceLock::new(),
        })
    }

    /// Whether it is an entity's own.
    pub fn is_configuration(&self) -> bool {
        self.iss == self.sub
    }

    /// §3.1.4: it is for everybody. One that says for whom it is was made to register there.
    pub fn for_all(&self) -> Result<ForAll, Fault> {
        if self.claims.contains_key("aud") { Err(misplaced("aud")) } else { Ok(ForAll) }
    }

    /// §3.2-11, -12: signed with the key of these that it names. §4.3: no chain stands in its header.
    ///
    /// Who has a key says so in its configuration, and its superior says it too: the same key is not tried again.
    pub fn signed_by(&self, keys: &JwkSet, at: At) -> Result<Signed, Fault> {
        match self.signer.get() {
            Some(signer) if signer.is_of(keys) => Ok(Signed(())),
            _ => self.verified_by(keys, at),
        }
    }

    fn verified_by(&self, keys: &JwkSet, at: At) -> Result<Signed, Fault> {
        let issuer = |name: &str| name == self.iss.as_str();
        let named = read(&self.text, &expected(at, &issuer), |found| {
            let kid = found.kid.filter(|kid| !kid.is_empty());
            kid.map(|kid| keys.verifying(found.alg, Some(kid)).collect::<Vec<_>>()).unwrap_or_default()
        });
        let verified = named.map_err(reason)?;
        match verified.header().contains_key("trust_chain") {
            true => Err(misplaced("trust_chain")),
            false => {
                if let Some(signer) = Signer::named_by(&verified, keys) {
                    self.signer.get_or_init(|| signer);
                }
                Ok(Signed(()))
            }
        }
    }

    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What the entity, or its superior for it, says of itself as one of this type.
    pub fn metadata_of(&self, entity_type: &str) -> Option<&Map<String, Value>> {
        self.metadata.get(entity_type)?.as_object()
    }
}

impl Signer {
    /// The only key of this name, where there is one alone.
    fn named_by(verified: &Verified, keys: &JwkSet) -> Option<Self> {
        let (alg, kid) = (verified.alg()?, verified.header().get("kid")?.as_str()?);
        let mut named = keys.keys().iter().filter(|jwk| jwk.kid() == Some(kid));
        match (named.next(), named.next()) {
            (Some(one), None) => Some(Self { kid: kid.to_owned(), alg, thumbprint: one.thumbprint()? }),
            _ => None,
        }
    }

    /// Whether a statement that it has signed would be found to be signed with one of these.
    fn is_of(&self, keys: &JwkSet) -> bool {
        let is = |jwk: &Jwk| {
            let named = jwk.kid() == Some(&self.kid) && jwk.fits(self.alg);
            named && jwk.thumbprint().is_some_and(|thumbprint| thumbprint == self.thumbprint)
        };
        keys.keys().iter().any(is)
    }
}

fn expected<'a>(at: At, issuer: &'a dyn Fn(&str) -> bool) -> Expected<'a> {
    Expected {
        kind: Kind::EntityStatement,
        signature: Signature::Required,
        algs: asymmetric(),
        issuer: Party::Named(issuer),
        audience: Party::Elsewhere("statements are for all; a registration request says for whom it is"),
        timing: Timing {
            now: at.now,
            tolerance: at.tolerance,
            exp: Presence::Required,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired: Expired::Refused,
            longest: MaxLifetime::Unlimited,
        },
    }
}

fn reason(error: JwtError) -> Fault {
    let untimely = |claim: &str| Reason::EntityStatementUntimely { claim: claim.to_owned() }.into();
    match error {
        JwtError::Malformed | JwtError::Kind | JwtError::TooLong => {
            Reason::EntityStatementUnreadable {}.into()
        }
        JwtError::Algorithm(alg) => {
            Reason::EntityStatementAlgUnacceptable { alg: alg.protocol_name().to_owned() }.into()
        }
        JwtError::NoKey | JwtError::Signature => Reason::EntityStatementSignatureWrong {}.into(),
        JwtError::Missing(claim) | JwtError::Wrong(claim) => unfit(claim),
        JwtError::Untimely(Untimely::Malformed(claim)) => unfit(claim),
        JwtError::Untimely(Untimely::Expired) => untimely("exp"),
        JwtError::Untimely(Untimely::NotYet) => untimely("nbf"),
        JwtError::Untimely(Untimely::FromTheFuture) => untimely("iat"),
    }
}

fn misplaced(claim: &str) -> Fault {
    Reason::EntityStatementClaimMisplaced { claim: claim.to_owned() }.into()
}

/// Nothing stands in it that belongs into a statement of another kind.
struct OfItsKind;

fn placed(claims: &Claims, configuration: bool) -> Result<OfItsKind, Fault> {
    let others = if configuration { OF_SUBORDINATES } else { OF_CONFIGURATIONS };
    // §3.1.4: `trust_anchor` is for the answers of providers alone.
    match others.into_iter().chain(["trust_anchor"]).find(|claim| claims.contains_key(*claim)) {
        Some(claim) => Err(misplaced(claim)),
        None => Ok(OfItsKind),
    }
}

/// No more has to be understood than is.
struct Understood;

/// §3.1.1, §13.4, §3.1.3: claims and operators that are no part of the specification may be critical, and no such are
/// understood here.
fn understood(claims: &Claims) -> Result<Understood, Fault> {
    if let Some(claim) = critical(claims, "crit")? {
        return Err(Reason::EntityStatementCritical { claim }.into());
    }
    match critical(claims, "metadata_policy_crit")? {
        Some(operator) => Err(Reason::MetadataPolicyCritical { operator }.into()),
        None => Ok(Understood),
    }
}

/// The first of a list that may be left out, and is not empty where it stands.
fn critical(claims: &Claims, claim: &str) -> Result<Option<String>, Fault> {
    let Some(list) = claims.get(claim) else { return Ok(None) };
    let first = list.as_array().and_then(|list| list.first()).and_then(Value::as_str);
    first.map(|first| Some(first.to_owned())).ok_or_else(|| unfit(claim))
}

/// The statement can be had again from where it says, if it says so.
struct Fetchable;

/// §3.2-22
fn source(claims: &Claims) -> Result<Fetchable, Fault> {
    const CLAIM: &str = "source_endpoint";
    match claims.get(CLAIM).map(|url| url.as_str().is_some_and(|url| HttpsUrl::parse(url).is_ok())) {
        None | Some(true) => Ok(Fetchable),
        Some(false) => Err(unfit(CLAIM)),
    }
}

fn entity_id(claims: &Claims, claim: &str) -> Result<EntityId, Fault> {
    claims.get(claim).and_then(Value::as_str).and_then(EntityId::parse).ok_or_else(|| unfit(claim))
}

/// Public keys, each with an id of its own (§3.1.1).
pub(super) fn keys(value: Option<&Value>, claim: &str) -> Result<JwkSet, Fault> {
    let set = value.and_then(|value| JwkSet::parse(&value.to_string()).ok());
    let public = |set: &JwkSet| set.keys().iter().all(|jwk| !jwk.is_private() && !jwk.is_symmetric());
    set.filter(|set| public(set) && set.has_distinct_ids()).ok_or_else(|| unfit(claim))
}

/// §3.1.2: whoever has superiors names them.
fn hints(claims: &Claims) -> Result<Vec<EntityId>, Fault> {
    const CLAIM: &str = "authority_hints";
    let Some(list) = claims.get(CLAIM) else { return Ok(Vec::new()) };
    let list = list.as_array().filter(|list| !list.is_empty()).ok_or_else(|| unfit(CLAIM))?;
    let hints: Option<Vec<_>> = list.iter().map(|one| one.as_str().and_then(EntityId::parse)).collect();
    hints.ok_or_else(|| unfit(CLAIM))
}

/// §5: objects by entity type, whose members are anything but `null`.
fn metadata(claims: &Claims) -> Result<Map<String, Value>, Fault> {
    let Some(metadata) = claims.get("metadata") else { return Ok(Map::new()) };
    let said = |value: &Value| value.as_object().is_some_and(|of| of.values().all(|v| !v.is_null()));
    match metadata.as_object().filter(|types| types.values().all(said)) {
        Some(types) => Ok(types.clone()),
        None => Err(unfit("metadata")),
    }
}

#[cfg(test)]
mod tests;
