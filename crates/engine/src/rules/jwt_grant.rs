//! RFC 7523 §2.1, §3 – a JWT as authorization grant. Whose signature it bears, and whether its subject agrees, is for
//! the authorization server to judge.

use placet_api::Reason;
use placet_base::registry::{GrantType, JwsAlg};
use placet_base::{Scopes, Timestamp};
use placet_jose::claims::Untimely;
use placet_jose::is_encrypted;
use placet_jose::jwt::{
    self, Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing,
};

use crate::fault::Fault;
use crate::rules::admission::admitted;
use crate::rules::params::Params;
use crate::rules::{id_jag, resource, scope};
use crate::tenant::{Client, Tenant};

/// §3-4: how much longer an assertion may live, in seconds: its identifier is remembered until then, and whoever brings it
/// is believed later, if at all.
const LONGEST: i64 = 86_400;

/// What is asked for, and the assertion that is brought.
pub struct JwtGrantRequest {
    pub scopes: Scopes,
    pub resources: Vec<String>,
    pub assertion: String,
    /// §3-7: what makes the assertion good for one use.
    pub once: Option<Once>,
}

/// An identifier that is good for one use.
pub struct Once {
    /// What kind of assertion has it.
    pub of: &'static str,
    /// Whose identifier it is: of the issuer, and, where one is named, for the client that brings it.
    pub owner: String,
    pub jti: String,
    pub until: Timestamp,
}

impl JwtGrantRequest {
    /// `client`: who asks; `None` for a request that names nobody. `jkt`: the key that the request proves.
    pub fn build(
        params: &Params,
        tenant: &Tenant,
        client: Option<&Client>,
        (jkt, now): (Option<&str>, Timestamp),
    ) -> Result<Self, Fault> {
        let grant = GrantType::JwtBearer;
        let brought = params.one("assertion")?;
        if let Some(assertion) = brought.filter(|text| tenant.jwt_grant.id_jag && is_id_jag(text)) {
            return id_jag::presented(assertion, params, tenant, client, (jkt, now));
        }
        let scopes = match client {
            Some(client) => {
                let scopes = scope::requested(params, tenant, client)?.all();
                let admitted = admitted(client, grant, tenant.policy(client, &scopes))?;
                scope::sufficient(scopes, admitted.policy().request.scope, Reason::GrantScopeMissing {})?
            }
            None if tenant.jwt_grant.identifiable_only => {
                return Err(Reason::JwtGrantUnidentified {}.into());
            }
            None => scope::of_nobody(params, tenant, grant)?,
        };
        let assertion = brought.ok_or(Reason::JwtGrantMissing {})?;
        Ok(Self {
            scopes,
            resources: resource::resources(params)?,
            once: judged(assertion, tenant, now)?,
            assertion: assertion.to_owned(),
        })
    }
}

fn is_id_jag(assertion: &str) -> bool {
    jwt::says_to_be(assertion, Kind::IdJag)
}

/// §3; COMPAT: the signature is left to the authorization server, which knows whom it trusts.
fn judged(assertion: &str, tenant: &Tenant, now: Timestamp) -> Result<Option<Once>, Fault> {
    if is_encrypted(assertion) {
        return match tenant.jwt_grant.encrypted_rejected {
            true => Err(Reason::JwtGrantEncrypted {}.into()),
            false => Ok(None),
        };
    }
    let for_us = |audience: &str| {
        audience == tenant.issuer || tenant.sender.token_endpoint.iter().any(|endpoint| endpoint == audience)
    };
    let unsigned = !tenant.jwt_grant.unsigned_rejected;
    let expected = Expected {
        kind: Kind::AuthorizationGrant,
        signature: if unsigned { Signature::MayBeNone } else { Signature::Required },
        algs: JwsAlg::ALL.iter().copied().collect(),
        issuer: Party::Named(&|_| true),
        audience: Party::Named(&for_us),
        timing: Timing {
            now,
            tolerance: tenant.tolerance,
            exp: Presence::Required,
            nbf: Presence::Optional,
            iat: Presence::Optional,
            expired: Expired::Refused,
            longest: MaxLifetime::FromNow(LONGEST),
        },
    };
    let jwt = jwt::read_unproven(assertion, &expected).map_err(refusal)?;
    jwt.required("sub").map_err(refusal)?;
    let issuer = jwt.required("iss").map_err(refusal)?.to_owned();
    let exp = jwt.times().exp.ok_or(Reason::JwtGrantExpMissing {})?;
    let until = Timestamp::from_secs(exp.saturating_add(tenant.tolerance.late));
    let jti = jwt.text("jti").map_err(refusal)?;
    Ok(jti.map(|jti| Once { of: "assertion-grant", owner: issuer, jti: jti.to_owned(), until }))
}

/// What is wrong with an assertion, as the client is told.
pub fn refusal(error: JwtError) -> Reason {
    let claim = |name: &str| Reason::JwtGrantClaim { claim: name.to_owned() };
    match error {
        JwtError::Malformed | JwtError::Kind | JwtError::NoKey | JwtError::Signature => {
            Reason::JwtGrantMalformed {}
        }
        // `none`, where nobody may leave the signature out; of ID-JAGs also a secret that nobody shares.
        JwtError::Algorithm(_) => Reason::JwtGrantUnsigned {},
        JwtError::Missing("exp") => Reason::JwtGrantExpMissing {},
        JwtError::Missing("aud") | JwtError::Wrong("aud") => Reason::JwtGrantAudience {},
        JwtError::Missing(name) | JwtError::Wrong(name) | JwtError::Untimely(Untimely::Malformed(name)) => {
            claim(name)
        }
        JwtError::Untimely(Untimely::Expired) => Reason::JwtGrantExpired {},
        JwtError::TooLong => Reason::JwtGrantTooLong {},
        JwtError::Untimely(Untimely::NotYet) => claim("nbf"),
        JwtError::Untimely(Untimely::FromTheFuture) => claim("iat"),
    }
}
