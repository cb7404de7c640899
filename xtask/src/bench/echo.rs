//! The bare HTTP stack: reads a body, does the signatures that are asked for, answers with as many bytes.
//! `POST /{bytes}/{work}`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use placet_server::listen::{accept, bind, runtime};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::LocalSet;

use super::signatures::{Signatures, Work};

/// `bench-echo`: prints its address and answers until it is ended.
pub(crate) fn serve() -> Result<(), String> {
    let signatures = Arc::new(Signatures::new()?);
    let first = bind(SocketAddr::from(([127, 0, 0, 1], 0))).map_err(|e| e.to_string())?;
    let address = first.local_addr().map_err(|e| e.to_string())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut listeners = vec![first];
    for _ in 1..cores {
        listeners.push(bind(address).map_err(|e| e.to_string())?);
    }
    let threads: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let signatures = signatures.clone();
            std::thread::spawn(move || {
                let (_stop, stopped) = watch::channel(false);
                let runtime = runtime()?;
                LocalSet::new().block_on(&runtime, async {
                    let listener = TcpListener::from_std(listener)?;
                    accept(listener, stopped, |stream, _| connection(stream, signatures.clone())).await;
                    Ok::<(), std::io::Error>(())
                })
            })
        })
        .collect();
    println!("listens on http://{address}");
    for thread in threads {
        thread.join().map_err(|_| "a thread has panicked")?.map_err(|e| e.to_string())?;
    }
    Ok(())
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
    let _ = builder
        .timer(TokioTimer::new())
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
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
