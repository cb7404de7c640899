//! Sockets and threads: one current-thread runtime per core, each with its own listening socket on the
//! same address, so that a connection never moves between cores.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::LocalSet;

use crate::http::{Shared, respond};

/// How long a client may take to send the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(15);
const BACKLOG: i32 = 1024;

/// A socket that shares its address with those of the other threads.
pub fn bind(address: SocketAddr) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Threads that answer requests until they are told to stop.
pub(crate) struct Threads {
    threads: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    shared: Arc<Shared>,
}

impl Threads {
    /// One thread per listener.
    pub(crate) fn start(listeners: Vec<StdListener>, shared: Arc<Shared>) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let mut threads = Vec::with_capacity(listeners.len());
        for (n, listener) in listeners.into_iter().enumerate() {
            let (shared, stopped) = (shared.clone(), stopped.clone());
            let work = move || {
                if let Err(e) = run(listener, &shared, stopped) {
                    tracing::error!(source = %e, "a serving thread has stopped");
                }
            };
            threads.push(std::thread::Builder::new().name(format!("placet-http-{n}")).spawn(work)?);
        }
        Ok(Self { threads, stop, shared })
    }

    pub(crate) fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Lets requests in flight finish, then returns.
    pub(crate) fn stop(self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        let _ = self.stop.send(true);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

/// A runtime that stays on its thread.
pub fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn run(listener: StdListener, shared: &Arc<Shared>, stopped: watch::Receiver<bool>) -> io::Result<()> {
    let runtime = runtime()?;
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let listener = TcpListener::from_std(listener)?;
        accept(listener, stopped, |stream, stopped| connection(stream, shared.clone(), stopped)).await;
        Ok(())
    })
}

/// Accepts until told to stop, then waits a while for the connections that are still at work.
pub async fn accept<F: Future<Output = ()> + 'static>(
    listener: TcpListener,
    mut stopped: watch::Receiver<bool>,
    serve: impl Fn(TcpStream, watch::Receiver<bool>) -> F,
) {
    const PATIENCE: Duration = Duration::from_secs(10);
    let open = Rc::new(());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (work, open) = (serve(stream, stopped.clone()), open.clone());
                tokio::task::spawn_local(async move {
                    work.await;
                    drop(open);
                });
            }
            // Out of file descriptors, most likely: accepting again at once would only spin.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    drop(listener);
    let finished = async {
        while Rc::strong_count(&open) > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, finished).await;
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(shared.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        _ = stopped.wait_for(|stopped| *stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(e) = result {
        tracing::trace!(source = %e, "a connection ended early");
    }
}
