//! The bare HTTP stack: reads a body, does the signatures that are asked for, answers with as many bytes.
//! `POST /{bytes}/{work}`.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpStream as StdStream};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use placet_server::listen::runtime;
use placet_serving::bind;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::{LocalSet, spawn_local};

use super::signatures::{Signatures, Work};

/// `bench-echo`: prints its address and answers until it is ended.
pub(crate) fn serve() -> Result<(), String> {
    let signatures = Arc::new(Signatures::new()?);
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).map_err(|e| e.to_string())?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers: Vec<_> = (0..cores).map(|_| worker(signatures.clone())).collect();
    println!("listens on http://{address}");
    runtime().and_then(|runtime| runtime.block_on(spread(listener, &workers))).map_err(|e| e.to_string())
}

/// Connections go to the threads in turns, as the server spreads them when all are alike.
async fn spread(listener: std::net::TcpListener, workers: &[UnboundedSender<StdStream>]) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    for worker in workers.iter().cycle() {
        let stream = listener.accept().await?.0.into_std()?;
        let _ = worker.send(stream);
    }
    Ok(())
}

fn worker(signatures: Arc<Signatures>) -> UnboundedSender<StdStream> {
    let (hand, mut handed) = unbounded_channel();
    std::thread::spawn(move || {
        let serving = async {
            while let Some(stream) = handed.recv().await {
                if let Ok(stream) = TcpStream::from_std(stream) {
                    spawn_local(connection(stream, signatures.clone()));
                }
            }
        };
        runtime().map(|runtime| LocalSet::new().block_on(&runtime, serving))
    });
    hand
}

/// As the server makes its connections.
async fn connection(stream: TcpStream, signatures: Arc<Signatures>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: Request<Incoming>| {
        let signatures = signatures.clone();
        async move {
            let body = asked(request.uri().path(), &signatures);
            let _ = request.into_body().collect().await;
            let mut response = Response::new(Full::new(body));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = http1::Builder::new();
    let _ =
        builder.timer(TokioTimer::new()).writev(false).serve_connection(TokioIo::new(stream), service).await;
}

/// As many bytes as the path says, which cost no copy.
fn asked(path: &str, signatures: &Signatures) -> Bytes {
    static BODY: [u8; 16 * 1024] = [b'x'; 16 * 1024];
    let mut parts = path.trim_start_matches('/').split('/');
    let bytes = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0).min(BODY.len());
    if let Some(work) = parts.next().and_then(Work::named) {
        signatures.perform(work);
    }
    Bytes::from_static(&BODY[..bytes])
}
