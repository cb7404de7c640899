//! Claims that are made of others: which sources the authorization server must bring, and what comes of
//! them.

use placet_api::Reason;
use placet_base::Timestamp;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::flow::subject_info::object;
use crate::pattern::MatchBudget;
use crate::rules::claims::ClaimsRequest;
use crate::rules::transformed_claims::{Transformed, defined};
use crate::tenant::Tenant;

/// The transformed claims that part of a request names, with the names that they are to have:
/// `::name` is one that the service defines, `:name` one that the request does.
fn asked<'a>(
    named: Option<&'a Map<String, Value>>,
    wish: &'a ClaimsRequest,
    tenant: &'a Tenant,
) -> impl Iterator<Item = (&'a str, Transformed)> {
    let names = named.into_iter().flat_map(Map::keys).map(String::as_str);
    names.filter_map(|name| Some((name, of_name(name, wish, tenant)?)))
}

/// The transformed claim of a name that a request has for it.
pub fn of_name(name: &str, wish: &ClaimsRequest, tenant: &Tenant) -> Option<Transformed> {
    match (name.strip_prefix("::"), name.strip_prefix(':')) {
        (Some(predefined), _) => defined(&tenant.authorization.transformed_claims, predefined),
        (None, Some(own)) => defined(wish.transformed.as_ref()?, own),
        _ => None,
    }
}

/// The claims that are needed as sources, each once.
pub fn sources(
    named: Option<&Map<String, Value>>,
    wish: &ClaimsRequest,
    tenant: &Tenant,
) -> Option<Vec<String>> {
    let mut sources: Vec<String> = Vec::new();
    for (_, transformed) in asked(named, wish, tenant) {
        if !sources.contains(&transformed.claim) {
            sources.push(transformed.claim);
        }
    }
    Some(sources).filter(|sources| !sources.is_empty())
}

/// What comes of the sources that the authorization server brought.
pub fn made(
    named: Option<&Map<String, Value>>,
    wish: &ClaimsRequest,
    tenant: &Tenant,
    brought: Option<&str>,
    now: Timestamp,
) -> Result<Map<String, Value>, Fault> {
    let brought = object(brought, &Reason::SourceClaimsMalformed {})?;
    let work = MatchBudget::of_request();
    let made = asked(named, wish, tenant).filter_map(|(name, transformed)| {
        let value = transformed.of(brought.get(&transformed.claim)?, now, &work)?;
        Some((name.to_owned(), value))
    });
    Ok(made.collect())
}
