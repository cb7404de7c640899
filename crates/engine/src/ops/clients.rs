//! Finding the client of a protocol message.

use std::sync::Arc;

use placet_api::Reason;
use placet_base::ClientId;
use placet_base::registry::ClientAuthMethod;

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::records::code::Code;
use crate::records::token::{Token, Which};
use crate::rules::client_auth::{self, Authenticated, Credentials};
use crate::tenant::Client;

/// A client and the way in which it was named.
pub struct Named {
    pub client: Arc<Client>,
    pub alias_used: bool,
}

/// The client that an identifier names: a number goes before an alias.
pub async fn named(cx: &Cx<'_>, identifier: &str) -> Result<Option<Named>, Fault> {
    if let Some(id) = ClientId::parse(identifier)
        && let Some(client) = cx.client(id).await?
    {
        return Ok(Some(Named { client, alias_used: false }));
    }
    let by_alias = cx.client_by_alias(identifier).await?;
    // An alias that is switched off finds its client, but does not name it.
    let by_alias = by_alias.filter(|client| client.alias.as_deref() == Some(identifier));
    Ok(by_alias.map(|client| Named { client, alias_used: true }))
}

/// The client of a request that demands authentication, proven.
pub async fn authenticated(
    cx: &Cx<'_>,
    credentials: &Credentials<'_>,
    supported: &[ClientAuthMethod],
) -> Result<(Authenticated, bool), Fault> {
    let named = match client_auth::identifier(credentials)? {
        Some(identifier) => named(cx, identifier).await?.ok_or(Reason::ClientUnknown {})?,
        None => unnamed(cx, credentials).await?.ok_or(Reason::ClientNotNamed {})?,
    };
    let client = client_auth::authenticated(named.client, credentials, supported)?;
    Ok((client, named.alias_used))
}

/// A public client that may leave out its identifier, found by what it presents.
async fn unnamed(cx: &Cx<'_>, credentials: &Credentials<'_>) -> Result<Option<Named>, Fault> {
    if !cx.tenant.tokens.client_id_omissible {
        return Ok(None);
    }
    let params = credentials.params;
    let presented = match (params.one("code")?, params.one("refresh_token")?) {
        (Some(code), _) => cx.bearer::<Code>((), code).await?.and_then(Held::present).map(|code| code.client),
        (None, Some(token)) => {
            let token = cx.bearer::<Token>(Which::Refresh, token).await?.and_then(Held::present);
            token.map(|token| token.entitlement.client)
        }
        (None, None) => None,
    };
    let Some(id) = presented else { return Ok(None) };
    let client = cx.client(id).await?.filter(|client| client.is_public());
    Ok(client.map(|client| Named { client, alias_used: false }))
}
