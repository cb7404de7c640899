//! The settings of a service about federations (OpenID Federation 1.0).

use std::sync::Arc;

use placet_api::types::{Service, TrustAnchor};
use placet_base::registry::ClientRegistrationType;
use placet_base::url::Issuer;
use placet_base::{Timestamp, Ttl};
use placet_jose::jwt::{Kind, says_to_be};
use placet_jose::{JwkSet, Parsed};
use serde_json::Value;

use super::settings::{given, on};
use super::{HardwareKey, Keys};
use crate::fault::Fault;

/// How long an entity configuration is good where the operator has not said it.
const CONFIGURATION: Ttl = Ttl::secs(24 * 60 * 60);

/// What the service is in its federations.
pub struct Federation {
    /// Federation Entity Keys (§3.1): they sign entity statements, and nothing else. One in hardware is among them where it
    /// is named as the key that signs.
    pub keys: Keys,
    /// The key that signs; the first that can where nothing is said.
    pub key: Option<String>,
    pub configuration: Ttl,
    /// Immediate superiors.
    pub hints: Vec<String>,
    pub organization: Option<String>,
    pub registration_endpoint: Option<String>,
    pub signed_jwks_uri: Option<String>,
    /// Ways in which clients may register.
    pub types: Vec<ClientRegistrationType>,
    /// Trust marks that the service has been given (§7).
    pub trust_marks: Vec<OwnTrustMark>,
    /// Where trust chains end.
    pub anchors: Vec<Anchor>,
}

/// A trust anchor, by the keys that the service knows it by (§4).
pub struct Anchor {
    pub id: String,
    pub keys: JwkSet,
    /// Types of trust marks that clients below it must have (§7).
    pub trust_mark_types: Vec<String>,
}

impl Anchor {
    /// `None` for one whose name is none of an entity, or without keys that can be read.
    pub(super) fn compile(document: &TrustAnchor) -> Option<Self> {
        let id = given(&document.entity_id).filter(|id| Issuer::parse(id).is_ok())?;
        let keys = JwkSet::parse(&given(&document.jwks)?).ok().filter(|set| !set.keys().is_empty())?;
        let trust_mark_types = document.trust_mark_types.clone().unwrap_or_default();
        Some(Self { id, keys, trust_mark_types })
    }
}

/// A trust mark that the service has been given. Whoever looks at it judges it.
pub struct OwnTrustMark {
    pub trust_mark_type: String,
    pub text: String,
    /// Seconds since the epoch.
    until: Option<i64>,
}

impl OwnTrustMark {
    fn parse(text: &str, issuer: &str) -> Option<Self> {
        let parsed = Parsed::parse(text).ok().filter(|_| says_to_be(text, Kind::TrustMark))?;
        let claims = parsed.unproven_claims();
        let said = |name: &str| claims.get(name).and_then(Value::as_str);
        let trust_mark_type = said("trust_mark_type").filter(|_| said("sub") == Some(issuer))?.to_owned();
        let until = claims.get("exp").and_then(Value::as_i64);
        Some(Self { trust_mark_type, text: text.to_owned(), until })
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| Timestamp::from_secs(until).is_past(now))
    }
}

/// `None` where one is none that the service could show: no such JWT, or about somebody else.
pub(super) fn own_marks(document: &Service) -> Option<Vec<OwnTrustMark>> {
    let issuer = document.issuer.as_deref().unwrap_or_default();
    document.trust_marks.iter().flatten().map(|text| OwnTrustMark::parse(text, issuer)).collect()
}

impl Federation {
    /// `None` for a service that takes part in none.
    pub(super) fn compile(document: &Service, hardware: &[Arc<HardwareKey>]) -> Result<Option<Self>, Fault> {
        if !on(document.federation_enabled) {
            return Ok(None);
        }
        let set = given(&document.federation_jwks).as_deref().map(JwkSet::parse);
        let set = set.transpose().map_err(|e| Fault::server(format!("federationJwks: {e:?}")))?;
        let key = given(&document.federation_signature_key_id);
        let named = hardware.iter().filter(|own| key.as_ref() == Some(&own.kid));
        Ok(Some(Self {
            keys: Keys::new(set, named.cloned().collect()),
            key,
            configuration: Ttl::specified(document.federation_configuration_duration)
                .unwrap_or(CONFIGURATION),
            hints: document.authority_hints.clone().unwrap_or_default(),
            organization: given(&document.organization_name),
            registration_endpoint: given(&document.federation_registration_endpoint),
            signed_jwks_uri: given(&document.signed_jwks_uri),
            types: document.supported_client_registration_types.clone().unwrap_or_default(),
            trust_marks: own_marks(document).unwrap_or_default(),
            anchors: document.trust_anchors.iter().flatten().filter_map(Anchor::compile).collect(),
        }))
    }

    pub fn anchor(&self, id: &str) -> Option<&Anchor> {
        self.anchors.iter().find(|anchor| anchor.id == id)
    }
}
