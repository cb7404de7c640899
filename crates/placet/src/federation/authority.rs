//! What an authority states (OpenID Federation 1.0 §3, §7, §8).

use placet_authserver::Clock;
use placet_base::registry::JwsAlg;
use placet_engine::rules::federation::{At, EntityId, Statement};
use placet_engine::tenant::Anchor;
use placet_jose::claims::Tolerance;
use placet_jose::{JwkSet, SigningKey, Unsigned};
use serde_json::{Map, Value, json};

use super::subordinates::{Document, Subordinate};

/// Clocks differ by so many seconds.
const SKEW: i64 = 60;

pub(crate) struct Authority {
    pub(crate) id: EntityId,
    pub(crate) keys: JwkSet,
    key: SigningKey,
    pub(crate) document: Document,
    /// Where chains end: at this authority, if it is an anchor, and at those of the file.
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) clock: Clock,
}

impl Authority {
    /// Says at once what it could not say when it is asked.
    pub(crate) fn new(url: &str, keys: &JwkSet, document: Document, clock: Clock) -> Result<Self, String> {
        let id = EntityId::parse(url).ok_or_else(|| {
            format!("{url}: no entity identifier, which is an https URL in its normal form, without query")
        })?;
        let key = keys.keys().iter().find_map(|jwk| {
            let algs = JwsAlg::ALL.iter().filter(|alg| alg.is_asymmetric());
            algs.filter(|_| jwk.kid().is_some()).find_map(|alg| jwk.signing_key(*alg))
        });
        let key = key.ok_or("keys.json: no private key with a key id")?;
        let public = keys.published().to_string();
        let keys = JwkSet::parse(&public).map_err(|e| format!("keys.json: {e:?}"))?;
        let anchors = anchors(&id, &keys, &document)?;
        let authority = Self { id, keys, key, document, anchors, clock };
        authority.readable()?;
        Ok(authority)
    }

    /// Every statement is one, by the rules that others read it by.
    fn readable(&self) -> Result<(), String> {
        let read = |text: String, whose: &str| {
            let read = Statement::read(&text, self.at());
            read.map(drop).map_err(|fault| format!("{whose}: {}", fault.reason.message()))
        };
        read(self.configuration(), self.id.as_str())?;
        let mut seen = std::collections::BTreeSet::new();
        for one in &self.document.subordinates {
            if !seen.insert(&one.entity_id) || one.entity_id == self.id.as_str() {
                return Err(format!("{}: named twice", one.entity_id));
            }
            read(self.about(one), &one.entity_id)?;
        }
        Ok(())
    }

    pub(crate) fn at(&self) -> At {
        At { now: self.clock.now(), tolerance: Tolerance::exactly(SKEW) }
    }

    pub(crate) fn endpoint(&self, name: &str) -> String {
        format!("{}/{name}", self.id.as_str().trim_end_matches('/'))
    }

    pub(crate) fn subordinate(&self, id: &str) -> Option<&Subordinate> {
        self.document.subordinates.iter().find(|one| one.entity_id == id)
    }

    /// §9
    pub(crate) fn configuration(&self) -> String {
        let mut entity = json!({
            "federation_fetch_endpoint": self.endpoint("fetch"),
            "federation_list_endpoint": self.endpoint("list"),
            "federation_resolve_endpoint": self.endpoint("resolve"),
            "federation_trust_mark_endpoint": self.endpoint("trust_mark"),
            "federation_trust_mark_list_endpoint": self.endpoint("trust_mark_list"),
            "federation_trust_mark_status_endpoint": self.endpoint("trust_mark_status"),
        });
        if let Some(name) = &self.document.organization_name {
            entity["organization_name"] = name.clone().into();
        }
        let mut more = json!({ "jwks": self.keys.published(), "metadata": { "federation_entity": entity } });
        if !self.document.authority_hints.is_empty() {
            more["authority_hints"] = self.document.authority_hints.clone().into();
        }
        let issuers = self.trust_mark_issuers();
        if !issuers.is_empty() {
            more["trust_mark_issuers"] = issuers.into();
        }
        if !self.document.trust_mark_owners.is_empty() {
            more["trust_mark_owners"] = self.document.trust_mark_owners.clone().into();
        }
        self.stated("entity-statement+jwt", self.id.as_str(), more)
    }

    /// §3.1.3
    pub(crate) fn about(&self, subordinate: &Subordinate) -> String {
        let mut more = json!({ "source_endpoint": self.endpoint("fetch") });
        let said = [
            ("jwks", &subordinate.jwks),
            ("metadata", &subordinate.metadata),
            ("metadata_policy", &subordinate.metadata_policy),
            ("metadata_policy_crit", &subordinate.metadata_policy_crit),
            ("constraints", &subordinate.constraints),
        ];
        for (claim, value) in said {
            if let Some(value) = value {
                more[claim] = value.clone();
            }
        }
        self.stated("entity-statement+jwt", &subordinate.entity_id, more)
    }

    /// A JWT of this authority about somebody, good for the lifetime of the file.
    pub(crate) fn stated(&self, typ: &str, sub: &str, more: Value) -> String {
        let now = self.clock.seconds();
        let mut claims = Map::new();
        claims.insert("iss".into(), self.id.as_str().into());
        claims.insert("sub".into(), sub.into());
        claims.insert("iat".into(), now.into());
        claims.insert("exp".into(), now.saturating_add(self.document.lifetime_seconds).into());
        if let Value::Object(more) = more {
            claims.extend(more);
        }
        self.signed(typ, claims)
    }

    pub(crate) fn signed(&self, typ: &str, claims: Map<String, Value>) -> String {
        let header = Map::from_iter([("typ".to_owned(), typ.into())]);
        let input = Unsigned { header, claims }.signing_input(&self.key);
        // A key that cannot sign is none of `signing_key`.
        let signature = self.key.sign(input.as_bytes()).unwrap_or_default();
        Unsigned::compact(input, &signature)
    }
}

fn anchors(id: &EntityId, keys: &JwkSet, document: &Document) -> Result<Vec<Anchor>, String> {
    let anchor = |id: &str, keys: JwkSet| Anchor { id: id.to_owned(), keys, trust_mark_types: Vec::new() };
    let mut anchors = Vec::new();
    if document.authority_hints.is_empty() {
        anchors.push(anchor(id.as_str(), keys.clone()));
    }
    for one in &document.trust_anchors {
        let keys = JwkSet::parse(&one.jwks.to_string()).map_err(|e| format!("{}: {e:?}", one.entity_id))?;
        let known = EntityId::parse(&one.entity_id);
        let known = known.ok_or_else(|| format!("{}: no entity identifier", one.entity_id))?;
        anchors.push(anchor(known.as_str(), keys));
    }
    Ok(anchors)
}
