//! The time of day, and how long something takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use placet_base::{Timestamp, Ttl};

/// Tells the time of day. The default is the system's.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The system's.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `time` until it is put forward. Its clones show the same time.
    pub fn set(time: Timestamp) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(time.0))))
    }

    /// A clock that stands still at the system's time of now.
    pub fn stopped() -> Self {
        Self::set(Self::system().now())
    }

    /// The time, in milliseconds since the epoch; the epoch for a system that believes to be before it.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => system(),
            Source::Set(time) => Timestamp(time.load(Ordering::Relaxed)),
        }
    }

    /// The time, in seconds since the epoch.
    pub fn seconds(&self) -> i64 {
        self.now().as_secs()
    }

    /// Puts a clock that was set forward; the system's goes by itself.
    pub fn advance(&self, by: Ttl) {
        if let Source::Set(time) = &self.0 {
            time.fetch_add((Timestamp(0) + by).0, Ordering::Relaxed);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Measures how long something takes. No decision about a request may depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins to measure.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_goes_when_it_is_told_to() {
        let clock = Clock::set(Timestamp(1_500));
        let other = clock.clone();
        assert_eq!((clock.now(), clock.seconds()), (Timestamp(1_500), 1));
        clock.advance(Ttl::secs(2));
        assert_eq!(other.now(), Timestamp(3_500));
    }

    #[test]
    fn the_systems_clock_is_not_put_forward() {
        let clock = Clock::system();
        let before = clock.now();
        clock.advance(Ttl::secs(3600));
        assert!((before.0..before.0 + 1_800_000).contains(&clock.now().0));
        assert!(before > Timestamp::from_secs(1_700_000_000), "{before:?}");
    }
}
