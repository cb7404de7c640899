//! OpenID Federation 1.0 §3, §5.1, §9 – what the service says of itself to its federations, unsigned.

use placet_base::Timestamp;
use placet_base::registry::ClientRegistrationType;
use placet_jose::{Header, JwkSet, Unsigned};
use serde_json::{Map, Value, json};

use crate::mint::metadata;
use crate::tenant::{Federation, Tenant};

type Members = Map<String, Value>;

/// What the service may be shown as: the name that the API has for it, that of the specification (§5.1), and what is
/// told of it; nothing where the service is no such thing.
type EntityType = (&'static str, &'static str, fn(&Tenant, &Federation) -> Option<Members>);

const ENTITY_TYPES: [EntityType; 2] = [
    (DEFAULT, "openid_provider", provider),
    ("OPENID_CREDENTIAL_ISSUER", "openid_credential_issuer", credential_issuer),
];

/// What the service is shown as where nothing is said.
const DEFAULT: &str = "OPENID_PROVIDER";

/// `keys`: those of the service as an entity.
pub fn unsigned(
    tenant: &Tenant,
    federation: &Federation,
    keys: &JwkSet,
    now: Timestamp,
    entity_types: &[String],
) -> Unsigned {
    let mut header = Header::new();
    header.insert("typ".into(), "entity-statement+jwt".into());
    let mut claims = Map::new();
    claims.insert("iss".into(), tenant.issuer.clone().into());
    claims.insert("sub".into(), tenant.issuer.clone().into());
    claims.insert("iat".into(), now.as_secs().into());
    claims.insert("exp".into(), (now + federation.configuration).as_secs().into());
    claims.insert("jwks".into(), keys.published());
    claims.insert("authority_hints".into(), federation.hints.clone().into());
    let marks = federation.trust_marks.iter().filter(|mark| !mark.is_over(now));
    let marks: Vec<_> = marks
        .map(|mark| json!({ "trust_mark_type": mark.trust_mark_type, "trust_mark": mark.text }))
        .collect();
    if !marks.is_empty() {
        claims.insert("trust_marks".into(), marks.into());
    }
    claims.insert("metadata".into(), metadata(tenant, federation, entity_types).into());
    Unsigned { header, claims }
}

fn metadata(tenant: &Tenant, federation: &Federation, wanted: &[String]) -> Members {
    let is_wanted = |name: &str| match wanted {
        [] => name == DEFAULT,
        wanted => wanted.iter().any(|one| one == name),
    };
    let mut metadata = Map::new();
    metadata.insert("federation_entity".into(), entity(federation).into());
    for (name, identifier, told) in ENTITY_TYPES {
        if let Some(told) = told(tenant, federation).filter(|_| is_wanted(name)) {
            metadata.insert(identifier.into(), told.into());
        }
    }
    metadata
}

/// §5.1.1
fn entity(federation: &Federation) -> Members {
    let named = federation.organization.iter();
    named.map(|name| ("organization_name".to_owned(), name.clone().into())).collect()
}

/// §5.1.3. The keys stand in one place (§5.2.1): signed where the service has that, else where everybody finds them,
/// else here.
fn provider(tenant: &Tenant, federation: &Federation) -> Option<Members> {
    let mut members = metadata::document(tenant);
    if federation.signed_jwks_uri.is_some() {
        members.shift_remove("jwks_uri");
    } else if !members.contains_key("jwks_uri")
        && let Some(set) = tenant.keys.set()
    {
        members.insert("jwks".into(), set.published());
    }
    Some(members)
}

/// OpenID for Verifiable Credential Issuance 1.0 §12.2, where the service issues credentials.
fn credential_issuer(tenant: &Tenant, _: &Federation) -> Option<Members> {
    tenant.credentials.as_ref()?.metadata.as_ref()?.as_object().cloned()
}

/// §5.1.3, §5.2: what the service's metadata say of federations, in whichever document they stand.
pub fn of_provider(federation: &Federation) -> Members {
    let types: Vec<_> = federation.types.iter().copied().map(ClientRegistrationType::protocol_name).collect();
    let mut members = Map::from_iter([("client_registration_types_supported".to_owned(), json!(types))]);
    let named = [
        ("organization_name", &federation.organization),
        ("federation_registration_endpoint", &federation.registration_endpoint),
        ("signed_jwks_uri", &federation.signed_jwks_uri),
    ];
    members.extend(named.into_iter().filter_map(|(name, value)| Some((name.into(), value.clone()?.into()))));
    members
}
