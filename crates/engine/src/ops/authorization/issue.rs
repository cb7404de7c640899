//! POST /api/{serviceId}/auth/authorization/issue

use std::sync::Arc;

use placet_api::Reason;
use placet_api::types::AuthorizationIssueRequest;
use placet_base::Scopes;
use placet_base::registry::GrantType;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::issuing::{self, Entitled, IdTokenContext, Issued};
use crate::flow::pending_request::PendingRequest;
use crate::flow::refusal::Refusal;
use crate::flow::subject_info::{self, SubjectInfo};
use crate::flow::verified_claims::{self, Asked};
use crate::flow::{deliver, grants, transformed};
use crate::mint::authorization_response::Delivery;
use crate::mint::id_token::AccompanyingTokens;
use crate::policy::Policy;
use crate::records::code::{Code, State};
use crate::records::entitlement::{Narrowed, Proof, Proven, Terms};
use crate::records::id_token_plan::IdTokenPlan;
use crate::records::ticket::Ticket;
use crate::rules::admission::admitted;
use crate::rules::sender::Evidence;
use crate::tenant::{Client, Tenant};

pub struct Answer {
    pub delivery: Delivery,
    pub code: Option<String>,
    pub issued: Option<Box<Issued>>,
    pub id_token: Option<String>,
    /// What the authorization server had kept with the ticket.
    pub context: Option<String>,
}

fn reasons() -> subject_info::Reasons {
    subject_info::Reasons {
        subject_missing: Reason::IssueSubjectMissing {},
        subject_too_long: Reason::IssueSubjectTooLong {},
        subject_not_ascii: Reason::IssueSubjectNotAscii {},
        claims_malformed: Reason::IssueClaimsMalformed {},
        header_malformed: Reason::IssueHeaderMalformed {},
        properties_too_large: Reason::IssuePropertiesTooLarge {},
    }
}

/// A session is heard of where somebody has a use for it: at logout, or in another application.
fn session<'a>(
    call: &'a AuthorizationIssueRequest,
    ticket: &Ticket,
    tenant: &Tenant,
) -> Result<Option<&'a str>, Fault> {
    let named = call.session_id.as_deref().filter(|session| !session.is_empty());
    if ticket.request.native_sso && named.is_none() {
        return Err(Reason::IssueSessionMissing {}.into());
    }
    Ok(named.filter(|_| tenant.tokens.sessions || ticket.request.native_sso))
}

fn call(call: &AuthorizationIssueRequest) -> subject_info::Call<'_> {
    subject_info::Call {
        subject: call.subject.as_deref(),
        sub: call.sub.as_deref(),
        scopes: call.scopes.as_ref(),
        properties: call.properties.as_ref(),
        acr: call.acr.as_deref(),
        auth_time: call.auth_time,
        claims: call.claims.as_deref(),
        header: call.idt_header_params.as_deref(),
        consented_claims: call.consented_claims.as_ref(),
        audience_type: call.id_token_aud_type.as_deref(),
        jwt_claims: call.jwt_at_claims.as_deref(),
        session: None,
        details: call.authorization_details.as_ref(),
        access_token: call.access_token.as_deref(),
        access_secs: call.access_token_duration,
        refresh_secs: None,
    }
}

pub async fn issue(cx: &mut Cx<'_>, request: &AuthorizationIssueRequest) -> Result<Answer, Refusal> {
    let waiting = waiting(cx, request.ticket.as_deref()).await?;
    let ticket = &waiting.ticket;
    let client = cx.client(ticket.client).await?.ok_or(Reason::AuthorizationClientUnknown {})?;
    let session = session(request, ticket, &cx.tenant)?;
    let call = subject_info::Call { session, ..call(request) };
    let said = SubjectInfo::parse(&call, &cx.tenant, &reasons())?;
    let said = said.with_consent(&ticket.request.claims, &ticket.request.scopes, &cx.tenant);
    let said = with_auth_time(said, ticket)?;
    let wish = &ticket.request.claims;
    let brought = request.claims_for_tx.as_deref();
    let made = transformed::made(wish.id_token.as_ref(), wish, &cx.tenant, brought, cx.now)?;
    let said = with_verified_claims(cx, said, ticket, request.verified_claims_for_tx.as_ref())?;
    let said = said.with_claims(made);
    let (destination, alias_used) = (ticket.destination.clone(), ticket.alias_used);
    let context = context(cx, ticket)?;
    match decide(cx, ticket, &client, said).await {
        Ok(made) => {
            waiting.end(cx);
            let parameters = made.parameters(&cx.tenant);
            let delivery = deliver::answer(cx, &client, alias_used, &destination, &parameters).await?;
            let IssuedArtifacts { code, issued, id_token, .. } = made;
            Ok(Answer { delivery, code, issued, id_token, context })
        }
        Err(fault) => {
            Err(deliver::refusal(cx, Refusal::send(&destination, &client, alias_used, fault)).await)
        }
    }
}

async fn waiting(cx: &Cx<'_>, value: Option<&str>) -> Result<PendingRequest, Fault> {
    let value = value.filter(|value| !value.is_empty()).ok_or(Reason::IssueTicketMissing {})?;
    Ok(PendingRequest::find(cx, value).await?.ok_or(Reason::IssueTicketUnknown {})?)
}

fn context(cx: &Cx<'_>, ticket: &Ticket) -> Result<Option<String>, Fault> {
    let Some(sealed) = &ticket.context else { return Ok(None) };
    Ok(Some(cx.open(sealed, &Ticket::place(&ticket.hash))?.expose().clone()))
}

/// What the response type asks for.
#[derive(Default)]
struct IssuedArtifacts {
    code: Option<String>,
    issued: Option<Box<Issued>>,
    id_token: Option<String>,
}

impl IssuedArtifacts {
    /// RFC 6749 §4.1.2, §4.2.2, OpenID Connect Core §3.2.2.5.
    fn parameters(&self, tenant: &Tenant) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        parameters.extend(self.code.clone().map(|code| ("code", code)));
        if let Some(issued) = &self.issued {
            let entitlement = &issued.record.entitlement;
            let token_type = entitlement.binding.token_type(&tenant.tokens.token_type);
            parameters.push(("access_token", issued.presented().to_owned()));
            parameters.push(("token_type", token_type.to_owned()));
            parameters.push(("expires_in", issued.access_secs.to_string()));
            let scopes = entitlement.scopes.to_string();
            parameters.extend(Some(scopes).filter(|scope| !scope.is_empty()).map(|scope| ("scope", scope)));
        }
        parameters.extend(self.id_token.clone().map(|token| ("id_token", token)));
        parameters
    }
}

async fn decide(
    cx: &mut Cx<'_>,
    ticket: &Ticket,
    client: &Arc<Client>,
    said: SubjectInfo,
) -> Result<IssuedArtifacts, Fault> {
    let said = satisfying(said, ticket, &cx.tenant, client)?;
    let wish = ticket.request.response_type;
    let parameterised = ticket.request.parameterised.iter().map(|scope| scope.value.as_str());
    let asked = ticket.request.scopes.iter().chain(parameterised).collect();
    let scopes = said.granted(asked, &cx.tenant, client);
    let policy = cx.tenant.policy(client, &scopes);
    let openid = scopes.contains(Scopes::OPENID);
    let plan = openid.then(|| said.id_token(ticket.request.nonce.clone(), &cx.tenant, client));
    let wanted = said.wanted.clone();
    let base = Terms {
        scopes,
        claims: ticket.request.claims.clone(),
        resources: ticket.request.resources.clone(),
        details: ticket.request.details.clone(),
        ..Terms::new(client.id, ticket.alias_used, GrantType::AuthorizationCode)
    };
    let terms = said.into_terms(base);
    let grant = grants::managed(cx, ticket.request.grant.as_ref(), &terms).await?;
    let terms = terms.of_grant(grant);
    grants::remember(cx, &terms, &statics(ticket, &terms.scopes)).await?;

    let mut made = IssuedArtifacts::default();
    if wish.has_token() {
        let entitled = front_channel(ticket, client, terms.clone(), policy)?;
        made.issued = Some(Box::new(issuing::issue(cx, client.clone(), entitled, wanted).await?));
    }
    if wish.has_code() {
        made.code = Some(code(cx, ticket, terms.clone(), plan.clone(), &policy).await?);
    }
    if let Some(plan) = plan.filter(|_| wish.has_id_token()) {
        let about = IdTokenContext { policy: &policy, entitlement: &terms };
        made.id_token = Some(front_channel_token(cx, ticket, client, plan, (about, &made)).await?);
    }
    Ok(made)
}

/// RFC 6749 §4.2: an access token straight from here, which nobody has proven a key for.
fn front_channel(ticket: &Ticket, client: &Client, terms: Terms, policy: Policy) -> Result<Entitled, Fault> {
    let proven = Proven {
        by: Proof::FrontChannel(ticket.destination.matched()),
        admitted: admitted(client, GrantType::Implicit, policy)?,
        bound: Evidence::default().bound(client, &policy.token)?,
        narrowed: Narrowed::whole(),
    };
    Ok(Entitled::new(Terms { grant: GrantType::Implicit, ..terms }, proven))
}

/// OpenID Connect Core §3.3.2.11: the ID token binds what comes with it.
async fn front_channel_token(
    cx: &mut Cx<'_>,
    ticket: &Ticket,
    client: &Arc<Client>,
    plan: IdTokenPlan,
    (about, made): (IdTokenContext<'_>, &IssuedArtifacts),
) -> Result<String, Fault> {
    let companions = AccompanyingTokens {
        access_token: made.issued.as_ref().map(|issued| issued.presented()),
        code: made.code.as_deref(),
        state: ticket.destination.state().filter(|_| ticket.request.state_hash),
        ..AccompanyingTokens::default()
    };
    issuing::id_token(cx, client, plan, about, companions).await
}

async fn code(
    cx: &mut Cx<'_>,
    ticket: &Ticket,
    terms: Terms,
    id_token: Option<IdTokenPlan>,
    policy: &Policy,
) -> Result<String, Fault> {
    let client = cx.client(ticket.client).await?.ok_or_else(|| Fault::server("the client is gone"))?;
    let number = cx.number_above(&client, terms.subject.as_ref()).await?;
    let code = cx.handle::<Code>((), number, 0);
    let record = Code {
        hash: code.hash(),
        client: ticket.client,
        redirect_uri: ticket.request.redirect_uri.clone(),
        challenge: ticket.request.challenge.clone(),
        jkt: ticket.request.jkt.clone(),
        instance: ticket.request.instance.clone(),
        id_token,
        terms,
        state: State::Issued { failures: 0 },
        expires_at: cx.now + policy.token.code,
    };
    cx.write.insert(cx.tenant.id, &number, &record);
    Ok(code.into_value())
}

/// OpenID Connect Core §2: `auth_time` is required when the request has `max_age` or the client requires
/// it. Nobody but the authorization server knows it.
fn with_auth_time(said: SubjectInfo, ticket: &Ticket) -> Result<SubjectInfo, Fault> {
    let request = &ticket.request;
    let wanted = request.auth_time_required || request.login.max_age.is_some();
    if said.auth_time.is_none() && wanted && request.scopes.contains(Scopes::OPENID) {
        return Err(Reason::IssueAuthTimeMissing {}.into());
    }
    Ok(said)
}

/// OpenID Connect for Identity Assurance 1.0 §5: those that the client has asked for.
fn with_verified_claims(
    cx: &Cx<'_>,
    mut said: SubjectInfo,
    ticket: &Ticket,
    brought: Option<&Vec<String>>,
) -> Result<SubjectInfo, Fault> {
    let wish = &ticket.request.claims;
    let consented = said.consented_claims.as_deref().unwrap_or_default();
    let asked = Asked { wish, part: wish.id_token.as_ref(), consented };
    let known = (&*cx.tenant, cx.now);
    said.claims = verified_claims::answered(
        std::mem::take(&mut said.claims),
        &asked,
        known,
        brought,
        verified_claims::invalid_in_id_token,
    )?;
    Ok(said)
}

/// OpenID Connect Core §5.5.1, §5.5.1.1: an essential context class, and the subject asked for.
fn satisfying(
    said: SubjectInfo,
    ticket: &Ticket,
    tenant: &Tenant,
    client: &Client,
) -> Result<SubjectInfo, Fault> {
    let login = &ticket.request.login;
    if login.acr_essential && !said.acr.as_ref().is_some_and(|acr| login.acrs.contains(acr)) {
        return Err(Reason::IssueAcrUnmet {}.into());
    }
    let is = |wanted: &str| wanted == said.subject.as_str() || wanted == said.sub(tenant, client);
    if login.subject.as_deref().is_some_and(|wanted| !is(wanted)) {
        return Err(Reason::IssueSubjectDiffers {}.into());
    }
    Ok(said)
}

/// What is remembered of a grant: parameters are for once.
fn statics(ticket: &Ticket, scopes: &Scopes) -> Scopes {
    let parameterised = &ticket.request.parameterised;
    scopes.clone().retained(|scope| !parameterised.iter().any(|asked| asked.value == scope))
}
