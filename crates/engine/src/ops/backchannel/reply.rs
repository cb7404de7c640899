//! What the backchannel authentication family answers.

use placet_api::types::*;
use placet_api::{OAuthError, Reason};
use placet_base::registry::DeliveryMode;

use super::complete::Completed;
use super::fail::Failed;
use super::issue::Acknowledgement;
use super::request::Identification;
use crate::fault::Fault;
use crate::flow::reply::{self, attributes, details, dynamic_scopes, int32, listed, named_as, result};
use crate::mint::error;
use crate::rules::ciba::UserHint;
use crate::tenant::Tenant;

pub fn request(tenant: &Tenant, outcome: Result<Identification, Fault>) -> BackchannelAuthenticationResponse {
    use BackchannelAuthenticationResponseAction as Action;
    let Identification { ticket, client, alias_used, mode, request, grant } = match outcome {
        Ok(identification) => identification,
        Err(fault) => {
            let (result_code, result_message) = result(&fault.reason);
            return BackchannelAuthenticationResponse {
                result_code,
                result_message,
                action: Some(match fault.error() {
                    OAuthError::InvalidClient => Action::Unauthorized,
                    OAuthError::ServerError => Action::InternalServerError,
                    _ => Action::BadRequest,
                }),
                response_content: Some(error::json(tenant, &fault)),
                ..Default::default()
            };
        }
    };
    let (result_code, result_message) = result(&Reason::IdentificationNeeded {});
    let (service_attributes, client_attributes) = attributes(tenant, Some(&client));
    let named = named_as(&client, alias_used);
    let access = request.access;
    BackchannelAuthenticationResponse {
        result_code,
        result_message,
        action: Some(Action::UserIdentification),
        ticket: Some(ticket),
        client_id: Some(client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        client_name: client.limited.client_name.clone(),
        client_auth_method: Some(client.authentication.method),
        delivery_mode: Some(mode),
        scopes: Some(reply::plain_scopes(tenant, &access.scopes)),
        dynamic_scopes: dynamic_scopes(&access.parameterised),
        claim_names: reply::claim_names(tenant, &access.scopes),
        acrs: listed(&access.acrs),
        hint_type: Some(hint_type(request.hint).to_owned()),
        hint: Some(request.hint_value),
        sub: request.sub,
        binding_message: request.binding_message,
        user_code: request.user_code,
        user_code_required: Some(client.backchannel.user_code && tenant.backchannel.user_code),
        requested_expiry: Some(int32(request.requested_expiry.unwrap_or(0))),
        request_context: request.context,
        client_notification_token: request.notification_token,
        resources: listed(&access.resources),
        authorization_details: details(&access.details),
        gm_action: access.grant.as_ref().map(|wish| wish.action),
        grant_id: access.grant.and_then(|wish| wish.grant_id),
        grant_subject: grant.as_ref().map(|grant| grant.subject.as_str().to_owned()),
        grant: grant.as_ref().map(reply::grant),
        service_attributes,
        client_attributes,
        ..Default::default()
    }
}

fn hint_type(hint: UserHint) -> &'static str {
    match hint {
        UserHint::LoginHint => "LOGIN_HINT",
        UserHint::LoginHintToken => "LOGIN_HINT_TOKEN",
        UserHint::IdTokenHint => "ID_TOKEN_HINT",
    }
}

pub fn issue(
    tenant: &Tenant,
    outcome: Result<Acknowledgement, Fault>,
) -> BackchannelAuthenticationIssueResponse {
    use BackchannelAuthenticationIssueResponseAction as Action;
    match outcome {
        Ok(given) => {
            let (result_code, result_message) = result(&Reason::AuthReqIdIssued {});
            BackchannelAuthenticationIssueResponse {
                result_code,
                result_message,
                action: Some(Action::Ok),
                response_content: Some(given.content),
                auth_req_id: Some(given.auth_req_id),
                expires_in: Some(int32(given.expires_in)),
                interval: Some(int32(given.interval)),
            }
        }
        Err(fault) => {
            let (result_code, result_message) = result(&fault.reason);
            let of_ticket = matches!(
                fault.reason,
                Reason::BackchannelIssueTicketMissing {}
                    | Reason::BackchannelIssueTicketUnknown {}
                    | Reason::BackchannelIssueTicketExpired {}
                    | Reason::BackchannelIssueTicketUsed {}
            );
            BackchannelAuthenticationIssueResponse {
                result_code,
                result_message,
                action: Some(if of_ticket { Action::InvalidTicket } else { Action::InternalServerError }),
                response_content: Some(error::json(tenant, &fault)),
                ..Default::default()
            }
        }
    }
}

pub fn fail(tenant: &Tenant, outcome: Result<Failed, Fault>) -> BackchannelAuthenticationFailResponse {
    use BackchannelAuthenticationFailResponseAction as Action;
    let Failed(fault) = outcome.unwrap_or_else(Failed);
    let (result_code, result_message) = result(&fault.reason);
    BackchannelAuthenticationFailResponse {
        result_code,
        result_message,
        action: Some(match fault.error() {
            OAuthError::AccessDenied => Action::Forbidden,
            OAuthError::ServerError => Action::InternalServerError,
            _ => Action::BadRequest,
        }),
        response_content: Some(error::json(tenant, &fault)),
    }
}

pub fn complete(
    tenant: &Tenant,
    outcome: Result<Completed, Fault>,
) -> BackchannelAuthenticationCompleteResponse {
    use BackchannelAuthenticationCompleteResponseAction as Action;
    let done = match outcome {
        Ok(done) => done,
        Err(fault) => {
            let (result_code, result_message) = result(&fault.reason);
            return BackchannelAuthenticationCompleteResponse {
                result_code,
                result_message,
                action: Some(Action::ServerError),
                ..Default::default()
            };
        }
    };
    let (result_code, result_message) = result(&done.reason);
    let (service_attributes, client_attributes) = attributes(tenant, Some(&done.client));
    let named = named_as(&done.client, done.alias_used);
    let issued = done.issued.as_deref();
    let notified = done.mode != DeliveryMode::Poll;
    let endpoint = done.client.backchannel.notification_endpoint.clone();
    BackchannelAuthenticationCompleteResponse {
        result_code,
        result_message,
        action: Some(if done.content.is_some() { Action::Notification } else { Action::NoAction }),
        response_content: done.content,
        client_id: Some(done.client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        client_name: done.client.limited.client_name.clone(),
        delivery_mode: Some(done.mode),
        client_notification_endpoint: endpoint.filter(|_| notified),
        client_notification_token: done.notification_token.filter(|_| notified),
        auth_req_id: Some(done.auth_req_id),
        access_token: issued.map(|issued| issued.access_token.clone()),
        jwt_access_token: issued.and_then(|issued| issued.jwt.clone()),
        refresh_token: issued.and_then(|issued| Some(issued.refresh_token.as_ref()?.0.clone())),
        id_token: issued.and_then(|issued| issued.id_token.clone()),
        access_token_duration: issued.map(|issued| issued.access_secs),
        refresh_token_duration: issued.and_then(|issued| Some(issued.refresh_token.as_ref()?.1)),
        id_token_duration: issued.map(|_| tenant.policy.token.id.as_secs()),
        resources: listed(&done.record.request.access.resources),
        authorization_details: details(&done.record.request.access.details),
        grant_id: issued.and_then(|issued| issued.record.entitlement.grant_id.clone()),
        service_attributes,
        client_attributes,
    }
}
