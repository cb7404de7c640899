//! POST /api/{serviceId}/nativesso – the token response of a shared session

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use placet_api::Reason;
use placet_api::types::{NativeSsoRequest, NativeSsoResponse, NativeSsoResponseAction as Action};
use placet_base::registry::{GrantType, TokenType};
use placet_base::{Timestamp, TokenHash};
use serde_json::{Map, Value};

use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::issuing::{self, IdTokenContext, Issued};
use crate::flow::reply::result;
use crate::flow::subject_info::object;
use crate::flow::verified_claims;
use crate::mint::error;
use crate::mint::id_token::AccompanyingTokens;
use crate::mint::token_response::TokenResponseContent;
use crate::records::id_token_plan::IdTokenPlan;
use crate::records::token::{Token, TokenValue};
use crate::rules::{native_sso, pairwise};
use crate::tenant::{Client, Tenant};

/// The token response, and the ID token in it.
pub struct Responded {
    pub content: String,
    pub id_token: String,
}

fn given(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

pub async fn respond(cx: &mut Cx<'_>, call: &NativeSsoRequest) -> Result<Responded, Fault> {
    let access = given(&call.access_token).ok_or(Reason::NativeSsoTokenMissing {})?;
    let secret = given(&call.device_secret).ok_or(Reason::NativeSsoSecretMissing {})?;
    let live = cx.token(TokenValue::Access, &access).await?.ok_or(Reason::NativeSsoTokenUnknown {})?;
    let LiveToken { token, client } = live;
    let refresh = given(&call.refresh_token);
    let record = token.value().clone();
    let session = shares(&record, &cx.tenant)?;
    if refresh.as_deref().map(TokenHash::of) != record.refresh.map(|refresh| refresh.hash) {
        return Err(Reason::NativeSsoRefreshDiffers {}.into());
    }
    let hash = given(&call.device_secret_hash);
    let hash = hash.unwrap_or_else(|| BASE64URL_NOPAD.encode(digest(&SHA256, secret.as_bytes()).as_ref()));
    let mut plan = plan(&record, call, &cx.tenant, &client, cx.now)?;
    plan.session = Some(session);
    plan.claims.extend([native_sso::secret_claim(hash)]);
    let with = AccompanyingTokens { access_token: Some(&access), ..AccompanyingTokens::default() };
    let policy = cx.tenant.policy(&client, record.entitlement.granted());
    let about = IdTokenContext { policy: &policy, entitlement: &record.entitlement };
    let id_token = issuing::id_token(cx, &client, plan, about, with).await?;
    let issued = Issued {
        client,
        number: *token.id(),
        access_secs: record.access.expires_at.secs_after(cx.now),
        access_token: access,
        jwt: None,
        refresh_token: refresh.map(|value| (value, 0)),
        id_token: Some(id_token.clone()),
        repeated: false,
        record,
    };
    if token.id_token.is_some() {
        cx.write.transition(token, Token::identified);
    }
    Ok(Responded { content: content(&cx.tenant, &issued, secret), id_token })
}

/// The session of a token that belongs to a shared one: by its scopes, or because it came of such a session.
fn shares(record: &Token, tenant: &Tenant) -> Result<String, Fault> {
    let terms = record.entitlement.terms();
    let exchanged = tenant.tokens.native_sso && terms.grant == GrantType::TokenExchange;
    let session = match exchanged {
        true => terms.session.as_deref(),
        false => native_sso::shared(tenant, &terms.scopes, terms.session.as_deref()),
    };
    Ok(session.ok_or(Reason::NativeSsoTokenUnfit {})?.to_owned())
}

/// What the authorization server said when the user was asked, and what it says now.
fn plan(
    record: &Token,
    call: &NativeSsoRequest,
    tenant: &Tenant,
    client: &Client,
    now: Timestamp,
) -> Result<IdTokenPlan, Fault> {
    let terms = record.entitlement.terms();
    let subject = terms.subject.as_ref().ok_or(Reason::NativeSsoTokenUnfit {})?;
    let fresh = || IdTokenPlan {
        sub: pairwise::sub(subject, tenant, client),
        // OpenID Connect Core §12.2: a nonce belongs to the request that brought it.
        nonce: None,
        acr: terms.acr.clone(),
        auth_time: terms.auth_time,
        claims: Map::new(),
        header: Map::new(),
        audience_as_string: tenant.tokens.audience_as_string,
        session: None,
    };
    let mut plan = record.id_token.as_deref().cloned().unwrap_or_else(fresh);
    if let Some(sub) = given(&call.sub) {
        plan.sub = sub;
    }
    let claims = object(call.claims.as_deref(), &Reason::NativeSsoClaimsMalformed {})?;
    plan.claims.extend(verified_claims::of_id_token(claims, terms, tenant, now)?);
    plan.header.extend(object(call.idt_header_params.as_deref(), &Reason::NativeSsoClaimsMalformed {})?);
    if let Some(form) = call.id_token_aud_type.as_deref() {
        plan.audience_as_string = form == "string";
    }
    Ok(plan)
}

/// §3.3, §4.4: the secret of the device comes with the tokens.
fn content(tenant: &Tenant, issued: &Issued, secret: String) -> String {
    let mut members: Map<String, Value> =
        serde_json::from_str(&TokenResponseContent::of(tenant, issued).json()).unwrap_or_default();
    members.insert("device_secret".into(), secret.into());
    if issued.record.entitlement.grant == GrantType::TokenExchange {
        members.insert("issued_token_type".into(), TokenType::AccessToken.protocol_name().into());
    }
    Value::Object(members).to_string()
}

pub fn reply(tenant: &Tenant, outcome: Result<Responded, Fault>) -> NativeSsoResponse {
    let (reason, action, content, id_token) = match outcome {
        Ok(Responded { content, id_token }) => {
            (Reason::NativeSsoResponded {}, Action::Ok, content, Some(id_token))
        }
        Err(fault) => {
            let content = error::json(tenant, &fault);
            let action = match fault.reason {
                Reason::NativeSsoTokenMissing {}
                | Reason::NativeSsoSecretMissing {}
                | Reason::NativeSsoTokenUnknown {}
                | Reason::NativeSsoTokenUnfit {}
                | Reason::NativeSsoRefreshDiffers {}
                | Reason::NativeSsoClaimsMalformed {} => Action::CallerError,
                _ => Action::InternalServerError,
            };
            (fault.reason, action, content, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    NativeSsoResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        id_token,
    }
}
