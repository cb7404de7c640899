//! Load from one thread: connections that each wait for an answer before the next request.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use placet_server::listen::runtime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// What a connection says, again and again: requests that may depend on the answer before.
pub(crate) trait Conversation {
    /// How many requests make one conversation.
    fn steps(&self) -> usize {
        1
    }

    /// A request of the `n`th conversation; `last` is the body of the answer to the one before. `None` when
    /// there is nothing left to say.
    fn request(&self, n: usize, step: usize, last: &[u8]) -> Option<Cow<'_, [u8]>>;
}

/// Requests that stand alone: the connections go round through them in an order without pattern.
pub(crate) struct Load {
    pub(crate) requests: Vec<Vec<u8>>,
}

impl Load {
    pub(crate) fn same(request: Vec<u8>) -> Self {
        Self { requests: vec![request] }
    }
}

impl Conversation for Load {
    /// A permutation of the requests, by a step that has no common divisor with most counts.
    fn request(&self, n: usize, _: usize, _: &[u8]) -> Option<Cow<'_, [u8]>> {
        const STEP: usize = 7_919_317;
        Some(Cow::Borrowed(&self.requests[n.wrapping_mul(STEP) % self.requests.len()]))
    }
}

/// Requests that can be sent once only, over all rounds.
pub(crate) struct Once {
    requests: Vec<Vec<u8>>,
    next: Cell<usize>,
}

impl Once {
    pub(crate) fn new(requests: Vec<Vec<u8>>) -> Self {
        Self { requests, next: Cell::new(0) }
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.next.get() >= self.requests.len()
    }

    /// How many have been sent.
    pub(crate) fn sent(&self) -> usize {
        self.next.get().min(self.requests.len())
    }
}

impl Conversation for Once {
    fn request(&self, _: usize, _: usize, _: &[u8]) -> Option<Cow<'_, [u8]>> {
        let request = self.requests.get(self.next.replace(self.next.get() + 1))?;
        Some(Cow::Borrowed(request))
    }
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) p999: Duration,
    /// What one conversation takes of the processors, kernel included, where that has been looked at.
    pub(crate) cpu: Option<Duration>,
}

impl Measured {
    /// How many conversations there were in `seconds`.
    pub(crate) fn times(&self, seconds: Duration) -> f64 {
        self.per_second * seconds.as_secs_f64()
    }
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

pub(crate) fn get(path: &str, bearer: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bearer}\r\n\r\n").into_bytes()
}

/// The same request to another path.
pub(crate) fn elsewhere(request: &[u8], path: &str) -> Vec<u8> {
    let end = request.windows(9).position(|w| w == b" HTTP/1.1").unwrap_or(0);
    [b"POST ", path.as_bytes(), &request[end..]].concat()
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn now() -> Instant {
    Instant::now()
}

/// Talks for a time, or until nothing is left to say, and counts the conversations.
pub(crate) fn measure(
    address: &str,
    load: &dyn Conversation,
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
                let (sent, n) = (now(), next.replace(next.get() + 1));
                let mut last = Vec::new();
                for step in 0..load.steps() {
                    let Some(request) = load.request(n, step, &last) else { return Ok(()) };
                    let answer = connection.exchange(&request).await?;
                    // Whoever needs the answer copies it; most do not.
                    if step + 1 < load.steps() {
                        last = answer.to_vec();
                    }
                }
                latencies.borrow_mut().push(sent.elapsed());
            }
            Ok(())
        }
    })?;
    let took = started.elapsed();
    let mut latencies = latencies.take();
    latencies.sort_unstable();
    let at = |part: usize| latencies.get(latencies.len() * part / 1000).copied().unwrap_or_default();
    let per_second = latencies.len() as f64 / took.as_secs_f64();
    Ok(Measured { per_second, p50: at(500), p99: at(990), p999: at(999), cpu: None })
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

/// Sends each of the requests once; the bodies of the answers, in any order.
pub(crate) fn collect_each(
    address: &str,
    requests: &[Vec<u8>],
    connections: usize,
) -> Result<Vec<Vec<u8>>, String> {
    let bodies = Rc::new(RefCell::new(Vec::with_capacity(requests.len())));
    let next = Rc::new(Cell::new(0usize));
    in_parallel(connections, || {
        let (bodies, next) = (bodies.clone(), next.clone());
        async move {
            let mut connection = Connection::open(address).await?;
            while let Some(request) = requests.get(next.replace(next.get() + 1)) {
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
    LocalSet::new().block_on(&runtime, all(count, |_| make()))
}

/// So many at once, until all are done or one has failed.
pub(crate) async fn all<F: Future<Output = Result<(), String>>>(
    count: usize,
    make: impl Fn(usize) -> F,
) -> Result<(), String> {
    let mut all: Vec<_> = (0..count).map(|number| Box::pin(make(number))).collect();
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
}

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|e| e.to_string())?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        Ok(Self { stream, buffer: vec![0; 16 * 1024] })
    }

    /// Sends a request and reads its whole answer; anything but a 200 is an error.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<&[u8], String> {
        match self.answered(request).await? {
            (200, body) => Ok(body),
            (status, body) => Err(format!("HTTP/1.1 {status}\r\n\r\n{}", String::from_utf8_lossy(body))),
        }
    }

    /// Sends a request and reads its whole answer: its status and its body. The connection can then be used again, unless an
    /// error says that it has ended.
    pub(crate) async fn answered(&mut self, request: &[u8]) -> Result<(u16, &[u8]), String> {
        self.stream.write_all(request).await.map_err(|e| e.to_string())?;
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await.map_err(|e| e.to_string())?;
            if read == 0 {
                return Err("the connection was closed".to_owned());
            }
            filled += read;
            if let Some((status, start, end)) = whole(&self.buffer[..filled])? {
                return Ok((status, &self.buffer[start..end]));
            }
        }
    }
}

/// The status of a complete answer, and where its body lies. One that is the last of its connection is an error.
fn whole(bytes: &[u8]) -> Result<Option<(u16, usize, usize)>, String> {
    let Some(head) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes[..head]);
    let status = text.get(9..12).and_then(|status| status.parse().ok());
    let Some(status) = status.filter(|_| !text.to_ascii_lowercase().contains("\r\nconnection: close")) else {
        return Err(String::from_utf8_lossy(bytes).into_owned());
    };
    let length = text
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let end = head + 4 + length.unwrap_or(0usize);
    Ok((bytes.len() >= end).then_some((status, head + 4, end)))
}
