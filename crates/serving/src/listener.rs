//! Listening sockets.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use crate::slots::{NoSlot, Slot, Slots};

const BACKLOG: i32 = 1024;

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
}

impl Listener {
    /// For connections that speak HTTP from their first byte.
    ///
    /// # Errors
    /// Outside of a runtime.
    pub fn plain(socket: StdListener, places: Slots) -> io::Result<Self> {
        Ok(Self { socket: TcpListener::from_std(socket)?, places, plain: true })
    }

    /// For connections that begin with a handshake: one without a place is closed.
    ///
    /// # Errors
    /// Outside of a runtime.
    pub fn secure(socket: StdListener, places: Slots) -> io::Result<Self> {
        Ok(Self { socket: TcpListener::from_std(socket)?, places, plain: false })
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
                Err(full) => self.refuse(&stream, address, full),
            }
        }
    }

    /// Without waiting: what does not fit into the socket's buffer is not said.
    fn refuse(&self, stream: &TcpStream, address: SocketAddr, full: NoSlot) {
        tracing::debug!(%address, ?full, "a connection got no place");
        if self.plain {
            let _ = stream.try_write(NO_PLACE);
        }
    }
}
