//! OAuth 2.0 and SPIFFE (draft-ietf-oauth-spiffe-client-auth-00 §3.1) – `spiffe_jwt`: a workload shows the JWT-SVID
//! that its trust domain has given it

use placet_api::Reason;
use placet_jose::jwt::{self, Expected, Kind, Party, Signature, UnverifiedJwt};
use placet_jose::{JwkSet, VerifyingKey};

use super::assertion::{reason, timing};
use super::secret::misplaced;
use super::{AuthenticationContext, Credentials};
use crate::fault::Fault;
use crate::rules::params::Params;
use crate::tenant::Client;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe";

/// What the keys of a bundle that sign JWT-SVIDs say in `use` (SPIFFE Trust Domain and Bundle §4.2).
const KEY_USE: &str = "jwt-svid";

/// The workload is the client's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Workload(());

/// Whether the assertion of a request is said to be a JWT-SVID, which names a workload where others name the client.
pub(super) fn is_svid(params: &Params) -> Result<bool, Fault> {
    Ok(params.one("client_assertion_type")? == Some(TYPE))
}

/// A JWT-SVID is shown as often as its short life allows: workloads are given theirs, and keep them. So it need not have
/// a `jti`, and is not used up.
pub(super) fn verified(
    client: &Client,
    credentials: &Credentials<'_>,
    on: &AuthenticationContext<'_>,
) -> Result<Workload, Fault> {
    let params = credentials.params;
    let text = params.one("client_assertion")?.ok_or_else(|| misplaced(client.authentication.method))?;
    match params.one("client_assertion_type")? {
        Some(TYPE) => {}
        Some(_) => return Err(Reason::AssertionTypeUnsupported {}.into()),
        None => return Err(Reason::AssertionTypeMissing {}.into()),
    }
    let spiffe = client.authentication.spiffe.as_ref().ok_or(Reason::SpiffeUnregistered {})?;
    let for_us = |name: &str| name == on.tenant.issuer && !name.is_empty();
    let expected = Expected {
        kind: Kind::JwtSvid,
        signature: Signature::Required,
        algs: jwt::asymmetric().meet(on.policy.algs),
        issuer: Party::Elsewhere("the trust domain is part of the subject, and its keys are the client's"),
        audience: Party::Named(&for_us),
        timing: timing(on),
    };
    let keys = |found: &UnverifiedJwt<'_>| on.keys.map(|set| keys(set, found)).unwrap_or_default();
    let claims = jwt::read(text, &expected, keys).map_err(reason)?;
    // §3.1-3: nobody else, though it may be written as a list.
    if claims.audiences().len() != 1 {
        return Err(Reason::AssertionAudienceWrong {}.into());
    }
    match claims.required("sub").is_ok_and(|sub| spiffe.id.is_met_by(sub)) {
        true => Ok(Workload(())),
        false => Err(Reason::SpiffeIdDiffers {}.into()),
    }
}

fn keys(set: &JwkSet, found: &UnverifiedJwt<'_>) -> Vec<VerifyingKey> {
    let of_svids = set.keys().iter().filter(|jwk| jwk.is_for(KEY_USE));
    let named = of_svids.filter(|jwk| found.kid.is_none_or(|kid| jwk.kid() == Some(kid)));
    named.filter_map(|jwk| jwk.verifying_key(found.alg)).collect()
}
