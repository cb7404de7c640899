//! OpenID Federation 1.0 §12.1.1 – how a client that was never registered proves itself: with a request object that is used
//! once, or with its keys where it pushes its request

use placet_api::Reason;
use placet_base::registry::ClientAuthMethod;
use placet_base::{Timestamp, Ttl};
use placet_jose::Parsed;
use placet_jose::claims::audiences;
use serde_json::Value;

use super::request::listed;
use crate::fault::Fault;
use crate::rules::jar::RequestObject;
use crate::rules::params::Params;
use crate::tenant::{Client, Tenant};

/// How far ahead a request object may end: what it is known by is remembered until then.
const LONGEST: Ttl = Ttl::secs(24 * 60 * 60);

/// What a request object is known by, and for how long.
#[derive(Debug, PartialEq, Eq)]
pub struct Once {
    pub jti: String,
    pub until: Timestamp,
}

/// §12.1.1.1: who made the object, for whom, and when it ends; what would make it something else is not there.
pub fn once(object: &RequestObject, entity: &str, tenant: &Tenant, now: Timestamp) -> Result<Once, Fault> {
    if object.facts.alg.is_none_or(|alg| !alg.is_asymmetric()) {
        return Err(Reason::RequestObjectUnsigned {}.into());
    }
    let claims = &object.claims;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    for name in ["iss", "client_id"] {
        if text(name) != Some(entity) {
            return Err(unfit(name));
        }
    }
    if audiences(claims).is_none_or(|all| all != [tenant.issuer.as_str()]) {
        return Err(unfit("aud"));
    }
    // With a subject it could be used as a client assertion.
    if claims.contains_key("sub") {
        return Err(unfit("sub"));
    }
    let jti = text("jti").ok_or_else(|| unfit("jti"))?.to_owned();
    let exp = object.facts.times.1.filter(|exp| Timestamp::from_secs(*exp) <= now + LONGEST);
    let exp = exp.ok_or_else(|| unfit("exp"))?;
    Ok(Once { jti, until: Timestamp::from_secs(exp.saturating_add(tenant.tolerance.late)) })
}

fn unfit(claim: &str) -> Fault {
    Reason::FederationObjectClaim { claim: claim.to_owned() }.into()
}

/// A request without an object that says enough of who makes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Proven(());

/// §12.1.1.2: a request that is pushed is proven by its sender's key.
pub fn without_object(client: &Client, pushed: bool) -> Result<Proven, Fault> {
    use ClientAuthMethod::{PrivateKeyJwt, SelfSignedTlsClientAuth};
    let by_key = matches!(client.authentication.method, PrivateKeyJwt | SelfSignedTlsClientAuth);
    match client.unregistered().is_none() || pushed && by_key {
        true => Ok(Proven(())),
        false => Err(Reason::FederationObjectMissing {}.into()),
    }
}

/// §12.1.1.1, §4.3: the chain that a request brings, among its parameters or in a header. Nothing is believed for that: a
/// chain proves itself, and then the request.
pub fn chain(params: &Params) -> Option<Vec<String>> {
    ["request", "client_assertion"].into_iter().find_map(|name| {
        let parsed = Parsed::parse(params.one(name).ok()??).ok()?;
        let chain = parsed.unproven_claims().get("trust_chain").or_else(|| parsed.header.get("trust_chain"));
        chain.and_then(listed)
    })
}
