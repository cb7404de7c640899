//! The router behind TLS.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use axum::Router;
use placet_authserver::serve::{bind, serve};
use placet_authserver::{ConnectionLimits, LocalCa, Tls, TlsOptions};
use placet_server::listen::runtime;
use placet_server::serve::StartError;
use tokio::sync::watch;

use super::Secured;

/// Two threads that serve the router over TLS; ended with the value.
pub(crate) struct Secure {
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

impl Secure {
    /// With certificates of a local authority: plainly on the first address, and asking for client certificates on the second (RFC 8705 §5).
    pub(crate) fn start(
        router: Router,
        (plain, mutual): (SocketAddr, SocketAddr),
        ca: &LocalCa,
        secured: &Secured,
    ) -> Result<Self, StartError> {
        let (stop, stopped) = watch::channel(false);
        let mut threads = Vec::new();
        for (address, client_certificates) in [(plain, false), (mutual, true)] {
            let options = TlsOptions {
                client_certificates,
                suites: secured.suites.clone(),
                versions: secured.versions.clone(),
                // The service holds chains against its authorities.
                ..TlsOptions::default()
            };
            let tls = Tls::read(&ca.server.0, &ca.server.1, &options).map_err(StartError::new)?;
            let listener = bind(address).map_err(StartError::new)?;
            let (router, mut stopped) = (router.clone(), stopped.clone());
            let work = move || {
                let ended = runtime().and_then(|runtime| {
                    runtime.block_on(async {
                        let stop = async { drop(stopped.wait_for(|stopped| *stopped).await) };
                        serve(listener, Some(tls), router, ConnectionLimits::default(), stop).await
                    })
                });
                if let Err(e) = ended {
                    tracing::error!(source = %e, "the TLS listener has stopped");
                }
            };
            threads.push(std::thread::Builder::new().spawn(work).map_err(StartError::new)?);
        }
        Ok(Self { stop, threads })
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
