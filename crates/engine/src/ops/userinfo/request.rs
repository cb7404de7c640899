//! POST /api/{serviceId}/auth/userinfo

use placet_api::Reason;
use placet_api::types::*;
use serde_json::{Map, Value};

use super::{Action, Refused, UserinfoToken, action, opened};
use crate::cx::Cx;
use crate::flow::access_token::{Presented, Refusals, wanted};
use crate::flow::evidence::PresentedProof;
use crate::flow::reply::{attributes, listed, named_as, properties, result};
use crate::flow::{transformed, verified_claims};
use crate::mint::error;
use crate::tenant::Tenant;

fn refusals() -> Refusals {
    Refusals {
        missing: Reason::UserinfoTokenMissing {},
        unknown: Reason::UserinfoTokenUnknown {},
        expired: Reason::UserinfoTokenExpired {},
        expired_refreshable: Reason::UserinfoTokenExpiredRefreshable {},
        both_expired: Reason::UserinfoTokensExpired {},
    }
}

/// A token that opens the endpoint, and its value.
pub struct AcceptedToken {
    pub opened: UserinfoToken,
    pub token: String,
}

pub async fn request(cx: &mut Cx<'_>, call: &UserinfoRequest) -> Result<AcceptedToken, Refused> {
    let scope = Reason::UserinfoScopeMissing {};
    let opened = opened(cx, call.token.as_deref(), refusals, scope).await?;
    let token = call.token.clone().unwrap_or_default();
    let scheme = opened.known.scheme();
    let addresses = cx.tenant.sender.userinfo_endpoint.clone();
    let presented = Presented {
        certificate: call.client_certificate.as_deref(),
        shown: PresentedProof {
            dpop: call.dpop.as_deref(),
            htm: call.htm.as_deref(),
            htu: call.htu.as_deref(),
            addresses: &addresses,
            nonce_required: call.dpop_nonce_required,
        },
        headers: call.headers.as_ref(),
        target_uri: call.target_uri.as_deref().or(call.uri.as_deref()),
        body: call.request_body_contained == Some(true),
        message: call.message.as_deref(),
    };
    let policy = opened.known.policy(cx);
    let held = opened.known.held(cx, &token, presented, &policy).await;
    held.map_err(|fault| Refused { fault, scheme })?;
    Ok(AcceptedToken { opened, token })
}

pub fn reply(tenant: &Tenant, outcome: Result<AcceptedToken, Refused>) -> UserinfoResponse {
    let asked = match outcome {
        Ok(asked) => asked,
        Err(Refused { fault, scheme }) => {
            let (result_code, result_message) = result(&fault.reason);
            return UserinfoResponse {
                result_code,
                result_message,
                action: Some(match action(&fault) {
                    Action::BadRequest => UserinfoResponseAction::BadRequest,
                    Action::Unauthorized => UserinfoResponseAction::Unauthorized,
                    Action::Forbidden => UserinfoResponseAction::Forbidden,
                    Action::InternalServerError => UserinfoResponseAction::InternalServerError,
                }),
                response_content: Some(error::challenge(tenant, &fault, scheme, &wanted(&fault))),
                ..Default::default()
            };
        }
    };
    let UserinfoToken { known, subject } = asked.opened;
    let entitlement = &known.token.entitlement;
    let (result_code, result_message) = result(&Reason::UserinfoTokenActive {});
    let (service_attributes, client_attributes) = attributes(tenant, Some(&known.client));
    let named = named_as(&known.client, entitlement.alias_used);
    let json = |map: &Option<Map<String, Value>>| map.clone().map(|map| Value::Object(map).to_string());
    let names = entitlement.claims.userinfo_names(&entitlement.scopes, tenant.authorization.claims.as_ref());
    UserinfoResponse {
        result_code,
        result_message,
        action: Some(UserinfoResponseAction::Ok),
        claims: listed(&names),
        requested_claims_for_tx: transformed::sources(
            entitlement.claims.userinfo.as_ref(),
            &entitlement.claims,
            tenant,
        ),
        requested_verified_claims_for_tx: verified_claims::sources(
            entitlement.claims.userinfo.as_ref(),
            &entitlement.claims,
            tenant,
        ),
        transformed_claims: json(&entitlement.claims.transformed),
        user_info_claims: json(&entitlement.claims.userinfo),
        client_id: Some(known.client.id.0),
        client_id_alias: named.alias,
        client_id_alias_used: named.alias_used,
        metadata_document_location: named.document,
        metadata_document_used: named.document_used,
        client_entity_id: named.entity,
        client_entity_id_used: named.entity_used,
        scopes: listed(&entitlement.scopes.to_vec()),
        subject: Some(subject.as_str().to_owned()),
        token: Some(asked.token),
        properties: properties(&entitlement.properties),
        consented_claims: listed(&entitlement.consented_claims),
        service_attributes,
        client_attributes,
        ..Default::default()
    }
}
