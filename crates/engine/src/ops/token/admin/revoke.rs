//! POST /api/{serviceId}/auth/token/revoke

use placet_api::types::{TokenRevokeRequest, TokenRevokeResponse};
use placet_api::{CallError, Reason};
use placet_base::{ClientId, Subject};

use super::identified;
use crate::cx::Cx;
use crate::flow::reply::result;
use crate::flow::{bulk_revocation, clients};

/// Ends one token, or all of a client, of a user, or of both. What was issued before means nothing from
/// the commit on, however much it is.
pub async fn revoke(cx: &mut Cx<'_>, call: &TokenRevokeRequest) -> Result<TokenRevokeResponse, CallError> {
    let named = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let one = named(&call.access_token_identifier).or(named(&call.refresh_token_identifier));
    let count = match (one, named(&call.client_identifier), named(&call.subject)) {
        (Some(identifier), ..) => {
            let token = identified(cx, &identifier).await?;
            cx.write.delete(token.ok_or(Reason::RevokeTokenUnknown {})?);
            1
        }
        (None, None, None) => return Err(Reason::RevokeNothingNamed {}.into()),
        (None, client, subject) => {
            let client = match client {
                Some(identifier) => Some(client_id(cx, &identifier).await?),
                None => None,
            };
            let subject = subject.map(|subject| Subject::parse(&subject)).transpose();
            bulk_revocation::revoke(
                cx,
                client,
                subject.map_err(|_| Reason::RevokeSubjectMalformed {})?.as_ref(),
            )
            .await?
        }
    };
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let (result_code, result_message) = result(&Reason::TokensRevoked { count: count.to_string() });
    Ok(TokenRevokeResponse { result_code, result_message, count: Some(count) })
}

async fn client_id(cx: &Cx<'_>, identifier: &str) -> Result<ClientId, CallError> {
    let named = clients::named(cx, identifier).await?;
    Ok(named.ok_or_else(|| Reason::ClientNotFound { client: identifier.to_owned() })?.client.id)
}
