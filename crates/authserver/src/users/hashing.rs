//! Password hashing, which takes memory and time by design, has a number of places; waiting for one has an end.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Unavailable;
use crate::budgets::Budgets;

/// The places.
pub(super) struct Hashing {
    places: Arc<Semaphore>,
    /// Whoever waits, or has a place.
    queue: Arc<Semaphore>,
    patience: Duration,
}

/// A place, and the right to have stood in the queue for it.
struct Place {
    _place: OwnedSemaphorePermit,
    _queue: OwnedSemaphorePermit,
}

impl Hashing {
    pub(super) fn within(budgets: &Budgets) -> Self {
        let all = budgets.hashes.saturating_add(budgets.hashes_waiting).min(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(budgets.hashes.min(Semaphore::MAX_PERMITS))),
            queue: Arc::new(Semaphore::new(all)),
            patience: budgets.hash_time,
        }
    }

    /// Whether the secret is the one that was hashed.
    pub(super) async fn matches(&self, hash: String, secret: String) -> Result<bool, Unavailable> {
        self.work(move || {
            let hash = PasswordHash::new(&hash).map_err(|e| Unavailable(e.to_string()))?;
            Ok(argon2().verify_password(secret.as_bytes(), &hash).is_ok())
        })
        .await
    }

    pub(super) async fn hash(&self, secret: String) -> Result<String, Unavailable> {
        self.work(move || hash(&secret).map_err(Unavailable)).await
    }

    /// Off the threads that answer requests. The place is free when the work is done, also if nobody waits for it any
    /// more.
    async fn work<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<R, Unavailable> + Send + 'static,
    ) -> Result<R, Unavailable> {
        let place = self.place().await?;
        let work = move || {
            let done = work();
            drop(place);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|e| Unavailable(e.to_string()))?
    }

    async fn place(&self) -> Result<Place, Unavailable> {
        let busy = |why: &str| Unavailable(format!("too many passwords at a time: {why}"));
        let queue = self.queue.clone().try_acquire_owned().map_err(|_| busy("the queue is full"))?;
        let place = tokio::time::timeout(self.patience, self.places.clone().acquire_owned()).await;
        let place = place.map_err(|_| busy("the wait was too long"))?.map_err(|_| busy("closed"))?;
        Ok(Place { _place: place, _queue: queue })
    }
}

/// Argon2id with the memory and passes that OWASP names for it: 19 MiB, two.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

pub(super) fn hash(secret: &str) -> Result<String, String> {
    argon2().hash_password(secret.as_bytes()).map(|hash| hash.to_string()).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn budgets(hashes: usize, hashes_waiting: usize, millis: u64) -> Budgets {
        Budgets { hashes, hashes_waiting, hash_time: Duration::from_millis(millis), ..Budgets::default() }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn as_many_hash_at_a_time_as_there_are_places() {
        let hashing = Arc::new(Hashing::within(&budgets(2, 100, 10_000)));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let all: Vec<_> = (0..20)
            .map(|_| {
                let (hashing, now, most) = (hashing.clone(), now.clone(), most.clone());
                tokio::spawn(async move {
                    let work = move || {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(5));
                        now.fetch_sub(1, Ordering::SeqCst);
                        Ok(())
                    };
                    hashing.work(work).await
                })
            })
            .collect();
        for one in all {
            assert!(one.await.unwrap().is_ok());
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn waiting_has_an_end_and_so_has_the_queue() {
        let hashing = Arc::new(Hashing::within(&budgets(1, 1, 50)));
        let (let_go, held) = std::sync::mpsc::channel::<()>();
        let busy = tokio::spawn({
            let hashing = hashing.clone();
            async move { hashing.work(move || held.recv().map_err(|e| Unavailable(e.to_string()))).await }
        });
        while hashing.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let waiting = tokio::spawn({
            let hashing = hashing.clone();
            async move { hashing.matches(String::new(), String::new()).await }
        });
        while hashing.queue.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let full = hashing.matches(String::new(), String::new()).await;
        assert!(full.unwrap_err().0.contains("queue is full"));
        assert!(waiting.await.unwrap().unwrap_err().0.contains("wait was too long"));
        let_go.send(()).unwrap();
        assert!(busy.await.unwrap().is_ok());
        assert!(hashing.hash("secret".to_owned()).await.unwrap().starts_with("$argon2id$"));
    }
}
