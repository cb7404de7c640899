//! POST /api/{serviceId}/vci/notification – OpenID for Verifiable Credential Issuance 1.0 §11

use placet_api::types::{
    CredentialNotificationInfo, VciNotificationRequest, VciNotificationResponse,
    VciNotificationResponseAction as Action,
};
use placet_api::{OAuthError, Reason};

use super::reply::challenge;
use crate::cx::{Cx, Held, LiveToken};
use crate::fault::Fault;
use crate::flow::credential_request::{self, Refused};
use crate::flow::reply::result;
use crate::mint::error;
use crate::records::credential_notification::CredentialNotification;
use crate::rules::credential::notification::Notification;
use crate::tenant::Tenant;

/// Who has said what of what.
pub async fn notify(
    cx: &mut Cx<'_>,
    call: &VciNotificationRequest,
) -> Result<CredentialNotificationInfo, Refused> {
    let tenant = cx.tenant.clone();
    if !credential_request::issuer(&tenant)?.notified {
        return Err(Reason::NotificationNotOffered {}.into());
    }
    let token = credential_request::token(cx, call.access_token.as_deref()).await?;
    let said = said(cx, call, &token).await;
    said.map_err(|fault| Refused { scheme: token.scheme(), ..fault.into() })
}

async fn said(
    cx: &mut Cx<'_>,
    call: &VciNotificationRequest,
    token: &LiveToken,
) -> Result<CredentialNotificationInfo, Fault> {
    let said = Notification::parse(call.request_content.as_deref().unwrap_or_default())?;
    let found = cx.bearer::<CredentialNotification>((), &said.id).await?.and_then(Held::present);
    // A refreshed token is the same record.
    let found = found.filter(|one| !one.expires_at.is_past(cx.now) && one.token == *token.token.id());
    let found = found.ok_or(Reason::NotificationUnknown {})?;
    let info = CredentialNotificationInfo {
        notification_id: Some(said.id),
        event: Some(said.event.name().to_owned()),
        event_description: said.description,
        repeated: Some(found.told.contains(&said.event)),
        request_identifier: Some(found.request.clone()),
        credential_configuration_id: Some(found.configuration.clone()),
        client_id: Some(token.client.id.0),
        subject: token.token.entitlement.subject.as_ref().map(|subject| subject.as_str().to_owned()),
    };
    if info.repeated == Some(false) {
        cx.write.transition(found, |one| one.notified(said.event));
    }
    Ok(info)
}

pub fn reply(
    tenant: &Tenant,
    outcome: Result<CredentialNotificationInfo, Refused>,
) -> VciNotificationResponse {
    let (reason, action, response_content, info) = match outcome {
        Ok(info) => (Reason::NotificationTaken {}, Action::NoContent, None, Some(info)),
        Err(refused) => {
            let fault = &refused.fault;
            let (action, content) = match fault.error() {
                OAuthError::InvalidToken => (Action::Unauthorized, challenge(tenant, &refused)),
                OAuthError::AccessDenied => (Action::Forbidden, error::json(tenant, fault)),
                OAuthError::ServerError => (Action::InternalServerError, error::json(tenant, fault)),
                _ => (Action::BadRequest, error::json(tenant, fault)),
            };
            (refused.fault.reason, action, Some(content), None)
        }
    };
    let (result_code, result_message) = result(&reason);
    VciNotificationResponse { result_code, result_message, action: Some(action), response_content, info }
}
