//! POST /api/{serviceId}/idtoken/reissue – OpenID Connect Core §12.2

use placet_api::Reason;
use placet_api::types::{
    IdtokenReissueRequest, IdtokenReissueResponse, IdtokenReissueResponseAction as Action,
};
use placet_base::Scopes;

use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::issuing::{self, Issued};
use crate::flow::reply::result;
use crate::flow::subject_info::object;
use crate::flow::verified_claims;
use crate::mint::error;
use crate::mint::id_token::AccompanyingTokens;
use crate::mint::token_response::TokenResponseContent;
use crate::records::id_token_plan::IdTokenPlan;
use crate::records::token::TokenValue;
use crate::rules::pairwise;
use crate::tenant::Tenant;

/// The token response with a new ID token in it.
pub struct Reissued {
    pub content: String,
    pub id_token: String,
}

pub async fn reissue(cx: &mut Cx<'_>, call: &IdtokenReissueRequest) -> Result<Reissued, Fault> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let access = given(&call.access_token).ok_or(Reason::ReissueTokenMissing {})?;
    let refresh = given(&call.refresh_token).ok_or(Reason::ReissueTokenMissing {})?;
    let live = cx.token(TokenValue::Access, &access).await?.ok_or(Reason::ReissueTokenUnknown {})?;
    let LiveToken { token, client } = live;
    let entitlement = &token.entitlement;
    let subject = entitlement.subject.clone().filter(|_| entitlement.scopes.contains(Scopes::OPENID));
    let subject = subject.ok_or(Reason::ReissueNotOpenid {})?;
    let claims = object(call.claims.as_deref(), &Reason::ReissueClaimsMalformed {})?;
    let claims = verified_claims::of_id_token(claims, entitlement, &cx.tenant, cx.now)?;
    let plan = IdTokenPlan {
        sub: given(&call.sub).unwrap_or_else(|| pairwise::sub(&subject, &cx.tenant, &client)),
        // §12.2: a nonce belongs to the request that brought it.
        nonce: None,
        acr: entitlement.acr.clone(),
        auth_time: entitlement.auth_time,
        claims,
        header: object(call.idt_header_params.as_deref(), &Reason::ReissueClaimsMalformed {})?,
        audience_as_string: match call.id_token_aud_type.as_deref() {
            Some(form) => form == "string",
            None => cx.tenant.tokens.audience_as_string,
        },
        session: entitlement.session.clone(),
    };
    let with = AccompanyingTokens { access_token: Some(&access), ..AccompanyingTokens::default() };
    let policy = cx.tenant.policy(&client, entitlement.granted());
    let about = issuing::IdTokenContext { policy: &policy, entitlement };
    let id_token = issuing::id_token(cx, &client, plan, about, with).await?;
    let record = token.value().clone();
    let issued = Issued {
        client,
        number: *token.id(),
        access_secs: record.access.expires_at.secs_after(cx.now),
        access_token: access,
        jwt: None,
        refresh_token: Some((refresh, 0)),
        id_token: Some(id_token.clone()),
        repeated: false,
        record,
    };
    Ok(Reissued { content: TokenResponseContent::of(&cx.tenant, &issued).json(), id_token })
}

pub fn reply(tenant: &Tenant, outcome: Result<Reissued, Fault>) -> IdtokenReissueResponse {
    let (reason, action, content, id_token) = match outcome {
        Ok(Reissued { content, id_token }) => (Reason::Reissued {}, Action::Ok, content, Some(id_token)),
        Err(fault) => {
            let content = error::json(tenant, &fault);
            let action = match fault.reason {
                Reason::ReissueTokenMissing {}
                | Reason::ReissueTokenUnknown {}
                | Reason::ReissueNotOpenid {}
                | Reason::ReissueClaimsMalformed {} => Action::CallerError,
                _ => Action::InternalServerError,
            };
            (fault.reason, action, content, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    IdtokenReissueResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        id_token,
    }
}
