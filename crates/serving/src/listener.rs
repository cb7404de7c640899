//! Listening sockets.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::slots::{NoSlot, Slot, Slots};

/// Connections that wait to be accepted, for as long as the thread that does has no processor. One that finds no room is not
/// answered by the kernel, and asks again after a second. The system may have a smaller bound (`net.core.somaxconn`).
pub const BACKLOG: i32 = 4096;

/// Connections without a place that are kept until they have read so.
pub const REFUSED: usize = 256;
/// How long that may take, and of how many pieces what they send.
const REFUSAL: Duration = Duration::from_millis(500);
const REFUSED_READS: usize = 16;

/// What is said to a connection that gets no place (RFC 9110 §15.6.4, §10.2.3), before it is closed.
const NO_PLACE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// A socket that has its address to itself: one that is taken is an error. `SO_REUSEPORT` would let another process
/// share it, and have half of the calls.
///
/// # Errors
/// When the address is in use, or none of this machine.
pub fn bind(address: SocketAddr) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Connections of a process that has ended do not keep its address.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// A connection that has a place.
pub struct Accepted {
    pub stream: TcpStream,
    pub address: SocketAddr,
    /// To be kept for as long as the connection lasts.
    pub place: Slot,
}

/// Accepts connections that there is a place for, and refuses the others.
pub struct Listener {
    socket: TcpListener,
    places: Slots,
    /// Whether a refusal can be said, or there is TLS before anything can.
    plain: bool,
    /// Connections that are being refused.
    refused: Arc<Semaphore>,
}

impl Listener {
    /// For connections that speak HTTP from their first byte.
    ///
    /// # Errors
    /// Outside of a runtime.
    pub fn plain(socket: StdListener, places: Slots) -> io::Result<Self> {
        Self::new(socket, places, true)
    }

    /// For connections that begin with a handshake: one without a place is closed.
    ///
    /// # Errors
    /// Outside of a runtime.
    pub fn secure(socket: StdListener, places: Slots) -> io::Result<Self> {
        Self::new(socket, places, false)
    }

    fn new(socket: StdListener, places: Slots, plain: bool) -> io::Result<Self> {
        let refused = Arc::new(Semaphore::new(REFUSED));
        Ok(Self { socket: TcpListener::from_std(socket)?, places, plain, refused })
    }

    /// The next connection that has a place. May be dropped at any time without losing one.
    pub async fn next(&self) -> Accepted {
        loop {
            let Ok((stream, address)) = self.socket.accept().await else {
                // Out of file descriptors, most likely: accepting again at once would only spin.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            match self.places.take(address.ip()) {
                Ok(place) => {
                    let _ = stream.set_nodelay(true);
                    return Accepted { stream, address, place };
                }
                Err(full) => self.refuse(stream, address, full),
            }
        }
    }

    /// Nobody waits for it: beyond so many, the answer is lost where a request is under way.
    fn refuse(&self, stream: TcpStream, address: SocketAddr, full: NoSlot) {
        tracing::debug!(%address, ?full, "a connection got no place");
        if !self.plain || stream.try_write(NO_PLACE).is_err() {
            return;
        }
        if let Ok(permit) = self.refused.clone().try_acquire_owned() {
            tokio::spawn(async move {
                let _ = tokio::time::timeout(REFUSAL, heard(stream)).await;
                drop(permit);
            });
        }
    }
}

/// Reads what the other end still sends, until it has read its answer and hangs up. Closing before that would take the answer
/// from it: a connection that is closed with something unread is reset (RFC 9112 §9.6).
async fn heard(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut unread = [0; 4096];
    for _ in 0..REFUSED_READS {
        if stream.read(&mut unread).await? == 0 {
            break;
        }
    }
    Ok(())
}
