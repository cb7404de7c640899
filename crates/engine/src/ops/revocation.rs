//! POST /api/{serviceId}/auth/revocation – RFC 7009

use placet_api::types::*;
use placet_api::{OAuthError, Reason};

use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::clients;
use crate::flow::clients::Proving as _;
use crate::flow::reply::result;
use crate::mint::error;
use crate::records::token::TokenValue;
use crate::rules::params::{Params, Request};
use crate::tenant::Tenant;

/// The token is of no use any more.
pub struct Revoked;

pub async fn revoke(cx: &mut Cx<'_>, call: &RevocationRequest) -> Result<Revoked, Fault> {
    let text = call.parameters.as_deref().ok_or(Reason::RevocationParametersMissing {})?;
    let params = Params::parse(Request::Revocation, text)?;
    params.each_once()?;
    let credentials = call.credentials(&params)?;
    let tenant = cx.tenant.clone();
    let (client, _) =
        clients::authenticated(cx, (&credentials, call.discovery()), &tenant.revocation_auth_methods).await?;
    let value = params.one("token")?.ok_or(Reason::RevocationTokenMissing {})?;
    // §2.1: the hint may be wrong; a value says by itself what it is for.
    for which in [TokenValue::Access, TokenValue::Refresh] {
        let Some(LiveToken { token, .. }) = cx.token(which, value).await? else { continue };
        if token.entitlement.client != client.id {
            return Err(Reason::RevocationOfOtherClient {}.into());
        }
        // Both tokens of a grant end together: they are one record.
        cx.write.delete(token);
        return Ok(Revoked);
    }
    // §2.2: a token that is not known is as good as revoked.
    Ok(Revoked)
}

pub fn reply(tenant: &Tenant, outcome: Result<Revoked, Fault>) -> RevocationResponse {
    use RevocationResponseAction as Action;
    let (reason, action, content) = match outcome {
        Ok(Revoked) => (Reason::Revoked {}, Action::Ok, None),
        Err(fault) => {
            let action = match fault.error() {
                OAuthError::InvalidClient => Action::InvalidClient,
                OAuthError::ServerError => Action::InternalServerError,
                _ => Action::BadRequest,
            };
            let content = error::json(tenant, &fault);
            (fault.reason, action, Some(content))
        }
    };
    let (result_code, result_message) = result(&reason);
    RevocationResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: content,
        ..Default::default()
    }
}
