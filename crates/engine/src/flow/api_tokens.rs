//! The API tokens of one owner.

use placet_api::{CallError, NoContent};
use placet_base::{OrganizationId, ServiceId};
use placet_store::{Loaded, Page};

use crate::budgets::API_TOKENS;
use crate::cx::{Cx, Scope};
use crate::records::api_token::ApiToken;

/// The tokens of an organization, or of one of its services.
pub async fn of<S: Scope>(
    cx: &Cx<'_, S>,
    organization: OrganizationId,
    service: Option<ServiceId>,
) -> Result<Vec<Loaded<ApiToken>>, CallError> {
    let entry = Some((ApiToken::OWNER, ApiToken::owner(organization, service)));
    let found = cx.installation().find::<ApiToken>(entry, Page { start: 0, end: API_TOKENS }).await;
    Ok(found.map_err(CallError::internal)?.0)
}

/// Ends every token of an owner that goes away.
pub async fn delete_all<S: Scope>(
    cx: &mut Cx<'_, S>,
    organization: OrganizationId,
    service: Option<ServiceId>,
) -> Result<NoContent, CallError> {
    for token in of(cx, organization, service).await? {
        cx.write.delete(token);
    }
    Ok(NoContent)
}
