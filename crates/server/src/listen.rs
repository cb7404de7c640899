//! Sockets and threads: one thread accepts, and hands each connection to the thread that has the fewest; there it
//! stays, on a runtime of one thread, so that it never moves between cores.

use std::io;
use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use placet_serving::{Accepted, Limits, Listener, Slot, Slots, serve};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::http::{Responder, Shared};
use crate::turns::Turns;

/// How long requests in flight may take when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// A runtime that stays on its thread.
pub fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// A connection on its way to the thread that serves it.
struct Handed {
    stream: std::net::TcpStream,
    place: Slot,
    count: Count,
}

/// One of the connections of a thread.
struct Count(Arc<AtomicUsize>);

impl Count {
    fn of(connections: &Arc<AtomicUsize>) -> Self {
        connections.fetch_add(1, Ordering::Relaxed);
        Self(connections.clone())
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A thread that serves, as the one that accepts sees it.
struct Worker {
    connections: Arc<AtomicUsize>,
    hand: mpsc::UnboundedSender<Handed>,
}

/// Threads that answer requests until they are told to stop.
pub(crate) struct Threads {
    threads: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    shared: Arc<Shared>,
}

impl Threads {
    /// `count` threads for the API's socket, and one for the operator's, if there is one.
    pub(crate) fn start(
        (socket, operator): (StdListener, Option<StdListener>),
        count: usize,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let mut threads = Vec::with_capacity(count + 2);
        let mut listening = |name: &str, socket: StdListener, count: usize, responder: Responder| {
            let mut workers = Vec::with_capacity(count);
            for n in 0..count {
                let (shared, stopped) = (shared.clone(), stopped.clone());
                let (hand, handed) = mpsc::unbounded_channel();
                workers.push(Worker { connections: Arc::default(), hand });
                let turns = Arc::new(Turns::new(shared.calls, count));
                let work = move || worker(handed, &shared, (responder, &turns), &stopped);
                threads.push(Builder::new().name(format!("placet-{name}-{n}")).spawn(work)?);
            }
            let (limits, stopped) = (shared.limits, stopped.clone());
            let work = move || accept(socket, &limits, &workers, stopped);
            threads.push(Builder::new().name(format!("placet-accept-{name}")).spawn(work)?);
            io::Result::Ok(())
        };
        listening("http", socket, count, Responder::Api)?;
        if let Some(operator) = operator {
            listening("operator", operator, 1, Responder::Operator)?;
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

/// Accepts until told to stop; the workers then see that nobody hands them connections any more.
fn accept(socket: StdListener, limits: &Limits, workers: &[Worker], mut stopped: watch::Receiver<bool>) {
    let accepting = runtime().and_then(|runtime| {
        runtime.block_on(async {
            let listener = Listener::plain(socket, Slots::new(limits))?;
            loop {
                let accepted = tokio::select! {
                    accepted = listener.next() => accepted,
                    () = async { drop(stopped.wait_for(|stopped| *stopped).await) } => return Ok(()),
                };
                hand_over(accepted, workers);
            }
        })
    });
    if let Err(e) = accepting {
        tracing::error!(source = %e, "no more connections are accepted");
    }
}

/// What cannot be handed over is closed.
fn hand_over(Accepted { stream, place, .. }: Accepted, workers: &[Worker]) {
    let least = workers.iter().min_by_key(|worker| worker.connections.load(Ordering::Relaxed));
    if let (Some(worker), Ok(stream)) = (least, stream.into_std()) {
        let _ = worker.hand.send(Handed { stream, place, count: Count::of(&worker.connections) });
    }
}

fn worker(
    mut handed: mpsc::UnboundedReceiver<Handed>,
    shared: &Arc<Shared>,
    (responder, turns): (Responder, &Arc<Turns>),
    stopped: &watch::Receiver<bool>,
) {
    let served = runtime().map(|runtime| {
        runtime.block_on(async {
            let mut connections = JoinSet::new();
            let rounds = turns.clone();
            tokio::spawn(async move { rounds.rounds().await });
            loop {
                tokio::select! {
                    one = handed.recv() => {
                        let Some(Handed { stream, place, count }) = one else { break };
                        let (shared, turns, stopped) = (shared.clone(), turns.clone(), stopped.clone());
                        connections.spawn(async move {
                            connection(stream, &shared, (responder, &turns), stopped).await;
                            drop((place, count));
                        });
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
            // The other end is gone when the server stops. What is in flight has its end too.
            let rest = async { while connections.join_next().await.is_some() {} };
            let _ = tokio::time::timeout(FAREWELL, rest).await;
        });
    });
    if let Err(e) = served {
        tracing::error!(source = %e, "a serving thread has stopped");
    }
}

async fn connection(
    stream: std::net::TcpStream,
    shared: &Arc<Shared>,
    (responder, turns): (Responder, &Arc<Turns>),
    stopped: watch::Receiver<bool>,
) {
    let Ok(stream) = TcpStream::from_std(stream) else { return };
    let from = stream.peer_addr().ok().map(|address| address.ip());
    let respond = |request| responder.respond((shared.clone(), turns.clone()), request, from);
    serve(stream, &shared.limits, stopped, respond).await;
}
