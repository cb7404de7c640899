//! The reference backend: everything in memory, for tests. It states the contract in the least code.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use placet_base::Timestamp;

use crate::row::{
    Change, CommitError, Id, IndexEntry, IndexKey, Key, Kind, Layout, Page, Row, Rows, Scanned, Swept,
    Unavailable,
};
use crate::{BoxFuture, Store};

type Place = (&'static str, i64, Id);

#[derive(Clone)]
struct Entry {
    layout: Layout,
    row: Row,
    indexes: Vec<IndexEntry>,
    expires_at: Option<Timestamp>,
}

#[derive(Default)]
pub struct Memory {
    rows: Mutex<BTreeMap<Place, Entry>>,
}

impl Memory {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<Place, Entry>> {
        // A panic while the lock was held cannot leave a batch half applied: it is applied to a copy.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn apply(&self, batch: Vec<Change>) -> Result<(), CommitError> {
        let mut rows = self.rows();
        let mut next = rows.clone();
        for change in batch {
            apply(&mut next, change)?;
        }
        *rows = next;
        Ok(())
    }

    fn select(&self, index: &IndexKey, page: Page) -> Result<Rows, Unavailable> {
        let rows = self.rows();
        let mut found: Vec<_> = rows
            .iter()
            .filter(|((kind, service, id), entry)| {
                let (of_kind, of_service) = (*kind == index.kind.name, *service == index.service);
                of_kind && of_service && entry.carries(index) && *id >= Id::Number(index.from)
            })
            .collect();
        if index.entry.is_none() && index.kind.layout == Layout::Log {
            found.retain(|(_, entry)| entry.shared().is_some());
            found.sort_by_key(|(place, entry)| (entry.shared(), place.2.clone()));
        }
        let window = found.iter().skip(page.start).take(page.limit());
        Ok(Rows {
            rows: window.map(|((_, _, id), entry)| (id.clone(), entry.row.clone())).collect(),
            total: found.len().min(page.counted),
        })
    }
}

impl Entry {
    /// The first name that the row shares.
    fn shared(&self) -> Option<(&'static str, &str)> {
        let shared = self.indexes.iter().find(|entry| !entry.unique)?;
        Some((shared.name, shared.value.as_str()))
    }

    fn carries(&self, index: &IndexKey) -> bool {
        index.entry.as_ref().is_none_or(|(name, value)| {
            self.indexes.iter().any(|entry| entry.name == *name && entry.value == *value)
        })
    }
}

fn place(key: &Key) -> Place {
    (key.kind.name, key.service, key.id.clone())
}

fn apply(rows: &mut BTreeMap<Place, Entry>, change: Change) -> Result<(), CommitError> {
    let place = place(change.key());
    let present = rows.get(&place).map(|entry| entry.row.version);
    let entry = match change {
        Change::Insert { key, body, indexes, expires_at } if present.is_none() => {
            let (layout, row) = (key.kind.layout, Row { version: 1, body: body.into() });
            Entry { layout, row, indexes, expires_at }
        }
        Change::Replace { key, version, body, indexes, expires_at } if present == Some(version) => {
            let former = rows.get(&place).map(|entry| entry.indexes.clone());
            let indexes = former.filter(|_| key.kind.layout == Layout::Log).unwrap_or(indexes);
            let row = Row { version: version + 1, body: body.into() };
            Entry { layout: key.kind.layout, row, indexes, expires_at }
        }
        Change::Delete { version, .. } if present == Some(version) => {
            rows.remove(&place);
            return Ok(());
        }
        _ => return Err(CommitError::Conflict),
    };
    let taken = rows.iter().any(|(other, held)| {
        (other.0, other.1) == (place.0, place.1)
            && other.2 != place.2
            && entry.indexes.iter().any(|i| i.unique && held.indexes.contains(i))
    });
    if taken {
        return Err(CommitError::Conflict);
    }
    rows.insert(place, entry);
    Ok(())
}

impl Store for Memory {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        Box::pin(async move { Ok(self.rows().get(&place(key)).map(|entry| entry.row.clone())) })
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        Box::pin(async move { self.select(index, page) })
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(async move { self.apply(batch) })
    }

    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>> {
        Box::pin(async move {
            let after = after.map(place);
            let rows = self.rows();
            let of_layout = rows.iter().filter(|(_, entry)| entry.layout == layout);
            let behind = of_layout.filter(|(place, _)| after.as_ref().is_none_or(|after| *place > after));
            let scanned = behind.take(max).map(|((kind, service, id), entry)| Scanned {
                key: Key { kind: Kind { name: kind, layout }, service: *service, id: id.clone() },
                row: entry.row.clone(),
                expires_at: entry.expires_at,
            });
            Ok(scanned.collect())
        })
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>> {
        Box::pin(async move {
            let mut rows = self.rows();
            let expired = |entry: &Entry| entry.expires_at.is_some_and(|at| at.is_past(before));
            let places = rows.iter().filter(|(_, entry)| expired(entry)).map(|(place, _)| place.clone());
            let places: Vec<_> = places.take(max + 1).collect();
            for place in places.iter().take(max) {
                rows.remove(place);
            }
            Ok(Swept { deleted: places.len().min(max), more: places.len() > max })
        })
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(async { Ok(()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_contract() {
        for (name, check) in crate::contract::CHECKS {
            println!("{name}");
            check(&Memory::default());
        }
    }
}
