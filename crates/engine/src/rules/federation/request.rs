//! OpenID Federation 1.0 §12.2.1, §12.2.2 – what an entity sends to be registered

use placet_api::Reason;
use serde_json::Value;

use super::entity_id::EntityId;
use super::statement::{At, Statement};
use super::unfit;
use crate::budgets::TRUST_CHAIN;
use crate::fault::Fault;
use placet_jose::claims::audiences;

/// An entity that asks this provider.
pub struct Asked<'a>(&'a EntityId);

impl Asked<'_> {
    pub fn entity(&self) -> &EntityId {
        self.0
    }
}

/// The configuration of whoever asks, signed by itself.
pub fn configuration(text: &str, at: At) -> Result<Statement, Fault> {
    let read = Statement::read(text, at).map_err(|fault| match fault.reason {
        Reason::EntityStatementUnreadable {} => Fault::from(Reason::EntityConfigurationUnreadable {}),
        _ => fault,
    })?;
    if !read.is_configuration() {
        return Err(unfit("sub"));
    }
    read.signed_by(&read.jwks, at)?;
    Ok(read)
}

/// The statements of a chain, as `application/trust-chain+json` has them.
pub fn texts(json: &str) -> Result<Vec<String>, Fault> {
    let list = serde_json::from_str(json).ok().and_then(|list: Value| listed(&list));
    list.ok_or_else(|| Reason::TrustChainMalformed { limit: TRUST_CHAIN.to_string() }.into())
}

/// A list of texts.
pub fn listed(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
}

/// §12.2.2-2: the configuration was made for this provider. Another one's would be registered by whoever has seen it.
pub fn for_provider<'a>(configuration: &'a Statement, provider: &str) -> Result<Asked<'a>, Fault> {
    match audiences(configuration.claims()).is_some_and(|all| all == [provider]) {
        true => Ok(Asked(&configuration.sub)),
        false => Err(unfit("aud")),
    }
}
