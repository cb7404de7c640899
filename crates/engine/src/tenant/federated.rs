//! What a client is in a federation (OpenID Federation 1.0 §12).

use placet_api::types::Client as Document;
use placet_base::registry::ClientRegistrationType;
use placet_base::{Timestamp, Ttl};
use placet_jose::Parsed;
use serde_json::Value;

use super::Federation;
use super::settings::{given, on};

/// How long a client that was never registered is what a chain has said, however long that is good: federations change.
const LOOKED_FOR_AGAIN: Ttl = Ttl::secs(24 * 60 * 60);

/// A client that a federation vouches for (OpenID Federation 1.0 §12).
pub struct Federated {
    /// Its entity identifier.
    pub entity: String,
    /// Where its trust chain ends.
    pub anchor: String,
    /// Until when its trust chain is good.
    pub until: Timestamp,
    /// How new that is.
    pub stated: Stated,
    /// It was not registered: its entity identifier is its only name, and keys prove everything.
    pub automatic: bool,
}

/// When a trust chain was stated: by its subject, and by the superior who vouches for the subject's keys. Seconds since the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    pub subject: i64,
    pub superior: i64,
}

impl Stated {
    /// What the first statements of a chain say, which nobody has judged here.
    pub fn by(chain: &[String]) -> Self {
        let iat = |nth: usize| {
            let statement = Parsed::parse(chain.get(nth)?).ok()?;
            statement.unproven_claims().get("iat").and_then(Value::as_i64)
        };
        Self { subject: iat(0).unwrap_or_default(), superior: iat(1).unwrap_or_default() }
    }

    /// Whether it does not go back behind the other. Who has the keys of then would rule again.
    pub fn follows(self, other: Self) -> bool {
        self.subject >= other.subject && self.superior >= other.superior
    }
}

impl Federated {
    /// `None` where the document is that of another client.
    pub(super) fn of(document: &Document) -> Option<Self> {
        let automatic = on(document.automatically_registered);
        let entity =
            given(&document.entity_id).filter(|_| automatic || on(document.explicitly_registered))?;
        let expires_at = Timestamp(document.trust_chain_expires_at.unwrap_or_default());
        let updated_at = Timestamp(document.trust_chain_updated_at.unwrap_or_default());
        let until = if automatic { expires_at.min(updated_at + LOOKED_FOR_AGAIN) } else { expires_at };
        let anchor = document.trust_anchor_id.clone().unwrap_or_default();
        let stated = Stated::by(document.trust_chain.as_deref().unwrap_or_default());
        Some(Self { entity, anchor, until, stated, automatic })
    }

    /// Whether the service lets the client in still: in the way that it came, and by the anchor that it came by.
    pub fn stands(&self, federation: Option<&Federation>) -> bool {
        let kind = match self.automatic {
            true => ClientRegistrationType::Automatic,
            false => ClientRegistrationType::Explicit,
        };
        federation.is_some_and(|federation| {
            federation.types.contains(&kind) && federation.anchor(&self.anchor).is_some()
        })
    }
}
