//! Catalogue rows in memory, each for a moment: what another node has changed is seen when that is over.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use placet_ambient::Stopwatch;
use placet_store::{Key, Row};
use quick_cache::sync::Cache as Rows;

/// The most rows kept; some kilobytes each.
const CAPACITY: usize = 10_000;
/// How long a row counts as it was read. A change by another node is seen within this and the time of a read.
const FRESH: Duration = Duration::from_millis(500);

pub(crate) struct Cache {
    rows: Rows<Key, (Row, Stopwatch)>,
    /// How many commits of this node have changed rows that may be here.
    changes: AtomicU64,
}

/// When a read began.
#[derive(Clone, Copy)]
pub(crate) struct Begun {
    changes: u64,
    at: Stopwatch,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self { rows: Rows::new(CAPACITY), changes: AtomicU64::new(0) }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Row> {
        let (row, read) = self.rows.get(key)?;
        (read.elapsed() < FRESH).then_some(row)
    }

    /// To be asked before a row is read that is to be kept.
    pub(crate) fn begin(&self) -> Begun {
        Begun { changes: self.changes.load(Ordering::Acquire), at: Stopwatch::start() }
    }

    /// Keeps what was read, unless this node has changed something since: it may be what was there before.
    pub(crate) fn keep(&self, key: &Key, row: &Row, begun: Begun) {
        if self.changes.load(Ordering::Acquire) == begun.changes {
            self.rows.insert(key.clone(), (row.clone(), begun.at));
            // A commit may have come in between.
            if self.changes.load(Ordering::Acquire) != begun.changes {
                self.rows.remove(key);
            }
        }
    }

    /// Forgets rows that a commit has changed, or has found changed; called before it is answered.
    pub(crate) fn forget<'a>(&self, keys: impl IntoIterator<Item = &'a Key>) {
        let mut keys = keys.into_iter().peekable();
        if keys.peek().is_none() {
            return;
        }
        self.changes.fetch_add(1, Ordering::AcqRel);
        for key in keys {
            self.rows.remove(key);
        }
    }
}
