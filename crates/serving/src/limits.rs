use std::time::Duration;

/// What a listener grants its connections. Each value has a name that documentation and configuration share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; one more is answered 503 and closed.
    pub connections: usize,
    /// The same from one address. Behind a proxy all come from one.
    pub connections_per_address: usize,
    /// The largest head of a request, in bytes; beyond it, 431. At least 8192.
    pub head_bytes: usize,
    /// From the first byte of a head to its last.
    pub head_time: Duration,
    /// How long a connection may rest between requests, and before its first; it is closed at most half as much later.
    pub idle_time: Duration,
    /// How long the body of a request may take to arrive.
    pub body_time: Duration,
    /// Bytes of bodies that may be arriving at a time, in the whole process; beyond it, 503.
    pub bodies_bytes: usize,
    /// How long an answer may wait to be read, from the first byte that the connection does not take to the last.
    pub answer_time: Duration,
    /// Bytes of answers that may wait while requests that were sent together are worked on. At least 8192.
    pub answers_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2048,
            connections_per_address: 1024,
            head_bytes: 32 * 1024,
            head_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(60),
            body_time: Duration::from_secs(15),
            bodies_bytes: 64 << 20,
            answer_time: Duration::from_secs(15),
            answers_bytes: 32 * 1024,
        }
    }
}
