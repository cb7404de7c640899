//! POST /api/{serviceId}/auth/introspection

use std::sync::Arc;

use placet_api::types::{IntrospectionRequest, IntrospectionResponse, IntrospectionResponseAction};
use placet_api::{OAuthError, Reason};
use placet_base::{Scopes, Timestamp};
use placet_store::Loaded;

use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::access_token::{self, Presented, Refusals};
use crate::flow::credential_nonce::{self, CredentialNonce};
use crate::flow::evidence::PresentedProof;
use crate::flow::reply::{self, attributes, listed, named_as, properties, result};
use crate::mint::error;
use crate::records::entitlement::Terms;
use crate::records::grant::Grant;
use crate::records::token::Token;
use crate::rules::credential::granted;
use crate::tenant::{Client, Tenant};

/// The verdict on a token, and what is known of it either way.
pub struct Verdict {
    pub fault: Option<Fault>,
    pub known: Option<LiveToken>,
    pub grant: Option<Grant>,
    pub usable: bool,
    pub sufficient: bool,
    pub refreshable: bool,
    /// What the challenge names besides the error.
    pub wanted: Vec<(&'static str, String)>,
    /// The response must be signed.
    pub signed: bool,
    /// For the next key proof, where the token is for credentials.
    pub nonce: Option<CredentialNonce>,
}

impl Verdict {
    fn unknown(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            known: None,
            grant: None,
            usable: false,
            sufficient: false,
            refreshable: false,
            wanted: Vec::new(),
            signed: false,
            nonce: None,
        }
    }
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
        Err(fault) if fault.is_passing() => return Err(fault),
        Err(fault) => return Ok(Verdict::unknown(fault)),
    };
    let policy = known.policy(cx);
    let expiry = known.expiry(cx, refusals()).err();
    let covered = covered(&known.token, call);
    let (usable, sufficient) = (expiry.is_none(), covered.is_ok());
    let value = call.token.as_deref().unwrap_or_default();
    let fault = match expiry {
        Some(fault) => Some(fault),
        None => known.held(cx, value, presented(call), &policy).await.err(),
    };
    if let Some(fault) = fault.as_ref().filter(|fault| fault.is_passing()) {
        return Err(fault.clone());
    }
    let met = covered.and_then(|met| met.by_subject(call)).and_then(|met| met.by_resources(call));
    let met = met.and_then(|met| met.by_authentication(call, cx.now));
    let (unmet, wanted) = match met {
        Ok(_) => (None, Vec::new()),
        Err(unmet) => (Some(unmet.fault), unmet.wanted),
    };
    let fault = fault.or(unmet);
    let refreshable = known.token.is_refreshable(cx.now);
    let grant = match &known.token.entitlement.grant_id {
        Some(id) => cx.read.get::<Grant>(id).await?.map(Loaded::into_value),
        None => None,
    };
    let signed = policy.resource.responses_signed;
    let terms = &known.token.entitlement;
    let nonce = credential_nonce::nonce(&cx.tenant, terms, cx.now).filter(|_| usable);
    Ok(Verdict { fault, grant, usable, sufficient, refreshable, wanted, signed, nonce, known: Some(known) })
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

fn presented(call: &IntrospectionRequest) -> Presented<'_> {
    Presented {
        certificate: call.client_certificate.as_deref(),
        shown: PresentedProof {
            dpop: call.dpop.as_deref(),
            htm: call.htm.as_deref(),
            htu: given(&call.htu).or(given(&call.target_uri)).or(given(&call.uri)),
            addresses: &[],
            nonce_required: call.dpop_nonce_required,
        },
        headers: call.headers.as_ref(),
        target_uri: call.target_uri.as_deref().or(call.uri.as_deref()),
        body: call.request_body_contained == Some(true),
        message: call.message.as_deref(),
    }
}

/// A token that meets what was asked of it so far.
struct Meets<'t>(&'t Token);

/// What the token does not meet, and what the challenge names that would do.
struct Unmet {
    fault: Fault,
    wanted: Vec<(&'static str, String)>,
}

impl Unmet {
    fn naming(reason: Reason, wanted: Vec<(&'static str, String)>) -> Box<Self> {
        Box::new(Self { fault: reason.into(), wanted })
    }
}

impl From<Reason> for Box<Unmet> {
    fn from(reason: Reason) -> Self {
        Unmet::naming(reason, Vec::new())
    }
}

/// RFC 6750 §3.1: `insufficient_scope` names the scopes that would do.
fn covered<'t>(token: &'t Token, call: &IntrospectionRequest) -> Result<Meets<'t>, Box<Unmet>> {
    let required: Scopes = call.scopes.iter().flatten().filter(|scope| !scope.is_empty()).collect();
    let held = &token.entitlement.scopes;
    let Some(lacking) = required.iter().find(|scope| !held.contains(scope)) else { return Ok(Meets(token)) };
    let reason = match held.is_empty() {
        true => Reason::IntrospectionNoScope {},
        false => Reason::IntrospectionScopeMissing { scope: lacking.to_owned() },
    };
    Err(Unmet::naming(reason, vec![("scope", required.to_string())]))
}

impl Meets<'_> {
    fn by_subject(self, call: &IntrospectionRequest) -> Result<Self, Box<Unmet>> {
        let Some(required) = call.subject.as_deref().filter(|subject| !subject.is_empty()) else {
            return Ok(self);
        };
        match &self.0.entitlement.subject {
            Some(subject) if subject.as_str() == required => Ok(self),
            Some(_) => Err(Reason::IntrospectionSubjectDiffers {}.into()),
            None => Err(Reason::IntrospectionNoSubject {}.into()),
        }
    }

    /// RFC 8707 §2: a token for some resources opens no others.
    fn by_resources(self, call: &IntrospectionRequest) -> Result<Self, Box<Unmet>> {
        let held = self.0.entitlement.audience();
        let mut required = call.resources.iter().flatten().filter(|resource| !resource.is_empty());
        match required.find(|resource| !held.contains(resource)) {
            Some(_) => Err(Reason::IntrospectionResourceMissing {}.into()),
            None => Ok(self),
        }
    }

    /// RFC 9470 §3: the challenge names what would do.
    fn by_authentication(self, call: &IntrospectionRequest, now: Timestamp) -> Result<Self, Box<Unmet>> {
        let entitlement = &self.0.entitlement;
        let acrs: Vec<&str> =
            call.acr_values.iter().flatten().map(String::as_str).filter(|a| !a.is_empty()).collect();
        if !acrs.is_empty() && !entitlement.acr.as_deref().is_some_and(|acr| acrs.contains(&acr)) {
            let wanted = vec![("acr_values", acrs.join(" "))];
            return Err(Unmet::naming(Reason::IntrospectionAcrUnmet {}, wanted));
        }
        let Some(max_age) = call.max_age.filter(|age| *age > 0) else { return Ok(self) };
        let young = |time: i64| now.as_secs().saturating_sub(time) <= max_age;
        if !entitlement.auth_time.is_some_and(young) {
            let wanted = vec![("max_age", max_age.to_string())];
            return Err(Unmet::naming(Reason::IntrospectionAuthTooOld {}, wanted));
        }
        Ok(self)
    }
}

/// COMPAT: what the hosted product hands a resource server whose own checks fail afterwards.
const OTHERWISE: &str = "Bearer error=\"invalid_request\"";

pub fn reply(tenant: &Tenant, outcome: Result<Verdict, Fault>) -> IntrospectionResponse {
    use IntrospectionResponseAction as Action;
    let verdict = outcome.unwrap_or_else(Verdict::unknown);
    let (reason, action, content) = match &verdict.fault {
        None => (Reason::TokenActive {}, Action::Ok, OTHERWISE.to_owned()),
        Some(fault) => {
            let action = match (&fault.reason, fault.error()) {
                (Reason::IntrospectionTokenMissing {}, _) => Action::BadRequest,
                (
                    _,
                    OAuthError::InvalidRequest | OAuthError::InsufficientScope | OAuthError::InvalidTarget,
                ) => Action::Forbidden,
                (_, OAuthError::ServerError) => Action::InternalServerError,
                _ => Action::Unauthorized,
            };
            let scheme = verdict.known.as_ref().map_or("Bearer", LiveToken::scheme);
            (fault.reason.clone(), action, error::challenge(tenant, fault, scheme, &verdict.wanted))
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
        grant: verdict.grant.as_ref().map(reply::grant),
        response_signing_required: verdict.signed.then_some(true),
        cnonce_expires_at: verdict.nonce.as_ref().map(|nonce| nonce.expires_at.millis()),
        cnonce: verdict.nonce.map(|nonce| nonce.value),
        ..verdict.known.map(|known| details(tenant, &known.token, &known.client)).unwrap_or_default()
    }
}

/// What a resource server learns of a token that exists.
fn details(tenant: &Tenant, token: &Token, client: &Arc<Client>) -> IntrospectionResponse {
    let entitlement = &token.entitlement;
    let (service_attributes, client_attributes) = attributes(tenant, Some(client));
    let named = named_as(client, entitlement.alias_used);
    let credentials = issuable(tenant, entitlement);
    IntrospectionResponse {
        client_id: Some(client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        expires_at: Some(token.access.expires_at.millis()),
        subject: entitlement.subject.as_ref().map(|subject| subject.as_str().to_owned()),
        scopes: listed(&entitlement.scopes.to_vec()),
        scope_details: Some(tenant.scopes.documents(&entitlement.scopes)).filter(|list| !list.is_empty()),
        properties: properties(&entitlement.properties),
        service_attributes,
        client_attributes,
        consented_claims: listed(&entitlement.consented_claims),
        resources: listed(&entitlement.resources),
        access_token_resources: listed(entitlement.audience()),
        authorization_details: reply::details(&entitlement.details),
        certificate_thumbprint: entitlement.binding.x5t.clone(),
        grant_id: entitlement.grant_id.clone(),
        for_external_attachment: entitlement.for_attachment.then_some(true),
        for_credential_issuance: credentials.is_some().then_some(true),
        issuable_credentials: credentials,
        grant_type: Some(entitlement.grant),
        acr: entitlement.acr.clone(),
        auth_time: entitlement.auth_time,
        ..Default::default()
    }
}

/// The credentials that may be had with the token.
fn issuable(tenant: &Tenant, entitlement: &Terms) -> Option<String> {
    let issuer = tenant.credentials.as_ref()?;
    granted::document(&granted::granted(&entitlement.of_credentials(), issuer), issuer)
}
