//! Verified claims: which sources of transformed ones the authorization server must bring, and what is given of what it
//! has.

use std::collections::BTreeMap;

use placet_api::Reason;
use placet_base::Timestamp;
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::flow::subject_info::object;
use crate::flow::transformed;
use crate::records::entitlement::Terms;
use crate::rules::claims::{ClaimsRequest, verified_claims_of};
use crate::rules::verified_claims::VERIFIED_CLAIMS;
use crate::rules::verified_claims::answer::{Material, answer};
use crate::rules::verified_claims::given::{GivenError, given};
use crate::rules::verified_claims::request::Requested;
use crate::tenant::Tenant;

/// What a client has asked for in one place, and the user agreed to.
pub struct Asked<'a> {
    pub wish: &'a ClaimsRequest,
    /// The part of the wish: for the ID token, or for the userinfo endpoint.
    pub part: Option<&'a Map<String, Value>>,
    pub consented: &'a [String],
}

/// The claims that are needed as sources: a list for each set that is asked for.
pub fn sources(
    part: Option<&Map<String, Value>>,
    wish: &ClaimsRequest,
    tenant: &Tenant,
) -> Option<Vec<Vec<String>>> {
    let of_set = |set: &Requested| {
        let mut sources: Vec<String> = Vec::new();
        for transformed in set.names().filter_map(|name| transformed::of_name(name, wish, tenant)) {
            if !sources.contains(&transformed.claim) {
                sources.push(transformed.claim);
            }
        }
        sources
    };
    let sources: Vec<_> = verified_claims_of(part).iter().map(of_set).collect();
    sources.iter().any(|sources| !sources.is_empty()).then_some(sources)
}

/// Claims with those verified ones that were asked for, of those that the authorization server has brought. `invalid`: the
/// reason of the endpoint for a value that is none.
pub fn answered(
    mut claims: Map<String, Value>,
    asked: &Asked<'_>,
    (tenant, now): (&Tenant, Timestamp),
    brought: Option<&Vec<String>>,
    invalid: impl Fn(String) -> Reason,
) -> Result<Map<String, Value>, Fault> {
    let Some(value) = claims.remove(VERIFIED_CLAIMS) else { return Ok(claims) };
    let requested = verified_claims_of(asked.part);
    // §5.7.1: a service without trust frameworks has none, and nobody gets what was not asked for (§6).
    if !tenant.verified_claims.any() || requested.is_empty() {
        return Ok(claims);
    }
    let given = given(&value, &tenant.verified_claims).map_err(|error| match error {
        GivenError::Flaw(member) => invalid(member.to_owned()),
        GivenError::Excessive => Reason::GivenVerifiedClaimsExcessive {},
    })?;
    let names = requested.iter().flat_map(Requested::names);
    let transformed: BTreeMap<_, _> = names
        .filter_map(|name| Some((name.to_owned(), transformed::of_name(name, asked.wish, tenant)?)))
        .collect();
    let material = Material {
        given,
        supported: &tenant.verified_claims,
        consented: asked.consented,
        transformed: &transformed,
        sources: &source_values(brought, requested.len())?,
        now,
    };
    claims.extend(answer(&requested, material).map(|verified| (VERIFIED_CLAIMS.to_owned(), verified)));
    Ok(claims)
}

/// Source values of transformed claims: a JSON object for each set that is asked for.
fn source_values(brought: Option<&Vec<String>>, sets: usize) -> Result<Vec<Map<String, Value>>, Fault> {
    let brought = brought.map(Vec::as_slice).unwrap_or_default();
    let malformed = Reason::VerifiedSourceClaimsMalformed {};
    match brought.len() > sets {
        true => Err(malformed.into()),
        false => brought.iter().map(|text| object(Some(text), &malformed)).collect(),
    }
}

/// The same for an ID token of terms that stand already.
pub fn of_id_token(
    claims: Map<String, Value>,
    terms: &Terms,
    tenant: &Tenant,
    now: Timestamp,
) -> Result<Map<String, Value>, Fault> {
    let wish = &terms.claims;
    let asked = Asked { wish, part: wish.id_token.as_ref(), consented: &terms.consented_claims };
    answered(claims, &asked, (tenant, now), None, invalid_in_id_token)
}

/// The reason for the claims of ID tokens.
pub fn invalid_in_id_token(member: String) -> Reason {
    Reason::IssueVerifiedClaimsInvalid { member }
}
