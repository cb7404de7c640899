//! POST /api/{serviceId}/auth/authorization/issue

use placet_api::Reason;
use placet_api::types::AuthorizationIssueRequest;
use placet_base::ids::SubjectError;
use placet_base::registry::GrantType;
use placet_base::{Scopes, Subject};
use placet_store::{Id, Loaded};
use serde_json::{Map, Value};

use super::Refusal;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::authorization_response::{Delivery, deliver};
use crate::mint::entitlement::Entitlement;
use crate::mint::id_token::IdTokenPlan;
use crate::ops::reply;
use crate::policy::Policy;
use crate::records::code::{Code, State};
use crate::records::property::Properties;
use crate::records::ticket::Ticket;
use crate::rules::authorization::AuthzRequest;
use crate::tenant::{Client, Tenant};

pub struct Answer {
    pub delivery: Delivery,
    pub code: String,
    /// What the authorization server had kept with the ticket.
    pub context: Option<String>,
}

pub async fn issue(cx: &mut Cx<'_>, call: &AuthorizationIssueRequest) -> Result<Answer, Refusal> {
    let ticket = ticket(cx, call.ticket.as_deref()).await?;
    let said = Said::parse(call, &ticket, &cx.tenant)?;
    let destination = ticket.destination.clone();
    said.satisfies(&ticket).map_err(|fault| destination.refuse(fault))?;
    let client = cx.client(ticket.client).await?.ok_or(Reason::AuthorizationClientUnknown {})?;
    let context = context(cx, &ticket)?;

    let scopes = said.scopes(&ticket, &cx.tenant, &client);
    let policy = Policy::resolve(&cx.tenant, &client, &scopes).map_err(|fault| destination.refuse(fault))?;
    let number = cx.number();
    let code = cx.handle::<Code>((), number, 0);
    let record = Code {
        hash: code.hash(),
        client: client.id,
        redirect_uri: ticket.request.redirect_uri.clone(),
        challenge: ticket.request.challenge.clone(),
        id_token: scopes.contains(Scopes::OPENID).then(|| said.id_token(&ticket)),
        entitlement: said.entitlement(&ticket, scopes),
        state: State::Issued { failures: 0 },
        expires_at: cx.now + policy.code,
    };
    cx.write.insert(cx.tenant.id, Id::Number(number.0), &record);
    cx.write.delete(ticket);

    let code = code.into_value();
    Ok(Answer { delivery: deliver(&destination, &[("code", code.clone())]), code, context })
}

async fn ticket(cx: &Cx<'_>, value: Option<&str>) -> Result<Loaded<Ticket>, Fault> {
    let value = value.filter(|value| !value.is_empty()).ok_or(Reason::IssueTicketMissing {})?;
    let ticket = cx.ticket::<Ticket>(value).await?;
    Ok(ticket.ok_or(Reason::IssueTicketUnknown {})?)
}

fn context(cx: &Cx<'_>, ticket: &Ticket) -> Result<Option<String>, Fault> {
    let Some(sealed) = &ticket.context else { return Ok(None) };
    Ok(Some(cx.open(sealed, &Ticket::place(&ticket.hash))?.expose().clone()))
}

/// What the authorization server says about the user, in usable form.
struct Said {
    subject: Subject,
    sub: Option<String>,
    scopes: Option<Scopes>,
    properties: Properties,
    acr: Option<String>,
    auth_time: Option<i64>,
    claims: Map<String, Value>,
    header: Map<String, Value>,
    consented_claims: Option<Vec<String>>,
    audience_as_string: bool,
}

impl Said {
    /// A fault here is the caller's, and the ticket stays open.
    fn parse(call: &AuthorizationIssueRequest, ticket: &Ticket, tenant: &Tenant) -> Result<Self, Fault> {
        Ok(Self {
            subject: subject(call.subject.as_deref())?,
            sub: call.sub.clone().filter(|sub| !sub.is_empty()),
            scopes: call.scopes.as_ref().map(|scopes| scopes.iter().collect()),
            properties: reply::parse_properties(call.properties.clone())
                .ok_or(Reason::IssuePropertiesTooLarge {})?,
            acr: call.acr.clone().filter(|acr| !acr.is_empty()),
            auth_time: call.auth_time.filter(|time| *time > 0),
            claims: object(call.claims.as_deref(), Reason::IssueClaimsMalformed {})?,
            header: object(call.idt_header_params.as_deref(), Reason::IssueHeaderMalformed {})?,
            consented_claims: call.consented_claims.clone().filter(|claims| !claims.is_empty()),
            audience_as_string: match call.id_token_aud_type.as_deref() {
                Some(form) => form == "string",
                None => tenant.tokens.audience_as_string,
            },
        })
        .and_then(|said: Self| said.with_auth_time(&ticket.request))
        .map(|said| said.with_claims_consented(ticket, tenant))
    }

    /// OpenID Connect Core §2: `auth_time` is required when the request has `max_age` or the client
    /// requires it. Nobody but the authorization server knows it.
    fn with_auth_time(self, request: &AuthzRequest) -> Result<Self, Fault> {
        let wanted = request.auth_time_required || request.login.max_age.is_some();
        if self.auth_time.is_none() && wanted && request.scopes.contains(Scopes::OPENID) {
            return Err(Reason::IssueAuthTimeMissing {}.into());
        }
        Ok(self)
    }

    /// Without a list, the user has consented to what was asked for.
    fn with_claims_consented(mut self, ticket: &Ticket, tenant: &Tenant) -> Self {
        let supported = tenant.authorization.claims.as_ref();
        self.consented_claims.get_or_insert_with(|| {
            let request = &ticket.request;
            let mut names = request.claims.userinfo_names(&request.scopes, supported);
            names.extend(request.claims.id_token_names(&Scopes::default(), false, supported));
            names
        });
        self
    }

    /// OpenID Connect Core §5.5.1, §5.5.1.1: an essential context class, and the subject asked for.
    fn satisfies(&self, ticket: &Ticket) -> Result<(), Fault> {
        let login = &ticket.request.login;
        if login.acr_essential && !self.acr.as_ref().is_some_and(|acr| login.acrs.contains(acr)) {
            return Err(Reason::IssueAcrUnmet {}.into());
        }
        if login
            .subject
            .as_deref()
            .is_some_and(|wanted| wanted != self.subject.as_str() && self.sub.as_deref() != Some(wanted))
        {
            return Err(Reason::IssueSubjectDiffers {}.into());
        }
        Ok(())
    }

    /// The scopes that were granted: those of the request, or those that the authorization server names
    /// instead. `openid` cannot be added, because the request decides what kind of request it is.
    fn scopes(&self, ticket: &Ticket, tenant: &Tenant, client: &Client) -> Scopes {
        let asked = &ticket.request.scopes;
        let Some(named) = self.scopes.clone() else { return asked.clone() };
        named.retained(|scope| {
            asked.contains(scope)
                || scope != Scopes::OPENID && crate::rules::scope::allowed(scope, tenant, client)
        })
    }

    fn id_token(&self, ticket: &Ticket) -> IdTokenPlan {
        IdTokenPlan {
            sub: self.sub.clone().unwrap_or_else(|| self.subject.as_str().to_owned()),
            nonce: ticket.request.nonce.clone(),
            acr: self.acr.clone(),
            auth_time: self.auth_time,
            claims: self.claims.clone(),
            header: self.header.clone(),
            audience_as_string: self.audience_as_string,
        }
    }

    fn entitlement(self, ticket: &Ticket, scopes: Scopes) -> Entitlement {
        Entitlement {
            client: ticket.client,
            alias_used: ticket.alias_used,
            grant: GrantType::AuthorizationCode,
            subject: Some(self.subject),
            scopes,
            granted: None,
            properties: self.properties,
            acr: self.acr,
            auth_time: self.auth_time,
            claims: ticket.request.claims.clone(),
            consented_claims: self.consented_claims.unwrap_or_default(),
        }
    }
}

fn subject(text: Option<&str>) -> Result<Subject, Fault> {
    let reason = match Subject::parse(text.unwrap_or_default()) {
        Ok(subject) => return Ok(subject),
        Err(SubjectError::Empty) => Reason::IssueSubjectMissing {},
        Err(SubjectError::TooLong) => Reason::IssueSubjectTooLong {},
        Err(SubjectError::NotAscii) => Reason::IssueSubjectNotAscii {},
    };
    Err(reason.into())
}

fn object(text: Option<&str>, otherwise: Reason) -> Result<Map<String, Value>, Fault> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(text).map_err(|_| otherwise.into()),
    }
}
