//! /api/{serviceId}/client/grants/… – the grants that a user has given a client to manage (OAuth 2.0 Grant Management), as the
//! user's own account shows and ends them

use placet_api::types::{
    ClientAuthorizationGetListRequest, ClientAuthorizationGetListResponse, ClientGrantsDeleteRequest,
    ClientGrantsDeleteResponse, ClientGrantsGetResponse, ManagedGrant, SubjectRequest,
};
use placet_api::{CallError, Reason};
use placet_store::Loaded;

use super::authorization::Window;
use super::subject;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::client_documents::{ClientRequest, found};
use crate::flow::grants;
use crate::flow::reply::{self, limited_client, result};
use crate::records::grant::Grant;

/// The clients that a user has let in, also those that hold no tokens now: what was granted to them still counts.
pub async fn list(
    cx: &mut Cx<'_>,
    call: &ClientAuthorizationGetListRequest,
) -> Result<ClientAuthorizationGetListResponse, CallError> {
    let subject = subject(call.subject.as_deref(), Reason::ClientGrantsSubjectMissing {})?;
    let window = Window::of(call)?;
    let owner = cx.owner(&subject).await?;
    let let_in: Vec<_> = owner.iter().flat_map(|owner| owner.let_in()).collect();
    let mut shown = Vec::new();
    for id in let_in.iter().skip(window.start).take(window.size) {
        shown.extend(cx.client(*id).await?.map(|client| limited_client(&client)));
    }
    Ok(window.shown(call, let_in.len(), shown))
}

pub async fn get(
    cx: &mut Cx<'_>,
    about: &ClientRequest<SubjectRequest>,
) -> Result<ClientGrantsGetResponse, CallError> {
    let subject = subject(about.body.subject.as_deref(), Reason::ClientGrantsSubjectMissing {})?;
    let (id, _) = found(cx, about).await?;
    let found = grants::all(cx, id, &subject).await?;
    let shown = |grant: &Loaded<Grant>| ManagedGrant {
        grant_id: Some(grant.id().clone()),
        grant: Some(reply::grant(grant)),
        modified_at: Some(grant.modified_at.millis()),
    };
    let (result_code, result_message) = result(&Reason::ClientGrantsRead {});
    let grants = Some(found.iter().map(shown).collect());
    Ok(ClientGrantsGetResponse { result_code, result_message, grants })
}

/// Ends a grant as its client could: tokens of it mean nothing any more.
pub async fn delete(
    cx: &mut Cx<'_>,
    about: &ClientRequest<ClientGrantsDeleteRequest>,
) -> Result<ClientGrantsDeleteResponse, CallError> {
    let subject = subject(about.body.subject.as_deref(), Reason::ClientGrantsSubjectMissing {})?;
    let named = about.body.grant_id.as_ref().filter(|id| !id.is_empty());
    let named = named.ok_or(Reason::ClientGrantUnsaid {})?;
    let (id, _) = found(cx, about).await?;
    let grant = cx.read.get::<Grant>(named).await.map_err(Fault::from)?;
    let grant = grant.filter(|grant| grant.client == id && grant.subject == subject);
    grants::end_one(cx, grant.ok_or(Reason::ClientGrantUnknown {})?).await?;
    let (result_code, result_message) = result(&Reason::ClientGrantEnded {});
    Ok(ClientGrantsDeleteResponse { result_code, result_message })
}
