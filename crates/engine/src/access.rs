//! Who may call what.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use placet_api::access::Needed;
use placet_api::endpoints::Row;
use placet_api::{Call, CallError, Caller, Expected, Named, PathValues, Reach, Reason, Right, TokenName};
use placet_base::{ClientId, OrganizationId, ServiceId, Timestamp, TokenHash, Ttl};
use placet_store::{Loaded, Page, Reader, Record};

use crate::Engine;
use crate::budgets::LIST_PAGE;
use crate::cx::Cx;
use crate::fault::unanswered;
use crate::flow::{assigned, client_documents};
use crate::records::api_token::ApiToken;
use crate::records::client::ClientRecord;
use crate::records::organization::Organization;
use crate::records::service::ServiceRecord;

/// What shows who calls: an Authorization header, or where the call comes from.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    Bearer(&'a str),
    /// Of Version 2 calls.
    Basic {
        user: &'a str,
        password: &'a str,
    },
    /// The process that the engine runs in, on behalf of a service that wants it to. No header says so: whoever calls the
    /// engine vouches for it.
    Process(ServiceId),
}

/// The service that a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressed {
    /// None.
    Nothing,
    /// That of the path.
    Named(ServiceId),
    /// That of the caller, in Version 2 calls.
    OfCaller,
}

/// A token that was presented, and when it last was.
pub(crate) struct KnownToken {
    pub(crate) token: ApiToken,
    /// Milliseconds since the epoch; 0 before the first use that this process sees.
    used: AtomicI64,
}

impl KnownToken {
    /// Written rarely: many threads read beside it.
    fn used_at(&self, now: Timestamp) {
        let last = self.used.load(Ordering::Relaxed);
        if now.millis() - last >= USE_PRECISION.as_secs() * 1000 {
            self.used.store(now.millis(), Ordering::Relaxed);
        }
    }

    /// When this process last saw it used, as far as that is kept.
    pub(crate) fn last_used(&self) -> Option<Timestamp> {
        Some(self.used.load(Ordering::Relaxed)).filter(|at| *at > 0).map(Timestamp)
    }
}

/// How exactly the last use of a token is known.
pub(crate) const USE_PRECISION: Ttl = Ttl::secs(60);

impl Engine {
    /// Judges a call before its body is looked at, by what the Authorization header shows and by what the path names.
    pub async fn admit(
        &self,
        row: &Row,
        credential: Option<Credential<'_>>,
        service: Addressed,
        path: PathValues<'_>,
    ) -> Result<Call, CallError> {
        let call = Call {
            endpoint: row.id,
            service: None,
            caller: None,
            reach: None,
            expected: Expected::Any,
            request: 0,
            from: None,
        };
        if row.authority.needed == Needed::Nothing {
            return Ok(call);
        }
        let caller = match credential.ok_or(Reason::AuthorizationMissing {})? {
            Credential::Bearer(token) => self.caller(token).await?,
            Credential::Basic { user, password } => self.pair(user, password).await?,
            Credential::Process(service) => self.process(service).await?,
        };
        row.authority.permitted(&caller)?;
        let service = match service {
            Addressed::Nothing => None,
            Addressed::Named(service) => Some(service),
            Addressed::OfCaller => Some(self.addressed(&caller, path).await?),
        };
        let call = Call { caller: Some(caller), service, ..call };
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

    /// COMPAT: the service of a Version 2 call, which its path does not name: that of the credential, else the one that has
    /// the client of the path (clients of the hosted product delete clients with the credentials of the owner).
    async fn addressed(&self, caller: &Caller, path: PathValues<'_>) -> Result<ServiceId, CallError> {
        if let Some(service) = caller.service {
            return Ok(service);
        }
        let client = path.client.and_then(ClientId::parse).ok_or(Reason::ServiceUnnamed {})?;
        let entry = Some((ServiceRecord::ORGANIZATION, caller.organization.to_string()));
        let some = Page::rows(0, LIST_PAGE);
        let services = self.installation().find::<ServiceRecord>(entry, some).await;
        for service in services.map_err(unanswered)?.0 {
            let reader = Reader::new(&*self.store, *service.id());
            if reader.row::<ClientRecord>(&client).await.map_err(unanswered)?.is_some() {
                return Ok(*service.id());
            }
        }
        Err(Reason::ClientNotFound { client: client.to_string() }.into())
    }

    /// COMPAT: the pairs of Version 2: a service's API key and secret, and an organization's number with one of its
    /// tokens. Whatever is wrong with one, the answer is the same.
    async fn pair(&self, user: &str, password: &str) -> Result<Caller, CallError> {
        let wrong = || CallError::from(Reason::ApiTokenUnknown {});
        let service = match ServiceId::parse(user) {
            Some(id) => self.existing(id).await?,
            None => None,
        };
        let Some(service) = service else {
            let caller = self.caller(password).await?;
            let owner = caller.service.is_none() && caller.organization.to_string() == user;
            return if owner { Ok(caller) } else { Err(wrong()) };
        };
        let secret = service.document.api_secret.as_deref().unwrap_or_default();
        let same = verify_slices_are_equal(secret.as_bytes(), password.as_bytes()).is_ok();
        if secret.is_empty() || !same {
            return Err(wrong());
        }
        Ok(Caller {
            organization: service.organization,
            token: TokenName::new("apiSecret"),
            rights: ApiToken::OF_API_SECRET.into_iter().collect(),
            service: Some(service.id),
            client: None,
            expires_at: None,
        })
    }

    /// Whoever uses the service, and does nothing else with it.
    async fn process(&self, service: ServiceId) -> Result<Caller, CallError> {
        Ok(Caller {
            organization: self.tenant(service).await?.organization,
            token: TokenName::new("direct"),
            rights: [Right::UseService].into_iter().collect(),
            service: Some(service),
            client: None,
            expires_at: None,
        })
    }

    async fn caller(&self, bearer: &str) -> Result<Caller, CallError> {
        let hash = TokenHash::of(bearer);
        let id = ApiToken::id(&hash);
        let row = self.installation().row::<ApiToken>(&id).await.map_err(unanswered)?;
        let row = row.ok_or(Reason::ApiTokenUnknown {})?;
        let known: Arc<KnownToken> = self.api_tokens.get_or_make(&hash, row.version, || {
            let key = ApiToken::key(Self::INSTALLATION, &id);
            let token = Loaded::<ApiToken>::from_row(key, &row).map_err(unanswered)?;
            Ok::<_, CallError>(KnownToken { token: token.into_value(), used: AtomicI64::new(0) })
        })?;
        // The hash found the row; comparing it again, in constant time, is what decides.
        let now = self.outside.now();
        let caller = (known.token.hash == hash).then(|| known.token.caller(now)).flatten();
        let caller = caller.ok_or(Reason::ApiTokenUnknown {})?;
        known.used_at(now);
        Ok(caller)
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
        rights: vec![Right::Admin, Right::ViewAuditLog],
        description: format!("First token of {name}"),
        created_at: cx.now,
        expires_at: None,
        superseded: false,
    };
    cx.write.insert(Engine::INSTALLATION, &ApiToken::id(&token.hash), &token);
    Ok((id, value))
}
