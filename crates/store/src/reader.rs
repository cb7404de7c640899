//! Typed reading, bound to one service.

use placet_base::ServiceId;

use crate::record::{Record, RecordId, decode};
use crate::row::{Id, IndexKey, Key, Page, Unavailable};
use crate::{Row, Store};

/// A record as it was read, with what is needed to overwrite exactly this version of it.
///
/// It cannot be made otherwise than by reading, which is why nothing can be overwritten unread.
///
/// ```compile_fail,E0451
/// fn forged<T: placet_store::Record>(key: placet_store::Key, id: T::Id, record: Box<T>) {
///     placet_store::Loaded { key, id, version: 1, record };
/// }
/// ```
pub struct Loaded<T: Record> {
    key: Key,
    id: T::Id,
    version: i64,
    /// Boxed: it is handed on through many futures, each of which would hold its whole size.
    record: Box<T>,
}

impl<T: Record> Loaded<T> {
    pub fn value(&self) -> &T {
        &self.record
    }

    pub fn id(&self) -> &T::Id {
        &self.id
    }

    /// The version that was read; it changes with every replacement.
    pub fn version(&self) -> i64 {
        self.version
    }

    pub fn into_value(self) -> T {
        *self.record
    }

    pub(crate) fn into_parts(self) -> (Key, i64) {
        (self.key, self.version)
    }

    pub(crate) fn into_all(self) -> (Key, i64, T) {
        (self.key, self.version, *self.record)
    }
}

impl<T: Record> std::ops::Deref for Loaded<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.record
    }
}

/// Reads the records of one service.
#[derive(Clone, Copy)]
pub struct Reader<'s> {
    store: &'s dyn Store,
    service: ServiceId,
}

impl<'s> Reader<'s> {
    pub fn new(store: &'s dyn Store, service: ServiceId) -> Self {
        Self { store, service }
    }

    pub fn service(&self) -> ServiceId {
        self.service
    }

    pub async fn get<T: Record>(&self, id: &T::Id) -> Result<Option<Loaded<T>>, Unavailable> {
        let key = T::key(self.service, id);
        let row = self.store.get(&key).await?;
        row.map(|row| load(key, &row)).transpose()
    }

    /// The row without decoding it, for caches that know its version already.
    pub async fn row<T: Record>(&self, id: &T::Id) -> Result<Option<Row>, Unavailable> {
        self.store.get(&T::key(self.service, id)).await
    }

    /// The one record that carries a unique index entry.
    pub async fn find_one<T: Record>(
        &self,
        name: &'static str,
        value: &str,
    ) -> Result<Option<Loaded<T>>, Unavailable> {
        let found = self.store.find_one(&self.index::<T>(Some((name, value.to_owned())), 0)).await?;
        found.map(|(id, row)| load(self.key::<T>(id), &row)).transpose()
    }

    fn key<T: Record>(&self, id: Id) -> Key {
        Key { kind: T::KIND, service: self.service.0, id }
    }

    fn index<T: Record>(&self, entry: Option<(&'static str, String)>, from: i64) -> IndexKey {
        IndexKey { kind: T::KIND, service: self.service.0, entry, from }
    }

    /// A window on the records of a kind, and how many there are in all, as far as the page counts them.
    pub async fn find<T: Record>(
        &self,
        entry: Option<(&'static str, String)>,
        page: Page,
    ) -> Result<(Vec<Loaded<T>>, usize), Unavailable> {
        self.find_from(entry, 0, page).await
    }

    /// The same of the records whose numbers are `from` or more.
    pub async fn find_from<T: Record>(
        &self,
        entry: Option<(&'static str, String)>,
        from: i64,
        page: Page,
    ) -> Result<(Vec<Loaded<T>>, usize), Unavailable> {
        let rows = self.store.find(&self.index::<T>(entry, from), page).await?;
        let loaded = rows.rows.into_iter().map(|(id, row)| load(self.key::<T>(id), &row));
        Ok((loaded.collect::<Result<_, _>>()?, rows.total))
    }
}

/// Decodes a row; a body that does not decode is the store's fault, not the caller's.
fn load<T: Record>(key: Key, row: &Row) -> Result<Loaded<T>, Unavailable> {
    let id = T::Id::from_id(&key.id);
    let id =
        id.ok_or_else(|| Unavailable::Defect(format!("{} record with the id {:?}", T::KIND.name, key.id)))?;
    let record = decode(&row.body).map_err(Unavailable::Defect)?;
    Ok(Loaded { key, id, version: row.version, record })
}

impl<T: Record> Loaded<T> {
    /// Decodes a row that was read under `key`.
    pub fn from_row(key: Key, row: &Row) -> Result<Self, Unavailable> {
        load(key, row)
    }
}
