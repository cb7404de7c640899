//! Verdicts that are kept for a while, so that a busy client does not cost a call for each of its requests.

use std::time::Duration;

use placet_base::{Timestamp, TokenHash};
use quick_cache::sync::Cache;

use crate::presented::Presented;
use crate::protection::{AccessToken, Requirements};

/// Bounded by count and by time. Only what was let through is kept: a refusal is cheap to ask for again, and may be
/// none the next time.
pub(crate) struct Verdicts {
    cache: Cache<String, (AccessToken, Timestamp)>,
    /// How long a verdict counts. A revocation is noticed this much later.
    pub(crate) lifetime: Duration,
}

impl Verdicts {
    pub(crate) fn new(entries: usize, lifetime: Duration) -> Self {
        Self { cache: Cache::new(entries), lifetime }
    }

    /// Everything that the verdict depends on. A proof is good for one request, and with it so is the verdict.
    pub(crate) fn key(presented: &Presented, demand: &Requirements, resource: &str) -> Option<String> {
        if presented.proof.is_some() {
            return None;
        }
        let certificate = presented.thumbprint().unwrap_or_default();
        let scheme = presented.scheme;
        let inputs = format!(
            "{}\n{scheme:?}\n{certificate}\n{resource}\n{:?}\n{:?}\n{:?}",
            presented.hash().encoded(),
            demand.scopes,
            demand.acrs,
            demand.max_age,
        );
        Some(TokenHash::of(&inputs).encoded())
    }

    pub(crate) fn find(&self, key: &str, now: Timestamp) -> Option<AccessToken> {
        let (token, until) = self.cache.get(key)?;
        (now < until).then_some(token)
    }

    /// Until the lifetime is over, the token ends, or the login is too old for the demand, whichever comes first.
    pub(crate) fn keep(&self, key: String, token: &AccessToken, demand: &Requirements, now: Timestamp) {
        let lifetime = i64::try_from(self.lifetime.as_millis()).unwrap_or(i64::MAX);
        let mut until = now.0.saturating_add(lifetime);
        until = token.expires_at.map_or(until, |end| until.min(end.saturating_mul(1000)));
        if let (Some(age), Some(login)) = (demand.max_age, token.auth_time) {
            until = until.min(login.saturating_add(age).saturating_mul(1000));
        }
        self.cache.insert(key, (token.clone(), Timestamp(until)));
    }
}
