//! Who may call what.

use std::sync::Arc;

use placet_api::endpoints::Row;
use placet_api::{Call, CallError, Caller, Named, PathValues, Reach, Reason, Right};
use placet_base::{ClientId, OrganizationId, ServiceId, TokenHash};
use placet_store::{Loaded, Reader, Record};

use crate::Engine;
use crate::cx::Cx;
use crate::flow::{assigned, client_documents};
use crate::records::api_token::ApiToken;
use crate::records::organization::Organization;

impl Engine {
    /// Judges a call before its body is looked at, by the token of the Authorization header and by what
    /// the path names.
    pub async fn admit(
        &self,
        row: &Row,
        bearer: Option<&str>,
        service: Option<ServiceId>,
        path: PathValues<'_>,
    ) -> Result<Call, CallError> {
        let call = Call { endpoint: row.id, service, caller: None, reach: None, request: 0 };
        if row.authority.right.is_none() {
            return Ok(call);
        }
        let caller = self.caller(bearer.ok_or(Reason::AuthorizationMissing {})?).await?;
        row.authority.permitted(&caller)?;
        let call = Call { caller: Some(caller), ..call };
        let Some(service) = service else { return Ok(call) };
        let named = Named {
            organization: None,
            service: Some((service, self.owner(&caller, service).await?)),
            client: self.named_client(&caller, service, path).await?,
        };
        Ok(Call { reach: Some(row.authority.judge(&caller, &named)?), ..call })
    }

    /// Judges a call by what its body names, or by nothing where it is about the caller's organization.
    pub(crate) async fn reach(
        &self,
        call: &Call,
        organization: Option<i64>,
        service: Option<i64>,
    ) -> Result<Reach, CallError> {
        let caller = call.caller.ok_or_else(|| CallError::internal("a call without a caller"))?;
        let service = match service.map(ServiceId) {
            Some(service) => Some((service, self.owner(&caller, service).await?)),
            None => None,
        };
        let named = Named { organization: organization.map(OrganizationId), service, client: None };
        Ok(call.endpoint.row().authority.judge(&caller, &named)?)
    }

    /// Whose the service is. A token for one service was made by the organization that owns it, and
    /// services do not change hands.
    async fn owner(&self, caller: &Caller, service: ServiceId) -> Result<OrganizationId, CallError> {
        match caller.service {
            Some(_) => Ok(caller.organization),
            None => Ok(self.tenant(service).await?.organization),
        }
    }

    /// The client of the path, for a token that is limited to one: by its number, else by its alias.
    async fn named_client(
        &self,
        caller: &Caller,
        service: ServiceId,
        path: PathValues<'_>,
    ) -> Result<Option<ClientId>, CallError> {
        let (Some(_), Some(text)) = (caller.client, path.client) else { return Ok(None) };
        let reader = Reader::new(&*self.store, service);
        Ok(client_documents::identified(&reader, text).await?.map(|(id, _)| id))
    }

    async fn caller(&self, bearer: &str) -> Result<Caller, CallError> {
        let hash = TokenHash::of(bearer);
        let id = ApiToken::id(&hash);
        let row = self.installation().row::<ApiToken>(&id).await.map_err(CallError::internal)?;
        let row = row.ok_or(Reason::ApiTokenUnknown {})?;
        let token: Arc<ApiToken> = self.api_tokens.get_or_make(&hash, row.version, || {
            let key = ApiToken::key(Self::INSTALLATION, &id);
            Loaded::<ApiToken>::from_row(key, &row).map(Loaded::into_value).map_err(CallError::internal)
        })?;
        // The hash found the row; comparing it again, in constant time, is what decides.
        let caller = (token.hash == hash).then(|| token.caller(self.outside.now())).flatten();
        Ok(caller.ok_or(Reason::ApiTokenUnknown {})?)
    }
}

/// A new organization and its first token.
pub(crate) async fn found(cx: &mut Cx<'_, ()>, name: &str) -> Result<(OrganizationId, String), CallError> {
    let id = OrganizationId(assigned::identifier(cx));
    let organization = Organization { name: name.to_owned(), created_at: cx.now };
    cx.write.insert(Engine::INSTALLATION, &id, &organization);
    let value = assigned::secret(cx, 32);
    let token = ApiToken {
        token_id: assigned::secret(cx, 12),
        hash: TokenHash::of(&value),
        organization: id,
        service: None,
        client: None,
        rights: vec![Right::Admin],
        description: format!("First token of {name}"),
        created_at: cx.now,
        expires_at: None,
    };
    cx.write.insert(Engine::INSTALLATION, &ApiToken::id(&token.hash), &token);
    Ok((id, value))
}
