//! Connections: with TLS or without, each request with who is at the other end.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use placet_serving::{Accepted, Limits, Listener, Slots, TimedBody};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use crate::certificate::Peer;
use crate::tls::Tls;

/// How long requests in flight may take when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// A socket that has its address to itself.
///
/// # Errors
/// When the address is in use, or none of this machine.
pub fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    placet_serving::bind(address).map_err(|e| format!("{address}: {e}"))
}

/// Answers on a socket until `stop` is done, then lets requests in flight finish. What a connection may take is
/// bounded by `limits`: places, and time for handshake, head, body and answer.
///
/// # Errors
/// Outside of a runtime.
pub async fn serve(
    socket: TcpListener,
    tls: Option<Tls>,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Slots::new(&limits);
    let listener = match &tls {
        Some(_) => Listener::secure(socket, places)?,
        None => Listener::plain(socket, places)?,
    };
    let (stopping, stopped) = watch::channel(false);
    // Closed once no connection holds its other end any more.
    let (open, mut all_closed) = mpsc::channel::<()>(1);
    let mut stop = std::pin::pin!(stop);
    loop {
        let Accepted { stream, address, place } = tokio::select! {
            accepted = listener.next() => accepted,
            () = &mut stop => break,
        };
        let (open, connection) = (
            open.clone(),
            Connection { tls: tls.clone(), router: router.clone(), limits, stopped: stopped.clone() },
        );
        tokio::spawn(async move {
            connection.serve(stream, address.ip()).await;
            drop((place, open));
        });
    }
    drop((listener, open));
    let _ = stopping.send(true);
    let _ = tokio::time::timeout(FAREWELL, all_closed.recv()).await;
    Ok(())
}

/// What each connection is served with.
struct Connection {
    tls: Option<Tls>,
    router: Router,
    limits: Limits,
    stopped: watch::Receiver<bool>,
}

impl Connection {
    async fn serve(self, stream: TcpStream, address: IpAddr) {
        let mut peer = Peer { address: Some(address.to_canonical()), ..Peer::default() };
        let Some(tls) = self.tls.clone() else { return self.answer(stream, peer).await };
        let acceptor = TlsAcceptor::from(tls.config.clone());
        match tokio::time::timeout(self.limits.head_time, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let presented = stream.get_ref().1.peer_certificates().unwrap_or_default();
                peer.vouched_for = tls.vouches(presented);
                peer.presented = Arc::new(presented.iter().map(|der| der.to_vec()).collect());
                self.answer(stream, peer).await;
            }
            Ok(Err(e)) => tracing::debug!(source = %e, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send, peer: Peer) {
        let Self { router, limits, stopped, .. } = self;
        let respond = move |mut request: Request<TimedBody>| {
            request.extensions_mut().insert(peer.clone());
            answered(router.clone(), request)
        };
        placet_serving::serve(stream, &limits, stopped, respond).await;
    }
}

async fn answered(mut router: Router, request: Request<TimedBody>) -> Response<Body> {
    let answered: Result<_, Infallible> = router.call(request.map(Body::new)).await;
    match answered {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
