//! POST /api/servicetoken/…, POST /api/organizationtoken/…, GET /api/apitoken/get, POST /api/apitoken/revoke

use placet_api::types::{
    ApiTokenGetResponse, OrganizationTokenRequest, OrganizationTokenResponse, ServiceTokenRequest,
    ServiceTokenResponse,
};
use placet_api::{CallError, Caller, NoContent, Reach, Reason, Right, Rights};
use placet_base::{ClientId, OrganizationId, Timestamp, TokenHash, Ttl};
use placet_store::{Loaded, Page};

use crate::Engine;
use crate::access::USE_PRECISION;
use crate::budgets::{API_TOKENS, GRACE_PERIOD};
use crate::cx::Cx;
use crate::fault::unanswered;
use crate::flow::{api_tokens, assigned};
use crate::records::api_token::ApiToken;
use crate::records::api_token_use::ApiTokenUse;
use crate::records::client::ClientRecord;

/// What both kinds of tokens have in common, asked for by a caller who may.
pub struct TokenRequest {
    reach: Reach,
    api_server: Option<i64>,
    token_id: Option<String>,
    description: Option<String>,
    permissions: Option<Vec<String>>,
    client: Option<i64>,
    expires_at: Option<i64>,
    /// Seconds.
    grace_period: Option<i64>,
}

/// A token, and its value when it has just been made.
pub struct ApiTokenView {
    token: ApiToken,
    value: Option<String>,
    api_server: Option<i64>,
    last_used_at: Option<Timestamp>,
    /// Until when the former value works.
    former_until: Option<Timestamp>,
}

impl TokenRequest {
    pub fn of_service(request: ServiceTokenRequest, reach: Reach) -> Self {
        Self {
            reach,
            api_server: request.api_server_id,
            token_id: request.token_id,
            description: request.description,
            permissions: request.permissions,
            client: request.client_id,
            expires_at: request.expires_at,
            grace_period: request.grace_period,
        }
    }

    pub fn of_organization(request: OrganizationTokenRequest, reach: Reach) -> Self {
        Self {
            reach,
            api_server: None,
            token_id: request.token_id,
            description: request.description,
            permissions: request.permissions,
            client: None,
            expires_at: request.expires_at,
            grace_period: request.grace_period,
        }
    }

    fn organization(&self) -> OrganizationId {
        self.reach.caller().organization
    }

    /// The rights that the token is to have: none that its maker lacks.
    fn rights(&self) -> Result<Vec<Right>, CallError> {
        let rights = match &self.permissions {
            None if self.reach.service().is_some() => vec![Right::ModifyService],
            None => vec![Right::Admin, Right::DeleteService],
            Some(names) => names.iter().map(|name| named_right(name)).collect::<Result<_, _>>()?,
        };
        match rights.iter().find(|right| !self.reach.caller().rights.holds(**right)) {
            Some(lacking) => Err(Reason::PermissionNotHeld { permission: lacking.name().to_owned() }.into()),
            None => Ok(rights),
        }
    }

    /// The end of the token: not after that of its maker, and that where none is asked for.
    fn end(&self, now: Timestamp) -> Result<Option<Timestamp>, CallError> {
        let own = self.reach.caller().expires_at;
        let asked = self.expires_at.filter(|at| *at != 0).map(Timestamp);
        if asked.is_some_and(|at| at.is_past(now)) {
            return Err(Reason::ApiTokenExpired { property: "expiresAt".to_owned() }.into());
        }
        if let (Some(own), Some(asked)) = (own, asked)
            && own < asked
        {
            return Err(Reason::TokenOutlivesMaker { end: own.millis().to_string() }.into());
        }
        Ok(asked.or(own))
    }

    /// How long the former value of a token that is rotated works.
    fn grace(&self) -> Result<Option<Ttl>, CallError> {
        match self.grace_period {
            None | Some(0) => Ok(None),
            Some(secs) if usize::try_from(secs).is_ok_and(|secs| secs <= GRACE_PERIOD) => {
                Ok(Ttl::specified(Some(secs)))
            }
            Some(_) => Err(Reason::PropertyInvalid { property: "gracePeriod".to_owned() }.into()),
        }
    }

    fn shown(&self, token: ApiToken, value: Option<String>) -> ApiTokenView {
        ApiTokenView { token, value, api_server: self.api_server, last_used_at: None, former_until: None }
    }

    /// The token, of which the request says nothing else than it is: what it may do, and until when, stays.
    fn leaving(&self, token: Loaded<ApiToken>) -> Result<Loaded<ApiToken>, CallError> {
        let held: Rights = token.rights.iter().copied().collect();
        let rights =
            |names: &Vec<String>| names.iter().map(|name| Right::parse(name)).collect::<Option<Rights>>();
        let fixed = [
            ("permissions", self.permissions.as_ref().is_none_or(|names| rights(names) == Some(held))),
            ("clientId", self.client.is_none_or(|id| id == token.client.map_or(0, |client| client.0))),
            (
                "expiresAt",
                self.expires_at.is_none_or(|at| at == token.expires_at.map_or(0, Timestamp::millis)),
            ),
        ];
        match fixed.into_iter().find(|(_, same)| !same) {
            Some((property, _)) => Err(Reason::ApiTokenMemberFixed { property: property.to_owned() }.into()),
            None => Ok(token),
        }
    }
}

fn named_right(name: &str) -> Result<Right, CallError> {
    Ok(Right::parse(name).ok_or_else(|| Reason::PermissionUnknown { permission: name.to_owned() })?)
}

pub async fn create(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<ApiTokenView, CallError> {
    let room = room(cx, request).await?;
    let value = assigned::secret(cx, 32);
    let token = ApiToken {
        token_id: assigned::secret(cx, 12),
        hash: TokenHash::of(&value),
        organization: request.organization(),
        service: request.reach.service(),
        client: client(cx, request).await?,
        rights: request.rights()?,
        description: request.description.clone().unwrap_or_default(),
        created_at: cx.now,
        expires_at: request.end(cx.now)?,
        superseded: false,
    };
    room.filled(cx, &token);
    Ok(request.shown(token, Some(value)))
}

/// That the owner has fewer tokens than it may have.
struct Room(());

impl Room {
    fn filled(self, cx: &mut Cx<'_, ()>, token: &ApiToken) {
        cx.write.insert(Engine::INSTALLATION, &ApiToken::id(&token.hash), token);
    }
}

async fn room(cx: &Cx<'_, ()>, request: &TokenRequest) -> Result<Room, CallError> {
    let owner = ApiToken::owner(request.organization(), request.reach.service());
    let some = Page::count(API_TOKENS);
    let found = cx.installation().find::<ApiToken>(Some((ApiToken::OWNER, owner)), some).await;
    let (_, total) = found.map_err(unanswered)?;
    match total < API_TOKENS {
        true => Ok(Room(())),
        false => Err(Reason::ApiTokensExcessive { limit: API_TOKENS.to_string() }.into()),
    }
}

/// The client that the token is limited to, which must be one of the service.
async fn client(cx: &Cx<'_, ()>, request: &TokenRequest) -> Result<Option<ClientId>, CallError> {
    let (Some(id), Some(service)) = (request.client, request.reach.service()) else { return Ok(None) };
    let known = cx.reader_of(service).row::<ClientRecord>(&ClientId(id)).await;
    match known.map_err(unanswered)? {
        Some(_) => Ok(Some(ClientId(id))),
        None => Err(Reason::ClientNotFound { client: id.to_string() }.into()),
    }
}

pub async fn all(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<Vec<ApiTokenView>, CallError> {
    let tokens = api_tokens::of(cx, request.organization(), request.reach.service()).await?;
    let mut shown = Vec::with_capacity(tokens.len());
    for token in tokens.into_iter().map(Loaded::into_value).filter(|token| !token.superseded) {
        let last_used_at = last_use(cx, &token.token_id).await?;
        let former = api_tokens::former(cx, &token.token_id).await?;
        let former_until = former.and_then(|former| former.expires_at).filter(|end| !end.is_past(cx.now));
        shown.push(ApiTokenView { last_used_at, former_until, ..request.shown(token, None) });
    }
    Ok(shown)
}

/// What was written down, or has not been yet.
async fn last_use(cx: &Cx<'_, ()>, id: &str) -> Result<Option<Timestamp>, CallError> {
    let written = cx.installation().get::<ApiTokenUse>(&id.to_owned()).await.map_err(unanswered)?;
    let known = cx.engine.api_tokens.all().filter(|known| known.token.token_id == id);
    let seen = known.filter_map(|known| known.last_used()).max();
    Ok(written.map(|used| used.at).max(seen))
}

/// Writes a use down, unless one that is about as late has been; how many there were.
pub async fn note_use(cx: &mut Cx<'_, ()>, (id, at): &(String, Timestamp)) -> Result<usize, CallError> {
    let token = cx.read.find_one::<ApiToken>(ApiToken::TOKEN_ID, id).await.map_err(unanswered)?;
    // It may have been revoked since.
    let Some(_) = token else { return Ok(0) };
    let written = cx.read.get::<ApiTokenUse>(id).await.map_err(unanswered)?;
    match written {
        Some(written) if *at < written.at + USE_PRECISION => return Ok(0),
        Some(written) => cx.write.transition(written, |_| ApiTokenUse { at: *at }),
        None => cx.write.insert(Engine::INSTALLATION, id, &ApiTokenUse { at: *at }),
    }
    Ok(1)
}

/// The token that a request names, if it belongs to whom the request is about, and is one that the caller
/// could have made: nobody changes, renews or ends more than it holds.
async fn named(cx: &Cx<'_, ()>, request: &TokenRequest) -> Result<Loaded<ApiToken>, CallError> {
    let missing = || Reason::PropertyMissing { property: "tokenId".to_owned() };
    let id = request.token_id.as_deref().ok_or_else(missing)?;
    let found = cx.installation().find_one::<ApiToken>(ApiToken::TOKEN_ID, id).await.map_err(unanswered)?;
    let (caller, service) = (request.reach.caller(), request.reach.service());
    let own = found.filter(|token| token.organization == caller.organization && token.service == service);
    let token = own.ok_or_else(|| Reason::TokenIdUnknown { token: id.to_owned() })?;
    if let Some(lacking) = token.rights.iter().find(|right| !caller.rights.holds(**right)) {
        return Err(Reason::PermissionNotHeld { permission: lacking.name().to_owned() }.into());
    }
    match caller.expires_at {
        Some(own) if token.expires_at.is_none_or(|end| own < end) => {
            Err(Reason::TokenOutlivesMaker { end: own.millis().to_string() }.into())
        }
        _ => Ok(token),
    }
}

/// Gives the token another description.
pub async fn update(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<ApiTokenView, CallError> {
    let loaded = request.leaving(named(cx, request).await?)?;
    let description = request.description.clone().unwrap_or_default();
    let token = loaded.value().clone().described(description);
    cx.write.replace(loaded, &token);
    Ok(request.shown(token, None))
}

/// Gives the token another value. The former one is void at once, or when its grace is over; the one before that is.
pub async fn rotate(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<ApiTokenView, CallError> {
    let loaded = request.leaving(named(cx, request).await?)?;
    let grace = request.grace()?;
    let value = assigned::secret(cx, 32);
    let token = loaded.value().clone().revalued(TokenHash::of(&value));
    if let Some(former) = api_tokens::former(cx, &token.token_id).await? {
        cx.write.delete(former);
    }
    let now = cx.now;
    let end = |until: Timestamp| token.expires_at.map_or(until, |end| end.min(until));
    let former_until = grace.map(|grace| end(now + grace));
    match former_until {
        Some(until) => cx.write.transition(loaded, |former| former.superseded(until)),
        None => cx.write.delete(loaded),
    }
    cx.write.insert(Engine::INSTALLATION, &ApiToken::id(&token.hash), &token);
    Ok(ApiTokenView { former_until, ..request.shown(token, Some(value)) })
}

pub async fn revoke(cx: &mut Cx<'_, ()>, request: &TokenRequest) -> Result<NoContent, CallError> {
    let loaded = named(cx, request).await?;
    api_tokens::delete(cx, loaded).await
}

/// What the token of the caller is. A caller without one of its own – by a service's `apiSecret` – has no description.
pub async fn own(cx: &mut Cx<'_, ()>, caller: &Caller) -> Result<ApiTokenGetResponse, CallError> {
    let token = of_caller(cx, caller).await?;
    Ok(ApiTokenGetResponse {
        organization_id: Some(caller.organization.0),
        service_id: caller.service.map(|service| service.0),
        client_id: caller.client.map(|client| client.0),
        token_id: Some(caller.token.to_string()),
        description: token.map(|token| token.description.clone()),
        permissions: Some(caller.rights.each().map(|right| right.name().to_owned()).collect()),
        expires_at: caller.expires_at.map(Timestamp::millis),
    })
}

/// Ends the token of the caller, whatever it may: with its former value, or the one that has come in its place.
pub async fn end_own(cx: &mut Cx<'_, ()>, caller: &Caller) -> Result<NoContent, CallError> {
    let unknown = || Reason::TokenIdUnknown { token: caller.token.to_string() };
    let token = of_caller(cx, caller).await?.ok_or_else(unknown)?;
    api_tokens::delete(cx, token).await
}

async fn of_caller(cx: &Cx<'_, ()>, caller: &Caller) -> Result<Option<Loaded<ApiToken>>, CallError> {
    let found = cx.read.find_one::<ApiToken>(ApiToken::TOKEN_ID, &caller.token.to_string()).await;
    // The name says which it is only among those of its owner: that of a pair is no name of a token.
    Ok(found
        .map_err(unanswered)?
        .filter(|token| token.organization == caller.organization && token.service == caller.service))
}

impl From<ApiTokenView> for ServiceTokenResponse {
    fn from(shown: ApiTokenView) -> Self {
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
            last_used_at: shown.last_used_at.map(Timestamp::millis),
            former_value_expires_at: shown.former_until.map(Timestamp::millis),
        }
    }
}

impl From<ApiTokenView> for OrganizationTokenResponse {
    fn from(shown: ApiTokenView) -> Self {
        let token = shown.token;
        Self {
            organization_id: Some(token.organization.0),
            access_token: shown.value,
            token_id: Some(token.token_id),
            description: Some(token.description),
            permissions: Some(token.rights.iter().map(|right| right.name().to_owned()).collect()),
            expires_at: token.expires_at.map(Timestamp::millis),
            last_used_at: shown.last_used_at.map(Timestamp::millis),
            former_value_expires_at: shown.former_until.map(Timestamp::millis),
        }
    }
}
