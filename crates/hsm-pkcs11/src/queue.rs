//! Threads that call a module, and the queue before them.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use placet_hsm::{HsmError, Limits};
use tokio::sync::oneshot;

use crate::connection::{Connection, Live};
use crate::device::Device;
use crate::errors::Failure;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// That nothing has stayed.
pub(crate) struct Undone;

pub(crate) struct Queue {
    jobs: SyncSender<Job>,
    timeout: Duration,
}

impl Queue {
    /// The threads end when the queue is gone; one that a module does not let go of stays.
    pub(crate) fn start(device: Device, limits: Limits) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(limits.queue);
        let (device, waiting) = (Arc::new(device), Arc::new(Mutex::new(waiting)));
        for number in 0..limits.threads {
            let (device, waiting) = (device.clone(), waiting.clone());
            let name = format!("placet-hsm-{number}");
            thread::Builder::new().name(name).spawn(move || work(Connection::new(device), &waiting))?;
        }
        Ok(Self { jobs, timeout: limits.timeout })
    }

    /// Has something done with a session, in time or not at all.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Live) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, HsmError> {
        self.ask_or_undo(work, |_| Ok(Undone)).await
    }

    /// The same with something that must not stay when nobody waits for it any more.
    pub(crate) async fn ask_or_undo<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Live) -> Result<T, Failure> + Send + 'static,
        undo: impl FnMut(&mut Live) -> Result<Undone, Failure> + Send + 'static,
    ) -> Result<T, HsmError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Whoever has waited too long has gone.
            if answer.is_closed() || answer.send(connection.run(work)).is_ok() {
                return;
            }
            if let Err(error) = connection.run(undo) {
                tracing::warn!(%error, "what an HSM did too late stays in it");
            }
        });
        match self.jobs.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(HsmError::Busy),
            Err(TrySendError::Disconnected(_)) => {
                return Err(HsmError::Away("its threads are gone".to_owned()));
            }
        }
        match tokio::time::timeout(self.timeout, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(HsmError::Away("its thread is gone".to_owned())),
            Err(_) => Err(HsmError::Late),
        }
    }
}

fn work(mut connection: Connection, waiting: &Mutex<Receiver<Job>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else {
            // The process is about to end, and the session with it. Closing it now would call a library that may be
            // ending itself, on another thread.
            std::mem::forget(connection);
            return;
        };
        job(&mut connection);
    }
}
