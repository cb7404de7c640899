//! Whether what was answered at once could have been answered one after the other: linearizability, by the search of
//! Wing and Gong with the memory of Lowe (J. Wing, C. Gong, "Testing and Verifying Concurrent Objects", 1993; G. Lowe,
//! "Testing for linearizability", 2017).

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;

/// What a thing does when it is asked one question after the other.
pub(crate) trait Model {
    type State: Clone + Eq + Hash + Debug;
    type Op: Clone + Debug;

    /// Everything that may be answered to the operation with this number in a state, and the state afterwards.
    fn step(&self, state: &Self::State, number: usize, op: &Self::Op) -> Vec<(Outcome, Self::State)>;
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Something was given: a code, tokens.
    Granted,
    /// Not yet.
    Waiting,
    Refused,
    Done,
    Live,
    Dead,
    /// A failure of the server: it was done, or it was not.
    Unknown,
}

/// One operation of a history.
#[derive(Clone, Debug)]
pub(crate) struct Entry<O> {
    pub(crate) op: O,
    /// When it was called, by a clock that counts calls and answers.
    pub(crate) called: usize,
    /// When it was answered. Without it, or when the answer was a failure, it may take effect at any later time, or never.
    pub(crate) answered: Option<(usize, Outcome)>,
}

impl<O> Entry<O> {
    fn outcome(&self) -> Option<Outcome> {
        self.answered.map(|(_, outcome)| outcome).filter(|outcome| *outcome != Outcome::Unknown)
    }

    /// The instant before which it took effect.
    fn end(&self) -> usize {
        self.outcome().and(self.answered).map_or(usize::MAX, |(at, _)| at)
    }
}

/// As many as a set of bits holds.
pub(crate) const MOST: usize = 64;

/// An order in which all answers are right, if there is one.
pub(crate) fn order<M: Model>(model: &M, start: M::State, history: &[Entry<M::Op>]) -> Option<Vec<usize>> {
    assert!(history.len() <= MOST, "a history of {} operations is too long", history.len());
    let known = |(_, entry): &(usize, &Entry<M::Op>)| entry.outcome().is_some();
    let must = history.iter().enumerate().filter(known).fold(0_u64, |bits, (number, _)| bits | 1 << number);
    let mut search = Search { model, history, must, dead: HashSet::new(), taken: Vec::new() };
    search.from(0, &start).then_some(search.taken)
}

struct Search<'a, M: Model> {
    model: &'a M,
    history: &'a [Entry<M::Op>],
    /// The operations whose answers are known.
    must: u64,
    /// Where the search has been in vain.
    dead: HashSet<(u64, M::State)>,
    taken: Vec<usize>,
}

impl<M: Model> Search<'_, M> {
    fn from(&mut self, done: u64, state: &M::State) -> bool {
        if done & self.must == self.must {
            return true;
        }
        if !self.dead.insert((done, state.clone())) {
            return false;
        }
        let open = |number: usize| done & (1 << number) == 0;
        let history = self.history;
        // Nothing comes before what was answered before it was called.
        let first_end = (0..history.len()).filter(|n| open(*n)).map(|n| history[n].end()).min();
        for number in (0..history.len()).filter(|n| open(*n)) {
            let entry = &history[number];
            if first_end.is_some_and(|end| end < entry.called) {
                continue;
            }
            for (outcome, next) in self.model.step(state, number, &entry.op) {
                if entry.outcome().is_none_or(|known| known == outcome) {
                    self.taken.push(number);
                    if self.from(done | 1 << number, &next) {
                        return true;
                    }
                    self.taken.pop();
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something that is given once.
    struct Once;

    impl Model for Once {
        type State = bool;
        type Op = ();

        fn step(&self, given: &bool, _: usize, _: &()) -> Vec<(Outcome, bool)> {
            vec![(if *given { Outcome::Refused } else { Outcome::Granted }, true)]
        }
    }

    fn entry(called: usize, answered: usize, outcome: Outcome) -> Entry<()> {
        Entry { op: (), called, answered: Some((answered, outcome)) }
    }

    #[test]
    fn what_overlaps_has_any_order_and_what_does_not_its_own() {
        let overlapping = [entry(0, 3, Outcome::Refused), entry(1, 2, Outcome::Granted)];
        assert_eq!(order(&Once, false, &overlapping), Some(vec![1, 0]));
        let after = [entry(0, 1, Outcome::Refused), entry(2, 3, Outcome::Granted)];
        assert_eq!(order(&Once, false, &after), None);
        let twice = [entry(0, 3, Outcome::Granted), entry(1, 2, Outcome::Granted)];
        assert_eq!(order(&Once, false, &twice), None);
    }

    #[test]
    fn what_failed_was_done_or_not_but_not_before_it_was_called() {
        let failed = entry(0, 1, Outcome::Unknown);
        for outcome in [Outcome::Granted, Outcome::Refused] {
            assert!(order(&Once, false, &[failed.clone(), entry(2, 3, outcome)]).is_some());
        }
        let before = [entry(0, 1, Outcome::Refused), entry(2, 3, Outcome::Unknown)];
        assert_eq!(order(&Once, false, &before), None);
    }
}
