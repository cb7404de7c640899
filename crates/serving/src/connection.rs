//! One connection, from its first request to its last.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::limits::Limits;
use crate::timed_body::TimedBody;
use crate::timed_stream::{Pressed, Progress};

/// How long a connection on which nothing is asked is kept when the server stops. Whoever has just sent a request on it
/// could not tell whether that was done; so it is answered, and told that it was the last (RFC 9112 §9.6).
const LAST_REQUEST: Duration = Duration::from_millis(500);

/// Answers the requests of a connection, one after the other, until it ends, breaks a limit, or `stopped` becomes true:
/// then the request in flight is still answered, or one that comes at once, and it ends.
pub async fn serve<B, F>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    limits: &Limits,
    mut stopped: watch::Receiver<bool>,
    respond: impl Fn(Request<TimedBody>) -> F,
) where
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    F: Future<Output = Response<B>>,
{
    let progress = Progress::default();
    let stream = Pressed::new(stream, progress.clone(), limits);
    let respond = &respond;
    let stopping = stopped.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        progress.begin();
        // Boxed, since hyper moves the future of an answer several times before it is begun, and ours are large.
        let answer = Box::pin(respond(request.map(|body| TimedBody::new(body, limits))));
        let (progress, stopping) = (progress.clone(), stopping.clone());
        async move {
            let mut answer = answer.await;
            progress.end();
            if *stopping.borrow() {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = builder(limits).serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = async { drop(stopped.wait_for(|stopped| *stopped).await) } => {
            match tokio::time::timeout(LAST_REQUEST, connection.as_mut()).await {
                Ok(result) => result,
                Err(_) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            }
        }
    };
    if let Err(e) = result {
        tracing::trace!(source = %e, "a connection ended early");
    }
}

fn builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // Heads and the rest between them have their time from the stream, which sets no timer for each.
        .header_read_timeout(None)
        .max_header_size(limits.head_bytes)
        .max_buf_size(limits.answers_bytes.max(limits.head_bytes))
        // Answers are small: one copy is cheaper than handing over two buffers, and what waits is bounded as one.
        .writev(false)
        // Gathering the answers of pipelined requests would gather them without end.
        .pipeline_flush(false);
    builder
}
