//! GET /api/{serviceId}/auth/token/get/list

use placet_api::types::{AccessToken, ListQuery, TokenGetListResponse, TokenListQuery, TokenStatus};
use placet_api::{CallError, Reason};
use placet_base::Subject;

use crate::cx::{Cx, LiveToken};
use crate::flow::reply::{int32, limited_client, listed, properties};
use crate::flow::{clients, lists};
use crate::handle::HandleKind;

pub async fn list(cx: &mut Cx<'_>, query: &TokenListQuery) -> Result<TokenGetListResponse, CallError> {
    let window =
        lists::window(&ListQuery { start: query.start.clone(), end: query.end.clone(), developer: None })?;
    let named = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let client = match named(&query.client_identifier) {
        Some(identifier) => {
            let found = clients::named(cx, &identifier).await?;
            Some(found.ok_or(Reason::ClientNotFound { client: identifier })?.client)
        }
        None => None,
    };
    let subject = named(&query.subject).map(|text| Subject::parse(&text)).transpose();
    let subject = subject.map_err(|_| Reason::RevokeSubjectMalformed {})?;
    let wanted = |live: &LiveToken| {
        let valid = !live.token.access.expires_at.is_past(cx.now);
        match query.token_status {
            Some(TokenStatus::Valid) => valid,
            Some(TokenStatus::Invalid) => !valid,
            Some(TokenStatus::All) | None => true,
        }
    };
    let client_id = client.as_ref().map(|client| client.id);
    let page = cx.token_page(client_id, subject.as_ref(), window, wanted).await?;
    let shown = page.tokens.iter().map(|live| entry(cx, live)).collect();
    Ok(TokenGetListResponse {
        start: Some(int32(window.start)),
        end: Some(int32(page.end)),
        total_count: Some(int32(page.total)),
        client: client.as_deref().map(limited_client),
        subject: subject.map(|subject| subject.as_str().to_owned()),
        access_tokens: Some(shown),
    })
}

/// COMPAT: `accessTokenHash` and `refreshTokenHash` name the token in other calls, as the hashes of the
/// hosted product do; ours lead to the record and are no hashes, because values cannot be found by them.
fn entry(cx: &Cx<'_>, live: &LiveToken) -> AccessToken {
    let token = &live.token;
    let entitlement = &token.entitlement;
    let name = Some(cx.tenant.handles.name(HandleKind::TokenName, *token.id()));
    AccessToken {
        refresh_token_hash: token.refresh.and(name.clone()),
        access_token_hash: name,
        access_token_expires_at: Some(token.access.expires_at.millis()),
        refresh_token_expires_at: token.refresh.map(|refresh| refresh.expires_at.millis()),
        created_at: Some(token.issued_at.millis()),
        last_refreshed_at: Some(token.refreshed_at.map_or(0, |at| at.millis())),
        client_id: Some(entitlement.client.0),
        subject: entitlement.subject.as_ref().map(|subject| subject.as_str().to_owned()),
        grant_type: Some(entitlement.grant),
        scopes: listed(&entitlement.scopes.to_vec()),
        refresh_token_scopes: token.refresh.and_then(|_| listed(&entitlement.granted().to_vec())),
        properties: properties(&entitlement.properties),
    }
}
