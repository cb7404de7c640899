//! A running server.

use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use data_encoding::HEXLOWER;
use placet_engine::Engine;
use placet_store::{Seal, Store};
use placet_store_sqlite::Sqlite;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::api::Api;
use crate::config::Config;
use crate::http::{Front, Shared};
use crate::listen::{Threads, bind, runtime};
use crate::outside::Local;
use crate::{entropy, jobs};

/// Why a server does not start.
#[derive(Debug)]
pub struct StartError(String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl StartError {
    pub fn new(what: impl ToString) -> Self {
        Self(what.to_string())
    }

    fn at(path: &Path, e: impl std::fmt::Display) -> Self {
        Self(format!("{}: {e}", path.display()))
    }
}

/// The API on the store of a directory.
pub struct Opened {
    pub store: Arc<dyn Store>,
    pub api: Arc<Api>,
}

/// Opens the store and the master key of the data directory, making both when it is new.
pub fn open(config: &Config) -> Result<Opened, StartError> {
    open_with(config, |store| store)
}

/// The same with something around the store.
pub fn open_with(
    config: &Config,
    around: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
) -> Result<Opened, StartError> {
    let directory = config.directory.as_path();
    create_private_directory(directory).map_err(|e| StartError::at(directory, e))?;
    let database = directory.join("placet.db");
    let key = master_key(&directory.join("master.key"), database.exists())?;
    let store = Sqlite::open(&database).map_err(|e| StartError::at(&database, e))?;
    let seal = Seal::new(&key).map_err(|_| StartError::new("the master key cannot be used"))?;
    let store = around(Arc::new(store));
    let outside = Local::new(config.fetch.clone()).map_err(StartError::new)?;
    let engine = Engine::new(store.clone(), Arc::new(outside), seal);
    Ok(Opened { api: Arc::new(Api::new(engine, config.body_bytes)), store })
}

/// A directory that only its owner may enter.
fn create_private_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
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

/// The 32 bytes that all secrets in the store are sealed with. A store without its key is of no use, so
/// a new key is never made beside an old store.
fn master_key(path: &PathBuf, store_exists: bool) -> Result<[u8; 32], StartError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound && !store_exists => {
            let text = HEXLOWER.encode(&entropy::bytes::<32>());
            write_private(path, &text).map_err(|e| StartError::at(path, e))?;
            text
        }
        Err(e) => {
            return Err(StartError::at(path, format!("the master key of the store cannot be read: {e}")));
        }
    };
    let bytes = HEXLOWER.decode(text.trim().as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| StartError::at(path, "expected 64 hexadecimal digits"))
}

/// A server that has its sockets and is about to answer.
pub struct Server {
    address: SocketAddr,
    threads: Threads,
    store: Arc<dyn Store>,
    sweep: jobs::Sweep,
}

/// The sockets of a server, one per thread.
pub struct Sockets {
    pub address: SocketAddr,
    listeners: Vec<TcpListener>,
}

impl Sockets {
    /// Takes `config.listen`; port 0 picks a free one.
    pub fn bind(config: &Config) -> Result<Self, StartError> {
        let at = |e: io::Error| StartError(format!("{}: {e}", config.listen));
        let first = bind(config.listen).map_err(at)?;
        let address = first.local_addr().map_err(at)?;
        let mut listeners = vec![first];
        for _ in 1..config.threads {
            listeners.push(bind(address).map_err(at)?);
        }
        Ok(Self { address, listeners })
    }
}

impl Server {
    /// Starts answering; what is not the API's goes to `front`, if there is one.
    pub fn start(
        config: &Config,
        opened: Opened,
        sockets: Sockets,
        front: Option<Front>,
    ) -> Result<Self, StartError> {
        let shared = Arc::new(Shared {
            api: opened.api,
            front,
            body_time: config.body_time,
            stopping: AtomicBool::new(false),
        });
        let threads = Threads::start(sockets.listeners, shared).map_err(StartError::new)?;
        Ok(Self { address: sockets.address, threads, store: opened.store, sweep: config.sweep })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the process is asked to end, then lets requests in flight finish.
    pub fn run(self) -> Result<(), StartError> {
        let runtime = runtime().map_err(StartError::new)?;
        let stopped = self.threads.stopped();
        runtime
            .block_on(until_asked_to_end(self.store.clone(), self.sweep, stopped))
            .map_err(StartError::new)?;
        tracing::info!("stopping");
        self.threads.stop();
        Ok(())
    }
}

async fn until_asked_to_end(
    store: Arc<dyn Store>,
    sweep: jobs::Sweep,
    stopped: watch::Receiver<bool>,
) -> io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = jobs::sweep(store, sweep, stopped) => {}
    }
    Ok(())
}
