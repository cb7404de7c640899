//! POST /api/{serviceId}/auth/userinfo/issue

use placet_api::Reason;
use placet_api::types::{UserinfoIssueRequest, UserinfoIssueResponse, UserinfoIssueResponseAction};
use serde_json::{Map, Value};

use super::{Action, Refused, UserinfoToken, action, opened};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::access_token::{Refusals, headers, wanted};
use crate::flow::attachment_tokens::{self, Granted};
use crate::flow::reply::result;
use crate::flow::subject_info::object;
use crate::flow::transformed;
use crate::flow::verified_claims::{self, Asked};
use crate::mint::{self, error, userinfo};
use crate::rules::message_signature::{self, Signature};
use crate::rules::pairwise;
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
    Json(String, Option<Signature>),
    Jwt(String, Option<Signature>),
}

pub async fn issue(cx: &mut Cx<'_>, call: &UserinfoIssueRequest) -> Result<Answer, Refused> {
    let scope = Reason::UserinfoIssueScopeMissing {};
    let opened = opened(cx, call.token.as_deref(), refusals, scope).await?;
    let scheme = opened.known.scheme();
    let answer = answer(cx, call, opened).await;
    answer.map_err(|fault| Refused { fault, scheme })
}

/// What of the claims that the authorization server has brought the client gets.
async fn claims(
    cx: &mut Cx<'_>,
    call: &UserinfoIssueRequest,
    opened: &UserinfoToken,
) -> Result<Map<String, Value>, Fault> {
    let (client, token) = (&opened.known.client, &opened.known.token);
    let entitlement = &token.entitlement;
    let claims = object(call.claims.as_deref(), &Reason::UserinfoIssueClaimsMalformed {})?;
    let (wish, brought) = (&entitlement.claims, call.claims_for_tx.as_deref());
    let asked = Asked { wish, part: wish.userinfo.as_ref(), consented: &entitlement.consented_claims };
    let sources = call.verified_claims_for_tx.as_ref();
    let invalid = |member| Reason::UserinfoIssueVerifiedClaimsInvalid { member };
    let mut claims = verified_claims::answered(claims, &asked, (&cx.tenant, cx.now), sources, invalid)?;
    claims.extend(transformed::made(wish.userinfo.as_ref(), wish, &cx.tenant, brought, cx.now)?);
    let policy = opened.known.policy(cx);
    let granted = Granted { client, terms: entitlement, policy: &policy, until: token.access.expires_at };
    attachment_tokens::embedded(cx, claims, granted).await
}

async fn answer(
    cx: &mut Cx<'_>,
    call: &UserinfoIssueRequest,
    opened: UserinfoToken,
) -> Result<Answer, Fault> {
    let (client, entitlement) = (&opened.known.client, &opened.known.token.entitlement);
    let claims = claims(cx, call, &opened).await?;
    let sub = call.sub.clone().filter(|sub| !sub.is_empty());
    let sub = sub.unwrap_or_else(|| pairwise::sub(&opened.subject, &cx.tenant, client));
    let members = userinfo::members(&sub, claims);
    let Some(protection) = client.userinfo else {
        let json = mint::json(&members);
        let signature = signed(cx, call, &opened, "application/json", &json).await?;
        return Ok(Answer::Json(json, signature));
    };
    let key = match protection.alg {
        Some(alg) => {
            let key = client.signing_key(&cx.tenant, alg, cx.tenant.tokens.userinfo_key.as_deref());
            Some(key.ok_or_else(|| Reason::UserinfoKeyMissing { alg: alg.protocol_name().to_owned() })?)
        }
        None => None,
    };
    let audience = client.identifier(entitlement.alias_used);
    let unsigned = userinfo::unsigned(&cx.tenant.issuer, &audience, cx.now, members);
    let jwt = cx.protected(client, unsigned, key.as_ref(), protection).await?;
    let signature = signed(cx, call, &opened, "application/jwt", &jwt).await?;
    Ok(Answer::Jwt(jwt, signature))
}

/// RFC 9421: the response is signed where service and profile ask for that, and the request was.
async fn signed(
    cx: &Cx<'_>,
    call: &UserinfoIssueRequest,
    opened: &UserinfoToken,
    content_type: &str,
    body: &str,
) -> Result<Option<Signature>, Fault> {
    let request = call.request_signature.as_deref().filter(|text| !text.is_empty());
    let wanted =
        cx.tenant.tokens.userinfo_responses_signed || opened.known.policy(cx).resource.responses_signed;
    if !wanted || request.is_none() {
        return Ok(None);
    }
    let kid = cx.tenant.tokens.resource_key.as_deref();
    let key = cx.tenant.keys.message_signing(kid).ok_or(Reason::MessageKeyMissing {})?;
    let response = message_signature::Response {
        content_type,
        body,
        request_signature: request.unwrap_or_default(),
        headers: headers(call.headers.as_ref()),
    };
    let unwritable = || Fault::server("a response with a header that no header can be");
    let base = response.base(&key, cx.now).ok_or_else(unwritable)?;
    let bytes = cx.signature(&key, base.input.clone().into_bytes()).await?;
    Ok(Some(base.signed(&bytes).ok_or_else(unwritable)?))
}

pub fn reply(tenant: &Tenant, outcome: Result<Answer, Refused>) -> UserinfoIssueResponse {
    use UserinfoIssueResponseAction as Wire;
    let (reason, action, content, signature) = match outcome {
        Ok(Answer::Json(json, signature)) => (Reason::UserinfoIssued {}, Wire::Json, json, signature),
        Ok(Answer::Jwt(jwt, signature)) => (Reason::UserinfoIssued {}, Wire::Jwt, jwt, signature),
        Err(Refused { fault, scheme }) => {
            let action = match action(&fault) {
                Action::BadRequest => Wire::BadRequest,
                Action::Unauthorized => Wire::Unauthorized,
                Action::Forbidden => Wire::Forbidden,
                Action::InternalServerError => Wire::InternalServerError,
            };
            let content = error::challenge(tenant, &fault, scheme, &wanted(&fault));
            (fault.reason, action, content, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    UserinfoIssueResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        content_digest: signature.as_ref().map(|signature| signature.content_digest.clone()),
        signature_input: signature.as_ref().map(|signature| signature.input.clone()),
        signature: signature.map(|signature| signature.signature),
    }
}
