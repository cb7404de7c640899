//! A stream under time-outs and back-pressure.
//!
//! HTTP/1.1 lets a client send requests without reading answers (RFC 9112 §9.3.2). Whoever does so must not be worked
//! for without end: while an answer waits to be taken, nothing is read.

use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::limits::Limits;

/// How far the connection's present request is; what is read while none is answered belongs to the head of the next.
#[derive(Clone, Default)]
pub(crate) struct Progress(Arc<AtomicU8>);

const ANSWERING: u8 = 1;
const HEAD_READ: u8 = 2;

impl Progress {
    /// A head is complete, and its request is being answered.
    pub(crate) fn begin(&self) {
        self.0.store(ANSWERING | HEAD_READ, Ordering::Relaxed);
    }

    /// The answer is there.
    pub(crate) fn end(&self) {
        self.0.fetch_and(!ANSWERING, Ordering::Relaxed);
    }

    fn is_answering(&self) -> bool {
        self.0.load(Ordering::Relaxed) & ANSWERING != 0
    }

    /// Whether a head was completed since this was last asked.
    fn has_read_head(&self) -> bool {
        self.0.fetch_and(!HEAD_READ, Ordering::Relaxed) & HEAD_READ != 0
    }
}

/// A span that is waited for only when there is something to wait for, so that quick requests neither set a timer nor
/// look at the clock.
struct Deadline {
    time: Duration,
    running: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    fn new(time: Duration) -> Self {
        Self { time, running: false, timer: None }
    }

    fn begin(&mut self) {
        self.running = true;
    }

    fn end(&mut self) {
        self.running = false;
        self.timer = None;
    }

    /// Fails when the span has begun and is over, and wakes the task when it will be. It counts from the first wait,
    /// which whoever begins it comes to before anything else happens.
    fn poll(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if !self.running {
            return Ok(());
        }
        let time = self.time;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(time)));
        match timer.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }
}

/// The rest between requests. One timer runs on, whatever happens, and is looked at when there is nothing to read: a
/// request sets none. So the rest ends after its time, and at most half as much later.
struct Rest {
    half: Duration,
    /// Halves that have passed since the last request.
    passed: u8,
    used: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Rest {
    fn new(time: Duration) -> Self {
        Self { half: time / 2, passed: 0, used: false, timer: None }
    }

    /// Fails when the rest is over, and wakes the task when half of it is.
    fn poll(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let half = self.half;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(half)));
        while timer.as_mut().poll(cx).is_ready() {
            self.passed = if mem::take(&mut self.used) { 0 } else { self.passed + 1 };
            if self.passed > 1 {
                return Err(io::ErrorKind::TimedOut.into());
            }
            timer.set(sleep(half));
        }
        Ok(())
    }
}

pub(crate) struct Pressed<S> {
    stream: S,
    progress: Progress,
    rest: Rest,
    /// Of a head that has begun to arrive.
    head: Deadline,
    /// Of an answer that the other end does not take.
    answer: Deadline,
    /// Who wanted to read while an answer waited.
    reader: Option<Waker>,
}

impl<S> Pressed<S> {
    pub(crate) fn new(stream: S, progress: Progress, limits: &Limits) -> Self {
        Self {
            stream,
            progress,
            rest: Rest::new(limits.idle_time),
            head: Deadline::new(limits.head_time),
            answer: Deadline::new(limits.answer_time),
            reader: None,
        }
    }

    /// What becomes of an attempt to hand something over.
    fn handed<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_pending() {
            self.answer.begin();
        }
        self.answer.poll(cx)?;
        outcome
    }

    fn all_taken(&mut self) {
        self.answer.end();
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Pressed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.answer.running {
            this.reader = Some(cx.waker().clone());
            this.answer.poll(cx)?;
            return Poll::Pending;
        }
        if this.progress.has_read_head() {
            this.head.end();
            this.rest.used = true;
        }
        let before = buf.filled().len();
        let outcome = Pin::new(&mut this.stream).poll_read(cx, buf);
        match &outcome {
            Poll::Ready(Ok(())) if buf.filled().len() > before && !this.progress.is_answering() => {
                this.head.begin();
            }
            Poll::Pending if this.head.running => this.head.poll(cx)?,
            Poll::Pending => {
                this.rest.used |= this.progress.is_answering();
                this.rest.poll(cx)?;
            }
            Poll::Ready(_) => {}
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Pressed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let outcome = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.handed(cx, outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // Called when everything has been written (hyper), so that what is flushed is all there is.
        let outcome = Pin::new(&mut this.stream).poll_flush(cx);
        let outcome = this.handed(cx, outcome);
        if let Poll::Ready(Ok(())) = outcome {
            this.all_taken();
        }
        outcome
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let outcome = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.handed(cx, outcome)
    }
}
