//! Where the browser brings the answer: a listener of this machine alone (RFC 8252 §7.3), for one answer.

use std::time::Duration;

use placet_sdk::form;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::exit::{Exit, Failure};

/// A request that is longer is no answer of an authorization server.
const LONGEST: usize = 64 * 1024;
/// How long a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Callback {
    listener: TcpListener,
    /// The redirect URI, with the port that it has.
    pub(super) uri: String,
    path: String,
}

impl Callback {
    /// Listens where the redirect URI says. `any_port`: another port is as good (RFC 8252 §7.3).
    pub(super) async fn open(uri: &str, any_port: bool) -> Result<Self, Failure> {
        let wrong = || {
            Failure::usage(format!(
                "{uri}: nothing here can listen at it; say --redirect-uri with another one of the client's, http://127.0.0.1/…"
            ))
        };
        let mut url = Url::parse(uri).map_err(|_| wrong())?;
        let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "http" || !local {
            return Err(wrong());
        }
        let host = if url.host_str() == Some("[::1]") { "[::1]" } else { "127.0.0.1" };
        let port = if any_port { 0 } else { url.port().unwrap_or(80) };
        let failed = |e: std::io::Error| Failure::failed(format!("{uri}: cannot listen: {e}"));
        let listener = TcpListener::bind(format!("{host}:{port}")).await.map_err(failed)?;
        if any_port {
            let _ = url.set_port(Some(listener.local_addr().map_err(failed)?.port()));
        }
        let uri = if any_port { url.to_string() } else { uri.to_owned() };
        Ok(Self { listener, uri, path: url.path().to_owned() })
    }

    /// The parameters of the answer that has this state; whatever else comes by is sent away.
    pub(super) async fn answer(self, state: &str, wait: Duration) -> Result<Vec<(String, String)>, Failure> {
        let late = || Failure::new(Exit::Unreachable, "nobody came back in time; --wait gives more");
        tokio::time::timeout(wait, self.answered(state)).await.map_err(|_| late())?
    }

    async fn answered(&self, state: &str) -> Result<Vec<(String, String)>, Failure> {
        loop {
            let (mut stream, _) = self.listener.accept().await?;
            let reading = tokio::time::timeout(PATIENCE, target(&mut stream)).await;
            let Ok(Some(target)) = reading else { continue };
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            let pairs: Vec<_> = form::pairs(query).collect();
            let is_ours =
                path == self.path && pairs.iter().any(|(name, value)| name == "state" && value == state);
            said(&mut stream, is_ours).await;
            if is_ours {
                return Ok(pairs);
            }
        }
    }
}

/// The target of a GET request.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut part = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut part).await.ok()?;
        head.extend_from_slice(&part[..read]);
        if read == 0 || head.len() > LONGEST {
            return None;
        }
    }
    let line = String::from_utf8(head).ok()?;
    let mut words = line.lines().next()?.split(' ');
    (words.next()? == "GET").then(|| words.next().map(str::to_owned))?
}

async fn said(stream: &mut TcpStream, is_ours: bool) {
    let (status, text) = match is_ours {
        true => ("200 OK", "The answer has arrived. Go back to the terminal; this page can be closed."),
        false => ("404 Not Found", "Nothing is here."),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\r\n",
        text.len()
    );
    // Whether the page is seen changes nothing.
    let _ = stream.write_all((head + text).as_bytes()).await;
    let _ = stream.shutdown().await;
}
