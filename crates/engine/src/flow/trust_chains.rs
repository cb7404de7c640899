//! Trust chains of other entities, put together of what they and their superiors publish (OpenID Federation 1.0 §10.1).

use std::sync::Arc;

use placet_api::Reason;
use placet_base::{Timestamp, Ttl};
use placet_store::BoxFuture;

use crate::budgets::{
    AUTHORITY_HINTS, RESOLUTION_BYTES, RESOLUTION_FETCHES, RESOLUTION_SECONDS, TRUST_CHAIN,
};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::rules::federation::{At, Chain, EntityId, Statement, fetching};
use crate::tenant::Anchor;

/// Where statements come from, and when: an engine, or an authority that resolves chains for others (§8.3).
pub trait Source: Sync {
    fn at(&self) -> At;
    /// The clock, which goes on while something is fetched.
    fn clock(&self) -> Timestamp;
    /// The entity statement of this issuer at the URL.
    fn statement<'a>(&'a self, url: &'a str, issuer: &'a str) -> BoxFuture<'a, Result<String, Fault>>;
    /// What this entity answers to the form at the URL.
    fn answer<'a>(
        &'a self,
        url: &'a str,
        form: &'a str,
        entity: &'a str,
    ) -> BoxFuture<'a, Result<String, Fault>>;
    /// What was published there is what was asked for, so that it can be kept for others.
    fn keep(&self, url: &str, statement: &Statement);
}

impl Source for Cx<'_> {
    fn at(&self) -> At {
        at(self)
    }

    fn clock(&self) -> Timestamp {
        self.engine.outside.now()
    }

    fn statement<'a>(&'a self, url: &'a str, issuer: &'a str) -> BoxFuture<'a, Result<String, Fault>> {
        Box::pin(self.statement(url, issuer))
    }

    fn answer<'a>(
        &'a self,
        url: &'a str,
        form: &'a str,
        entity: &'a str,
    ) -> BoxFuture<'a, Result<String, Fault>> {
        Box::pin(self.answer(url, form, entity))
    }

    fn keep(&self, url: &str, statement: &Statement) {
        self.keep_statement(url, &statement.text, Timestamp::from_secs(statement.exp));
    }
}

/// A chain from the entity to one of the anchors; `known` is the entity's own configuration, if it has been shown.
pub async fn resolved(
    source: &dyn Source,
    anchors: &[Anchor],
    entity: &EntityId,
    known: Option<Statement>,
) -> Result<Chain, Fault> {
    let mut search = Search::begun(source, anchors);
    let configuration = match known {
        Some(known) => known,
        None => search.configuration(entity).await?,
    };
    search.above(configuration).await
}

/// The configuration of an anchor, by the keys that it is known by.
pub async fn of_anchor(
    source: &dyn Source,
    (entity, anchor): (&EntityId, &Anchor),
) -> Result<Statement, Fault> {
    let configuration = Search::begun(source, &[]).configuration(entity).await?;
    configuration.signed_by(&anchor.keys, source.at()).map(|_| configuration)
}

/// When statements are read.
pub fn at(cx: &Cx<'_>) -> At {
    At { now: cx.now, tolerance: cx.tenant.tolerance }
}

/// A way up, as far as it has been found.
struct Path {
    /// The configuration of whoever stands at its end.
    top: Arc<Statement>,
    /// The configuration of the subject, and the statements about it and its superiors.
    statements: Vec<Arc<Statement>>,
    /// Who stands on it.
    entities: Vec<EntityId>,
}

/// What one more step has led to.
enum Step {
    Anchor(Box<Chain>),
    Higher(Box<Path>),
}

/// A search with its bounds.
struct Search<'a> {
    source: &'a dyn Source,
    anchors: &'a [Anchor],
    at: At,
    fetches: usize,
    bytes: usize,
    ends: Timestamp,
    /// The first thing that was wrong.
    fault: Option<Fault>,
}

impl<'a> Search<'a> {
    fn begun(source: &'a dyn Source, anchors: &'a [Anchor]) -> Self {
        let seconds = i64::try_from(RESOLUTION_SECONDS).unwrap_or(i64::MAX);
        let ends = source.clock() + Ttl::secs(seconds);
        Self { source, anchors, at: source.at(), fetches: 0, bytes: 0, ends, fault: None }
    }

    fn ends_at(&self, entity: &EntityId) -> bool {
        self.anchors.iter().any(|anchor| anchor.id == entity.as_str())
    }

    /// §10.1: every hint is followed until one leads to an anchor. Anchors are tried before what may lie below others.
    async fn above(&mut self, subject: Statement) -> Result<Chain, Fault> {
        let subject = Arc::new(subject);
        let (statements, entities) = (vec![subject.clone()], vec![subject.sub.clone()]);
        let mut paths = vec![Path { top: subject, statements, entities }];
        while let Some(path) = paths.pop() {
            for hint in self.hints(&path) {
                match self.step(&path, &hint).await {
                    Ok(Step::Anchor(chain)) => return Ok(*chain),
                    Ok(Step::Higher(path)) => paths.push(*path),
                    Err(fault) if is_final(&fault) => return Err(fault),
                    Err(fault) => self.note(fault),
                }
            }
        }
        Err(self.fault.take().unwrap_or_else(|| Reason::TrustAnchorUnknown {}.into()))
    }

    /// Who stands above; a path that ends in nobody's anchor is noted.
    fn hints(&mut self, path: &Path) -> Vec<EntityId> {
        if path.top.hints.is_empty() {
            self.note(Reason::TrustAnchorUnknown {}.into());
        }
        let mut hints: Vec<_> = path.top.hints.iter().take(AUTHORITY_HINTS).cloned().collect();
        hints.sort_by_key(|hint| !self.ends_at(hint));
        hints
    }

    fn note(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    async fn step(&mut self, path: &Path, hint: &EntityId) -> Result<Step, Fault> {
        if path.entities.contains(hint) {
            return Err(Reason::TrustChainLooping {}.into());
        }
        // The next statement, and the configuration of an anchor.
        if path.statements.len() + 2 > TRUST_CHAIN {
            return Err(Reason::TrustChainMalformed { limit: TRUST_CHAIN.to_string() }.into());
        }
        let superior = self.configuration(hint).await?;
        let url = fetching::url(&superior, &path.top.sub)?;
        let statement = self.statement(&url, hint).await?;
        fetching::about(&statement, &superior, &path.top.sub, self.at)?;
        self.source.keep(&url, &statement);
        let (superior, next) = (Arc::new(superior), Arc::new(statement));
        let statements: Vec<_> = path.statements.iter().cloned().chain([next]).collect();
        if self.ends_at(hint) {
            let whole = statements.into_iter().chain([superior]).collect();
            return Chain::of(whole, self.anchors, self.at).map(|chain| Step::Anchor(Box::new(chain)));
        }
        let entities = path.entities.iter().cloned().chain([hint.clone()]).collect();
        Ok(Step::Higher(Box::new(Path { top: superior, statements, entities })))
    }

    /// §9: what an entity says of itself.
    async fn configuration(&mut self, entity: &EntityId) -> Result<Statement, Fault> {
        let url = entity.configuration_url();
        let statement = self.statement(&url, entity).await?;
        fetching::own(&statement, entity, self.at)?;
        self.source.keep(&url, &statement);
        Ok(statement)
    }

    /// A statement that is published; one that was found a moment ago is not fetched again.
    async fn statement(&mut self, url: &str, entity: &EntityId) -> Result<Statement, Fault> {
        if self.fetches >= RESOLUTION_FETCHES
            || self.bytes >= RESOLUTION_BYTES
            || self.ends.is_past(self.source.clock())
        {
            return Err(Reason::ResolutionExcessive {}.into());
        }
        self.fetches += 1;
        let text = self.source.statement(url, entity.as_str()).await?;
        self.bytes += text.len();
        Statement::read(&text, self.at)
    }
}

/// No other path is tried after that.
fn is_final(fault: &Fault) -> bool {
    matches!(fault.reason, Reason::ResolutionExcessive {})
}
