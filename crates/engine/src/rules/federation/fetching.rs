//! OpenID Federation 1.0 §8.1, §9 – what is fetched of entities: where it is, and whether it is what was asked for

use placet_api::Reason;
use placet_base::form;
use placet_base::url::HttpsUrl;
use serde_json::Value;

use super::entity_id::EntityId;
use super::statement::{At, ForAll, Signed, Statement};
use super::{FEDERATION_ENTITY, unfit};
use crate::fault::Fault;

/// §8.1.1: where a superior says what it says of a subordinate.
pub fn url(superior: &Statement, subordinate: &EntityId) -> Result<String, Fault> {
    const MEMBER: &str = "federation_fetch_endpoint";
    let endpoint = superior.metadata_of(FEDERATION_ENTITY).and_then(|of| of.get(MEMBER));
    let endpoint = endpoint.and_then(Value::as_str).and_then(|text| HttpsUrl::parse(text).ok());
    let endpoint = endpoint.filter(|url| !url.has_fragment()).ok_or_else(|| unfit(MEMBER))?;
    let joint = if endpoint.has_query() { '&' } else { '?' };
    Ok(format!("{}{joint}{}", endpoint.as_str(), form::encode([("sub", subordinate.as_str())])))
}

/// An entity's own configuration, signed by itself.
pub fn own(statement: &Statement, entity: &EntityId, at: At) -> Result<Signed, Fault> {
    if !statement.is_configuration() || statement.sub != *entity {
        return Err(Reason::TrustChainBroken {}.into());
    }
    let ForAll = statement.for_all()?;
    statement.signed_by(&statement.jwks, at)
}

/// What this superior says of this subordinate.
pub fn about(statement: &Statement, superior: &Statement, sub: &EntityId, at: At) -> Result<Signed, Fault> {
    if statement.iss != superior.sub || statement.sub != *sub {
        return Err(Reason::TrustChainBroken {}.into());
    }
    let ForAll = statement.for_all()?;
    statement.signed_by(&superior.jwks, at)
}
