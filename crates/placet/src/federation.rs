//! `placet federation`: an authority of an OpenID Federation 1.0, for tests and for federations that fit into a file. It says of
//! its subordinates what the file says, and resolves chains by the rules of the engine.

mod authority;
mod budgets;
mod endpoints;
mod file;
mod kept;
mod marks;
mod resolving;
mod subordinates;

use std::fs;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use placet_authserver::serve::{bind, serve};
use placet_authserver::{
    Ambient, Clock, ConnectionLimits, LocalCa, Origin, Outgoing, OutgoingLimits, Tls, TlsOptions,
};
use placet_jose::JwkSet;
use placet_server::config::user_data_directory;
use placet_server::keys::key_set;
use placet_server::listen::runtime;
use placet_server::observe::{LogFormat, start_logging};
use placet_server::serve::write_private;
use tokio::signal::unix::{SignalKind, signal};

use authority::Authority;
use file::{Watched, follow};
use resolving::Standing;
use subordinates::Document;

#[derive(Args)]
pub(crate) struct Federation {
    /// The file with the subordinates; docs/federation.md describes it. Read again when it changes.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Where the keys are, made on first start [default: placet-federation in the user's data folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The address to listen on; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7500")]
    listen: SocketAddr,
    /// Serve over TLS, with certificates of a local authority in the folder `tls` of the data directory.
    #[arg(long)]
    tls: bool,
    /// The entity identifier: where a proxy has this authority [default with --tls: https://localhost and the port]
    #[arg(long, value_name = "URL", required_unless_present = "tls")]
    url: Option<String>,
    /// An origin that may be asked for statements although it is not public; may be repeated.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// A PEM file of an authority that is trusted in such calls; may be repeated.
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
}

/// What an authority is, whatever its file says.
struct Entity {
    url: String,
    keys: JwkSet,
    clock: Clock,
}

impl Entity {
    fn authority(&self, document: Document) -> Result<Authority, String> {
        Authority::new(&self.url, &self.keys, document, self.clock.clone())
    }
}

/// Answers until the process is asked to end.
pub(crate) fn run(arguments: &Federation) -> Result<(), String> {
    start_logging("warn,placet::federation=info", LogFormat::Text)?;
    let directory = arguments.dir.clone().or_else(|| Some(user_data_directory()?.join("placet-federation")));
    let directory = directory.ok_or("there is no home directory; name one with --dir")?;
    fs::create_dir_all(&directory).map_err(|e| format!("{}: {e}", directory.display()))?;
    let mut watched = Watched::new(&arguments.file);
    let document = watched.read()?;
    let keys = keys(&directory.join("keys.json"))?;
    let local = arguments.tls.then(|| LocalCa::open(&directory.join("tls"))).transpose()?;
    let listener = bind(arguments.listen)?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let url = arguments.url.clone().unwrap_or_else(|| format!("https://localhost:{}", address.port()));
    let entity = Arc::new(Entity { url, keys, clock: Ambient::default().clock });
    let outgoing = Outgoing::new(limits(arguments, local.as_ref())?)?;
    let standing = Arc::new(Standing::new(entity.authority(document)?, outgoing));
    let router = endpoints::router(standing.clone());
    let tls = local.as_ref().map(|ca| Tls::read(&ca.server.0, &ca.server.1, &TlsOptions::default()));
    greet(&entity, address, local.as_ref());
    let runtime = runtime().map_err(|e| e.to_string())?;
    runtime.spawn(follow(watched, entity, standing));
    runtime.block_on(until_asked_to_end(listener, tls.transpose()?, router)).map_err(|e| e.to_string())
}

/// The Federation Entity Keys, private ones; made where there are none.
fn keys(path: &Path) -> Result<JwkSet, String> {
    let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    if !path.exists() {
        write_private(path, &key_set(&["ES256"])?).map_err(|e| at(&e))?;
    }
    let text = fs::read_to_string(path).map_err(|e| at(&e))?;
    JwkSet::parse(&text).map_err(|e| at(&format!("{e:?}")))
}

/// What is tried on one machine is asked there.
fn limits(arguments: &Federation, local: Option<&LocalCa>) -> Result<OutgoingLimits, String> {
    let origin =
        |text: &String| Origin::parse(text).ok_or_else(|| format!("--allow-origin: {text} is no origin"));
    let own = local.map(|ca| ca.authority.clone());
    Ok(OutgoingLimits {
        origins: arguments.allow_origin.iter().map(origin).collect::<Result<_, _>>()?,
        loopback: arguments.tls,
        trusted: arguments.trust.iter().cloned().chain(own).collect(),
        ..OutgoingLimits::default()
    })
}

/// What is needed to name it as a trust anchor. Whether anybody reads it does not matter.
fn greet(Entity { url, keys, .. }: &Entity, address: SocketAddr, local: Option<&LocalCa>) {
    let trust = local.map(|ca| format!("TLS authority  {}\n", ca.authority.display())).unwrap_or_default();
    let text = format!(
        "Entity         {url}\nListening      {address}\nKeys           {}\n{trust}Ctrl-C ends it.\n",
        keys.published()
    );
    let _ = io::stdout().write_all(text.as_bytes());
}

async fn until_asked_to_end(socket: TcpListener, tls: Option<Tls>, router: axum::Router) -> io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    serve(socket, tls, router, ConnectionLimits::default(), stop).await
}
