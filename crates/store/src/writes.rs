//! What an operation wants to change, not yet changed.

use placet_base::ServiceId;

use crate::reader::Loaded;
use crate::record::{Record, decode, encode};
use crate::row::{Change, Key};

/// Staged changes of one operation. Those staged with `put`, `replace` and `delete` are dropped when the
/// operation fails; those staged as burnt are committed even then.
#[derive(Default)]
pub struct Writes {
    staged: Vec<(Change, Keep)>,
    defect: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    OnSuccess,
    Always,
}

impl Writes {
    /// Stages a new record.
    pub fn insert<T: Record>(&mut self, service: ServiceId, id: &T::Id, record: &T) {
        if let Some(body) = self.encoded(record) {
            let (indexes, expires_at) = (record.indexes(), record.expires_at());
            self.stage(
                Change::Insert { key: T::key(service, id), body, indexes, expires_at },
                Keep::OnSuccess,
            );
        }
    }

    /// Stages a new version of a record that was read.
    pub fn replace<T: Record>(&mut self, loaded: Loaded<T>, record: &T) {
        let (key, version) = loaded.into_parts();
        self.put(key, version, record, Keep::OnSuccess);
    }

    /// Stages what becomes of a record that was read: `turn` takes the old state and gives the next one.
    pub fn transition<T: Record>(&mut self, loaded: Loaded<T>, turn: impl FnOnce(T) -> T) {
        let (key, version, former) = loaded.into_all();
        self.put(key, version, &turn(former), Keep::OnSuccess);
    }

    /// The same, and means it, like [`Writes::delete_regardless`]. Where there is no next state, the record ends.
    pub fn transition_regardless<T: Record>(&mut self, loaded: Loaded<T>, turn: impl FnOnce(T) -> Option<T>) {
        let (key, version, former) = loaded.into_all();
        match turn(former) {
            Some(next) => self.put(key, version, &next, Keep::Always),
            None => self.stage(Change::Delete { key, version }, Keep::Always),
        }
    }

    /// Changes once more what has been staged of a record. Gives `change` back when nothing has.
    pub fn restage<T: Record, F: FnOnce(T) -> T>(
        &mut self,
        service: ServiceId,
        id: &T::Id,
        change: F,
    ) -> Result<(), F> {
        let key = T::key(service, id);
        let body = self.staged.iter_mut().find_map(|(staged, _)| match staged {
            Change::Insert { key: of, body, .. } | Change::Replace { key: of, body, .. } => {
                (*of == key).then_some(body)
            }
            Change::Delete { .. } => None,
        });
        let Some(body) = body else { return Err(change) };
        match decode::<T>(body).and_then(|record| encode(&change(*record)).map_err(|e| e.to_string())) {
            Ok(next) => *body = next,
            Err(e) => self.defect = Some(e),
        }
        Ok(())
    }

    fn put<T: Record>(&mut self, key: Key, version: i64, record: &T, keep: Keep) {
        if let Some(body) = self.encoded(record) {
            let (indexes, expires_at) = (record.indexes(), record.expires_at());
            self.stage(Change::Replace { key, version, body, indexes, expires_at }, keep);
        }
    }

    /// Stages the end of a record that was read.
    pub fn delete<T: Record>(&mut self, loaded: Loaded<T>) {
        let (key, version) = loaded.into_parts();
        self.stage(Change::Delete { key, version }, Keep::OnSuccess);
    }

    /// Stages the end of a record that was read, and means it: a failure of the operation does not
    /// bring the record back.
    pub fn delete_regardless<T: Record>(&mut self, loaded: Loaded<T>) {
        let (key, version) = loaded.into_parts();
        self.stage(Change::Delete { key, version }, Keep::Always);
    }

    /// Stages a new record, and means it, like [`Writes::delete_regardless`].
    pub fn insert_regardless<T: Record>(&mut self, service: ServiceId, id: &T::Id, record: &T) {
        if let Some(body) = self.encoded(record) {
            let (indexes, expires_at) = (record.indexes(), record.expires_at());
            self.stage(Change::Insert { key: T::key(service, id), body, indexes, expires_at }, Keep::Always);
        }
    }

    /// The batch to commit, or why a record could not be written down.
    pub fn into_batch(self, succeeded: bool) -> Result<Vec<Change>, String> {
        match self.defect {
            Some(defect) => Err(defect),
            None => Ok(self
                .staged
                .into_iter()
                .filter(|(_, keep)| succeeded || *keep == Keep::Always)
                .map(|(change, _)| change)
                .collect()),
        }
    }

    fn stage(&mut self, change: Change, keep: Keep) {
        self.staged.push((change, keep));
    }

    fn encoded<T: Record>(&mut self, record: &T) -> Option<Vec<u8>> {
        encode(record).map_err(|e| self.defect = Some(format!("{} record: {e}", T::KIND.name))).ok()
    }
}
