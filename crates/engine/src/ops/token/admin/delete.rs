//! DELETE /api/{serviceId}/auth/token/delete/{accessTokenIdentifier}

use placet_api::{CallError, NoContent};

use super::identified;
use crate::cx::Cx;

/// Ends the token and the one that belongs to it. One that is not known is as good as ended.
pub async fn delete(cx: &mut Cx<'_>, identifier: &str) -> Result<NoContent, CallError> {
    if let Some(token) = identified(cx, identifier).await? {
        cx.write.delete(token);
    }
    Ok(NoContent)
}
