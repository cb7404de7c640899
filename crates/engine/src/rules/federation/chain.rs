//! OpenID Federation 1.0 §4, §10.2 – trust chains: from an entity up to a trust anchor, each statement signed with a key that
//! the next one vouches for

use std::collections::BTreeSet;
use std::sync::Arc;

use placet_api::Reason;
use placet_jose::JwkSet;

use super::entity_id::EntityId;
use super::policy::Policy;
use super::statement::{At, ForAll, Signed, Statement};
use crate::budgets::TRUST_CHAIN;
use crate::fault::Fault;
use crate::rules::registration::Metadata;
use crate::tenant::Anchor;

/// A chain that leads to a trust anchor of the service, each statement of it judged.
pub struct Chain {
    /// The configuration of the subject.
    subject: Arc<Statement>,
    /// Statements about the subject and each superior, from the bottom up; there is one.
    superiors: Vec<Arc<Statement>>,
    /// The anchor's configuration, where the chain has it.
    anchor: Option<Arc<Statement>>,
}

impl Chain {
    /// # Errors
    /// By what is wrong with the chain, or with one of its statements.
    pub fn verified(texts: &[String], anchors: &[Anchor], at: At) -> Result<Self, Fault> {
        Self::of(read(texts, at)?, anchors, at)
    }

    /// The same of statements that were read at this time.
    pub fn of(statements: Vec<Arc<Statement>>, anchors: &[Anchor], at: At) -> Result<Self, Fault> {
        let chain = Self::put_together(statements)?;
        let Linked = chain.linked()?;
        let Straight = chain.straight()?;
        let trusted = chain.trusted(anchors)?;
        let Signed { .. } = chain.signed(trusted, at)?;
        let Constrained = chain.constrained()?;
        Ok(chain)
    }

    /// A chain that was verified when it was kept.
    pub fn kept(texts: &[String], at: At) -> Result<Self, Fault> {
        Self::put_together(read(texts, at)?)
    }

    /// Configuration, statements about subordinates, and perhaps the configuration of the last one's issuer.
    fn put_together(statements: Vec<Arc<Statement>>) -> Result<Self, Fault> {
        if statements.len() > TRUST_CHAIN {
            return Err(malformed());
        }
        let mut superiors = statements;
        let anchor = superiors.pop_if(|last| last.is_configuration());
        let whole = superiors.len() > 1
            && superiors.iter().enumerate().all(|(nth, one)| one.is_configuration() == (nth == 0));
        if !whole {
            return Err(malformed());
        }
        let subject = superiors.remove(0);
        for statement in superiors.iter().chain(&anchor) {
            let ForAll = statement.for_all()?;
        }
        Ok(Self { subject, superiors, anchor })
    }

    /// §4: whoever issues a statement is the subject of the next one, and a superior that the subject names (§3.2-6).
    fn linked(&self) -> Result<Linked, Fault> {
        let all: Vec<_> = self.statements().collect();
        let follow = all.windows(2).all(|pair| pair[0].iss == pair[1].sub);
        let named = self.superiors.first().is_some_and(|first| self.subject.hints.contains(&first.iss));
        if follow && named { Ok(Linked) } else { Err(Reason::TrustChainBroken {}.into()) }
    }

    /// §10.1: nobody is above themselves.
    fn straight(&self) -> Result<Straight, Fault> {
        let mut seen = BTreeSet::from([&self.subject.sub]);
        match self.superiors.iter().all(|one| seen.insert(&one.iss)) {
            true => Ok(Straight),
            false => Err(Reason::TrustChainLooping {}.into()),
        }
    }

    /// The anchor of the service that the chain ends in.
    fn trusted<'a>(&self, anchors: &'a [Anchor]) -> Result<&'a Anchor, Fault> {
        let anchor = anchors.iter().find(|anchor| anchor.id == self.anchor_id().as_str());
        Ok(anchor.ok_or(Reason::TrustAnchorUnknown {})?)
    }

    /// §4: by the keys of the next statement; at the top by those that the service knows the anchor by, and where the
    /// anchor vouches for others with one of those, by these too (§11.2).
    fn signed(&self, trusted: &Anchor, at: At) -> Result<Signed, Fault> {
        self.subject.signed_by(&self.subject.jwks, at)?;
        let below = std::iter::once(&self.subject).chain(&self.superiors);
        for (statement, superior) in below.zip(&self.superiors) {
            statement.signed_by(&superior.jwks, at)?;
        }
        let top = self.top();
        match &self.anchor {
            None => top.signed_by(&trusted.keys, at),
            Some(own) => {
                own.signed_by(&trusted.keys, at)?;
                top.signed_by(&trusted.keys, at).or_else(|_| top.signed_by(&own.jwks, at))
            }
        }
    }

    /// §6.2: each superior's, for itself.
    fn constrained(&self) -> Result<Constrained, Fault> {
        for (intermediates, superior) in self.superiors.iter().enumerate() {
            let below = self.superiors.iter().take(intermediates + 1).map(|one| &one.sub);
            if let Some(constraints) = &superior.constraints {
                constraints.kept(intermediates, below)?;
            }
        }
        Ok(Constrained)
    }

    fn statements(&self) -> impl Iterator<Item = &Statement> {
        std::iter::once(&self.subject).chain(&self.superiors).chain(&self.anchor).map(Arc::as_ref)
    }

    fn top(&self) -> &Statement {
        self.superiors.last().unwrap_or(&self.subject)
    }

    pub fn subject(&self) -> &Statement {
        &self.subject
    }

    /// The anchor's configuration, where the chain has it.
    pub fn anchor(&self) -> Option<&Statement> {
        self.anchor.as_deref()
    }

    /// The Federation Entity Keys that the subject has by its immediate superior.
    pub fn keys(&self) -> &JwkSet {
        &self.superiors.first().unwrap_or(&self.subject).jwks
    }

    pub fn anchor_id(&self) -> &EntityId {
        &self.top().iss
    }

    /// Who has vouched for the subject itself.
    pub fn immediate_superior(&self) -> &EntityId {
        &self.superiors.first().unwrap_or(&self.subject).iss
    }

    /// Whom the anchor itself vouches for, unless that is the subject.
    pub fn below_anchor(&self) -> Option<&EntityId> {
        let by_anchor = self.superiors.get(1..)?.last()?;
        Some(&by_anchor.sub)
    }

    /// §10.4: the chain is good for as long as the first of its statements to expire. Seconds since the epoch.
    pub fn expires_at(&self) -> i64 {
        self.statements().map(|one| one.exp).min().unwrap_or_default()
    }

    pub fn texts(&self) -> Vec<String> {
        self.statements().map(|one| one.text.clone()).collect()
    }

    /// §6.1.4: the metadata of the subject as the first of these types that it is: what its immediate superior says of it
    /// goes before what it says itself, types must be allowed, and then the policies of all superiors hold.
    pub fn resolved(&self, entity_types: &[&'static str]) -> Result<(&'static str, Metadata), Fault> {
        let is =
            |entity_type: &&&str| self.subject.metadata_of(entity_type).is_some() && self.allows(entity_type);
        let entity_type = entity_types.iter().find(is).ok_or(Reason::EntityTypeWrong {})?;
        Ok((entity_type, self.metadata_as(entity_type)?))
    }

    fn allows(&self, entity_type: &str) -> bool {
        let mut constraints = self.superiors.iter().filter_map(|one| one.constraints.as_ref());
        constraints.all(|constraints| constraints.allows(entity_type))
    }

    fn metadata_as(&self, entity_type: &str) -> Result<Metadata, Fault> {
        let mut metadata = self.subject.metadata_of(entity_type).cloned().unwrap_or_default();
        let by_superior = self.superiors.first().and_then(|one| one.metadata_of(entity_type));
        metadata.extend(by_superior.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        self.policy()?.applied(entity_type, metadata)
    }

    /// The metadata of the subject as each type that it is and may be, as [`Chain::resolved`] makes those of one (§8.3.2).
    pub fn metadata(&self) -> Result<Metadata, Fault> {
        let mut all = Metadata::new();
        for entity_type in self.subject.metadata.keys() {
            if self.allows(entity_type) {
                all.insert(entity_type.clone(), self.metadata_as(entity_type)?.into());
            }
        }
        Ok(all)
    }

    /// §6.1.4.1: from the anchor down.
    fn policy(&self) -> Result<Policy, Fault> {
        let policies = self.superiors.iter().rev().filter_map(|one| one.policy.clone());
        policies.into_iter().try_fold(Policy::default(), Policy::merged)
    }
}

fn malformed() -> Fault {
    Reason::TrustChainMalformed { limit: TRUST_CHAIN.to_string() }.into()
}

fn read(texts: &[String], at: At) -> Result<Vec<Arc<Statement>>, Fault> {
    match texts.len() > TRUST_CHAIN {
        true => Err(malformed()),
        false => texts.iter().map(|text| Statement::read(text, at).map(Arc::new)).collect(),
    }
}

/// Neighbours are of each other.
struct Linked;

/// No entity stands in it twice.
struct Straight;

/// What superiors have laid down holds.
struct Constrained;
