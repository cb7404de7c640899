//! What the device family answers.

use placet_api::types::*;
use placet_api::{CallError, OAuthError, Reason};

use super::authorization::Codes;
use super::complete::Completed;
use super::verification::Verified;
use crate::fault::Fault;
use crate::flow::reply::{self, attributes, details, dynamic_scopes, int32, listed, named_as, result};
use crate::mint::error;
use crate::tenant::Tenant;

pub fn authorization(tenant: &Tenant, outcome: Result<Codes, Fault>) -> DeviceAuthorizationResponse {
    use DeviceAuthorizationResponseAction as Action;
    let codes = match outcome {
        Ok(codes) => codes,
        Err(fault) => {
            let (result_code, result_message) = result(&fault.reason);
            return DeviceAuthorizationResponse {
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
    let (result_code, result_message) = result(&Reason::DeviceCodesIssued {});
    let (service_attributes, client_attributes) = attributes(tenant, Some(&codes.client));
    let named = named_as(&codes.client, codes.alias_used);
    let access = codes.access;
    DeviceAuthorizationResponse {
        result_code,
        result_message,
        action: Some(Action::Ok),
        response_content: Some(codes.content),
        client_id: Some(codes.client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        client_name: codes.client.limited.client_name.clone(),
        client_auth_method: Some(codes.client.authentication.method),
        scopes: Some(reply::plain_scopes(tenant, &access.scopes)),
        claim_names: reply::claim_names(tenant, &access.scopes),
        acrs: listed(&access.acrs),
        device_code: Some(codes.device_code),
        user_code: Some(codes.user_code),
        verification_uri: Some(codes.verification_uri),
        verification_uri_complete: codes.verification_uri_complete,
        expires_in: Some(int32(codes.expires_in)),
        interval: Some(int32(codes.interval)),
        resources: listed(&access.resources),
        authorization_details: details(&access.details),
        dynamic_scopes: dynamic_scopes(&access.parameterised),
        gm_action: access.grant.as_ref().map(|wish| wish.action),
        grant_id: access.grant.and_then(|wish| wish.grant_id),
        grant_subject: codes.grant.as_ref().map(|grant| grant.subject.as_str().to_owned()),
        grant: codes.grant.as_ref().map(reply::grant),
        service_attributes,
        client_attributes,
        ..Default::default()
    }
}

/// COMPAT: published clients disagree about the name of a failure of the server, and all take HTTP 500 for one.
pub fn verification(
    tenant: &Tenant,
    outcome: Result<Verified, Fault>,
) -> Result<DeviceVerificationResponse, CallError> {
    use DeviceVerificationResponseAction as Action;
    let verified = match outcome {
        Ok(verified) => verified,
        Err(fault) => {
            let (result_code, result_message) = result(&fault.reason);
            let action = match fault.error() {
                OAuthError::ExpiredToken => Action::Expired,
                OAuthError::InvalidGrant => Action::NotExist,
                _ => return Err(CallError { reason: fault.reason, source: fault.source }),
            };
            return Ok(DeviceVerificationResponse {
                result_code,
                result_message,
                action: Some(action),
                ..Default::default()
            });
        }
    };
    let (result_code, result_message) = result(&Reason::UserCodeVerified {});
    let (service_attributes, client_attributes) = attributes(tenant, Some(&verified.client));
    let named = named_as(&verified.client, verified.alias_used);
    let access = verified.access;
    Ok(DeviceVerificationResponse {
        result_code,
        result_message,
        action: Some(Action::Valid),
        client_id: Some(verified.client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        client_name: verified.client.limited.client_name.clone(),
        scopes: Some(reply::plain_scopes(tenant, &access.scopes)),
        claim_names: reply::claim_names(tenant, &access.scopes),
        acrs: listed(&access.acrs),
        resources: listed(&access.resources),
        authorization_details: details(&access.details),
        dynamic_scopes: dynamic_scopes(&access.parameterised),
        expires_at: Some(verified.expires_at.millis()),
        gm_action: access.grant.as_ref().map(|wish| wish.action),
        grant_id: access.grant.and_then(|wish| wish.grant_id),
        grant_subject: verified.grant.as_ref().map(|grant| grant.subject.as_str().to_owned()),
        grant: verified.grant.as_ref().map(reply::grant),
        service_attributes,
        client_attributes,
    })
}

pub fn complete(_: &Tenant, outcome: Result<Completed, Fault>) -> DeviceCompleteResponse {
    use DeviceCompleteResponseAction as Action;
    let (reason, action) = match outcome {
        Ok(Completed) => (Reason::DeviceCompleted {}, Action::Success),
        Err(fault) => {
            let action = match fault.error() {
                _ if fault.reason == (Reason::JwtClaimsMalformed {}) => Action::InvalidRequest,
                OAuthError::ExpiredToken => Action::UserCodeExpired,
                OAuthError::InvalidGrant => Action::UserCodeNotExist,
                OAuthError::ServerError => Action::ServerError,
                _ => Action::InvalidRequest,
            };
            (fault.reason, action)
        }
    };
    let (result_code, result_message) = result(&reason);
    DeviceCompleteResponse { result_code, result_message, action: Some(action) }
}
