//! OpenID Federation 1.0 §5.1.3, §5.2.1 – which settings of an entity its peers would refuse.

use placet_api::types::{Service, TrustAnchor};
use placet_base::registry::ClientRegistrationType;
use placet_base::url::Issuer;
use placet_jose::JwkSet;

use super::federation::{Anchor, own_marks};
use super::settings::{given, on};
use crate::budgets::TRUST_MARK_TYPES;

/// The first setting that peers, or the service itself, could not use.
pub(super) fn unusable(document: &Service) -> Option<&'static str> {
    let keys = given(&document.federation_jwks).and_then(|text| JwkSet::parse(&text).ok());
    // §3.1: each key of an entity has a key id of its own.
    if keys.is_some_and(|set| !set.has_distinct_ids()) {
        return Some("federationJwks");
    }
    // §1.2: an entity identifier is like the identifier of an issuer.
    if document.authority_hints.iter().flatten().any(|hint| Issuer::parse(hint).is_err()) {
        return Some("authorityHints");
    }
    if !document.trust_anchors.iter().flatten().all(is_anchor) {
        return Some("trustAnchors");
    }
    // One that is no mark of the service would tell nobody anything.
    if own_marks(document).is_none() {
        return Some("trustMarks");
    }
    if given(&document.signed_jwks_uri).is_some_and(|uri| !is_endpoint(&uri)) {
        return Some("signedJwksUri");
    }
    let endpoint = given(&document.federation_registration_endpoint);
    let explicit = document.supported_client_registration_types.iter().flatten();
    let explicit = explicit.into_iter().any(|way| *way == ClientRegistrationType::Explicit);
    let unfit = match &endpoint {
        Some(uri) => !is_endpoint(uri),
        // §5.1.3: clients that register explicitly have to know where.
        None => explicit && on(document.federation_enabled),
    };
    unfit.then_some("federationRegistrationEndpoint")
}

/// One that cannot be used would end no chain, and nobody would know.
fn is_anchor(document: &TrustAnchor) -> bool {
    Anchor::compile(document).is_some_and(|anchor| anchor.trust_mark_types.len() <= TRUST_MARK_TYPES)
}

/// An https URL without fragment, which may have a query.
pub(super) fn is_endpoint(url: &str) -> bool {
    let without_query = url.split('?').next().unwrap_or_default();
    !url.contains('#') && Issuer::parse(without_query).is_ok()
}
