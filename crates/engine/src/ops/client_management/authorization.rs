//! /api/{serviceId}/client/authorization/… – the tokens that clients hold of a user

use std::ops::ControlFlow;

use placet_api::types::{
    ClientAuthorizationDeleteResponse, ClientAuthorizationGetListRequest, ClientAuthorizationGetListResponse,
    ClientAuthorizationUpdateRequest, ClientAuthorizationUpdateResponse, ClientLimited, SubjectRequest,
};
use placet_api::{CallError, Reason};
use placet_base::{ClientId, Scopes};

use super::subject;
use crate::budgets::BULK;
use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::client_documents::{ClientRequest, Sayable, found};
use crate::flow::reply::{int32, limited_client, result};
use crate::flow::{bulk_revocation, grants};
use crate::records::entitlement::Amendment;
use crate::records::token::Token;
use crate::rules::admission::{Regrant, Regranted, regranted};

/// What a list shows when the call does not say.
const DEFAULT_END: i64 = 5;

/// The clients that hold live tokens of a user.
pub async fn list(
    cx: &mut Cx<'_>,
    call: &ClientAuthorizationGetListRequest,
) -> Result<ClientAuthorizationGetListResponse, CallError> {
    let subject = subject(call.subject.as_deref(), Reason::AuthorizationListSubjectMissing {})?;
    let window = Window::of(call)?;
    let mut clients: Vec<_> = Vec::new();
    let note = |live: LiveToken| {
        let valid = !live.token.access.expires_at.is_past(cx.now) || live.token.is_refreshable(cx.now);
        if valid && !clients.iter().any(|(id, _)| *id == live.client.id) {
            clients.push((live.client.id, limited_client(&live.client)));
        }
        ControlFlow::Continue(())
    };
    cx.each_token(None, Some(&subject), note).await?;
    let total = clients.len();
    let shown = clients.into_iter().skip(window.start).take(window.size).map(|(_, client)| client);
    Ok(window.shown(call, total, shown.collect()))
}

/// The part of a list that a call asks for.
pub(super) struct Window {
    pub(super) start: usize,
    pub(super) size: usize,
}

impl Window {
    pub(super) fn of(call: &ClientAuthorizationGetListRequest) -> Result<Self, CallError> {
        let start = i64::from(call.start.unwrap_or(0));
        let from = usize::try_from(start).map_err(|_| Reason::AuthorizationListStartNegative {})?;
        let end = call.end.map_or(start.saturating_add(DEFAULT_END), i64::from);
        let to = usize::try_from(end).map_err(|_| Reason::AuthorizationListEndNegative {})?;
        Ok(Self { start: from, size: to.saturating_sub(from) })
    }

    pub(super) fn shown(
        &self,
        call: &ClientAuthorizationGetListRequest,
        total: usize,
        clients: Vec<ClientLimited>,
    ) -> ClientAuthorizationGetListResponse {
        ClientAuthorizationGetListResponse {
            start: Some(int32(self.start)),
            end: Some(int32(self.start.saturating_add(clients.len()))),
            developer: call.developer.clone(),
            subject: call.subject.clone(),
            total_count: Some(int32(total)),
            clients: Some(clients),
        }
    }
}

/// Replaces the scopes of the tokens that a client holds of a user.
pub async fn update(
    cx: &mut Cx<'_>,
    about: &ClientRequest<ClientAuthorizationUpdateRequest>,
) -> Result<ClientAuthorizationUpdateResponse, CallError> {
    let subject = subject(about.body.subject.as_deref(), Reason::AuthorizationUpdateSubjectMissing {})?;
    let (id, _) = found(cx, about).await?;
    let tokens = cx.all_tokens_of(Some(id), Some(&subject)).await?;
    let tokens = tokens.map_err(|_| Reason::BulkTooLarge { limit: BULK.to_string() })?;
    let count = tokens.len();
    if let Some(scopes) = &about.body.scopes {
        for live in tokens {
            let scopes: Scopes = scopes.iter().collect();
            let said = about.sayable("scopes", live.token.entitlement.granted().covers(&scopes))?;
            let scopes = of_token(cx, &live, (scopes, said)).map_err(unmet)?;
            let amendment = Amendment { scopes: Some(scopes), ..Amendment::default() };
            cx.write.transition(live.token, |token: Token| token.amended(amendment));
        }
    }
    let (result_code, result_message) = result(&Reason::AuthorizationUpdated { count: count.to_string() });
    Ok(ClientAuthorizationUpdateResponse { result_code, result_message })
}

/// The scopes that one of the tokens may have.
fn of_token(cx: &Cx<'_>, live: &LiveToken, (scopes, _): (Scopes, Sayable)) -> Result<Regranted, Fault> {
    let entitlement = &live.token.entitlement;
    let former = entitlement.granted();
    let token = Regrant { grant: entitlement.grant, former, binding: &entitlement.binding };
    regranted(&cx.tenant, &live.client, &token, scopes)
}

fn unmet(fault: Fault) -> CallError {
    let reason = Reason::AuthorizationUpdateUnmet { detail: fault.reason.message() };
    CallError { reason, source: fault.source }
}

/// Ends the tokens that a client holds of a user.
pub async fn delete(
    cx: &mut Cx<'_>,
    about: &ClientRequest<SubjectRequest>,
) -> Result<ClientAuthorizationDeleteResponse, CallError> {
    let subject = subject(about.body.subject.as_deref(), Reason::AuthorizationDeleteSubjectMissing {})?;
    let (id, _) = found(cx, about).await?;
    let count = bulk_revocation::revoke(cx, Some(id), Some(&subject)).await?;
    grants::end(cx, id, &subject).await?;
    let reason = Reason::AuthorizationDeleted { count: count.to_string() };
    described(cx, id, &subject, &reason).await
}

/// What a user has granted to a client.
pub(super) async fn described(
    cx: &Cx<'_>,
    id: ClientId,
    subject: &placet_base::Subject,
    reason: &Reason,
) -> Result<ClientAuthorizationDeleteResponse, CallError> {
    let owner = cx.owner(subject).await?;
    let granted = owner.as_ref().and_then(|owner| owner.granted(id));
    let (result_code, result_message) = result(reason);
    Ok(ClientAuthorizationDeleteResponse {
        result_code,
        result_message,
        service_api_key: Some(cx.tenant.id.0),
        client_id: Some(id.0),
        subject: Some(subject.as_str().to_owned()),
        latest_granted_scopes: granted.map(|granted| granted.latest.to_vec()),
        merged_granted_scopes: granted.map(|granted| granted.merged.to_vec()),
        modified_at: granted.map(|granted| granted.modified_at.millis()),
    })
}
