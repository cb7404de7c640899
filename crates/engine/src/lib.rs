//! The engine: a deterministic function of request, tenant, records read, signatures, time and seed.
//!
//! [`Engine`] has one method per row of the endpoint table. Each loads the tenant, runs its operation
//! from `ops/` and renders the outcome; the operation reads top to bottom in its own file.

mod access;
mod audit;
pub mod budgets;
mod compiled;
pub mod cx;
mod documents;
pub mod fault;
pub mod flow;
pub mod handle;
mod handlers;
pub mod metadata_policy;
pub mod mint;
pub mod ops;
pub mod outside;
pub mod pattern;
pub mod policy;
pub mod records;
pub mod rules;
mod run;
pub mod tenant;
mod work;

use crate::budgets::{KEPT_API_TOKENS, KEPT_CLIENTS, KEPT_OWNERS, KEPT_SERVICES};
use std::sync::Arc;

use compiled::Compiled;
use documents::Documents;
use placet_api::{CallError, Reason};
use placet_base::{ClientId, OrganizationId, ServiceId, Subject, TokenHash};
use placet_store::{
    Around, Counted, Key, KeyError, Loaded, MasterKeys, Reader, Record, RekeyError, Row, Seal, SealedRows,
    Store, Unavailable,
};

use access::KnownToken;
pub use access::{Addressed, Credential};
use audit::Origin;
pub use fault::Fault;
use fault::unanswered;
pub use outside::{Caller, FetchError, Fetched, Outside};
use records::client::ClientRecord;
use records::owner::Owner;
use records::service::ServiceRecord;
use tenant::{Client, Direct, Tenant};

pub struct Engine {
    store: Arc<SealedRows>,
    outside: Arc<dyn Outside>,
    seal: Arc<Seal>,
    tenants: Compiled<ServiceId, Tenant>,
    clients: Compiled<(ServiceId, ClientId), Client>,
    owners: Compiled<(ServiceId, Subject), Owner>,
    api_tokens: Compiled<TokenHash, KnownToken>,
    documents: Documents,
}

/// Why an engine cannot do its work. The texts are for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The store does not answer.
    Away(String),
    /// It answers, and takes no writes.
    ReadOnly(String),
    /// What it holds was sealed with another key.
    OtherKey,
}

impl Engine {
    /// The service that stands for the installation itself in keys.
    pub const INSTALLATION: ServiceId = ServiceId(0);

    pub fn new(store: Arc<dyn Store>, outside: Arc<dyn Outside>, seal: Seal) -> Self {
        let (tenants, clients) = (Compiled::new(KEPT_SERVICES), Compiled::new(KEPT_CLIENTS));
        let (owners, api_tokens) = (Compiled::new(KEPT_OWNERS), Compiled::new(KEPT_API_TOKENS));
        let seal = Arc::new(seal);
        let store = Arc::new(SealedRows::new(store, seal.clone()));
        Self { store, outside, seal, tenants, clients, owners, api_tokens, documents: Documents::new() }
    }

    fn installation(&self) -> Reader<'_> {
        Reader::new(&*self.store, Self::INSTALLATION)
    }

    /// The compiled service, as its row is now.
    pub(crate) async fn tenant(&self, id: ServiceId) -> Result<Arc<Tenant>, CallError> {
        let row = self.installation().row::<ServiceRecord>(&id).await.map_err(unanswered)?;
        let row = row.ok_or_else(|| Reason::ServiceUnknown { service: id.to_string() })?;
        self.tenants.get_or_make(&id, row.version, || {
            let key = ServiceRecord::key(Self::INSTALLATION, &id);
            let record = Loaded::<ServiceRecord>::from_row(key, &row).map_err(unanswered)?;
            Ok(Tenant::compile(id, &record, &self.seal)?)
        })
    }

    /// The same, where nothing says that there is such a service.
    async fn existing(&self, id: ServiceId) -> Result<Option<Arc<Tenant>>, CallError> {
        match self.tenant(id).await {
            Ok(tenant) => Ok(Some(tenant)),
            Err(error) if matches!(error.reason, Reason::ServiceUnknown { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn compiled_client(
        &self,
        tenant: &Tenant,
        id: ClientId,
        row: &Row,
    ) -> Result<Arc<Client>, Fault> {
        // The tenant is part of what a client is compiled from, by settings that a change of the service
        // may flip; both versions decide.
        let version = row.version.wrapping_mul(1 << 20).wrapping_add(tenant.version);
        self.clients.get_or_make(&(tenant.id, id), version, || {
            let key = ClientRecord::key(tenant.id, &id);
            let record = Loaded::<ClientRecord>::from_row(key, row)?;
            Client::compile(tenant, id, record.open(tenant.id, id, &self.seal)?, record.revoked_below())
        })
    }

    /// Which endpoints a service has without an authorization server in front of them; `None` where there is no such service.
    pub async fn direct(&self, service: ServiceId) -> Result<Option<Direct>, CallError> {
        Ok(self.existing(service).await?.map(|tenant| tenant.direct.clone()))
    }

    /// Whether the store answers.
    pub async fn health(&self) -> Result<(), CallError> {
        self.store.health().await.map_err(unanswered)
    }

    /// Whether the store answers, takes writes if that is to be tried, and still is the one that the master key belongs to.
    ///
    /// # Errors
    /// What of it is not so.
    pub async fn check(&self, writes: bool) -> Result<(), Unfit> {
        let busy = |result| match result {
            // It has much to do, and does it.
            Err(Unavailable::Busy(_)) => Ok(()),
            result => result,
        };
        busy(self.store.health().await).map_err(|e| Unfit::Away(e.to_string()))?;
        if writes {
            busy(self.store.writable().await).map_err(|e| Unfit::ReadOnly(e.to_string()))?;
        }
        self.store.fits().await.map_err(|e| match e {
            KeyError::Other => Unfit::OtherKey,
            KeyError::Unavailable(why) => Unfit::Away(why),
        })
    }

    /// Other master keys are known from now on.
    pub fn learn(&self, masters: MasterKeys) {
        self.seal.learn(masters);
    }

    /// Has the present master key wrap the keys of the store, and where `rows` says so, replaces those that seal.
    ///
    /// # Errors
    /// When the store does not answer, no master key is known that opens it, or somebody else does the same.
    pub async fn rekey(&self, around: &dyn Around, rows: bool) -> Result<Counted, RekeyError> {
        self.store.rekey((around, &records::sealed::resealed), rows).await
    }

    /// A row with its seal opened. This is not part of the API: whoever can call it owns the installation.
    pub async fn stored(&self, key: &Key) -> Result<Option<Row>, Unavailable> {
        self.store.get(key).await
    }

    /// Founds an organization and gives it its first token, whose value is shown here and nowhere else.
    /// This is not part of the API: whoever can call it owns the installation.
    pub async fn found_organization(&self, name: &str) -> Result<(OrganizationId, String), CallError> {
        self.run((&Origin::local("found-organization"), &()), &name.to_owned(), |cx, name| {
            Box::pin(access::found(cx, name))
        })
        .await
    }
}
