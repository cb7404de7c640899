//! POST /api/{serviceId}/auth/token/update

use placet_api::types::*;
use placet_api::{OAuthError, Reason};
use placet_base::{RecordNumber, Scopes, Timestamp, TokenHash};

use super::identified;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::reply::{self, details, properties, result};
use crate::handle::HandleKind;
use crate::policy::TokenPolicy;
use crate::records::entitlement::{Amendment, Entitlement};
use crate::records::token::{NEVER, Token, TokenValue};
use crate::rules::admission::{Regrant, regranted};
use crate::rules::sender::Binding;
use crate::tenant::{Client, Tenant};

/// The token as it is now.
pub struct Updated {
    pub record: Token,
    pub number: RecordNumber,
    /// The access token as it was named, or its new value.
    pub access_token: Option<String>,
}

pub async fn update(cx: &mut Cx<'_>, call: &TokenUpdateRequest) -> Result<Updated, Fault> {
    let names = [
        &call.access_token,
        &call.access_token_hash,
        &call.refresh_token,
        &call.refresh_token_hash,
        &call.token_id,
    ];
    let mut names = names.into_iter().flatten().filter(|name| !name.is_empty());
    let name = names.next().ok_or(Reason::UpdateTokenMissing {})?;
    let loaded = identified(cx, name).await?.ok_or(Reason::UpdateTokenUnknown {})?;
    let number = *loaded.id();
    let client = cx.client(loaded.entitlement.client).await?.ok_or(Reason::UpdateTokenUnknown {})?;

    let amendment = amendment(cx, call, &client, &loaded.entitlement)?;
    let former = loaded.entitlement.scopes.clone();
    let next = loaded.value().clone().amended(amendment);
    let mut next = ending(cx, &former, next, call, &client)?;
    let mut access_token = call.access_token.clone().filter(|value| !value.is_empty());
    if call.access_token_value_updated == Some(true) {
        let value = cx.handle::<Token>(TokenValue::Access, number, loaded.generation).into_value();
        next = next.revalued(TokenHash::of(&value));
        access_token = Some(value);
    }
    cx.write.replace(loaded, &next);
    Ok(Updated { record: next, number, access_token })
}

/// What the call changes about the token's entitlement.
fn amendment(
    cx: &Cx<'_>,
    call: &TokenUpdateRequest,
    client: &Client,
    entitlement: &Entitlement,
) -> Result<Amendment, Fault> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let properties = match &call.properties {
        Some(list) => {
            let properties = reply::parse_properties(Some(list.clone()));
            Some(properties.ok_or(Reason::UpdatePropertiesTooLarge {})?)
        }
        None => None,
    };
    let (jkt, x5t) = (given(&call.dpop_key_thumbprint), given(&call.certificate_thumbprint));
    let former = &entitlement.binding;
    let binding = Binding {
        jkt: jkt.clone().or(former.jkt.clone()),
        x5t: x5t.clone().or(former.x5t.clone()),
        instance: former.instance.clone(),
    };
    let scopes = match &call.scopes {
        Some(scopes) => {
            let token =
                Regrant { grant: entitlement.grant, former: entitlement.granted(), binding: &binding };
            Some(regranted(&cx.tenant, client, &token, scopes.iter().collect())?)
        }
        None => None,
    };
    Ok(Amendment {
        scopes,
        properties,
        x5t,
        jkt,
        details: call.authorization_details.as_ref().map(reply::parse_details).transpose()?,
        for_attachment: call.for_external_attachment,
    })
}

/// The token with the ends of both values: as given, or, where the call wants that, as the new scopes
/// would have them.
fn ending(
    cx: &Cx<'_>,
    former: &Scopes,
    token: Token,
    call: &TokenUpdateRequest,
    client: &Client,
) -> Result<Token, Fault> {
    let entitlement = &token.entitlement;
    let changed = entitlement.scopes != *former;
    let policy = cx.tenant.policy(client, entitlement.granted()).token;
    let scoped = |read: fn(&TokenPolicy) -> placet_base::Ttl| {
        let scopes = entitlement.scopes.iter().flat_map(|name| cx.tenant.scopes.behind(name));
        let mut limits = scopes.map(|scope| read(&scope.policy.token));
        limits.any(|ttl| ttl < read(&TokenPolicy::FREE))
    };
    let given = |millis: Option<i64>| millis.filter(|millis| *millis > 0).map(Timestamp);
    let on_scopes = |wanted: Option<bool>, scoped: bool| wanted == Some(true) && changed && scoped;
    let access = match given(call.access_token_expires_at) {
        _ if call.access_token_persistent == Some(true) => NEVER,
        Some(at) => at,
        None => match on_scopes(
            call.access_token_expires_at_updated_on_scope_update,
            scoped(|policy| policy.access),
        ) {
            true => cx.now + policy.access,
            false => token.access.expires_at,
        },
    };
    let refresh = given(call.refresh_token_expires_at).or_else(|| {
        let wanted = call.refresh_token_expires_at_updated_on_scope_update;
        on_scopes(wanted, scoped(|policy| policy.refresh)).then(|| cx.now + policy.refresh)
    });
    Ok(token.ending(access, refresh))
}

pub fn reply(tenant: &Tenant, outcome: Result<Updated, Fault>) -> TokenUpdateResponse {
    use TokenUpdateResponseAction as Action;
    let updated = match outcome {
        Ok(updated) => updated,
        Err(fault) => {
            let action = match (&fault.reason, fault.error()) {
                (Reason::UpdateTokenUnknown {}, _) => Action::NotFound,
                (_, OAuthError::ServerError) => Action::InternalServerError,
                _ => Action::BadRequest,
            };
            let (result_code, result_message) = result(&fault.reason);
            return TokenUpdateResponse {
                result_code,
                result_message,
                action: Some(action),
                ..Default::default()
            };
        }
    };
    let entitlement = &updated.record.entitlement;
    let (result_code, result_message) = result(&Reason::TokenUpdated {});
    TokenUpdateResponse {
        result_code,
        result_message,
        action: Some(Action::Ok),
        access_token: updated.access_token,
        access_token_expires_at: Some(updated.record.access.expires_at.millis()),
        refresh_token_expires_at: updated.record.refresh.map(|refresh| refresh.expires_at.millis()),
        scopes: reply::listed(&entitlement.scopes.to_vec()),
        properties: properties(&entitlement.properties),
        authorization_details: details(&entitlement.details),
        token_type: Some(entitlement.binding.token_type(&tenant.tokens.token_type).to_owned()),
        token_id: Some(tenant.handles.name(HandleKind::TokenName, updated.number)),
        for_external_attachment: entitlement.for_attachment.then_some(true),
    }
}
