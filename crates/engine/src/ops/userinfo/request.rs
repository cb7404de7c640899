//! POST /api/{serviceId}/auth/userinfo

use placet_api::Reason;
use placet_api::types::*;
use serde_json::Value;

use super::{Action, Opened, action, opened, wanted};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::error;
use crate::ops::access_token::Refusals;
use crate::ops::reply::{alias, attributes, properties, result};
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
pub struct Asked {
    pub opened: Opened,
    pub token: String,
}

pub async fn request(cx: &mut Cx<'_>, call: &UserinfoRequest) -> Result<Asked, Fault> {
    let scope = Reason::UserinfoScopeMissing {};
    let opened = opened(cx, call.token.as_deref(), refusals, scope).await?;
    Ok(Asked { opened, token: call.token.clone().unwrap_or_default() })
}

pub fn reply(tenant: &Tenant, outcome: Result<Asked, Fault>) -> UserinfoResponse {
    let asked = match outcome {
        Ok(asked) => asked,
        Err(fault) => {
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
                response_content: Some(error::challenge(tenant, &fault, &wanted(&fault))),
                ..Default::default()
            };
        }
    };
    let Opened { known, subject } = asked.opened;
    let entitlement = &known.token.entitlement;
    let (result_code, result_message) = result(&Reason::UserinfoTokenActive {});
    let (service_attributes, client_attributes) = attributes(tenant, Some(&known.client));
    let (client_id_alias, client_id_alias_used) = alias(&known.client, entitlement.alias_used);
    let listed = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
    let names = entitlement.claims.userinfo_names(&entitlement.scopes, tenant.authorization.claims.as_ref());
    UserinfoResponse {
        result_code,
        result_message,
        action: Some(UserinfoResponseAction::Ok),
        claims: listed(names),
        user_info_claims: entitlement.claims.userinfo.clone().map(|map| Value::Object(map).to_string()),
        client_id: Some(known.client.id.0),
        client_id_alias,
        client_id_alias_used,
        scopes: listed(entitlement.scopes.to_vec()),
        subject: Some(subject.as_str().to_owned()),
        token: Some(asked.token),
        properties: properties(&entitlement.properties),
        consented_claims: listed(entitlement.consented_claims.clone()),
        service_attributes,
        client_attributes,
        ..Default::default()
    }
}
