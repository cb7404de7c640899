//! Threads that make slow signatures, so that those that answer requests do not wait for them.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use placet_jose::SigningKey;
use tokio::sync::oneshot;

struct Job {
    key: Arc<SigningKey>,
    message: Vec<u8>,
    answer: oneshot::Sender<Option<Vec<u8>>>,
}

/// One thread for each core, and one queue for all of them: a thread that is done takes the next message
/// without anybody handing it over. The queue is no longer than there are requests.
pub(super) struct Signers(Sender<Job>);

impl Signers {
    pub(super) fn start() -> io::Result<Self> {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for number in 0..cores {
            let receiver = receiver.clone();
            thread::Builder::new().name(format!("placet-sign-{number}")).spawn(move || work(&receiver))?;
        }
        Ok(Self(sender))
    }

    pub(super) async fn sign(&self, key: Arc<SigningKey>, message: Vec<u8>) -> Option<Vec<u8>> {
        let (answer, signature) = oneshot::channel();
        self.0.send(Job { key, message, answer }).ok()?;
        signature.await.ok()?
    }
}

/// Until whoever sends is gone.
fn work(receiver: &Mutex<Receiver<Job>>) {
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { key, message, answer }) = next else { return };
        // A request that was given up has no use for its signature.
        if !answer.is_closed() {
            let _ = answer.send(key.sign(&message));
        }
    }
}
