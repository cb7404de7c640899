//! Values of the program in a store of bytes.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Kept, Place, StateStore, StateUnavailable};

/// How often a change is tried again that somebody else has come before.
const TRIES: usize = 16;

/// The store, for whoever remembers something.
#[derive(Clone)]
pub(crate) struct State(Arc<dyn StateStore>);

/// What becomes of a value.
pub(crate) enum Next<T> {
    Same,
    /// A value, and until when it means something.
    Is(T, i64),
    Gone,
}

impl State {
    pub(crate) fn new(store: Arc<dyn StateStore>) -> Self {
        Self(store)
    }

    /// The value as it is stored, unless it has ended.
    pub(crate) async fn kept(&self, place: &Place, now: i64) -> Result<Option<Kept>, StateUnavailable> {
        Ok(self.0.get(place).await?.filter(|kept| kept.until > now))
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        place: &Place,
        now: i64,
    ) -> Result<Option<T>, StateUnavailable> {
        Ok(self.kept(place, now).await?.and_then(|kept| decoded(place, &kept)))
    }

    pub(crate) async fn insert<T: Serialize + Sync>(
        &self,
        place: &Place,
        value: &T,
        until: i64,
    ) -> Result<Option<i64>, StateUnavailable> {
        self.0.insert(place, encoded(value)?, until).await
    }

    pub(crate) async fn replace(
        &self,
        place: &Place,
        version: i64,
        (value, until): (Vec<u8>, i64),
    ) -> Result<Option<i64>, StateUnavailable> {
        self.0.replace(place, version, value, until).await
    }

    pub(crate) async fn remove_version(&self, place: &Place, version: i64) -> Result<bool, StateUnavailable> {
        self.0.remove(place, version).await
    }

    /// Changes a value, or makes one where there is none: on fresh reads until nobody comes in between.
    pub(crate) async fn update<T, R>(
        &self,
        place: &Place,
        now: i64,
        mut work: impl FnMut(Option<T>) -> (Next<T>, R) + Send,
    ) -> Result<R, StateUnavailable>
    where
        T: Serialize + DeserializeOwned + Send,
        R: Send,
    {
        for _ in 0..TRIES {
            let kept = self.0.get(place).await?;
            let alive = kept.as_ref().filter(|kept| kept.until > now).and_then(|kept| decoded(place, kept));
            let version = kept.map(|kept| kept.version);
            let (next, outcome) = work(alive);
            let done = match (next, version) {
                (Next::Same, _) | (Next::Gone, None) => true,
                (Next::Gone, Some(version)) => self.0.remove(place, version).await?,
                (Next::Is(value, until), None) => {
                    self.0.insert(place, encoded(&value)?, until).await?.is_some()
                }
                (Next::Is(value, until), Some(version)) => {
                    self.0.replace(place, version, encoded(&value)?, until).await?.is_some()
                }
            };
            if done {
                return Ok(outcome);
            }
        }
        Err(StateUnavailable(format!("too many change one of the {} at once", place.shelf.name())))
    }

    /// Removes a value as it was last: of several who do, one gets it.
    pub(crate) async fn take<T: Serialize + DeserializeOwned + Clone + Send>(
        &self,
        place: &Place,
        now: i64,
    ) -> Result<Option<T>, StateUnavailable> {
        self.update(place, now, |known: Option<T>| (Next::Gone, known)).await
    }
}

pub(crate) fn encoded<T: Serialize>(value: &T) -> Result<Vec<u8>, StateUnavailable> {
    serde_json::to_vec(value).map_err(|e| StateUnavailable(e.to_string()))
}

/// What cannot be read, of another release most likely, is as good as nothing: whoever it was about begins anew.
pub(crate) fn decoded<T: DeserializeOwned>(place: &Place, kept: &Kept) -> Option<T> {
    serde_json::from_slice(&kept.value)
        .inspect_err(
            |e| tracing::warn!(shelf = place.shelf.name(), source = %e, "what was kept cannot be read"),
        )
        .ok()
}
