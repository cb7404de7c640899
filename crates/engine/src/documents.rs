//! Key sets that were fetched, kept for a while. A key that is not in the kept set makes it be fetched
//! again, so that a client that has rotated its keys is not locked out; not more often than every few
//! seconds, so that a stranger's key id does not make requests without end.

use std::sync::Arc;

use placet_base::{ServiceId, Timestamp, Ttl};
use placet_jose::JwkSet;
use quick_cache::sync::Cache;

use crate::outside::{FetchError, Outside};

/// Key sets that are kept.
const MOST: usize = 1_000;
/// How long a set is used without looking again.
const FRESH: Ttl = Ttl::secs(10 * 60);
/// How soon it may be fetched again because a key is missing.
const AGAIN: Ttl = Ttl::secs(10);
/// How long a set is used when it cannot be fetched.
const STALE: Ttl = Ttl::secs(60 * 60);

struct Kept {
    at: Timestamp,
    set: Arc<JwkSet>,
}

pub(crate) struct Documents(Cache<(ServiceId, String), Arc<Kept>>);

impl Documents {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MOST))
    }

    /// The set at `url`; one that holds the key that is looked for, if there is such a one now.
    pub(crate) async fn key_set(
        &self,
        outside: &dyn Outside,
        place: (ServiceId, &str),
        now: Timestamp,
        holds: impl Fn(&JwkSet) -> bool,
    ) -> Result<Arc<JwkSet>, FetchError> {
        let key = (place.0, place.1.to_owned());
        let kept = self.0.get(&key);
        if let Some(kept) = &kept {
            let fresh = !(kept.at + FRESH).is_past(now) && holds(&kept.set);
            if fresh || !(kept.at + AGAIN).is_past(now) {
                return Ok(kept.set.clone());
            }
        }
        let fetched = outside.fetch(place.1).await.and_then(|text| {
            JwkSet::parse(&text).map_err(|e| FetchError::Failed(format!("no key set: {e:?}")))
        });
        match (fetched, kept) {
            (Ok(set), _) => {
                let set = Arc::new(set);
                self.0.insert(key, Arc::new(Kept { at: now, set: set.clone() }));
                Ok(set)
            }
            (Err(_), Some(kept)) if !(kept.at + STALE).is_past(now) => Ok(kept.set.clone()),
            (Err(error), _) => Err(error),
        }
    }
}
