//! A running server.

use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use placet_ambient::Entropy;
use placet_base::Secret;
use placet_engine::Engine;
use placet_engine::records::service::ServiceRecord;
use placet_hsm::Hsms;
use placet_serving::bind;
use placet_store::{KeyError, MasterKeys, Opening, Page, Reader, Seal, Store, in_use};
use placet_store_postgres::Postgres;
use placet_store_sqlite::{OpenError, Sqlite};
use tokio::signal::unix::{SignalKind, signal};

use crate::api::Api;
use crate::config::Config;
use crate::health;
use crate::http::{Fallback, Shared};
use crate::inspector;
use crate::jobs;
use crate::listen::{Threads, runtime};
use crate::master_key;
use crate::observe::Logging;
use crate::outside::Local;
use crate::rekey;
use crate::reload::{Running, Source};
use crate::telemetry::{Exporter, Watched};

/// Why a server does not start.
#[derive(Debug)]
pub enum StartError {
    /// Another process has the store open.
    InUse(String),
    Other(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::InUse(text) | Self::Other(text)) = self;
        f.write_str(text)
    }
}

impl StartError {
    pub fn new(what: impl ToString) -> Self {
        Self::Other(what.to_string())
    }

    pub(crate) fn at(path: &Path, e: impl std::fmt::Display) -> Self {
        Self::Other(format!("{}: {e}", path.display()))
    }
}

/// The API on the store of a directory.
pub struct OpenApi {
    pub store: Arc<dyn Store>,
    pub api: Arc<Api>,
}

/// Opens the store and the master key of the data directory, making both when it is new, and loads the modules that hold
/// keys.
pub async fn open(config: &Config) -> Result<OpenApi, StartError> {
    open_with(config, |store| store).await
}

/// The same with something around the store.
pub async fn open_with(
    config: &Config,
    around: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
) -> Result<OpenApi, StartError> {
    let hsms = crate::hardware::load(config).await.map_err(StartError::new)?;
    open_holding(config, hsms, around).await
}

/// The same with the modules that are given.
pub async fn open_holding(
    config: &Config,
    hsms: Hsms,
    around: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
) -> Result<OpenApi, StartError> {
    let directory = config.directory.as_path();
    private_directory(directory).map_err(|e| StartError::at(directory, e))?;
    let (store, masters) = store_and_keys(config).await?;
    let place = config.master_key.name(directory);
    let seal = opened(masters, &*store, &config.ambient.entropy).await;
    let seal = seal.map_err(|e| StartError::new(format!("{place}: {e}")))?;
    let store = watched(config, around(store));
    let outside = Local::new(config.fetch.clone(), hsms, config.ambient.clone()).map_err(StartError::new)?;
    let engine = Engine::new(store.clone(), Arc::new(outside), seal);
    let api = Api::new(engine, store.meter(), config).map_err(StartError::new)?;
    Ok(OpenApi { api: Arc::new(api), store })
}

/// With spans around what it is asked, where somebody takes them.
fn watched(config: &Config, store: Arc<dyn Store>) -> Arc<dyn Store> {
    if config.telemetry.endpoint.is_none() {
        return store;
    }
    let system = if config.postgres.is_some() { "postgresql" } else { "sqlite" };
    Arc::new(Watched { store, system })
}

/// The store, and the master keys that go with it.
async fn store_and_keys(config: &Config) -> Result<(Arc<dyn Store>, MasterKeys), StartError> {
    let Some(postgres) = &config.postgres else {
        let database = config.directory.join("placet.db");
        let masters = master_key::load(config, database.exists()).await?;
        let store = Sqlite::open(&database).map_err(|e| match e {
            OpenError::InUse(_) => StartError::InUse(format!("{}: {e}", database.display())),
            e => StartError::at(&database, e),
        })?;
        return Ok((Arc::new(store), masters));
    };
    let store = Postgres::open(postgres).await.map_err(StartError::new)?;
    let exists = in_use(&store).await.map_err(StartError::new)?;
    let masters = master_key::load(config, exists).await?;
    Ok((Arc::new(store), masters))
}

/// The keys of the store, if a master key is that which has wrapped them. A store of before there were keyrings and probes is
/// asked for the secrets of one of its services.
async fn opened(masters: MasterKeys, store: &dyn Store, entropy: &Entropy) -> Result<Seal, String> {
    let a_secret = async |seal: &Seal| -> Result<Option<Secret>, KeyError> {
        let reader = Reader::new(store, Engine::INSTALLATION);
        let (services, _) = reader.find::<ServiceRecord>(None, Page::rows(0, 1)).await?;
        let Some(service) = services.first() else { return Ok(None) };
        let opened = service.secrets(*service.id(), seal);
        opened.map(Some).map_err(|_| KeyError::Other)
    };
    let random = |bytes: &mut [u8]| entropy.fill(bytes);
    let opening = Opening { masters, random: &random, ticks: master_key::ticks() };
    Seal::opened(store, opening, a_secret).await.map_err(|e| match e {
        KeyError::Other => "this is not the key that the store was made with, or last re-keyed to".to_owned(),
        KeyError::Unavailable(why) => why,
    })
}

/// A directory that nobody else may change; one that is made here, nobody else may even enter.
fn private_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let mode = fs::metadata(directory)?.permissions().mode() & 0o7777;
    // Files are their owner's alone. Whoever may write to the directory could put others in their place.
    if mode & 0o002 == 0 {
        return Ok(());
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(mode & !0o1022)).map_err(|e| {
        io::Error::new(
            e.kind(),
            format!("anybody may write to it (mode {mode:o}), and this cannot be changed: {e}"),
        )
    })?;
    tracing::warn!(directory = %directory.display(), "anybody could write to the directory; that is no longer so");
    Ok(())
}

/// A file that only its owner may read, replaced whole.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let draft = path.with_extension("draft");
    let _ = fs::remove_file(&draft);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(draft, path)
}

/// A file that was put there by somebody else, for its owner alone.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

/// A server that has its sockets and is about to answer.
pub struct Server {
    address: SocketAddr,
    threads: Threads,
    store: Arc<dyn Store>,
    api: Arc<Api>,
    exporter: Option<Exporter>,
    config: Config,
}

/// The sockets of a server.
pub struct Sockets {
    pub address: SocketAddr,
    api: TcpListener,
    /// For the operator's tools.
    operator: Option<TcpListener>,
}

impl Sockets {
    /// Takes `config.listen`, and `config.metrics_listen` if it is set; port 0 picks a free one.
    ///
    /// # Errors
    /// When an address is in use.
    pub fn bind(config: &Config) -> Result<Self, StartError> {
        let taken = |address| bind(address).map_err(|e| StartError::new(format!("{address}: {e}")));
        let api = taken(config.listen)?;
        let address = api.local_addr().map_err(StartError::new)?;
        let operator = config.metrics_listen.map(taken).transpose()?;
        Ok(Self { address, api, operator })
    }

    /// Where the operator's tools are answered, if anywhere.
    pub fn operator_address(&self) -> Option<SocketAddr> {
        self.operator.as_ref()?.local_addr().ok()
    }
}

impl Server {
    /// Starts answering; what is not the API's goes to `front`, if there is one.
    pub fn start(
        config: &Config,
        opened: OpenApi,
        sockets: Sockets,
        front: Option<Fallback>,
    ) -> Result<Self, StartError> {
        let exporter =
            Exporter::start(&config.telemetry, &config.ambient, &opened.api).map_err(StartError::new)?;
        let shared = Arc::new(Shared {
            api: opened.api.clone(),
            front,
            limits: config.serving,
            calls: config.calls,
            stopping: AtomicBool::new(false),
        });
        let Sockets { address, api: socket, operator } = sockets;
        let threads = Threads::start((socket, operator), config.threads, shared).map_err(StartError::new)?;
        let OpenApi { store, api } = opened;
        Ok(Self { address, threads, store, api, exporter, config: config.clone() })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the process is asked to end, then lets requests in flight finish. The configuration is read again when
    /// the process is told to (SIGHUP), if it is said from where.
    pub fn run(self, again: Option<(Logging, Source)>) -> Result<(), StartError> {
        let runtime = runtime().map_err(StartError::new)?;
        let stopped = || self.threads.stopped();
        let (engine, health) = (self.api.engine(), &self.api.health);
        let clock = self.config.ambient.clock.clone();
        let sweeping = jobs::sweep((self.store.clone(), &self.api), clock, stopped());
        let measuring = jobs::measure(&*self.store, stopped());
        let work = jobs::work(engine, health, stopped());
        let watching = health::watch(engine, health, stopped());
        let inspecting = inspector::attend(&self.api, stopped());
        let rekeying = rekey::attend(&self.api, &self.config, stopped());
        let reloading = reloading(&self.api, self.config.clone(), again);
        let jobs = async { tokio::join!(sweeping, measuring, work, watching, inspecting, rekeying) };
        runtime.block_on(until_asked_to_end(jobs, reloading)).map_err(StartError::new)?;
        tracing::info!("stopping");
        self.threads.stop();
        runtime.block_on(inspector::keep(&self.api));
        if let Some(exporter) = self.exporter {
            exporter.stop();
        }
        Ok(())
    }
}

/// Never ends; where nobody says from where to read again, the signal does what it does.
async fn reloading(api: &Api, config: Config, again: Option<(Logging, Source)>) -> io::Result<()> {
    let Some((logging, source)) = again else { return std::future::pending().await };
    let mut running = Running { api, logging: &logging, config };
    let mut told = signal(SignalKind::hangup())?;
    while told.recv().await.is_some() {
        if let Some(read) = running.reload(&source) {
            running.learn(read).await;
        }
    }
    std::future::pending().await
}

async fn until_asked_to_end(
    jobs: impl Future<Output = ((), (), (), (), (), ())>,
    reloading: impl Future<Output = io::Result<()>>,
) -> io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = jobs => {}
        broken = reloading => return broken,
    }
    Ok(())
}
