//! /api/{serviceId}/client/granted_scopes/… – what a user has granted to a client, which outlives tokens

use placet_api::types::{
    ClientAuthorizationDeleteResponse, ClientGrantedScopesDeleteResponse, SubjectRequest,
};
use placet_api::{CallError, Reason};

use super::authorization::described;
use super::subject;
use crate::cx::Cx;
use crate::flow::client_documents::{ClientRequest, found};
use crate::flow::reply::result;

pub async fn get(
    cx: &mut Cx<'_>,
    about: &ClientRequest<SubjectRequest>,
) -> Result<ClientAuthorizationDeleteResponse, CallError> {
    let subject = subject(about.body.subject.as_deref(), Reason::GrantedScopesSubjectMissing {})?;
    let (id, _) = found(cx, about).await?;
    let owner = cx.owner(&subject).await?;
    let reason = match owner.as_ref().and_then(|owner| owner.granted(id)) {
        Some(_) => Reason::GrantedScopesRead {},
        None => Reason::GrantedScopesNone {},
    };
    described(cx, id, &subject, &reason).await
}

/// Forgets what was granted; tokens stay.
pub async fn delete(
    cx: &mut Cx<'_>,
    about: &ClientRequest<SubjectRequest>,
) -> Result<ClientGrantedScopesDeleteResponse, CallError> {
    let subject = subject(about.body.subject.as_deref(), Reason::GrantedScopesDeleteSubjectMissing {})?;
    let (id, _) = found(cx, about).await?;
    let owner = cx.owner(&subject).await?;
    let reason = match owner.as_ref().and_then(|owner| owner.granted(id)) {
        Some(_) => Reason::GrantedScopesDeleted {},
        None => Reason::GrantedScopesAbsent {},
    };
    if owner.is_some() {
        cx.put_owner(&subject, owner, |owner| owner.without_grant(id));
    }
    let (result_code, result_message) = result(&reason);
    Ok(ClientGrantedScopesDeleteResponse { result_code, result_message })
}
