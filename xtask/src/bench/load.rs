//! Load from one thread: connections that each wait for an answer before the next request.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use placet_server::listen::runtime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// What is sent: the connections go round through the requests in an order without pattern.
pub(crate) struct Load {
    pub(crate) requests: Vec<Vec<u8>>,
}

impl Load {
    pub(crate) fn same(request: Vec<u8>) -> Self {
        Self { requests: vec![request] }
    }

    /// A permutation of the requests, by a step that has no common divisor with most counts.
    fn pick(&self, n: usize) -> &[u8] {
        const STEP: usize = 7_919_317;
        &self.requests[n.wrapping_mul(STEP) % self.requests.len()]
    }
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// A POST of JSON.
pub(crate) fn request(path: &str, bearer: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bearer}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn now() -> Instant {
    Instant::now()
}

/// Sends for a time and counts the answers.
pub(crate) fn measure(
    address: &str,
    load: &Load,
    connections: usize,
    seconds: Duration,
) -> Result<Measured, String> {
    let latencies = Rc::new(RefCell::new(Vec::with_capacity(1 << 20)));
    let (started, end) = (now(), now() + seconds);
    let next = Rc::new(Cell::new(0usize));
    in_parallel(connections, || {
        let (latencies, next) = (latencies.clone(), next.clone());
        async move {
            let mut connection = Connection::open(address).await?;
            while now() < end {
                let sent = now();
                connection.exchange(load.pick(next.replace(next.get() + 1))).await?;
                latencies.borrow_mut().push(sent.elapsed());
            }
            Ok(())
        }
    })?;
    let took = started.elapsed();
    let mut latencies = latencies.take();
    latencies.sort_unstable();
    let at = |part: usize| latencies.get(latencies.len() * part / 100).copied().unwrap_or_default();
    Ok(Measured { per_second: latencies.len() as f64 / took.as_secs_f64(), p50: at(50), p99: at(99) })
}

/// Sends the same request until there are `wanted` answers; their bodies.
pub(crate) fn collect(
    address: &str,
    request: &[u8],
    connections: usize,
    wanted: usize,
) -> Result<Vec<Vec<u8>>, String> {
    let bodies = Rc::new(RefCell::new(Vec::with_capacity(wanted)));
    let started = Rc::new(Cell::new(0usize));
    in_parallel(connections, || {
        let (bodies, started) = (bodies.clone(), started.clone());
        async move {
            let mut connection = Connection::open(address).await?;
            while started.replace(started.get() + 1) < wanted {
                let body = connection.exchange(request).await?.to_vec();
                bodies.borrow_mut().push(body);
            }
            Ok(())
        }
    })?;
    Ok(bodies.take())
}

/// One request and the body of its answer.
pub(crate) fn once(address: &str, request: &[u8]) -> Result<Vec<u8>, String> {
    collect(address, request, 1, 1).map(|bodies| bodies.into_iter().next().unwrap_or_default())
}

fn in_parallel<F: Future<Output = Result<(), String>>>(
    count: usize,
    make: impl Fn() -> F,
) -> Result<(), String> {
    let runtime = runtime().map_err(|e| e.to_string())?;
    LocalSet::new().block_on(&runtime, async {
        let mut all: Vec<_> = (0..count).map(|_| Box::pin(make())).collect();
        std::future::poll_fn(move |cx| {
            let mut failed = None;
            all.retain_mut(|one| match one.as_mut().poll(cx) {
                std::task::Poll::Pending => true,
                std::task::Poll::Ready(Ok(())) => false,
                std::task::Poll::Ready(Err(e)) => {
                    failed = Some(e);
                    false
                }
            });
            match failed {
                Some(e) => std::task::Poll::Ready(Err(e)),
                None if all.is_empty() => std::task::Poll::Ready(Ok(())),
                None => std::task::Poll::Pending,
            }
        })
        .await
    })
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|e| e.to_string())?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        Ok(Self { stream, buffer: vec![0; 16 * 1024] })
    }

    /// Sends a request and reads its whole answer; anything but a 200 is an error.
    async fn exchange(&mut self, request: &[u8]) -> Result<&[u8], String> {
        self.stream.write_all(request).await.map_err(|e| e.to_string())?;
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await.map_err(|e| e.to_string())?;
            if read == 0 {
                return Err("the connection was closed".to_owned());
            }
            filled += read;
            if let Some((start, end)) = whole(&self.buffer[..filled])? {
                return Ok(&self.buffer[start..end]);
            }
        }
    }
}

/// Where the body of a complete answer lies.
fn whole(bytes: &[u8]) -> Result<Option<(usize, usize)>, String> {
    let Some(head) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes[..head]);
    if !text.starts_with("HTTP/1.1 200") {
        return Err(String::from_utf8_lossy(bytes).into_owned());
    }
    let length = text
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let end = head + 4 + length.unwrap_or(0usize);
    Ok((bytes.len() >= end).then_some((head + 4, end)))
}
