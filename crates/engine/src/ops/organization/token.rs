//! POST /api/servicetoken/…, POST /api/organizationtoken/…

use placet_api::types::{
    OrganizationTokenRequest, OrganizationTokenResponse, ServiceTokenRequest, ServiceTokenResponse,
};
use placet_api::{CallError, Caller, Reason, Right, Rights};
use placet_base::{ClientId, OrganizationId, ServiceId, Timestamp, TokenHash};
use placet_store::{Loaded, Page};

use crate::Engine;
use crate::cx::{Cx, Scope};
use crate::ops::service;
use crate::records::api_token::ApiToken;

/// What both kinds of tokens have in common.
#[derive(Clone, Default)]
pub struct TokenRequest {
    pub service: Option<ServiceId>,
    pub caller_rights: Rights,
    pub organization: Option<OrganizationId>,
    pub api_server: Option<i64>,
    pub token_id: Option<String>,
    pub description: Option<String>,
    pub permissions: Option<Vec<String>>,
    pub client: Option<i64>,
    pub expires_at: Option<i64>,
}

/// A token, and its value when it has just been made.
pub struct Shown {
    token: ApiToken,
    value: Option<String>,
    api_server: Option<i64>,
}

impl TokenRequest {
    pub fn of_service(request: ServiceTokenRequest, caller: &Caller, service: Option<ServiceId>) -> Self {
        Self {
            service,
            caller_rights: caller.rights,
            organization: Some(caller.organization),
            api_server: request.api_server_id,
            token_id: request.token_id,
            description: request.description,
            permissions: request.permissions,
            client: request.client_id,
            expires_at: request.expires_at,
        }
    }

    pub fn of_organization(request: OrganizationTokenRequest, caller: &Caller) -> Self {
        Self {
            caller_rights: caller.rights,
            organization: Some(caller.organization),
            token_id: request.token_id,
            description: request.description,
            permissions: request.permissions,
            expires_at: request.expires_at,
            ..Self::default()
        }
    }

    fn organization(&self) -> Result<OrganizationId, CallError> {
        self.organization.ok_or_else(|| CallError::internal("no organization"))
    }

    /// The rights that the token is to have: none that its maker lacks.
    fn rights(&self) -> Result<Vec<Right>, CallError> {
        let Some(names) = &self.permissions else {
            return Ok(match self.service {
                Some(_) => vec![Right::ModifyService],
                None => vec![Right::Admin, Right::DeleteService],
            });
        };
        let mut rights = Vec::with_capacity(names.len());
        for name in names {
            let right =
                Right::parse(name).ok_or_else(|| Reason::PermissionUnknown { permission: name.clone() })?;
            if !self.caller_rights.holds(right) {
                return Err(Reason::PermissionNotHeld { permission: name.clone() }.into());
            }
            rights.push(right);
        }
        Ok(rights)
    }
}

pub async fn create(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<Shown, CallError> {
    let value = service::secret(cx, 32);
    let token = ApiToken {
        token_id: service::secret(cx, 12),
        hash: TokenHash::of(&value),
        organization: request.organization()?,
        service: request.service,
        client: request.client.map(ClientId),
        rights: request.rights()?,
        description: request.description.clone().unwrap_or_default(),
        created_at: cx.now,
        expires_at: request.expires_at.filter(|at| *at > 0).map(Timestamp),
    };
    cx.write.insert(Engine::INSTALLATION, ApiToken::id(&token.hash), &token);
    Ok(Shown { token, value: Some(value), api_server: request.api_server })
}

/// Tokens to read at a time.
const MOST: usize = 1000;

pub async fn all(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<Vec<Shown>, CallError> {
    let tokens = owned(cx, request.organization()?, request.service).await?;
    let shown = tokens.into_iter().map(Loaded::into_value);
    Ok(shown.map(|token| Shown { token, value: None, api_server: request.api_server }).collect())
}

async fn owned<S: Scope>(
    cx: &Cx<'_, S>,
    organization: OrganizationId,
    service: Option<ServiceId>,
) -> Result<Vec<Loaded<ApiToken>>, CallError> {
    let entry = Some((ApiToken::OWNER, ApiToken::owner(organization, service)));
    let found = cx.installation().find::<ApiToken>(entry, Page { start: 0, end: MOST }).await;
    Ok(found.map_err(CallError::internal)?.0)
}

/// The token that a request names, if it belongs to whom the request is about.
async fn named(cx: &Cx<'_, ()>, request: &TokenRequest) -> Result<Loaded<ApiToken>, CallError> {
    let missing = || Reason::PropertyMissing { property: "tokenId".to_owned() };
    let id = request.token_id.as_deref().ok_or_else(missing)?;
    let found =
        cx.installation().find_one::<ApiToken>(ApiToken::TOKEN_ID, id).await.map_err(CallError::internal)?;
    let organization = request.organization()?;
    let own = found.filter(|token| token.organization == organization && token.service == request.service);
    Ok(own.ok_or_else(|| Reason::TokenIdUnknown { token: id.to_owned() })?)
}

/// Gives the token another description.
pub async fn update(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<Shown, CallError> {
    let loaded = named(cx, request).await?;
    let description = request.description.clone().unwrap_or_default();
    let token = ApiToken { description, ..loaded.value().clone() };
    cx.write.replace(loaded, &token);
    Ok(Shown { token, value: None, api_server: request.api_server })
}

/// Gives the token another value; the former one is void at once.
pub async fn rotate(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<Shown, CallError> {
    let loaded = named(cx, request).await?;
    let value = service::secret(cx, 32);
    let token = ApiToken { hash: TokenHash::of(&value), ..loaded.value().clone() };
    cx.write.delete(loaded);
    cx.write.insert(Engine::INSTALLATION, ApiToken::id(&token.hash), &token);
    Ok(Shown { token, value: Some(value), api_server: request.api_server })
}

pub async fn revoke(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<(), CallError> {
    let loaded = named(cx, request).await?;
    cx.write.delete(loaded);
    Ok(())
}

/// Ends every token of an owner that goes away.
pub(crate) async fn delete_all<S: Scope>(
    cx: &mut Cx<'_, S>,
    organization: OrganizationId,
    service: Option<ServiceId>,
) -> Result<(), CallError> {
    for token in owned(cx, organization, service).await? {
        cx.write.delete(token);
    }
    Ok(())
}

impl From<Shown> for ServiceTokenResponse {
    fn from(shown: Shown) -> Self {
        let token = shown.token;
        Self {
            service_id: token.service.map(|service| service.0),
            organization_id: Some(token.organization.0),
            api_server_id: shown.api_server,
            access_token: shown.value,
            token_id: Some(token.token_id),
            description: Some(token.description),
            permissions: Some(token.rights.iter().map(|right| right.name().to_owned()).collect()),
            client_id: token.client.map(|client| client.0),
            expires_at: token.expires_at.map(Timestamp::millis),
        }
    }
}

impl From<Shown> for OrganizationTokenResponse {
    fn from(shown: Shown) -> Self {
        let token = shown.token;
        Self {
            organization_id: Some(token.organization.0),
            access_token: shown.value,
            token_id: Some(token.token_id),
            description: Some(token.description),
            permissions: Some(token.rights.iter().map(|right| right.name().to_owned()).collect()),
            expires_at: token.expires_at.map(Timestamp::millis),
        }
    }
}
