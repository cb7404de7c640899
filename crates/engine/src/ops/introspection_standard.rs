//! POST /api/{serviceId}/auth/introspection/standard – RFC 7662

use placet_api::types::*;
use placet_api::{OAuthError, Reason};

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::mint::error;
use crate::mint::introspection::{self, Seen};
use crate::ops::reply::result;
use crate::records::token::{Token, Which};
use crate::rules::params::{Params, Request};
use crate::tenant::Tenant;

/// The response, and what it is about.
pub struct Answer {
    pub content: String,
    pub kind: &'static str,
    pub active: bool,
}

pub async fn introspect(cx: &mut Cx<'_>, call: &StandardIntrospectionRequest) -> Result<Answer, Fault> {
    let text = call.parameters.as_deref().ok_or(Reason::StandardParametersMissing {})?;
    let params = Params::parse(Request::Introspection, text)?;
    let value = params.each_once()?.one("token")?.ok_or(Reason::StandardTokenMissing {})?;
    // §2.1: the hint may be wrong; a value says by itself what it is for.
    for which in [Which::Access, Which::Refresh] {
        let Some(token) = cx.bearer::<Token>(which, value).await?.and_then(Held::present) else { continue };
        let kind = if which == Which::Access { "access_token" } else { "refresh_token" };
        let end = match which {
            Which::Access => Some(token.access.expires_at),
            Which::Refresh => token.refresh.map(|refresh| refresh.expires_at),
        };
        let client = cx.client(token.entitlement.client).await?;
        let live = end.is_some_and(|end| !end.is_past(cx.now));
        let Some(client) = client.filter(|_| live) else {
            return Ok(Answer { content: introspection::inactive(), kind, active: false });
        };
        let hidden = call.with_hidden_properties == Some(true);
        let identifier = client.identifier(token.entitlement.alias_used);
        let tenant = &cx.tenant;
        let seen = Seen {
            which,
            client_id: &identifier,
            issuer: &tenant.issuer,
            token_type: &tenant.tokens.token_type,
            hidden,
        };
        let content = introspection::active(&token, &seen);
        return Ok(Answer { content, kind, active: true });
    }
    Ok(Answer { content: introspection::inactive(), kind: "unknown", active: false })
}

pub fn reply(tenant: &Tenant, outcome: Result<Answer, Fault>) -> StandardIntrospectionResponse {
    use StandardIntrospectionResponseAction as Action;
    let (reason, action, content) = match outcome {
        Ok(Answer { content, kind, active }) => {
            let (kind, active) = (kind.to_owned(), active.to_string());
            (Reason::IntrospectionAnswered { kind, active }, Action::Ok, content)
        }
        Err(fault) => {
            let action = match fault.error() {
                OAuthError::ServerError => Action::InternalServerError,
                _ => Action::BadRequest,
            };
            let content = error::json(tenant, &fault);
            (fault.reason, action, content)
        }
    };
    let (result_code, result_message) = result(&reason);
    StandardIntrospectionResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
    }
}
