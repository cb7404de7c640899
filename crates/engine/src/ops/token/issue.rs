//! POST /api/{serviceId}/auth/token/issue

use placet_api::Reason;
use placet_api::types::TokenIssueRequest;
use placet_base::ids::SubjectError;
use placet_base::registry::GrantType;
use placet_base::{Subject, Ttl};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::entitlement::Entitlement;
use crate::ops::issuing::{self, Issued, Wanted};
use crate::ops::{reply, said};
use crate::records::password_ticket::PasswordTicket;

pub async fn issue(cx: &mut Cx<'_>, call: &TokenIssueRequest) -> Result<Issued, Fault> {
    let value = call.ticket.as_deref().filter(|v| !v.is_empty()).ok_or(Reason::TokenIssueTicketMissing {})?;
    let subject = subject(call.subject.as_deref())?;
    let properties =
        reply::parse_properties(call.properties.clone()).ok_or(Reason::TokenIssuePropertiesTooLarge {})?;
    let jwt_claims = said::object(call.jwt_at_claims.as_deref(), &Reason::JwtClaimsMalformed {})?;
    let ticket = cx.ticket::<PasswordTicket>(value).await?;
    let ticket = ticket.ok_or(Reason::TokenIssueTicketUnknown {})?;
    let client = cx.client(ticket.client).await?.ok_or(Reason::TokenIssueTicketUnknown {})?;
    let wanted = Wanted {
        access: Ttl::specified(call.access_token_duration).or(Ttl::specified(ticket.access_secs)),
        refresh: Ttl::specified(call.refresh_token_duration).or(Ttl::specified(ticket.refresh_secs)),
        access_token: call.access_token.clone().filter(|value| !value.is_empty()),
        ..Wanted::default()
    };
    let joined = ticket.properties.clone().joined(&properties);
    let entitlement = Entitlement {
        subject: Some(subject),
        scopes: ticket.scopes.clone(),
        properties: joined.ok_or(Reason::TokenIssuePropertiesTooLarge {})?,
        binding: ticket.binding.clone(),
        resources: ticket.resources.clone(),
        jwt_claims,
        ..Entitlement::new(ticket.client, ticket.alias_used, GrantType::Password)
    };
    let issued = issuing::issue(cx, client, entitlement, wanted).await?;
    cx.write.delete(ticket);
    Ok(issued)
}

fn subject(text: Option<&str>) -> Result<Subject, Fault> {
    let reason = match Subject::parse(text.unwrap_or_default()) {
        Ok(subject) => return Ok(subject),
        Err(SubjectError::Empty) => Reason::TokenIssueSubjectMissing {},
        Err(SubjectError::TooLong) => Reason::TokenIssueSubjectTooLong {},
        Err(SubjectError::NotAscii) => Reason::TokenIssueSubjectNotAscii {},
    };
    Err(reason.into())
}
