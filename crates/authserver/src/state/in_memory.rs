//! The memory of one process: a restart forgets all of it, and there is an end to how much it takes.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use placet_ambient::Clock;
use quick_cache::sync::Cache;

use super::{Kept, Place, Shelf, StateFuture, StateStore};
use crate::budgets::Budgets;

/// Nothing, once it was removed.
type Slot = Arc<Mutex<Option<Kept>>>;

/// Keeps values in memory, as many of each kind as the budgets say. The least used go first, so that a flood of strangers costs
/// nobody a login; but requests that wait for an answer stay, and there is no place for more.
pub struct InMemory {
    shelves: Vec<(Shelf, Cache<String, Slot>)>,
    inbox: usize,
    versions: AtomicI64,
    clock: Clock,
}

impl InMemory {
    /// An empty one.
    pub fn new(budgets: &Budgets, clock: Clock) -> Self {
        let most = |shelf| match shelf {
            Shelf::Strangers => budgets.strangers,
            Shelf::Logins | Shelf::Devices => budgets.logins,
            Shelf::OfUsers | Shelf::OfDevelopers | Shelf::OfDevices => budgets.logins.saturating_mul(2),
            // Room enough that nothing is forgotten before the budget is used up.
            Shelf::Inbox | Shelf::OfInboxes => budgets.inbox.saturating_mul(2).saturating_add(64),
            Shelf::Later => budgets.deferred,
            Shelf::Guesses => budgets.guesses,
            Shelf::Keys => 64,
        };
        let shelves = Shelf::ALL.into_iter().map(|shelf| (shelf, Cache::new(most(shelf)))).collect();
        Self { shelves, inbox: budgets.inbox, versions: AtomicI64::new(1), clock }
    }

    fn shelf(&self, place: &Place) -> Option<&Cache<String, Slot>> {
        self.shelves.iter().find(|(shelf, _)| *shelf == place.shelf).map(|(_, cache)| cache)
    }

    fn next(&self) -> i64 {
        self.versions.fetch_add(1, Ordering::Relaxed)
    }

    fn insert_now(&self, place: &Place, value: Vec<u8>, until: i64) -> Option<i64> {
        let shelf = self.shelf(place)?;
        if place.shelf == Shelf::Inbox && shelf.len() >= self.inbox {
            let now = self.clock.seconds();
            shelf.retain(|_, slot| lock(slot).as_ref().is_some_and(|kept| kept.until > now));
            if shelf.len() >= self.inbox {
                return None;
            }
        }
        let mut inserted = None;
        let new = || {
            let kept = Kept { version: self.next(), value, until };
            inserted = Some(kept.version);
            Ok::<_, std::convert::Infallible>(Arc::new(Mutex::new(Some(kept))))
        };
        let Ok(_) = shelf.get_or_insert_with(&place.name, new);
        inserted
    }

    /// The version that there is afterwards; nothing where the change was not made.
    fn change_now(&self, place: &Place, version: i64, next: Option<(Vec<u8>, i64)>) -> Option<i64> {
        let shelf = self.shelf(place)?;
        let slot = shelf.get(&place.name)?;
        let mut known = lock(&slot);
        known.as_ref().filter(|known| known.version == version)?;
        let (gone, changed) = (next.is_none(), self.next());
        *known = next.map(|(value, until)| Kept { version: changed, value, until });
        drop(known);
        if gone {
            shelf.remove(&place.name);
        }
        Some(changed)
    }

    #[cfg(test)]
    pub(crate) fn len(&self, shelf: Shelf) -> usize {
        self.shelves.iter().filter(|(known, _)| *known == shelf).map(|(_, cache)| cache.len()).sum()
    }
}

fn lock(slot: &Mutex<Option<Kept>>) -> MutexGuard<'_, Option<Kept>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StateStore for InMemory {
    fn get<'a>(&'a self, place: &'a Place) -> StateFuture<'a, Option<Kept>> {
        let found = self.shelf(place).and_then(|shelf| shelf.get(&place.name));
        let kept = found.and_then(|slot| lock(&slot).clone());
        Box::pin(std::future::ready(Ok(kept)))
    }

    fn insert<'a>(&'a self, place: &'a Place, value: Vec<u8>, until: i64) -> StateFuture<'a, Option<i64>> {
        Box::pin(std::future::ready(Ok(self.insert_now(place, value, until))))
    }

    fn replace<'a>(
        &'a self,
        place: &'a Place,
        version: i64,
        value: Vec<u8>,
        until: i64,
    ) -> StateFuture<'a, Option<i64>> {
        Box::pin(std::future::ready(Ok(self.change_now(place, version, Some((value, until))))))
    }

    fn remove<'a>(&'a self, place: &'a Place, version: i64) -> StateFuture<'a, bool> {
        Box::pin(std::future::ready(Ok(self.change_now(place, version, None).is_some())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> InMemory {
        let budgets = Budgets { strangers: 10, inbox: 3, ..Budgets::default() };
        InMemory::new(&budgets, Clock::stopped())
    }

    #[tokio::test]
    async fn it_keeps_the_contract() {
        let clock = Clock::stopped();
        let now = clock.seconds();
        super::super::contract::keeps(Arc::new(InMemory::new(&Budgets::default(), clock)), now).await;
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let memory = small();
        for n in 0..1000 {
            assert!(memory.insert_now(&Place::new(Shelf::Strangers, n.to_string()), Vec::new(), 1).is_some());
        }
        assert!(memory.len(Shelf::Strangers) <= 10);
    }

    #[test]
    fn requests_that_wait_are_not_forgotten_for_others() {
        let memory = small();
        let now = memory.clock.seconds();
        let add = |name: &str, until| {
            memory.insert_now(&Place::new(Shelf::Inbox, name), Vec::new(), until).is_some()
        };
        assert!(add("a", now) && add("b", now + 9) && add("c", now + 9));
        // One has ended.
        assert!(add("d", now + 9) && !add("e", now + 9));
        assert_eq!(memory.len(Shelf::Inbox), 3);
    }
}
