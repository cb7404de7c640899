//! What strangers try with a connection, and how little it costs.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, StatusCode};
use placet_serving::{BodyLate, Limits, Listener, Slots, TimedBody, bind, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const SOON: Duration = Duration::from_millis(150);
const PATIENCE: Duration = Duration::from_secs(10);

fn quick() -> Limits {
    Limits { head_time: SOON, body_time: SOON, answer_time: SOON, ..Limits::default() }
}

/// A server in a task of this runtime, its address, and how many requests it has answered.
async fn server(limits: Limits, answer: usize) -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let listener = Listener::plain(socket, Slots::new(&limits)).unwrap();
    let answered = Arc::new(AtomicUsize::new(0));
    let count = answered.clone();
    tokio::spawn(async move {
        let (_stop, stopped) = watch::channel(false);
        loop {
            let accepted = listener.next().await;
            let (stopped, count) = (stopped.clone(), count.clone());
            tokio::spawn(async move {
                serve(accepted.stream, &limits, stopped, |request| respond(request, answer, &count)).await;
                drop(accepted.place);
            });
        }
    });
    (address, answered)
}

async fn respond(request: Request<TimedBody>, answer: usize, count: &AtomicUsize) -> Response<Full<Bytes>> {
    let arrived = request.into_body().collect().await;
    count.fetch_add(1, Ordering::Relaxed);
    let mut response = Response::new(Full::new(Bytes::from(vec![b'x'; answer])));
    if let Err(e) = arrived {
        let late = e.downcast_ref::<BodyLate>().is_some();
        *response.status_mut() =
            if late { StatusCode::REQUEST_TIMEOUT } else { StatusCode::SERVICE_UNAVAILABLE };
    }
    response
}

/// A connection whose buffers take next to nothing.
async fn narrow(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(address).await.unwrap()
}

/// Reads to the end, which has to come.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection ends");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How long the connection is held although the other end sends nothing more.
async fn held(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    rest(stream).await;
    began.elapsed()
}

#[tokio::test]
async fn requests_whose_answers_nobody_reads_are_not_worked_on() {
    let (address, answered) = server(Limits { answer_time: PATIENCE, ..quick() }, 256 * 1024).await;
    let mut stream = narrow(address).await;
    stream.write_all(&GET.repeat(400)).await.unwrap();
    sleep(Duration::from_millis(500)).await;
    let answered = answered.load(Ordering::Relaxed);
    assert!((1..40).contains(&answered), "{answered} answers were made for nobody");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_ends_the_connection() {
    let (address, _) = server(quick(), 16 << 20).await;
    let mut stream = narrow(address).await;
    stream.write_all(GET).await.unwrap();
    sleep(SOON * 4).await;
    let read = rest(&mut stream).await;
    assert!(read.len() < 16 << 20, "the whole answer was still sent");
}

#[tokio::test]
async fn an_answer_read_in_drops_ends_the_connection() {
    let (address, _) = server(quick(), 16 << 20).await;
    let mut stream = narrow(address).await;
    stream.write_all(GET).await.unwrap();
    let began = Instant::now();
    let mut drop = [0; 8192];
    while stream.read(&mut drop).await.is_ok_and(|read| read > 0) {
        sleep(Duration::from_millis(1)).await;
        assert!(began.elapsed() < PATIENCE, "the connection is still held");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let (address, _) = server(quick(), 100).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&GET.repeat(300)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await.matches("HTTP/1.1 200 OK").count(), 301);
}

#[tokio::test]
async fn a_large_answer_arrives_whole() {
    let (address, _) = server(Limits::default(), 8 << 20).await;
    let mut stream = narrow(address).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.len() > 8 << 20);
}

#[tokio::test]
async fn a_head_that_comes_in_drops_has_an_end() {
    let (address, answered) = server(quick(), 1).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let began = Instant::now();
    while stream.write_all(b"G").await.is_ok() {
        sleep(Duration::from_millis(20)).await;
        assert!(began.elapsed() < PATIENCE, "the connection is still held");
    }
    assert_eq!(answered.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_body_that_comes_in_drops_has_an_end() {
    let (address, _) = server(quick(), 1).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n").await.unwrap();
    let began = Instant::now();
    while stream.write_all(b"a").await.is_ok() {
        sleep(Duration::from_millis(20)).await;
        assert!(began.elapsed() < PATIENCE, "the connection is still held");
    }
}

#[tokio::test]
async fn a_body_that_never_comes_is_answered_408() {
    let (address, _) = server(quick(), 1).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 408 "));
}

/// Each may be as large as it likes, together they may not.
#[tokio::test]
async fn bodies_share_what_there_is_for_bodies() {
    let (address, _) = server(Limits { bodies_bytes: 300_000, body_time: PATIENCE, ..quick() }, 1).await;
    let post = |bytes: usize| {
        let head =
            format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {bytes}\r\n\r\n");
        [head.as_bytes(), &vec![b'a'; bytes]].concat()
    };
    let mut unfinished = TcpStream::connect(address).await.unwrap();
    unfinished.write_all(&post(200_000)[..200_000]).await.unwrap();
    sleep(SOON).await;
    let mut other = TcpStream::connect(address).await.unwrap();
    other.write_all(&post(150_000)).await.unwrap();
    assert!(rest(&mut other).await.starts_with("HTTP/1.1 503 "));
    drop(unfinished);
    sleep(SOON).await;
    let mut next = TcpStream::connect(address).await.unwrap();
    next.write_all(&post(150_000)).await.unwrap();
    assert!(rest(&mut next).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_connection_rests_longer_than_a_head_may_take() {
    let (address, _) = server(Limits { idle_time: SOON * 6, ..quick() }, 1).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..2 {
        stream.write_all(GET).await.unwrap();
        let mut answer = [0; 256];
        assert!(stream.read(&mut answer).await.unwrap() > 0);
        sleep(SOON * 2).await;
    }
    // A timer that is half of it long ends the rest, which the last request began 2 ago.
    let held = held(&mut stream).await;
    assert!(held >= SOON * 2 && held <= SOON * 9, "{held:?}");
}

#[tokio::test]
async fn a_connection_that_asks_nothing_is_closed() {
    let (address, _) = server(Limits { idle_time: SOON * 2, ..quick() }, 1).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let held = held(&mut stream).await;
    assert!(held >= SOON && held <= SOON * 4, "{held:?}");
}

#[tokio::test]
async fn a_head_has_a_largest_size() {
    let (address, _) = server(quick(), 1).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(33 * 1024));
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn a_head_has_so_many_fields() {
    let (address, answered) = server(quick(), 1).await;
    for (fields, status) in [(100, "HTTP/1.1 200 "), (101, "HTTP/1.1 431 ")] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let others = "X: y\r\n".repeat(fields - 2);
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{others}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with(status), "{fields}: {answer}");
    }
    assert_eq!(answered.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn one_address_is_told_to_come_later_when_it_has_its_share() {
    let limits = Limits { connections: 4, connections_per_address: 1, ..Limits::default() };
    let (address, _) = server(limits, 1).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(GET).await.unwrap();
    assert!(first.read(&mut [0; 256]).await.unwrap() > 0);
    let refusal = rest(&mut TcpStream::connect(address).await.unwrap()).await;
    assert!(refusal.starts_with("HTTP/1.1 503 ") && refusal.contains("Retry-After: "), "{refusal}");
    // Somebody else is served; all of 127.0.0.0/8 is this machine.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(address).await.unwrap();
    other.write_all(GET).await.unwrap();
    let mut answer = [0; 256];
    let read = other.read(&mut answer).await.unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 200 "));
}

#[tokio::test]
async fn one_connection_too_many_is_told_to_come_later() {
    let (address, _) = server(Limits { connections: 2, ..Limits::default() }, 1).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(GET).await.unwrap();
        assert!(stream.read(&mut [0; 256]).await.unwrap() > 0);
        held.push(stream);
    }
    let mut third = TcpStream::connect(address).await.unwrap();
    let refusal = rest(&mut third).await;
    assert!(refusal.starts_with("HTTP/1.1 503 ") && refusal.contains("Retry-After: "), "{refusal}");
    held.pop();
    sleep(SOON).await;
    let mut next = TcpStream::connect(address).await.unwrap();
    next.write_all(GET).await.unwrap();
    let mut answer = [0; 256];
    let read = next.read(&mut answer).await.unwrap();
    assert!(answer[..read].starts_with(b"HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_refusal_is_read_whatever_is_still_being_sent() {
    let (address, _) = server(Limits { connections: 1, ..Limits::default() }, 1).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(GET).await.unwrap();
    assert!(first.read(&mut [0; 256]).await.unwrap() > 0);
    let mut second = TcpStream::connect(address).await.unwrap();
    // On a connection that was closed the first of these would bring a reset, and the next fail.
    for _ in 0..3 {
        sleep(SOON).await;
        second.write_all(GET).await.unwrap();
    }
    let refusal = rest(&mut second).await;
    assert!(refusal.starts_with("HTTP/1.1 503 ") && refusal.contains("Retry-After: "), "{refusal}");
}

#[test]
fn an_address_is_taken_once() {
    let first = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let second = bind(first.local_addr().unwrap());
    assert_eq!(second.err().map(|e| e.kind()), Some(std::io::ErrorKind::AddrInUse));
}
