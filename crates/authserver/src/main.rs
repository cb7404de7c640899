//! The `placet-authserver` command: an authorization server in front of a placet or Authlete API.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use placet_authserver::ConnectionLimits as Limits;
use placet_authserver::serve::{bind, serve};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

mod config;

use config::{Config, Listener};

/// An authorization server in front of a placet or Authlete API.
#[derive(Parser)]
#[command(name = "placet-authserver", version)]
struct Cli {
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

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("placet-authserver: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), String> {
    let filter = EnvFilter::try_new(&cli.log).map_err(|e| e.to_string())?;
    // It writes what it was sent, byte by byte; what was wrong with it is said here.
    let filter = filter.add_directive("webauthn_rs_core=off".parse().map_err(|e| format!("{e}"))?);
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let config = Config::read(&cli.config)?;
    let local = cli.tls.then(|| cli.config.with_file_name("tls"));
    let (listeners, router) = (config.listeners(local)?, config.server()?.router());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(until_asked_to_end(listeners, router)).map_err(|e| e.to_string())
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
