//! POST /api/{serviceId}/auth/introspection

use std::sync::Arc;

use placet_api::types::*;
use placet_api::{OAuthError, Reason};
use placet_base::Scopes;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::error;
use crate::ops::access_token::{self, Known, Refusals};
use crate::ops::reply::{alias, attributes, properties, result};
use crate::records::token::Token;
use crate::tenant::{Client, Tenant};

/// The verdict on a token, and what is known of it either way.
pub struct Verdict {
    pub fault: Option<Fault>,
    pub known: Option<Known>,
    pub usable: bool,
    pub sufficient: bool,
    pub refreshable: bool,
    /// What the challenge names besides the error.
    pub wanted: Vec<(&'static str, String)>,
}

fn refusals() -> Refusals {
    Refusals {
        missing: Reason::IntrospectionTokenMissing {},
        unknown: Reason::IntrospectionTokenUnknown {},
        expired: Reason::IntrospectionTokenExpired {},
        expired_refreshable: Reason::IntrospectionTokenExpiredRefreshable {},
        both_expired: Reason::IntrospectionTokensExpired {},
    }
}

pub async fn introspect(cx: &mut Cx<'_>, call: &IntrospectionRequest) -> Result<Verdict, Fault> {
    let known = match access_token::known(cx, call.token.as_deref(), &refusals()).await {
        Ok(known) => known,
        Err(fault) => {
            let (known, wanted) = (None, Vec::new());
            return Ok(Verdict {
                fault: Some(fault),
                known,
                usable: false,
                sufficient: false,
                refreshable: false,
                wanted,
            });
        }
    };
    let mut wanted = Vec::new();
    let expiry = known.expiry(cx, refusals()).map(|_| ());
    let covered = covered(&known.token, call, &mut wanted);
    let (usable, sufficient) = (expiry.is_ok(), covered.is_ok());
    let fault = expiry
        .and(covered)
        .and_then(|()| subject(&known.token, call))
        .and_then(|()| authentication(cx, &known.token, call, &mut wanted))
        .err();
    let refreshable = known.token.is_refreshable(cx.now);
    Ok(Verdict { fault, known: Some(known), usable, sufficient, refreshable, wanted })
}

type Wanted = Vec<(&'static str, String)>;

/// RFC 6750 §3.1: `insufficient_scope` names the scopes that would do.
fn covered(token: &Token, call: &IntrospectionRequest, wanted: &mut Wanted) -> Result<(), Fault> {
    let required: Scopes = call.scopes.iter().flatten().filter(|scope| !scope.is_empty()).collect();
    let held = &token.entitlement.scopes;
    let Some(lacking) = required.iter().find(|scope| !held.contains(scope)) else { return Ok(()) };
    wanted.push(("scope", required.to_string()));
    if held.is_empty() {
        return Err(Reason::IntrospectionNoScope {}.into());
    }
    Err(Reason::IntrospectionScopeMissing { scope: lacking.to_owned() }.into())
}

fn subject(token: &Token, call: &IntrospectionRequest) -> Result<(), Fault> {
    let Some(required) = call.subject.as_deref().filter(|subject| !subject.is_empty()) else { return Ok(()) };
    match &token.entitlement.subject {
        Some(subject) if subject.as_str() == required => Ok(()),
        Some(_) => Err(Reason::IntrospectionSubjectDiffers {}.into()),
        None => Err(Reason::IntrospectionNoSubject {}.into()),
    }
}

/// RFC 9470 §3: the challenge names what would do.
fn authentication(
    cx: &Cx<'_>,
    token: &Token,
    call: &IntrospectionRequest,
    wanted: &mut Wanted,
) -> Result<(), Fault> {
    let entitlement = &token.entitlement;
    let acrs: Vec<&str> =
        call.acr_values.iter().flatten().map(String::as_str).filter(|a| !a.is_empty()).collect();
    if !acrs.is_empty() && !entitlement.acr.as_deref().is_some_and(|acr| acrs.contains(&acr)) {
        wanted.push(("acr_values", acrs.join(" ")));
        return Err(Reason::IntrospectionAcrUnmet {}.into());
    }
    let Some(max_age) = call.max_age.filter(|age| *age > 0) else { return Ok(()) };
    let young = |time: i64| cx.now.as_secs().saturating_sub(time) <= max_age;
    if !entitlement.auth_time.is_some_and(young) {
        wanted.push(("max_age", max_age.to_string()));
        return Err(Reason::IntrospectionAuthTooOld {}.into());
    }
    Ok(())
}

/// COMPAT: what the hosted product hands a resource server whose own checks fail afterwards.
const OTHERWISE: &str = "Bearer error=\"invalid_request\"";

pub fn reply(tenant: &Tenant, outcome: Result<Verdict, Fault>) -> IntrospectionResponse {
    use IntrospectionResponseAction as Action;
    let verdict = outcome.unwrap_or_else(|fault| Verdict {
        fault: Some(fault),
        known: None,
        usable: false,
        sufficient: false,
        refreshable: false,
        wanted: Vec::new(),
    });
    let (reason, action, content) = match &verdict.fault {
        None => (Reason::TokenActive {}, Action::Ok, OTHERWISE.to_owned()),
        Some(fault) => {
            let action = match (&fault.reason, fault.error()) {
                (Reason::IntrospectionTokenMissing {}, _) => Action::BadRequest,
                (_, OAuthError::InvalidRequest | OAuthError::InsufficientScope) => Action::Forbidden,
                (_, OAuthError::ServerError) => Action::InternalServerError,
                _ => Action::Unauthorized,
            };
            (fault.reason.clone(), action, error::challenge(tenant, fault, &verdict.wanted))
        }
    };
    let (result_code, result_message) = result(&reason);
    IntrospectionResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        existent: Some(verdict.known.is_some()),
        usable: Some(verdict.usable),
        sufficient: Some(verdict.sufficient),
        refreshable: Some(verdict.refreshable),
        ..verdict.known.map(|known| details(tenant, &known.token, &known.client)).unwrap_or_default()
    }
}

/// What a resource server learns of a token that exists.
fn details(tenant: &Tenant, token: &Token, client: &Arc<Client>) -> IntrospectionResponse {
    let entitlement = &token.entitlement;
    let (service_attributes, client_attributes) = attributes(tenant, Some(client));
    let (client_id_alias, client_id_alias_used) = alias(client, entitlement.alias_used);
    let listed = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
    IntrospectionResponse {
        client_id: Some(client.id.0),
        client_id_alias,
        client_id_alias_used,
        expires_at: Some(token.access.expires_at.millis()),
        subject: entitlement.subject.as_ref().map(|subject| subject.as_str().to_owned()),
        scopes: listed(entitlement.scopes.to_vec()),
        scope_details: Some(tenant.scopes.documents(&entitlement.scopes)).filter(|list| !list.is_empty()),
        properties: properties(&entitlement.properties),
        service_attributes,
        client_attributes,
        consented_claims: listed(entitlement.consented_claims.clone()),
        grant_type: Some(entitlement.grant),
        acr: entitlement.acr.clone(),
        auth_time: entitlement.auth_time,
        ..Default::default()
    }
}
