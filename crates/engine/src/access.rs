//! Who may call what.

use std::sync::Arc;

use placet_api::endpoints::Row;
use placet_api::{Access, Call, CallError, Caller, Reason, Right};
use placet_base::{OrganizationId, ServiceId, TokenHash};
use placet_store::{Id, Loaded, Record};

use crate::Engine;
use crate::cx::Cx;
use crate::ops::service;
use crate::records::api_token::ApiToken;
use crate::records::organization::Organization;

impl Engine {
    /// Judges a call before its body is looked at: the token, then its rights on the service of the
    /// path. `bearer` is the token of the Authorization header.
    pub async fn admit(
        &self,
        row: &Row,
        bearer: Option<&str>,
        service: Option<ServiceId>,
    ) -> Result<Call, CallError> {
        if row.access == Access::Open {
            return Ok(Call { service, ..Call::default() });
        }
        let caller = self.caller(bearer.ok_or(Reason::AuthorizationMissing {})?).await?;
        let missing = |right: Right| CallError::from(Reason::RightMissing { right: right.name().to_owned() });
        match row.access {
            Access::Open => {}
            Access::Organization(right) if caller.rights.holds(right) => {}
            Access::Organization(right) => return Err(missing(right)),
            Access::Service(right) | Access::Client(right) => {
                let service = service.ok_or_else(|| CallError::internal("a path without a service"))?;
                if !caller.may(right, service) {
                    return Err(missing(right));
                }
                // A token for one service was made by the organization that owns it, and services do not
                // change hands.
                if caller.service.is_none() && self.tenant(service).await?.organization != caller.organization
                {
                    return Err(missing(right));
                }
                if caller.client.is_some() && !limited_to_clients(row.access, right) {
                    return Err(missing(right));
                }
            }
        }
        Ok(Call { service, caller: Some(caller), request: 0 })
    }

    async fn caller(&self, bearer: &str) -> Result<Caller, CallError> {
        let hash = TokenHash::of(bearer);
        let id = ApiToken::id(&hash);
        let row = self.installation().row::<ApiToken>(id.clone()).await.map_err(CallError::internal)?;
        let row = row.ok_or(Reason::ApiTokenUnknown {})?;
        let token: Arc<ApiToken> = self.api_tokens.get_or_make(&hash, row.version, || {
            let key = ApiToken::key(Self::INSTALLATION, id);
            Loaded::<ApiToken>::from_row(key, &row).map(Loaded::into_value).map_err(CallError::internal)
        })?;
        // The hash found the row; comparing it again, in constant time, is what decides.
        let caller = (token.hash == hash).then(|| token.caller(self.outside.now())).flatten();
        Ok(caller.ok_or(Reason::ApiTokenUnknown {})?)
    }
}

/// A token for one client reaches calls about clients, and those that show what it may see.
fn limited_to_clients(access: Access, right: Right) -> bool {
    matches!(access, Access::Client(_)) || right == Right::ViewClient
}

/// A new organization and its first token.
pub(crate) async fn found(cx: &mut Cx<'_, ()>, name: &str) -> Result<(OrganizationId, String), CallError> {
    let id = OrganizationId(service::identifier(cx));
    let organization = Organization { name: name.to_owned(), created_at: cx.now };
    cx.write.insert(Engine::INSTALLATION, Id::Number(id.0), &organization);
    let value = service::secret(cx, 32);
    let token = ApiToken {
        token_id: service::secret(cx, 12),
        hash: TokenHash::of(&value),
        organization: id,
        service: None,
        client: None,
        rights: vec![Right::Admin],
        description: format!("First token of {name}"),
        created_at: cx.now,
        expires_at: None,
    };
    cx.write.insert(Engine::INSTALLATION, ApiToken::id(&token.hash), &token);
    Ok((id, value))
}
