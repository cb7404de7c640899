//! OpenID Federation 1.0 §8.3 – chains that an authority resolves for others, by the rules that the engine has for its own.

use std::sync::{Arc, PoisonError, RwLock};

use placet_api::Reason;
use placet_authserver::Outgoing;
use placet_base::{Timestamp, TokenHash, form};
use placet_engine::Fault;
use placet_engine::budgets::TRUST_MARK_TYPES;
use placet_engine::flow::trust_chains::{self, Source};
use placet_engine::flow::trust_marks;
use placet_engine::rules::federation::{At, Chain, EntityId, Statement};
use placet_engine::tenant::Anchor;
use placet_outgoing::Caller;
use placet_store::BoxFuture;
use serde_json::{Map, Value, json};

use super::authority::Authority;
use super::kept::Kept;

/// The authority as its file says it is, and how others' statements are had.
pub(crate) struct Resolver {
    pub(crate) authority: Authority,
    outgoing: Arc<Outgoing>,
    kept: Arc<Kept>,
}

/// What answers now. A request is answered by one state of the file, whatever becomes of the file meanwhile.
pub(crate) struct Standing(RwLock<Arc<Resolver>>);

impl Standing {
    pub(crate) fn new(authority: Authority, outgoing: Outgoing) -> Self {
        let (outgoing, kept) = (Arc::new(outgoing), Arc::new(Kept::new()));
        Self(RwLock::new(Arc::new(Resolver { authority, outgoing, kept })))
    }

    pub(crate) fn now(&self) -> Arc<Resolver> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn becomes(&self, authority: Authority) {
        let former = self.now();
        let (outgoing, kept) = (former.outgoing.clone(), former.kept.clone());
        let next = Arc::new(Resolver { authority, outgoing, kept });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

/// What is answered of an entity.
struct Resolved {
    metadata: Map<String, Value>,
    /// Seconds since the epoch.
    exp: i64,
    chain: Vec<String>,
    marks: Vec<Value>,
}

impl Source for Resolver {
    fn at(&self) -> At {
        self.authority.at()
    }

    fn clock(&self) -> Timestamp {
        self.authority.clock.now()
    }

    fn statement<'a>(&'a self, url: &'a str, issuer: &'a str) -> BoxFuture<'a, Result<String, Fault>> {
        Box::pin(async move {
            if let Some(own) = self.own(url) {
                return Ok(own);
            }
            if let Some(text) = self.kept.get(url, self.authority.clock.seconds()) {
                return Ok(text);
            }
            let unresolved = || Reason::TrustChainUnresolved { entity: issuer.to_owned() };
            let fetched = self.outgoing.get_for(url, Caller::Stranger).await;
            let fetched = fetched.map_err(|e| Fault::caused_by(unresolved(), e))?;
            Ok(fetched.text.trim().to_owned())
        })
    }

    fn answer<'a>(
        &'a self,
        url: &'a str,
        form: &'a str,
        entity: &'a str,
    ) -> BoxFuture<'a, Result<String, Fault>> {
        Box::pin(async move {
            let unresolved = || Reason::TrustChainUnresolved { entity: entity.to_owned() };
            if url == self.authority.endpoint("trust_mark_status") {
                return self.own_answer(form).ok_or_else(|| unresolved().into());
            }
            // No URL has a space in it.
            let place = format!("{url} {}", TokenHash::of(form).encoded());
            let now = self.authority.clock.seconds();
            if let Some(text) = self.kept.get(&place, now) {
                return Ok(text);
            }
            let answer = self.outgoing.ask_form(url, form.to_owned(), Caller::Stranger).await;
            let answer = answer.map_err(|e| Fault::caused_by(unresolved(), e))?;
            self.kept.keep(&place, &answer, (i64::MAX, now));
            Ok(answer)
        })
    }

    fn keep(&self, url: &str, statement: &Statement) {
        self.kept.keep(url, &statement.text, (statement.exp, self.authority.clock.seconds()));
    }
}

impl Resolver {
    /// What this authority states itself, without a call to itself.
    fn own(&self, url: &str) -> Option<String> {
        let own = &self.authority;
        if url == own.id.configuration_url() {
            return Some(own.configuration());
        }
        let asked = url.strip_prefix(&own.endpoint("fetch"))?.strip_prefix("?sub=")?;
        let sub = form::decode(asked)?;
        own.subordinate(&sub).map(|subordinate| own.about(subordinate))
    }

    /// The same for what it says of marks.
    fn own_answer(&self, asked: &str) -> Option<String> {
        self.authority.mark_status(&form::decode(asked.strip_prefix("trust_mark=")?)?)
    }

    /// §8.3.2: the metadata of an entity, as one of these types or as all that it is, and what they stand on.
    pub(crate) async fn resolved(
        &self,
        sub: &EntityId,
        trust_anchors: &[String],
        entity_types: &[String],
    ) -> Result<String, Fault> {
        let wanted = |anchor: &&Anchor| trust_anchors.contains(&anchor.id);
        let anchors: Vec<_> = self.authority.anchors.iter().filter(wanted).map(copied).collect();
        if anchors.is_empty() {
            return Err(Reason::TrustAnchorUnknown {}.into());
        }
        let mut found = match anchors.iter().find(|anchor| anchor.id == sub.as_str()) {
            Some(anchor) => self.anchor(sub, anchor).await?,
            None => self.below(sub, &anchors).await?,
        };
        found.metadata.retain(|name, _| entity_types.is_empty() || entity_types.contains(name));
        let claims = json!({
            "iss": self.authority.id.as_str(),
            "sub": sub.as_str(),
            "iat": self.authority.clock.seconds(),
            "exp": found.exp,
            "metadata": found.metadata,
            "trust_chain": found.chain,
            "trust_marks": found.marks,
        });
        let claims = if let Value::Object(claims) = claims { claims } else { Map::new() };
        Ok(self.authority.signed("resolve-response+jwt", claims))
    }

    async fn below(&self, sub: &EntityId, anchors: &[Anchor]) -> Result<Resolved, Fault> {
        let chain = trust_chains::resolved(self, anchors, sub, None).await?;
        let (metadata, marks) = (chain.metadata()?, self.marks(anchors, &chain).await);
        Ok(Resolved { metadata, exp: chain.expires_at(), chain: chain.texts(), marks })
    }

    /// Nobody is above an anchor, so that what it says of itself, by the keys that it is known by, is the whole chain. Whether a mark
    /// of its own is good nobody but itself could say.
    async fn anchor(&self, sub: &EntityId, anchor: &Anchor) -> Result<Resolved, Fault> {
        let own = trust_chains::of_anchor(self, (sub, anchor)).await?;
        Ok(Resolved { metadata: own.metadata, exp: own.exp, chain: vec![own.text], marks: Vec::new() })
    }

    /// §8.3.2: marks that have been verified and are active, and no others.
    async fn marks(&self, anchors: &[Anchor], chain: &Chain) -> Vec<Value> {
        let mut verified = Vec::new();
        let Some(anchor) = chain.anchor() else { return verified };
        for mark in chain.subject().trust_marks.iter().take(TRUST_MARK_TYPES) {
            if trust_marks::verified(self, anchors, (chain, anchor), mark).await.is_ok() {
                verified.push(mark.shown());
            }
        }
        verified
    }
}

fn copied(anchor: &Anchor) -> Anchor {
    Anchor { id: anchor.id.clone(), keys: anchor.keys.clone(), trust_mark_types: Vec::new() }
}
