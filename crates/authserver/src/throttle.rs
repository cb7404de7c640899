//! Guessing passwords and codes is made slow (RFC 6749 §2.3.1).

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;

/// Wrong answers that cost nothing yet.
const FREE: u32 = 5;
/// The longest wait, in seconds.
const LONGEST: i64 = 15 * 60;
/// Names that are remembered; the least used go first.
const NAMES: usize = 50_000;

#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    /// Seconds since the epoch.
    last: i64,
}

/// Counts wrong answers by name: of a login, of a user.
pub(crate) struct Throttle(Cache<String, Arc<Mutex<Failures>>>);

impl Throttle {
    pub(crate) fn new() -> Self {
        Self(Cache::new(NAMES))
    }

    /// Takes one attempt; `Err` with the seconds to wait when there have been too many. An attempt counts as
    /// wrong until [`Throttle::right`] says otherwise, so that attempts in parallel do not pass.
    pub(crate) fn attempt(&self, name: &str, now: i64) -> Result<(), i64> {
        let known = self.0.get_or_insert_with(name, || Ok::<_, std::convert::Infallible>(Arc::default()));
        let Ok(known) = known;
        let mut failures = known.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = failures.last + pause(failures.count) - now;
        if wait > 0 {
            return Err(wait);
        }
        *failures = Failures { count: failures.count.saturating_add(1), last: now };
        Ok(())
    }

    pub(crate) fn right(&self, name: &str) {
        self.0.remove(name);
    }
}

/// After the free ones 2 s, 4 s, 8 s, and so on.
fn pause(count: u32) -> i64 {
    match count.checked_sub(FREE) {
        None => 0,
        Some(beyond) => (1_i64 << (beyond + 1).min(20)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_answers_cost_more_and_more_time() {
        let throttle = Throttle::new();
        for _ in 0..FREE {
            assert_eq!(throttle.attempt("john", 100), Ok(()));
        }
        assert_eq!(throttle.attempt("john", 100), Err(2));
        assert_eq!(throttle.attempt("jane", 100), Ok(()));
        assert_eq!(throttle.attempt("john", 102), Ok(()));
        assert_eq!(throttle.attempt("john", 102), Err(4));
        throttle.right("john");
        assert_eq!(throttle.attempt("john", 102), Ok(()));
    }

    #[test]
    fn nobody_waits_for_ever() {
        assert_eq!(pause(u32::MAX), LONGEST);
    }
}
