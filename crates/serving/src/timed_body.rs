//! The body of a request, which has to arrive in time, and shares the memory for bodies with all others.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use crate::limits::Limits;

/// Bytes of bodies that have arrived and are still being collected: of the process, because its memory is.
static ARRIVED: AtomicUsize = AtomicUsize::new(0);

/// A body with an end to its time.
pub struct TimedBody {
    body: Incoming,
    time: Duration,
    /// The most that may have arrived of all bodies.
    most: usize,
    /// What has arrived of this one.
    arrived: usize,
    /// Begins when the body is first waited for.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// The body took longer than it may: RFC 9110 §15.5.9 (408).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLate;

impl std::fmt::Display for BodyLate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body did not arrive in time")
    }
}

impl std::error::Error for BodyLate {}

/// Too many bodies are arriving: RFC 9110 §15.6.4 (503).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyBodies;

impl std::fmt::Display for TooManyBodies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too many bodies are arriving")
    }
}

impl std::error::Error for TooManyBodies {}

impl TimedBody {
    pub(crate) fn new(body: Incoming, limits: &Limits) -> Self {
        let (time, most) = (limits.body_time, limits.bodies_bytes);
        Self { body, time, most, arrived: 0, deadline: None }
    }

    fn counted(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, TooManyBodies> {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.arrived += bytes;
        let all = ARRIVED.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if all > self.most { Err(TooManyBodies) } else { Ok(frame) }
    }
}

impl Drop for TimedBody {
    fn drop(&mut self) {
        ARRIVED.fetch_sub(self.arrived, Ordering::Relaxed);
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        // The deadline goes first: a body that comes in drops is always about to bring another.
        if let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err(BodyLate.into())));
        }
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        if frame.is_pending() && this.deadline.is_none() {
            let deadline = this.deadline.insert(Box::pin(tokio::time::sleep(this.time)));
            // Never over yet; polled to be woken by.
            let _ = deadline.as_mut().poll(cx);
        }
        frame.map(|frame| frame.map(|frame| this.counted(frame?).map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
