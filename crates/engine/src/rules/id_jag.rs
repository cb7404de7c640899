//! OAuth 2.0 Identity Assertion JWT Authorization Grant (draft-ietf-oauth-identity-assertion-authz-grant-04) – an
//! authorization server vouches for a user to another one: what a client says when it asks for such a grant here (§4.3), and what a grant from elsewhere says (§4.4)

use placet_api::Reason;
use placet_base::registry::{GrantType, TokenType};
use placet_base::url::Issuer;
use placet_base::{Scopes, Timestamp};
use placet_jose::jwt::{
    self, Expected, Expired, Kind, MaxLifetime, Party, Presence, Signature, Timing, Unproven, Verified,
};
use serde_json::Value;

use crate::fault::Fault;
use crate::rules::admission::admitted;
use crate::rules::jwt_grant::{JwtGrantRequest, Once, refusal};
use crate::rules::params::Params;
use crate::rules::token_exchange::ExchangeRequest;
use crate::rules::{resource, scope};
use crate::tenant::{Client, Tenant};

/// How much longer a grant may live, in seconds: its identifier is remembered until then.
const LONGEST: i64 = 3600;

/// §4.3: a request for one names one other authorization server, and nobody who acts.
pub fn requested(
    request: &ExchangeRequest,
    tenant: &Tenant,
    client: Option<&Client>,
) -> Result<RequestedIdJag, Fault> {
    // §5: another server would have to know the user by the name that it has for them.
    if client.is_some_and(|client| client.sector.is_some()) {
        return Err(Reason::IdJagPairwise {}.into());
    }
    let [audience] = &*request.audiences else { return Err(Reason::ExchangeElsewhereAudience {}.into()) };
    for_another(audience, tenant).ok_or(Reason::IdJagAudience {})?;
    if request.actor.is_some() {
        return Err(Reason::IdJagActor {}.into());
    }
    match request.subject.kind {
        TokenType::IdToken | TokenType::RefreshToken | TokenType::Saml2 => Ok(RequestedIdJag(())),
        _ => Err(Reason::IdJagSubject {}.into()),
    }
}

/// A request for an ID-JAG that says what it has to.
pub struct RequestedIdJag(());

impl RequestedIdJag {
    /// §4.3.3: the `sub` of an ID token that we have made for the client that brings it.
    pub fn sub(&self, token: &Verified, tenant: &Tenant, client: &Client) -> Result<String, Fault> {
        let ours = token.claims().get("iss").and_then(Value::as_str) == Some(&*tenant.issuer);
        let theirs = token.audiences().iter().any(|audience| client.names(audience));
        match token.text("sub") {
            Ok(Some(sub)) if ours && theirs => Ok(sub.to_owned()),
            _ => Err(Reason::IdJagSubject {}.into()),
        }
    }
}

/// §3, §9.3: an issuer identifier that is not ours.
pub fn for_another<'a>(audience: &'a str, tenant: &Tenant) -> Option<&'a str> {
    Some(audience).filter(|audience| *audience != tenant.issuer && Issuer::parse(audience).is_ok())
}

/// §4.4.1: a grant from elsewhere, for the client that brings it. Whether its issuer is trusted, and whose signature it
/// bears, is for the authorization server to judge.
pub fn presented(
    assertion: &str,
    params: &Params,
    tenant: &Tenant,
    client: Option<&Client>,
    (jkt, now): (Option<&str>, Timestamp),
) -> Result<JwtGrantRequest, Fault> {
    let client = client.filter(|client| !client.is_public()).ok_or(Reason::IdJagClient {})?;
    let jwt = read(assertion, tenant, now)?;
    let Held = held(&jwt, jkt)?;
    if let Some(claim) = UNHEARD.iter().find(|claim| jwt.claims().contains_key(**claim)) {
        return Err(Reason::JwtGrantClaim { claim: (*claim).to_owned() }.into());
    }
    let issuer = jwt.required("iss").map_err(refusal)?;
    if issuer == tenant.issuer {
        return Err(Reason::IdJagOwn {}.into());
    }
    if !client.names(jwt.required("client_id").map_err(refusal)?) {
        return Err(Reason::IdJagForAnother {}.into());
    }
    let jti = jwt.required("jti").map_err(refusal)?.to_owned();
    jwt.required("sub").map_err(refusal)?;
    let exp = jwt.times().exp.ok_or(Reason::JwtGrantExpMissing {})?;
    let until = Timestamp::from_secs(exp.saturating_add(tenant.tolerance.late));
    Ok(JwtGrantRequest {
        scopes: scopes(&jwt, params, tenant, client)?,
        resources: resources(&jwt, params)?,
        assertion: assertion.to_owned(),
        // Nobody but the client that it is for can use it up.
        once: Some(Once { of: "id-jag", owner: format!("{}/{issuer}", client.id), jti, until }),
    })
}

/// Claims that would change what a token is for, and that nothing here comes of: who acts for the user, what is granted in
/// detail, and of which tenant of the issuer, or of ours, the user is.
const UNHEARD: [&str; 4] = ["act", "authorization_details", "tenant", "aud_tenant"];

/// The client holds the key that the grant is bound to, if it is bound to one.
struct Held;

/// RFC 7800 §3.1: a grant that is bound to a key is good with a proof of that key.
fn held(jwt: &Unproven, jkt: Option<&str>) -> Result<Held, Fault> {
    let Some(cnf) = jwt.claims().get("cnf") else { return Ok(Held) };
    let wanted = cnf.as_object().filter(|keys| keys.len() == 1).and_then(|keys| keys.get("jkt")?.as_str());
    match wanted.is_some() && wanted == jkt {
        true => Ok(Held),
        false => Err(Reason::IdJagKey {}.into()),
    }
}

fn read(assertion: &str, tenant: &Tenant, now: Timestamp) -> Result<Unproven, Fault> {
    let for_us = |audience: &str| audience == tenant.issuer;
    let expected = Expected {
        kind: Kind::IdJag,
        signature: Signature::Required,
        algs: jwt::asymmetric(),
        issuer: Party::Named(&|_| true),
        // §4.4.1: a text, or an array of exactly one, so that nobody else can bring it somewhere, too.
        audience: Party::Only(&for_us),
        timing: Timing {
            now,
            tolerance: tenant.tolerance,
            exp: Presence::Required,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired: Expired::Refused,
            longest: MaxLifetime::FromNow(LONGEST),
        },
    };
    jwt::read_unproven(assertion, &expected).map_err(|error| refusal(error).into())
}

/// §3, §4.4: what the issuer has agreed to, or less of it. Where it says nothing, what the client may have by default.
fn scopes(jwt: &Unproven, params: &Params, tenant: &Tenant, client: &Client) -> Result<Scopes, Fault> {
    let granted = jwt.text("scope").map_err(refusal)?.map(Scopes::split);
    let granted = granted.unwrap_or_else(|| tenant.scopes.defaults().clone());
    let asked = params.one("scope")?.map(Scopes::split);
    if asked.as_ref().is_some_and(|asked| !granted.covers(asked)) {
        return Err(Reason::IdJagScope {}.into());
    }
    let wanted = asked.unwrap_or(granted);
    let scopes = scope::of(&wanted, tenant, client)?.all();
    if scopes.is_empty() && !wanted.is_empty() {
        return Err(Reason::IdJagScope {}.into());
    }
    let admitted = admitted(client, GrantType::JwtBearer, tenant.policy(client, &scopes))?;
    scope::sufficient(scopes, admitted.policy().request.scope, Reason::GrantScopeMissing {})
}

/// The same of its resources: one URI, or several.
fn resources(jwt: &Unproven, params: &Params) -> Result<Vec<String>, Fault> {
    let asked = resource::resources(params)?;
    let granted = match jwt.claims().get("resource") {
        None => return Ok(asked),
        Some(Value::String(one)) => vec![one.as_str()],
        Some(several) => several
            .as_array()
            .filter(|all| !all.is_empty())
            .and_then(|all| all.iter().map(Value::as_str).collect::<Option<Vec<_>>>())
            .ok_or(Reason::JwtGrantClaim { claim: "resource".to_owned() })?,
    };
    match asked.iter().all(|resource| granted.contains(&resource.as_str())) {
        true if asked.is_empty() => resource::usable(granted),
        true => Ok(asked),
        false => Err(Reason::IdJagResource {}.into()),
    }
}
