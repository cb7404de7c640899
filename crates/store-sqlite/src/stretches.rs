//! Where in the log something is to be removed, and when.
//!
//! An index of expiries would make every insert dearer. Log rows lie in the order in which they were made, and what
//! was made together mostly ends together: it is enough to remember, for stretches of some thousand numbers, when
//! the first row of each ends. A stretch is looked at when that time has come, and otherwise left alone.

use std::collections::{BTreeMap, BTreeSet};

/// How much later than the first of its rows a stretch is looked at, so that one look removes most of them.
const LATER: i64 = 2_000;
/// How soon a stretch is looked at again whatever is known of it: rows may have been written into it since.
const AGAIN: i64 = 60 * 60 * 1000;

/// Rows of the numbers above `after`, up to the key that the stretch is kept under.
struct Stretch {
    after: i64,
    rows: usize,
    due: i64,
}

/// What a look at some rows has found: how many there are, and when the first of them ends.
pub(crate) struct Look {
    pub(crate) rows: usize,
    pub(crate) first_end: Option<i64>,
}

/// The stretches that have been looked at, without gaps, and the end of the last.
#[derive(Default)]
pub(crate) struct Stretches {
    known: BTreeMap<i64, Stretch>,
    due: BTreeSet<(i64, i64)>,
    /// Of all stretches together.
    rows: usize,
}

impl Stretches {
    /// The last number of all stretches; what comes behind it has not been looked at.
    pub(crate) fn end(&self) -> i64 {
        self.known.last_key_value().map_or(0, |(last, _)| *last)
    }

    /// Rows of all stretches, when they were last looked at.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// When the first stretch should be looked at.
    pub(crate) fn first_due(&self) -> Option<i64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// A stretch that has something to be removed at `now`: above the first number, up to the second.
    pub(crate) fn due(&self, now: i64) -> Option<(i64, i64)> {
        let (at, last) = self.due.first().copied()?;
        let stretch = self.known.get(&last).filter(|_| at <= now)?;
        Some((stretch.after, last))
    }

    /// Remembers what was found in a stretch at `now`, be it new or known.
    pub(crate) fn note(&mut self, (after, last): (i64, i64), look: &Look, now: i64, most: usize) {
        if let Some(former) = self.known.remove(&last) {
            self.due.remove(&(former.due, last));
            self.rows -= former.rows;
        }
        self.rows += look.rows;
        let again = now.saturating_add(AGAIN);
        let due = look.first_end.map_or(again, |end| end.saturating_add(LATER).min(again));
        let stretch = Stretch { after, rows: look.rows, due };
        match self.neighbour(last).filter(|(_, next)| next.rows + stretch.rows <= most) {
            // What has become small goes to its neighbour, so that there are never more stretches than rows call for.
            Some((of_next, _)) => self.join(stretch, of_next),
            None => {
                self.due.insert((due, last));
                self.known.insert(last, stretch);
            }
        }
    }

    fn neighbour(&self, last: i64) -> Option<(i64, &Stretch)> {
        self.known.range(last.saturating_add(1)..).next().map(|(last, stretch)| (*last, stretch))
    }

    fn join(&mut self, stretch: Stretch, of_next: i64) {
        if let Some(next) = self.known.get_mut(&of_next) {
            self.due.remove(&(next.due, of_next));
            let due = next.due.min(stretch.due);
            *next = Stretch { after: stretch.after, rows: next.rows + stretch.rows, due };
            self.due.insert((due, of_next));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(rows: usize, first_end: i64) -> Look {
        Look { rows, first_end: Some(first_end) }
    }

    #[test]
    fn a_stretch_comes_up_when_its_time_has_come() {
        let mut stretches = Stretches::default();
        stretches.note((0, 100), &look(100, 10_000), 0, 100);
        stretches.note((100, 200), &look(100, 5_000), 0, 100);
        assert_eq!((stretches.end(), stretches.due(6_999)), (200, None));
        assert_eq!(stretches.due(7_000), Some((100, 200)));
        stretches.note((100, 200), &look(60, 90_000), 7_000, 100);
        assert_eq!(stretches.due(12_000), Some((0, 100)));
    }

    #[test]
    fn what_never_ends_is_looked_at_again() {
        let mut stretches = Stretches::default();
        stretches.note((0, 100), &Look { rows: 100, first_end: None }, 0, 100);
        assert_eq!((stretches.due(AGAIN - 1), stretches.due(AGAIN)), (None, Some((0, 100))));
    }

    #[test]
    fn empty_stretches_leave_no_gap() {
        let mut stretches = Stretches::default();
        for n in 0..1_000 {
            stretches.note((n * 100, n * 100 + 100), &look(100, 0), 0, 100);
        }
        assert_eq!((stretches.rows(), stretches.first_due()), (100_000, Some(LATER)));
        while let Some(stretch) = stretches.due(5_000) {
            stretches.note(stretch, &look(0, 50_000), 5_000, 100);
        }
        assert_eq!((stretches.known.len(), stretches.due.len(), stretches.end()), (1, 1, 100_000));
        assert_eq!(stretches.rows(), 0);
        assert_eq!(stretches.due(AGAIN + 5_000), Some((0, 100_000)));
    }
}
