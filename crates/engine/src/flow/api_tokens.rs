//! The API tokens of one owner.

use placet_api::{CallError, NoContent};
use placet_base::{OrganizationId, ServiceId};
use placet_store::{Loaded, Page};

use crate::budgets::API_TOKENS;
use crate::cx::{Cx, Scope};
use crate::fault::unanswered;
use crate::records::api_token::ApiToken;
use crate::records::api_token_use::ApiTokenUse;

/// The tokens of an organization, or of one of its services.
pub async fn of<S: Scope>(
    cx: &Cx<'_, S>,
    organization: OrganizationId,
    service: Option<ServiceId>,
) -> Result<Vec<Loaded<ApiToken>>, CallError> {
    let entry = Some((ApiToken::OWNER, ApiToken::owner(organization, service)));
    // Each may have a former value.
    let every = Page::rows(0, 2 * API_TOKENS);
    let found = cx.installation().find::<ApiToken>(entry, every).await;
    Ok(found.map_err(unanswered)?.0)
}

/// The value before the present one of a token, while it is kept.
pub async fn former<S: Scope>(cx: &Cx<'_, S>, id: &str) -> Result<Option<Loaded<ApiToken>>, CallError> {
    let entry = Some((ApiToken::FORMER, id.to_owned()));
    let found = cx.installation().find::<ApiToken>(entry, Page::rows(0, 1)).await;
    Ok(found.map_err(unanswered)?.0.into_iter().next())
}

/// Ends a token, with its former value and what is known of its use.
pub async fn delete<S: Scope>(cx: &mut Cx<'_, S>, token: Loaded<ApiToken>) -> Result<NoContent, CallError> {
    if let Some(former) = former(cx, &token.token_id).await? {
        cx.write.delete(former);
    }
    let used = cx.installation().get::<ApiTokenUse>(&token.token_id).await;
    if let Some(used) = used.map_err(unanswered)? {
        cx.write.delete(used);
    }
    cx.write.delete(token);
    Ok(NoContent)
}

/// Ends every token of an owner that goes away.
pub async fn delete_all<S: Scope>(
    cx: &mut Cx<'_, S>,
    organization: OrganizationId,
    service: Option<ServiceId>,
) -> Result<NoContent, CallError> {
    // Former values go with their tokens.
    for token in of(cx, organization, service).await?.into_iter().filter(|token| !token.superseded) {
        delete(cx, token).await?;
    }
    Ok(NoContent)
}
