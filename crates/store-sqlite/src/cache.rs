//! Catalogue rows in memory.
//!
//! A reader may only leave a row here that is still the committed one. It therefore holds the gate from
//! before it reads the file until after it has stored the row; the writer passes the gate after its
//! commit and before it answers. Whoever reads after an acknowledged commit sees it.

use std::sync::{PoisonError, RwLock};

use placet_store::{Key, Row, Unavailable};
use quick_cache::sync::Cache as Rows;

/// The most rows kept; some kilobytes each.
const CAPACITY: usize = 10_000;

pub(crate) struct Cache {
    rows: Rows<Key, Row>,
    gate: RwLock<()>,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self { rows: Rows::new(CAPACITY), gate: RwLock::new(()) }
    }

    pub(crate) fn get_or_read(
        &self,
        key: &Key,
        read: impl FnOnce() -> Result<Option<Row>, Unavailable>,
    ) -> Result<Option<Row>, Unavailable> {
        if let Some(row) = self.rows.get(key) {
            return Ok(Some(row));
        }
        let _open = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let row = read()?;
        if let Some(row) = &row {
            self.rows.insert(key.clone(), row.clone());
        }
        Ok(row)
    }

    /// Forgets rows that a commit has changed; called by the writer only.
    pub(crate) fn forget(&self, keys: &[Key]) {
        if keys.is_empty() {
            return;
        }
        let _shut = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            self.rows.remove(key);
        }
    }
}
