//! What a backend counts of its work, for whoever looks: nothing waits for it, and nothing is allocated.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// How values were spread, as Prometheus wants to know it.
#[derive(Debug)]
pub struct Spread<const N: usize> {
    bounds: [u64; N],
    /// For each bound the values up to it and above the one before, and those above all of them.
    counts: [AtomicU64; N],
    above: AtomicU64,
    sum: AtomicU64,
}

impl<const N: usize> Spread<N> {
    const fn new(bounds: [u64; N]) -> Self {
        let counts = [const { AtomicU64::new(0) }; N];
        Self { bounds, counts, above: AtomicU64::new(0), sum: AtomicU64::new(0) }
    }

    pub fn observe(&self, value: u64) {
        let place = self.bounds.iter().position(|bound| value <= *bound);
        place.and_then(|place| self.counts.get(place)).unwrap_or(&self.above).fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    pub fn sum(&self) -> u64 {
        self.sum.load(Ordering::Relaxed)
    }

    /// Every bound with what came up to it and not to the one before; last what came above all.
    pub fn counts(&self) -> impl Iterator<Item = (Option<u64>, u64)> {
        let up_to = self.bounds.iter().map(|bound| Some(*bound)).zip(&self.counts);
        up_to.chain([(None, &self.above)]).map(|(bound, count)| (bound, count.load(Ordering::Relaxed)))
    }
}

/// A number that may not be known.
#[derive(Debug)]
pub struct Known(AtomicI64);

impl Known {
    const fn unknown() -> Self {
        Self(AtomicI64::new(-1))
    }

    pub fn set(&self, value: Option<i64>) {
        self.0.store(value.unwrap_or(-1), Ordering::Relaxed);
    }

    pub fn get(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|value| *value >= 0)
    }
}

/// The counts of one backend.
#[derive(Debug)]
pub struct Meter {
    /// Microseconds from taking a group of changes to having it on disk.
    pub commits: Spread<12>,
    /// How many batches of changes a group has held.
    pub together: Spread<10>,
    /// Rows of the log and of the catalogue: as many as the backend knows of without counting them.
    pub log_rows: Known,
    pub catalogue_rows: Known,
    /// When the first of the rows ended, or will, that are to be swept: milliseconds since 1970.
    pub first_end: Known,
    /// Of a backend that has connections to a database.
    pub pool: Option<Pool>,
}

/// Connections that are open, and those of them that are at work.
#[derive(Debug, Default)]
pub struct Pool {
    pub open: AtomicUsize,
    pub busy: AtomicUsize,
}

impl Default for Meter {
    fn default() -> Self {
        const MICROS: [u64; 12] =
            [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000];
        Self {
            commits: Spread::new(MICROS),
            together: Spread::new([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]),
            log_rows: Known::unknown(),
            catalogue_rows: Known::unknown(),
            first_end: Known::unknown(),
            pool: None,
        }
    }
}

impl Meter {
    /// Counts a group that has been committed, or was to be.
    pub fn committed(&self, batches: usize, took: Duration) {
        self.commits.observe(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        self.together.observe(batches as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_where_they_belong() {
        let meter = Meter::default();
        for (batches, micros) in [(1, 100), (2, 101), (512, 3_000_000)] {
            meter.committed(batches, Duration::from_micros(micros));
        }
        let counted = |bound| meter.commits.counts().find(|(at, _)| *at == bound).map(|(_, count)| count);
        assert_eq!([Some(100), Some(250), None].map(counted), [Some(1); 3]);
        assert_eq!(meter.commits.counts().map(|(_, count)| count).sum::<u64>(), 3);
        assert_eq!((meter.commits.sum(), meter.together.sum()), (3_000_201, 515));
    }

    #[test]
    fn what_is_not_known_is_no_number() {
        let meter = Meter::default();
        assert_eq!(meter.log_rows.get(), None);
        meter.log_rows.set(Some(0));
        assert_eq!(meter.log_rows.get(), Some(0));
        meter.log_rows.set(None);
        assert_eq!(meter.log_rows.get(), None);
    }
}
