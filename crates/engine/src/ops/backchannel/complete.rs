//! POST /api/{serviceId}/backchannel/authentication/complete

use std::sync::Arc;

use placet_api::Reason;
use placet_api::types::{BackchannelAuthenticationCompleteRequest, BackchannelAuthenticationCompleteResult};
use placet_base::registry::{DeliveryMode, GrantType};
use placet_store::Loaded;
use serde_json::{Map, Value, json};

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::flow::decision::{self, Asked, Claimant};
use crate::flow::issuing::Issued;
use crate::flow::subject_info::{self, SubjectInfo};
use crate::mint::token_response::TokenResponseContent;
use crate::records::backchannel::{Backchannel, RequestValue, State};
use crate::records::decision::Refused;
use crate::rules::sender::Evidence;
use crate::tenant::{Client, Tenant};

/// What the authorization server does next.
pub struct Completed {
    pub reason: Reason,
    pub client: Arc<Client>,
    pub alias_used: bool,
    pub mode: DeliveryMode,
    pub auth_req_id: String,
    pub notification_token: Option<String>,
    /// What is to be sent to the client's notification endpoint.
    pub content: Option<String>,
    pub issued: Option<Box<Issued>>,
    pub record: Box<Backchannel>,
}

fn reasons() -> subject_info::Reasons {
    subject_info::Reasons {
        subject_missing: Reason::CompleteSubjectMissing {},
        subject_too_long: Reason::CompleteSubjectTooLong {},
        subject_not_ascii: Reason::CompleteSubjectNotAscii {},
        claims_malformed: Reason::CompleteClaimsMalformed {},
        header_malformed: Reason::CompleteHeaderMalformed {},
        properties_too_large: Reason::CompletePropertiesTooLarge {},
    }
}

fn call(call: &BackchannelAuthenticationCompleteRequest) -> subject_info::Call<'_> {
    subject_info::Call {
        subject: call.subject.as_deref(),
        sub: call.sub.as_deref(),
        scopes: call.scopes.as_ref(),
        properties: call.properties.as_ref(),
        acr: call.acr.as_deref(),
        auth_time: call.auth_time,
        claims: call.claims.as_deref(),
        header: call.idt_header_params.as_deref(),
        consented_claims: call.consented_claims.as_ref(),
        audience_type: call.id_token_aud_type.as_deref(),
        jwt_claims: call.jwt_at_claims.as_deref(),
        access_token: call.access_token.as_deref(),
        access_secs: call.access_token_duration,
        refresh_secs: call.refresh_token_duration,
        ..subject_info::Call::default()
    }
}

pub async fn complete(
    cx: &mut Cx<'_>,
    request: &BackchannelAuthenticationCompleteRequest,
) -> Result<Completed, Fault> {
    let value = request.ticket.as_deref().filter(|v| !v.is_empty());
    let value = value.ok_or(Reason::CompleteTicketMissing {})?;
    let held = cx.bearer::<Backchannel>(RequestValue::Ticket, value).await?.and_then(Held::present);
    let loaded = held.ok_or(Reason::CompleteTicketUnknown {})?;
    let result = request.result.ok_or(Reason::CompleteResultMissing {})?;
    if loaded.expires_at.is_past(cx.now) {
        return Err(Reason::CompleteTicketExpired {}.into());
    }
    match loaded.state {
        State::Pending => {}
        State::Opened => return Err(Reason::CompleteTooEarly {}.into()),
        State::Authorized(_) | State::Refused(_) => return Err(Reason::CompleteTicketUsed {}.into()),
    }
    let client = cx.client(loaded.client).await?.ok_or(Reason::CompleteClientGone {})?;
    let sealed = loaded.sealed_id.as_ref().ok_or_else(|| Fault::server("no auth_req_id"))?;
    let auth_req_id = cx.open(sealed, &Backchannel::place(&loaded.ticket))?.expose().clone();
    let about = About { client, auth_req_id };
    match result {
        BackchannelAuthenticationCompleteResult::Authorized => authorized(cx, loaded, about, request).await,
        other => Ok(refused(cx, loaded, about, other, request)),
    }
}

/// What every outcome tells.
struct About {
    client: Arc<Client>,
    auth_req_id: String,
}

impl About {
    fn completed(self, record: Backchannel, reason: Reason, content: Option<Value>) -> Completed {
        Completed {
            reason,
            client: self.client,
            alias_used: record.alias_used,
            mode: record.mode,
            auth_req_id: self.auth_req_id,
            notification_token: record.request.notification_token.clone(),
            content: content.map(|content| content.to_string()),
            issued: None,
            record: Box::new(record),
        }
    }
}

async fn authorized(
    cx: &mut Cx<'_>,
    loaded: Loaded<Backchannel>,
    about: About,
    request: &BackchannelAuthenticationCompleteRequest,
) -> Result<Completed, Fault> {
    let said = SubjectInfo::parse(&call(request), &cx.tenant, &reasons())?;
    let wanted = said.wanted.clone();
    let record = loaded.value().clone();
    let asked = Asked {
        client: &about.client,
        alias_used: record.alias_used,
        grant: GrantType::Ciba,
        access: &record.request.access,
    };
    let agreed = decision::authorized(cx, said, &asked).await?;
    if record.mode == DeliveryMode::Push {
        cx.write.delete(loaded);
        let to = Claimant {
            client: about.client.clone(),
            evidence: Evidence::default(),
            wanted,
            auth_req_id: Some(&about.auth_req_id),
            pushed: true,
        };
        let issued = decision::tokens(cx, agreed, to).await?;
        let content = pushed(&cx.tenant, &issued, &about.auth_req_id);
        let mut completed = about.completed(record, Reason::BackchannelPushed {}, Some(content));
        completed.issued = Some(Box::new(issued));
        return Ok(completed);
    }
    let next = record.authorized(agreed, cx.now);
    cx.write.replace(loaded, &next);
    let content = ping(&next, &about.auth_req_id);
    Ok(about.completed(next, Reason::BackchannelAuthorized {}, content))
}

fn refused(
    cx: &mut Cx<'_>,
    loaded: Loaded<Backchannel>,
    about: About,
    result: BackchannelAuthenticationCompleteResult,
    request: &BackchannelAuthenticationCompleteRequest,
) -> Completed {
    let by_user = result == BackchannelAuthenticationCompleteResult::AccessDenied;
    let refusal = Refused {
        by_user,
        description: request.error_description.clone().filter(|text| !text.is_empty()),
        uri: request.error_uri.clone().filter(|text| !text.is_empty()),
    };
    let record = loaded.value().clone();
    if record.mode == DeliveryMode::Push {
        cx.write.delete(loaded);
        // CIBA Core §12: the error travels with the identifier of the request.
        let error = if by_user { "access_denied" } else { "transaction_failed" };
        let mut content = json!({ "auth_req_id": about.auth_req_id, "error": error });
        for (name, text) in [("error_description", refusal.description), ("error_uri", refusal.uri)] {
            if let Some(text) = text {
                content[name] = text.into();
            }
        }
        return about.completed(record, Reason::BackchannelRefusalPushed {}, Some(content));
    }
    let next = record.refused(refusal, cx.now);
    cx.write.replace(loaded, &next);
    let content = ping(&next, &about.auth_req_id);
    about.completed(next, Reason::BackchannelRefused {}, content)
}

/// CIBA Core §10.2: a ping says nothing but which request it is about.
fn ping(record: &Backchannel, auth_req_id: &str) -> Option<Value> {
    (record.mode == DeliveryMode::Ping).then(|| json!({ "auth_req_id": auth_req_id }))
}

/// CIBA Core §10.3.1: the tokens, and which request they are of.
fn pushed(tenant: &Tenant, issued: &Issued, auth_req_id: &str) -> Value {
    let mut members: Map<String, Value> =
        serde_json::from_str(&TokenResponseContent::of(tenant, issued).json()).unwrap_or_default();
    members.insert("auth_req_id".into(), auth_req_id.into());
    Value::Object(members)
}
