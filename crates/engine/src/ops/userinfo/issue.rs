//! POST /api/{serviceId}/auth/userinfo/issue

use placet_api::Reason;
use placet_api::types::*;
use serde_json::{Map, Value};

use super::{Action, action, opened, wanted};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::{error, userinfo};
use crate::ops::access_token::Refusals;
use crate::ops::reply::result;
use crate::tenant::Tenant;

fn refusals() -> Refusals {
    Refusals {
        missing: Reason::UserinfoIssueTokenMissing {},
        unknown: Reason::UserinfoIssueTokenUnknown {},
        expired: Reason::UserinfoIssueTokenExpired {},
        expired_refreshable: Reason::UserinfoIssueTokenExpiredRefreshable {},
        both_expired: Reason::UserinfoIssueTokensExpired {},
    }
}

/// The response for the client.
pub enum Answer {
    Json(String),
    Jwt(String),
}

pub async fn issue(cx: &mut Cx<'_>, call: &UserinfoIssueRequest) -> Result<Answer, Fault> {
    let scope = Reason::UserinfoIssueScopeMissing {};
    let opened = opened(cx, call.token.as_deref(), refusals, scope).await?;
    let claims = match call.claims.as_deref().filter(|text| !text.is_empty()) {
        None => Map::new(),
        Some(text) => serde_json::from_str(text).map_err(|_| Reason::UserinfoIssueClaimsMalformed {})?,
    };
    let sub = call.sub.as_deref().filter(|sub| !sub.is_empty()).unwrap_or(opened.subject.as_str());
    let members = userinfo::members(sub, claims);
    let client = &opened.known.client;
    let Some(alg) = client.userinfo_alg else { return Ok(Answer::Json(Value::Object(members).to_string())) };
    let key = client.signing_key(&cx.tenant, alg, cx.tenant.tokens.userinfo_key.as_deref());
    let key = key.ok_or_else(|| Reason::UserinfoKeyMissing { alg: alg.protocol_name().to_owned() })?;
    let audience = client.identifier(opened.known.token.entitlement.alias_used);
    let unsigned = userinfo::unsigned(&cx.tenant.issuer, &audience, cx.now, members);
    Ok(Answer::Jwt(cx.signed(unsigned, &key).await?))
}

pub fn reply(tenant: &Tenant, outcome: Result<Answer, Fault>) -> UserinfoIssueResponse {
    use UserinfoIssueResponseAction as Wire;
    let (reason, action, content) = match outcome {
        Ok(Answer::Json(json)) => (Reason::UserinfoIssued {}, Wire::Json, json),
        Ok(Answer::Jwt(jwt)) => (Reason::UserinfoIssued {}, Wire::Jwt, jwt),
        Err(fault) => {
            let action = match action(&fault) {
                Action::BadRequest => Wire::BadRequest,
                Action::Unauthorized => Wire::Unauthorized,
                Action::Forbidden => Wire::Forbidden,
                Action::InternalServerError => Wire::InternalServerError,
            };
            let content = error::challenge(tenant, &fault, &wanted(&fault));
            (fault.reason, action, content)
        }
    };
    let (result_code, result_message) = result(&reason);
    UserinfoIssueResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        ..Default::default()
    }
}
