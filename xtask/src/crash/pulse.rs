//! How long nothing at all was committed while it was asked for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use placet_ambient::Stopwatch;

#[derive(Default)]
pub(super) struct Pulse(Mutex<Beats>);

#[derive(Default)]
struct Beats {
    /// Since the last; nothing is asked for where there is none.
    last: Option<Stopwatch>,
    longest: Duration,
}

impl Pulse {
    /// From now on it is asked for.
    pub(super) fn begin(&self) {
        self.beats().last = Some(Stopwatch::start());
    }

    /// Something was committed.
    pub(super) fn beat(&self) {
        let mut beats = self.beats();
        if let Some(last) = beats.last.replace(Stopwatch::start()) {
            beats.longest = beats.longest.max(last.elapsed());
        }
    }

    /// It is not asked for any more.
    pub(super) fn end(&self) {
        self.beat();
        self.beats().last = None;
    }

    pub(super) fn longest(&self) -> Duration {
        self.beats().longest
    }

    fn beats(&self) -> MutexGuard<'_, Beats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(30);

    #[test]
    fn the_longest_pause_counts_and_no_time_in_which_nothing_is_asked() {
        let pulse = Pulse::default();
        pulse.begin();
        std::thread::sleep(MOMENT);
        pulse.end();
        std::thread::sleep(MOMENT * 10);
        pulse.begin();
        pulse.beat();
        pulse.end();
        assert!(pulse.longest() >= MOMENT && pulse.longest() < MOMENT * 9, "{:?}", pulse.longest());
    }
}
