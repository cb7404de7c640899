//! RFC 7591 §2.3 – software statements

use placet_api::Reason;
use placet_base::Timestamp;
use placet_jose::claims::Untimely;
use placet_jose::jwt::{
    self, Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
};
use placet_jose::{JwkSet, VerifyingKey};

use super::Metadata;
use crate::fault::Fault;
use crate::tenant::Tenant;

/// Claims of a statement that are about the statement itself.
const OWN: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "software_statement"];

/// The metadata, with those of its software statement in the place of its own. `anchor` gives the keys of an
/// issuer of statements that the service trusts.
pub fn with_statement(
    mut metadata: Metadata,
    tenant: &Tenant,
    now: Timestamp,
    anchor: impl Fn(&str) -> Option<JwkSet>,
) -> Result<Metadata, Fault> {
    let Some(statement) = metadata.shift_remove("software_statement") else { return Ok(metadata) };
    let text = statement.as_str().ok_or(Reason::StatementInvalid {})?;
    let mut trusted = true;
    let keys = |found: &UnverifiedJwt<'_>| -> Vec<VerifyingKey> {
        let set = found.issuer.and_then(&anchor);
        trusted = set.is_some();
        set.map(|set| set.verifying(found.alg, found.kid).collect()).unwrap_or_default()
    };
    let named = |issuer: &str| anchor(issuer).is_some();
    let for_us = |audience: &str| is_ours(audience, tenant);
    let verified = jwt::read(text, &expected(tenant, now, (&named, &for_us)), keys);
    let verified = verified.map_err(|error| match error {
        JwtError::NoKey if !trusted => Reason::StatementUnapproved {},
        error => reason(error),
    })?;
    let claims = verified.into_claims().into_iter();
    metadata.extend(claims.filter(|(name, _)| !OWN.contains(&name.as_str())));
    Ok(metadata)
}

type Names<'a> = &'a dyn Fn(&str) -> bool;

/// RFC 7519 §4.1: what a statement says of its audience and its times counts; it need not say it.
fn expected<'a>(tenant: &Tenant, now: Timestamp, (issuer, audience): (Names<'a>, Names<'a>)) -> Expected<'a> {
    Expected {
        kind: Kind::SoftwareStatement,
        signature: Signature::Required,
        algs: jwt::asymmetric().meet(tenant.policy.client.algs),
        issuer: Party::Named(issuer),
        audience: Party::NamedIfPresent(audience),
        timing: Timing {
            now,
            tolerance: tenant.tolerance,
            exp: Presence::Optional,
            nbf: Presence::Optional,
            iat: Presence::Optional,
            expired: Expired::Refused,
            longest: MaxLifetime::Unlimited,
        },
    }
}

/// The issuer, or where statements are sent.
fn is_ours(audience: &str, tenant: &Tenant) -> bool {
    let endpoint = tenant.document.registration_endpoint.as_deref();
    !audience.is_empty() && (audience == tenant.issuer || endpoint == Some(audience))
}

fn reason(error: JwtError) -> Reason {
    let untimely = |claim: &str| Reason::StatementUntimely { claim: claim.to_owned() };
    match error {
        JwtError::NoKey | JwtError::Signature => Reason::StatementSignatureWrong {},
        JwtError::Wrong("iss") => Reason::StatementUnapproved {},
        JwtError::Wrong("aud") => Reason::StatementAudienceWrong {},
        JwtError::Untimely(Untimely::Malformed(claim)) => untimely(claim),
        JwtError::Untimely(Untimely::Expired) => untimely("exp"),
        JwtError::Untimely(Untimely::NotYet) => untimely("nbf"),
        JwtError::Untimely(Untimely::FromTheFuture) => untimely("iat"),
        JwtError::Malformed
        | JwtError::Kind
        | JwtError::Algorithm(_)
        | JwtError::Missing(_)
        | JwtError::Wrong(_)
        | JwtError::TooLong => Reason::StatementInvalid {},
    }
}
