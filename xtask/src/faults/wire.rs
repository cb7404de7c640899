//! One connection to a server, for one thread. What matters is what is known when there is no answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take: longer than anything that the server itself waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is known of a request that has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nobody listened: nothing was done.
    Refused,
    /// It may have been done or not.
    Unanswered,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Connection {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub(crate) fn to(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    /// What a former server has accepted is of no use; the next request connects anew.
    pub(crate) fn close(&mut self) {
        self.stream = None;
    }

    pub(crate) fn exchange(&mut self, request: &[u8]) -> Result<Answer, Lost> {
        self.send(request)?;
        self.receive()
    }

    /// Sends a request; connects before that where there is no connection.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<(), Lost> {
        let stream = match self.stream.take().filter(is_open) {
            Some(stream) => stream,
            None => opened(&self.address).map_err(|_| Lost::Refused)?,
        };
        let stream = self.stream.insert(stream);
        if stream.get_mut().write_all(request).is_err() {
            self.stream = None;
            return Err(Lost::Unanswered);
        }
        Ok(())
    }

    /// The answer to what was sent.
    pub(crate) fn receive(&mut self) -> Result<Answer, Lost> {
        let mut stream = self.stream.take().ok_or(Lost::Unanswered)?;
        let (answer, last) = read(&mut stream).ok_or(Lost::Unanswered)?;
        if !last {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

/// A server may end a connection on which nothing is asked; whoever keeps connections sees that before the next request.
fn is_open(stream: &BufReader<TcpStream>) -> bool {
    let socket = stream.get_ref();
    let nothing = |e: std::io::Error| e.kind() == std::io::ErrorKind::WouldBlock;
    let looked = socket.set_nonblocking(true).and_then(|()| socket.peek(&mut [0]));
    socket.set_nonblocking(false).is_ok() && looked.is_err_and(nothing)
}

fn opened(address: &str) -> std::io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

/// A whole answer, and whether it is the last of its connection.
fn read(stream: &mut BufReader<TcpStream>) -> Option<(Answer, bool)> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let (mut length, mut last) = (0, false);
    loop {
        line.clear();
        stream.read_line(&mut line).ok()?;
        let lower = line.trim_end().to_ascii_lowercase();
        match lower.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().ok()?,
            Some(("connection", value)) => last = value == "close",
            Some(_) => {}
            None if lower.is_empty() && line.ends_with('\n') => break,
            None => return None,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((Answer { status, body }, last))
}
