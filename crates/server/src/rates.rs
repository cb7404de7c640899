//! How often may be called: by one token, and about one service. Each has a second's worth of calls at hand, which come back
//! as time goes by (the generic cell rate algorithm: one number says from when on everything would be there again).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use placet_ambient::Stopwatch;
use placet_api::{Call, CallError, Reason, TokenName};
use placet_base::{OrganizationId, ServiceId};
use quick_cache::sync::Cache;

/// Calls of a second; [`RateLimits::NONE`] and more are as many as anybody wants.
#[derive(Clone, Copy, Debug)]
pub struct RateLimits {
    pub per_token: usize,
    pub per_service: usize,
}

impl RateLimits {
    pub const NONE: usize = 1_000_000;
}

/// Who calls, or what is called about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    Token(OrganizationId, Option<ServiceId>, TokenName),
    Service(ServiceId),
}

/// Counted at a time; of more, the ones that were not seen for long begin anew.
const KEPT: usize = 100_000;

const SECOND: i64 = 1_000_000_000;

pub(crate) struct Rates {
    per_token: AtomicUsize,
    per_service: AtomicUsize,
    started: Stopwatch,
    /// Nanoseconds since the start at which a full second's worth would be at hand again.
    whole_again: Cache<Counted, Arc<AtomicI64>>,
}

/// The call is one of those that may be made.
#[derive(Debug)]
pub(crate) struct InTime(());

impl Rates {
    pub(crate) fn new(limits: RateLimits) -> Self {
        let (per_token, per_service) = (limits.per_token.into(), limits.per_service.into());
        Self { per_token, per_service, started: Stopwatch::start(), whole_again: Cache::new(KEPT) }
    }

    /// Other limits, from now on.
    pub(crate) fn set(&self, limits: RateLimits) {
        self.per_token.store(limits.per_token, Ordering::Relaxed);
        self.per_service.store(limits.per_service, Ordering::Relaxed);
    }

    /// Counts a call.
    ///
    /// # Errors
    /// [`Reason::CallsTooMany`]. What refuses the call does not count it; what came before has.
    pub(crate) fn count(&self, call: &Call) -> Result<InTime, CallError> {
        let of_token = call.caller.map(|caller| {
            let token = Counted::Token(caller.organization, caller.service, caller.token);
            (token, self.per_token.load(Ordering::Relaxed), "token")
        });
        let of_service = call
            .service
            .map(|service| (Counted::Service(service), self.per_service.load(Ordering::Relaxed), "service"));
        for (counted, limit, what) in of_token.into_iter().chain(of_service) {
            if limit < RateLimits::NONE && !self.taken(counted, limit, self.now()) {
                return Err(Reason::CallsTooMany { what: what.to_owned(), limit: limit.to_string() }.into());
            }
        }
        Ok(InTime(()))
    }

    fn now(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_nanos()).unwrap_or(i64::MAX)
    }

    /// Takes one call from what is at hand; whether there was one.
    fn taken(&self, counted: Counted, limit: usize, now: i64) -> bool {
        let each = SECOND / i64::try_from(limit).unwrap_or(SECOND).max(1);
        let Ok(cell) = self.whole_again.get_or_insert_with(&counted, || Ok::<_, ()>(Arc::default())) else {
            return true;
        };
        let next = |whole: i64| Some(whole.max(now) + each).filter(|next| next - now <= SECOND);
        cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_so_many_calls_however_they_come() {
        let rates = Rates::new(RateLimits { per_token: 10, per_service: 10 });
        let one = Counted::Service(ServiceId(1));
        let taken = |now| (0..100).filter(|_| rates.taken(one, 10, now)).count();
        assert_eq!(taken(0), 10);
        assert_eq!(taken(0), 0);
        assert_eq!(taken(SECOND / 2), 5);
        assert_eq!(taken(SECOND), 5);
        // What is not used is not saved up.
        assert_eq!(taken(SECOND * 100), 10);
        // Others are not touched.
        assert!(rates.taken(Counted::Service(ServiceId(2)), 10, SECOND * 100));
    }
}
