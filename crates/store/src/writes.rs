//! What an operation wants to change, not yet changed.

use placet_base::ServiceId;
use serde_json::Value;

use crate::reader::Loaded;
use crate::record::{Record, decode, encode};
use crate::row::{Change, Id, Key};

/// Staged changes of one operation. Those staged with `put`, `replace` and `delete` are dropped when the
/// operation fails; those staged as burnt are committed even then.
#[derive(Default)]
pub struct Writes {
    staged: Vec<(Change, Keep)>,
    audited: Vec<(Audited, Keep)>,
    defect: Option<String>,
}

/// A change of something that is audited.
#[derive(Clone, Debug, PartialEq)]
pub struct Audited {
    pub kind: &'static str,
    pub service: i64,
    pub id: String,
    /// Nothing for what is new.
    pub before: Option<Value>,
    /// Nothing for what is gone.
    pub after: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    OnSuccess,
    Always,
}

impl Writes {
    /// Stages a new record.
    pub fn insert<T: Record>(&mut self, service: ServiceId, id: &T::Id, record: &T) {
        self.note(&T::key(service, id), (None, record.audited()), Keep::OnSuccess);
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
        let before = loaded.value().audited();
        let (key, version) = loaded.into_parts();
        self.note(&key, (before, record.audited()), Keep::OnSuccess);
        self.put(key, version, record, Keep::OnSuccess);
    }

    /// Stages what becomes of a record that was read: `turn` takes the old state and gives the next one.
    pub fn transition<T: Record>(&mut self, loaded: Loaded<T>, turn: impl FnOnce(T) -> T) {
        let (key, version, former) = loaded.into_all();
        let before = former.audited();
        let next = turn(former);
        self.note(&key, (before, next.audited()), Keep::OnSuccess);
        self.put(key, version, &next, Keep::OnSuccess);
    }

    /// The same, and means it, like [`Writes::delete_regardless`]. Where there is no next state, the record ends.
    pub fn transition_regardless<T: Record>(&mut self, loaded: Loaded<T>, turn: impl FnOnce(T) -> Option<T>) {
        let (key, version, former) = loaded.into_all();
        let before = former.audited();
        let next = turn(former);
        self.note(&key, (before, next.as_ref().and_then(Record::audited)), Keep::Always);
        match next {
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
        match decode::<T>(body).and_then(|record| encode(&change(*record))) {
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
        let before = loaded.value().audited();
        let (key, version) = loaded.into_parts();
        self.note(&key, (before, None), Keep::OnSuccess);
        self.stage(Change::Delete { key, version }, Keep::OnSuccess);
    }

    /// Stages the end of a record that was read, and means it: a failure of the operation does not
    /// bring the record back.
    pub fn delete_regardless<T: Record>(&mut self, loaded: Loaded<T>) {
        let before = loaded.value().audited();
        let (key, version) = loaded.into_parts();
        self.note(&key, (before, None), Keep::Always);
        self.stage(Change::Delete { key, version }, Keep::Always);
    }

    /// Stages a new record, and means it, like [`Writes::delete_regardless`].
    pub fn insert_regardless<T: Record>(&mut self, service: ServiceId, id: &T::Id, record: &T) {
        self.note(&T::key(service, id), (None, record.audited()), Keep::Always);
        if let Some(body) = self.encoded(record) {
            let (indexes, expires_at) = (record.indexes(), record.expires_at());
            self.stage(Change::Insert { key: T::key(service, id), body, indexes, expires_at }, Keep::Always);
        }
    }

    /// What will be changed of what is audited, if that is all. It is told once.
    pub fn audited(&mut self, succeeded: bool) -> Vec<Audited> {
        let audited = std::mem::take(&mut self.audited).into_iter();
        audited.filter(|(_, keep)| succeeded || *keep == Keep::Always).map(|(change, _)| change).collect()
    }

    fn note(&mut self, key: &Key, (before, after): (Option<Value>, Option<Value>), keep: Keep) {
        if before.is_none() && after.is_none() {
            return;
        }
        let id = match &key.id {
            Id::Number(number) => number.to_string(),
            Id::Name(name) => name.clone(),
        };
        let change = Audited { kind: key.kind.name, service: key.service, id, before, after };
        self.audited.push((change, keep));
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
