//! What an operation has at hand.

mod client;
mod keys;
mod token;
mod tokens;

use std::sync::Arc;

use placet_base::{ClientId, OrganizationId, RecordNumber, Secret, ServiceId, Timestamp};
use placet_store::{Loaded, Reader, Record, Sealed, Writes};
use rand_chacha::ChaCha12Rng;
use rand_core::{RngCore, SeedableRng};
use serde_json::Value;

use crate::Engine;
use crate::fault::Fault;
use crate::handle::{Bearer, Handle};
use crate::records::client::ClientRecord;
use crate::records::service::ServiceRecord;
use crate::records::used_jti::UsedJti;
use crate::tenant::Tenant;

pub use client::KeySet;
pub use keys::generate;
pub use token::LiveToken;

/// One attempt of one operation: the time, the tenant, a reader bound to it, and what is to be written.
/// What concerns the installation as a whole runs as `Cx<()>`, without a tenant.
pub struct Cx<'e, T = Arc<Tenant>> {
    pub now: Timestamp,
    pub tenant: T,
    pub read: Reader<'e>,
    pub write: Writes,
    pub(crate) engine: &'e Engine,
    /// Made of the seed when the first random byte is wanted: most reads want none.
    rng: Option<ChaCha12Rng>,
}

/// Whose records an operation reads.
pub trait Scope: Clone + Send + Sync {
    fn service(&self) -> ServiceId;
    /// Whose the service is.
    fn organization(&self) -> Option<OrganizationId>;
}

impl Scope for Arc<Tenant> {
    fn service(&self) -> ServiceId {
        self.id
    }

    fn organization(&self) -> Option<OrganizationId> {
        Some(self.organization)
    }
}

impl Scope for () {
    fn service(&self) -> ServiceId {
        Engine::INSTALLATION
    }

    fn organization(&self) -> Option<OrganizationId> {
        None
    }
}

impl<'e, T: Scope> Cx<'e, T> {
    pub(crate) fn new(engine: &'e Engine, tenant: T) -> Self {
        Self {
            now: engine.outside.now(),
            read: Reader::new(&*engine.store, tenant.service()),
            tenant,
            write: Writes::default(),
            engine,
            rng: None,
        }
    }

    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// So many random bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        let engine = self.engine;
        let rng = self.rng.get_or_insert_with(|| ChaCha12Rng::from_seed(engine.outside.seed()));
        rng.fill_bytes(bytes);
    }

    /// Reads what belongs to no service: the services themselves, and the tokens of the API.
    pub fn installation(&self) -> Reader<'e> {
        self.engine.installation()
    }

    /// Reads what belongs to a service, for whoever has been found to own it.
    pub(crate) fn reader_of(&self, service: ServiceId) -> Reader<'e> {
        Reader::new(&*self.engine.store, service)
    }

    /// Seals a text for `place`.
    pub fn seal(&mut self, text: &str, place: &str) -> Result<Sealed, Fault> {
        let nonce = self.random();
        self.engine.seal.seal(text, place, nonce).map_err(|_| Fault::server("sealing failed"))
    }
}

impl Cx<'_> {
    /// A new place for a record: the time in milliseconds, then 20 random bits. Places made at about
    /// the same time are neighbours, and two made at once collide once in a million, which the commit
    /// notices.
    pub fn number(&mut self) -> RecordNumber {
        let [a, b, c] = self.random();
        let tail = i64::from(a & 0x0f) << 16 | i64::from(b) << 8 | i64::from(c);
        RecordNumber(self.now.millis() << 20 | tail)
    }

    /// Makes the value that stands for the record `number` of `T`.
    pub fn handle<T: Bearer>(&mut self, kind: T::Kind, number: RecordNumber, generation: u32) -> Handle {
        let random = self.random();
        self.tenant.handles.issue(T::tag(kind), number, generation, random)
    }

    /// The record that a value from outside stands for. `None` for a value that was never made here,
    /// was made for something else, or has been changed in any character.
    pub async fn bearer<T: Bearer>(&self, kind: T::Kind, value: &str) -> Result<Option<Held<T>>, Fault> {
        let Some(place) = self.tenant.handles.read(T::tag(kind), value) else { return Ok(None) };
        let Some(record) = self.read.get::<T>(&place.number).await? else { return Ok(None) };
        if record.value().hash(kind).is_some_and(|hash| hash == Handle::hash_of(value)) {
            return Ok(Some(Held::Present(record)));
        }
        if place.generation < record.value().generation() {
            return Ok(Some(Held::Past(record)));
        }
        Ok(None)
    }

    /// A ticket that has neither been used nor expired.
    pub async fn ticket<T: Bearer<Kind = ()>>(&self, value: &str) -> Result<Option<Loaded<T>>, Fault> {
        let ticket = self.bearer::<T>((), value).await?.and_then(Held::present);
        Ok(ticket.filter(|ticket| ticket.expires_at().is_none_or(|end| !end.is_past(self.now))))
    }

    /// Whether an identifier that must be used once comes for the first time. It is then used up, also
    /// when the operation fails; of two that come at once, one conflicts, runs again, and finds it used.
    /// `owner` keeps what different clients choose apart.
    pub async fn first_use(
        &mut self,
        purpose: &str,
        owner: &str,
        value: &str,
        until: Timestamp,
    ) -> Result<bool, Fault> {
        let mark = UsedJti::mark(purpose, owner, value);
        if self.read.find_one::<UsedJti>(UsedJti::MARK, &mark).await?.is_some() {
            return Ok(false);
        }
        let number = self.number();
        self.write.insert_regardless(self.tenant.id, &number, &UsedJti { mark, expires_at: until });
        Ok(true)
    }

    /// The same for what comes to a resource, where nothing is written.
    pub fn first_sight(&self, owner: &str, value: &str, until: Timestamp) -> bool {
        let service = self.tenant.id.to_string();
        let mark = UsedJti::digest(&[&service, owner, value]);
        self.engine.outside.first_use(mark, self.now, until)
    }

    pub fn open(&self, sealed: &Sealed, place: &str) -> Result<Secret, Fault> {
        self.engine
            .seal
            .open(sealed, place)
            .map_err(|_| Fault::server(format!("the seal of {place} is broken")))
    }

    /// The whole document of the service itself.
    pub fn opened_service(&self, record: &ServiceRecord) -> Result<Value, Fault> {
        record.open(self.tenant.id, &self.engine.seal)
    }

    /// The whole document of a client.
    pub fn opened_client(&self, id: ClientId, record: &ClientRecord) -> Result<Value, Fault> {
        record.open(self.tenant.id, id, &self.engine.seal)
    }
}

/// A record found by a value that stands for it.
pub enum Held<T: Record> {
    /// The value is the one in force.
    Present(Loaded<T>),
    /// The value was made here, and has been replaced since.
    Past(Loaded<T>),
}

impl<T: Record> Held<T> {
    pub fn present(self) -> Option<Loaded<T>> {
        match self {
            Self::Present(record) => Some(record),
            Self::Past(_) => None,
        }
    }
}
