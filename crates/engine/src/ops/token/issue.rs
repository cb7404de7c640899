//! POST /api/{serviceId}/auth/token/issue

use placet_api::Reason;
use placet_api::types::TokenIssueRequest;
use placet_base::ids::SubjectError;
use placet_base::registry::GrantType;
use placet_base::{Subject, Ttl};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::issuing::{self, ChosenValues, Entitled, Issued};
use crate::flow::{reply, subject_info};
use crate::records::entitlement::{Narrowed, Proof, Proven};
use crate::records::password_ticket::PasswordTicket;
use crate::rules::admission::admitted;

pub async fn issue(cx: &mut Cx<'_>, call: &TokenIssueRequest) -> Result<Issued, Fault> {
    let value = call.ticket.as_deref().filter(|v| !v.is_empty()).ok_or(Reason::TokenIssueTicketMissing {})?;
    let subject = subject(call.subject.as_deref())?;
    let properties =
        reply::parse_properties(call.properties.clone()).ok_or(Reason::TokenIssuePropertiesTooLarge {})?;
    let jwt_claims = subject_info::object(call.jwt_at_claims.as_deref(), &Reason::JwtClaimsMalformed {})?;
    let ticket = cx.ticket::<PasswordTicket>(value).await?;
    let ticket = ticket.ok_or(Reason::TokenIssueTicketUnknown {})?;
    let client = cx.client(ticket.client).await?.ok_or(Reason::TokenIssueTicketUnknown {})?;
    let wanted = ChosenValues {
        access: Ttl::specified(call.access_token_duration).or(Ttl::specified(ticket.access_secs)),
        refresh: Ttl::specified(call.refresh_token_duration).or(Ttl::specified(ticket.refresh_secs)),
        access_token: call.access_token.clone().filter(|value| !value.is_empty()),
        ..ChosenValues::default()
    };
    let policy = cx.tenant.policy(&client, &ticket.scopes);
    let (terms, judged) = ticket.judged(subject);
    let terms = terms.with(&properties, jwt_claims).ok_or(Reason::TokenIssuePropertiesTooLarge {})?;
    let proven = Proven {
        by: Proof::Password(judged),
        admitted: admitted(&client, GrantType::Password, policy)?,
        // The ticket has kept what the token request has proven.
        bound: ticket.binding.clone().sufficient(&policy.token, client.certificate_bound)?,
        narrowed: Narrowed::whole(),
    };
    let issued = issuing::issue(cx, client, Entitled::new(terms, proven), wanted).await?;
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
