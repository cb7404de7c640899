//! Work that may take long, on threads of its own: the threads that answer in passing never wait for it, and neither do
//! their connections to the store.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use crate::listen::runtime;

/// What the lane takes on.
#[derive(Clone, Copy, Debug)]
pub struct LaneLimits {
    /// Calls at work at a time.
    pub threads: usize,
    /// Calls that wait; one more is answered 503.
    pub queue: usize,
}

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Threads with a bounded queue, ended with the value.
pub(crate) struct Lane(SyncSender<Job>);

/// The queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

impl Lane {
    pub(crate) fn start(limits: LaneLimits) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(limits.queue);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..limits.threads {
            let (receiver, runtime) = (receiver.clone(), runtime()?);
            let work = move || {
                while let Some(job) = next(&receiver) {
                    runtime.block_on(job);
                }
            };
            thread::Builder::new().name(format!("placet-long-{number}")).spawn(work)?;
        }
        Ok(Self(sender))
    }

    /// What `work` comes to; `None` when it was lost. What nobody waits for any more is not begun.
    ///
    /// # Errors
    /// [`Busy`] at once, when the queue is full.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<Option<T>, Busy> {
        let (answer, answered) = oneshot::channel();
        let job = async move {
            if !answer.is_closed() {
                let _ = answer.send(work.await);
            }
        };
        match self.0.try_send(Box::pin(job)) {
            Ok(()) => Ok(answered.await.ok()),
            Err(TrySendError::Full(_)) => Err(Busy),
            Err(TrySendError::Disconnected(_)) => Ok(None),
        }
    }
}

/// `None` when whoever sends is gone.
fn next(receiver: &Mutex<Receiver<Job>>) -> Option<Job> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_lane_says_so_at_once_and_forgets_who_has_left() {
        let lane = Arc::new(Lane::start(LaneLimits { threads: 1, queue: 1 }).unwrap());
        let (go, gate) = std::sync::mpsc::channel::<()>();
        let (begun, began) = oneshot::channel();
        let first = tokio::spawn({
            let lane = lane.clone();
            async move {
                lane.run(async move {
                    let _ = begun.send(());
                    let _ = gate.recv();
                    thread::current().name().map(str::to_owned)
                })
                .await
            }
        });
        began.await.unwrap();
        let mut second = Box::pin(lane.run(async { panic!("nobody waits for it") }));
        tokio::select! {
            biased;
            _ = &mut second => unreachable!("the lane has one thread"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(lane.run(async {}).await, Err(Busy));
        drop(second);
        go.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(Some(Some("placet-long-0".to_owned()))));
        // What was given up leaves the queue without having been begun.
        let next = loop {
            match lane.run(async { 7 }).await {
                Err(Busy) => tokio::task::yield_now().await,
                answered => break answered,
            }
        };
        assert_eq!(next, Ok(Some(7)));
    }
}
