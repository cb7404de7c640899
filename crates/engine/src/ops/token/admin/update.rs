//! POST /api/{serviceId}/auth/token/update

use placet_api::types::*;
use placet_api::{OAuthError, Reason};
use placet_base::{RecordNumber, Scopes, Timestamp, TokenHash};
use placet_store::{Id, Loaded};

use super::identified;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::handle::Tag;
use crate::ops::reply::{self, details, properties, result};
use crate::policy::{Policy, TokenPolicy};
use crate::records::token::{NEVER, Token, Value, Which};
use crate::rules::scope;
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
    let Id::Number(number) = *loaded.id() else { return Err(Fault::server("a token without a number")) };
    let number = RecordNumber(number);
    let client = cx.client(loaded.entitlement.client).await?.ok_or(Reason::UpdateTokenUnknown {})?;

    let mut next = entitled(cx, &loaded, call, &client)?;
    expiry(cx, &loaded, &mut next, call, &client)?;
    let mut access_token = call.access_token.clone().filter(|value| !value.is_empty());
    if call.access_token_value_updated == Some(true) {
        let value = cx.handle::<Token>(Which::Access, number, loaded.generation).into_value();
        next.access = Value { hash: TokenHash::of(&value), ..next.access };
        next.jwt = None;
        access_token = Some(value);
    }
    cx.write.replace(loaded, &next);
    Ok(Updated { record: next, number, access_token })
}

/// The token with what the call changes about its entitlement.
fn entitled(
    cx: &Cx<'_>,
    loaded: &Loaded<Token>,
    call: &TokenUpdateRequest,
    client: &Client,
) -> Result<Token, Fault> {
    let mut next = loaded.value().clone();
    let entitlement = &mut next.entitlement;
    if let Some(scopes) = &call.scopes {
        let allowed = |name: &str| scope::allowed(name, &cx.tenant, client);
        let scopes: Scopes = scopes.iter().collect();
        entitlement.scopes = scopes.retained(allowed);
        entitlement.granted = None;
    }
    if call.properties.is_some() {
        let properties = reply::parse_properties(call.properties.clone());
        entitlement.properties = properties.ok_or(Reason::UpdatePropertiesTooLarge {})?;
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(thumbprint) = given(&call.certificate_thumbprint) {
        entitlement.binding.x5t = Some(thumbprint);
    }
    if let Some(thumbprint) = given(&call.dpop_key_thumbprint) {
        entitlement.binding.jkt = Some(thumbprint);
    }
    if let Some(details) = &call.authorization_details {
        entitlement.details = reply::parse_details(details)?;
    }
    if let Some(for_attachment) = call.for_external_attachment {
        entitlement.for_attachment = for_attachment;
    }
    Ok(next)
}

/// The ends of both tokens: as given, or, where the call wants that, as the new scopes would have them.
fn expiry(
    cx: &Cx<'_>,
    loaded: &Token,
    next: &mut Token,
    call: &TokenUpdateRequest,
    client: &Client,
) -> Result<(), Fault> {
    let changed = next.entitlement.scopes != loaded.entitlement.scopes;
    let policy = Policy::resolve(&cx.tenant, client, next.entitlement.granted())?.token;
    let scoped = |read: fn(&TokenPolicy) -> placet_base::Ttl| {
        let names = next.entitlement.scopes.iter().filter_map(|name| cx.tenant.scopes.get(name));
        let mut limits = names.map(|scope| read(&scope.policy.token));
        limits.any(|ttl| ttl < read(&TokenPolicy::FREE))
    };
    let given = |millis: Option<i64>| millis.filter(|millis| *millis > 0).map(Timestamp);
    let on_scopes = |wanted: Option<bool>| wanted == Some(true) && changed;
    let (of_access, of_refresh) = (scoped(|policy| policy.access), scoped(|policy| policy.refresh));
    if call.access_token_persistent == Some(true) {
        next.access.expires_at = NEVER;
    } else if let Some(at) = given(call.access_token_expires_at) {
        next.access.expires_at = at;
    } else if on_scopes(call.access_token_expires_at_updated_on_scope_update) && of_access {
        next.access.expires_at = cx.now + policy.access;
    }
    if let Some(refresh) = &mut next.refresh {
        if let Some(at) = given(call.refresh_token_expires_at) {
            refresh.expires_at = at;
        } else if on_scopes(call.refresh_token_expires_at_updated_on_scope_update) && of_refresh {
            refresh.expires_at = cx.now + policy.refresh;
        }
    }
    Ok(())
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
        token_id: Some(tenant.handles.name(Tag::TokenName, updated.number)),
        for_external_attachment: entitlement.for_attachment.then_some(true),
    }
}
