//! The command: an authorization server in front of a placet or Authlete API, as its configuration file describes it.

mod config;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use crate::serve::{bind, serve};
use crate::{ConnectionLimits as Limits, StateStore};

pub use config::Shared;
use config::{Config, Listener};

/// What is said on the command line.
#[derive(Args)]
pub struct Options {
    /// The configuration file; docs/authserver.md describes it.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Serve over TLS: with the certificates of the configuration, or with those of a local authority that is made in
    /// the folder `tls` beside it.
    #[arg(long)]
    tls: bool,
    /// What is logged: error, warn, info, debug, trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: String,
}

/// Serves until the process is asked to end. `share`: opens the store of a configuration whose processes share what they
/// remember.
///
/// # Errors
/// What is wrong with the configuration, or keeps the server from listening.
pub fn run<F>(options: &Options, share: impl FnOnce(Shared) -> F) -> Result<(), String>
where
    F: Future<Output = Result<Arc<dyn StateStore>, String>>,
{
    let filter = EnvFilter::try_new(&options.log).map_err(|e| e.to_string())?;
    // It writes what it was sent, byte by byte; what was wrong with it is said here.
    let filter = filter.add_directive("webauthn_rs_core=off".parse().map_err(|e| format!("{e}"))?);
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let config = Config::read(&options.config)?;
    let local = options.tls.then(|| options.config.with_file_name("tls"));
    let (listeners, server) = (config.listeners(local)?, config.server()?);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let server = match config.shared() {
            Some(shared) => server.sharing(share(shared.clone()).await.map_err(|e| format!("shared: {e}"))?),
            None => server,
        };
        until_asked_to_end(listeners, server.router()).await.map_err(|e| e.to_string())
    })
}

async fn until_asked_to_end(listeners: Vec<Listener>, router: axum::Router) -> std::io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let mut serving = Vec::new();
    for (address, tls) in listeners {
        let listener = bind(address).map_err(std::io::Error::other)?;
        tracing::info!(address = %listener.local_addr()?, tls = tls.is_some(), "listening");
        let (router, mut stopped) = (router.clone(), stopped.clone());
        serving.push(tokio::spawn(async move {
            let stop = async { drop(stopped.wait_for(|stopped| *stopped).await) };
            serve(listener, tls, router, Limits::default(), stop).await
        }));
    }
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    let _ = stop.send(true);
    for one in serving {
        let _ = one.await;
    }
    Ok(())
}
