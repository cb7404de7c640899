//! What has been made of a catalogue row, kept as long as the row has the same version.

use std::hash::Hash;
use std::sync::Arc;

use quick_cache::sync::Cache;

pub(crate) struct Compiled<K, V>(Cache<K, (i64, Arc<V>)>);

impl<K: Eq + Hash + Clone, V> Compiled<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(Cache::new(capacity))
    }

    /// Everything that is kept.
    pub(crate) fn all(&self) -> impl Iterator<Item = Arc<V>> {
        self.0.iter().map(|(_, (_, value))| value)
    }

    /// The value made of the row's `version`, making it when there is none.
    pub(crate) fn get_or_make<E>(
        &self,
        key: &K,
        version: i64,
        make: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        if let Some((made_of, value)) = self.0.get(key)
            && made_of == version
        {
            return Ok(value);
        }
        let value = Arc::new(make()?);
        self.0.insert(key.clone(), (version, value.clone()));
        Ok(value)
    }
}
