//! What looks like chance, and is the same again for the same seed.

use std::time::Duration;

use placet_ambient::Entropy;

pub(crate) struct Dice(Entropy);

impl Dice {
    /// The dice of one of many, each with a sequence of its own.
    pub(crate) fn new(seed: u64, of: u64) -> Self {
        Self(Entropy::seeded(seed.wrapping_mul(1_000_003).wrapping_add(of)))
    }

    /// A number from nought, below `end`.
    pub(crate) fn below(&self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(u64::from_le_bytes(self.0.bytes()) % end).unwrap_or(0)
    }

    pub(crate) fn one_in(&self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn between(&self, least: Duration, most: Duration) -> Duration {
        let span = usize::try_from((most - least).as_micros()).unwrap_or(usize::MAX);
        least + Duration::from_micros(u64::try_from(self.below(span)).unwrap_or(0))
    }
}
