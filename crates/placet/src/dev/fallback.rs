//! The router behind the API's own sockets, and behind TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Response;
use placet_authserver::serve::{bind, serve};
use placet_authserver::{ConnectionLimits, LocalCa, Tls, TlsOptions};
use placet_server::http::Fallback;
use placet_server::listen::runtime;
use placet_server::serve::StartError;
use tokio::sync::watch;
use tower_service::Service;

use super::Secured;

/// Pages and tokens are small: an answer is collected before it is sent.
pub(crate) fn front(router: Router) -> Fallback {
    Arc::new(move |request| {
        let mut router = router.clone();
        Box::pin(async move {
            let Ok(response) = router.call(request.map(Body::new)).await;
            let (head, body) = response.into_parts();
            let bytes = body.collect().await.map(http_body_util::Collected::to_bytes);
            Response::from_parts(head, Full::new(bytes.unwrap_or_else(|_| Bytes::new())))
        })
    })
}

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
