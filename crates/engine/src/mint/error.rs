//! RFC 6749 §5.2, RFC 6750 §3 – errors as OAuth clients read them.

use placet_api::Reason;
use placet_base::registry::JwsAlg;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::tenant::Tenant;

/// COMPAT: where the hosted product documents its codes, and where its clients' links lead.
const DOCUMENTATION: &str = "https://docs.authlete.com/#";

/// The parameters of an error, in the order of the hosted product's samples. What the authorization server
/// has said stands in place of our own words.
pub fn parameters(tenant: &Tenant, fault: &Fault) -> Vec<(&'static str, String)> {
    let reason = &fault.reason;
    let words = fault.words.as_deref();
    let mut parameters = Vec::with_capacity(3);
    if tenant.errors.description {
        let said = words.and_then(|words| words.description.clone());
        parameters.push(("error_description", said.unwrap_or_else(|| reason.result_message())));
    }
    parameters.push(("error", fault.error().wire().to_owned()));
    let own = || uri(reason).filter(|_| tenant.errors.uri);
    if let Some(uri) = words.and_then(|words| words.uri.clone()).or_else(own) {
        parameters.push(("error_uri", uri));
    }
    parameters
}

/// Codes of our own block stand in no document of the hosted product: a wrong link is worse than none.
fn uri(reason: &Reason) -> Option<String> {
    (!reason.code().starts_with("A9")).then(|| format!("{DOCUMENTATION}{}", reason.code()))
}

/// An error as JSON.
pub fn json(tenant: &Tenant, fault: &Fault) -> String {
    let members = parameters(tenant, fault).into_iter();
    Value::Object(members.map(|(name, value)| (name.to_owned(), value.into())).collect::<Map<_, _>>())
        .to_string()
}

/// An error as the value of `WWW-Authenticate`, with what the error needs besides (`scope`, …).
/// `scheme` is the one that the token is used with (RFC 9449 §7.1).
pub fn challenge(tenant: &Tenant, fault: &Fault, scheme: &str, more: &[(&str, String)]) -> String {
    let mut parameters = parameters(tenant, fault);
    // RFC 6750 §3: the error stands first in every published example, and clients log it so.
    parameters
        .sort_by_key(|(name, _)| ["error", "error_description", "error_uri"].iter().position(|n| n == name));
    let all = parameters.iter().map(|(name, value)| (*name, value)).chain(more.iter().map(|(n, v)| (*n, v)));
    // RFC 9449 §7.1: what a proof may be signed with.
    let algs = (scheme == "DPoP").then(|| {
        let names: Vec<_> = tenant.proof_algs().into_iter().map(JwsAlg::protocol_name).collect();
        names.join(" ")
    });
    let all = all.chain(algs.iter().map(|algs| ("algs", algs)));
    let all: Vec<_> = all.map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("{scheme} {}", all.join(","))
}
