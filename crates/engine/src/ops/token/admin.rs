//! Tokens outside of flows.

pub mod batch;
pub mod create;
pub mod delete;
pub mod list;
pub mod revoke;
pub mod update;

use placet_store::Loaded;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::handle::HandleKind;
use crate::records::token::{Token, TokenValue};

/// The token that an identifier means: one of its values, or the name that lists give it.
async fn identified(cx: &Cx<'_>, identifier: &str) -> Result<Option<Loaded<Token>>, Fault> {
    for which in [TokenValue::Access, TokenValue::Refresh] {
        if let Some(live) = cx.token(which, identifier).await? {
            return Ok(Some(live.token));
        }
    }
    let Some(number) = cx.tenant.handles.named(HandleKind::TokenName, identifier) else { return Ok(None) };
    let token = cx.read.get::<Token>(&number).await?;
    match token {
        Some(token) => Ok(cx.live(token).await?.map(|live| live.token)),
        None => Ok(None),
    }
}
