//! How many calls a thread takes on at once. What is beyond is told to come again, on its connection, before anything is done for
//! it: so nobody waits long behind others, and whoever is refused need not connect anew, which would cost more than an answer.
//!
//! A thread serves its connections in rounds: all that have something to say when a round begins have their turn before the
//! next one begins. So calls wait for the processor in one place alone, behind those of their round, and it is these that are
//! counted; what waits for the store, a body or a document keeps no other from its turn. After a round that more have come to than
//! there are turns the next has half of them, down to an eighth, and twice as many again after one that fewer have come to: as many
//! are answered as before, and each has waited behind fewer. No clock decides.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A thread takes on no fewer, however many threads there are.
const LEAST: usize = 16;

/// The turns of one thread.
pub(crate) struct Turns {
    /// Calls that a round takes on while there are not too many.
    whole: usize,
    round: Mutex<Round>,
    begun: Notify,
}

struct Round {
    /// Calls that have come, and of how many the first are taken on.
    come: usize,
    may: usize,
}

impl Turns {
    /// For one of so many threads that together take on `calls`.
    pub(crate) fn new(calls: usize, threads: usize) -> Self {
        let whole = (calls / threads.max(1)).max(LEAST);
        let round = Round { come: 0, may: whole };
        Self { whole, round: Mutex::new(round), begun: Notify::new() }
    }

    /// No other thread asks.
    fn round(&self) -> MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a call is taken on; if not, it is to come again.
    pub(crate) fn take(&self) -> bool {
        let mut round = self.round();
        round.come += 1;
        if round.come == 1 {
            self.begun.notify_one();
        }
        round.come <= round.may
    }

    /// To be run as a task of the thread: when it is woken it stands behind all that have something to say, so that its own turn
    /// is the end of their round.
    pub(crate) async fn rounds(&self) {
        loop {
            self.begun.notified().await;
            self.end_round();
        }
    }

    fn end_round(&self) {
        let mut round = self.round();
        let may = match round.come > self.whole {
            true => (round.may / 2).max(self.whole / 8),
            false => (round.may * 2).min(self.whole),
        };
        *round = Round { come: 0, may };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// How many of those that come at once are taken on.
    fn round(turns: &Turns, come: usize) -> usize {
        let taken = (0..come).filter(|_| turns.take()).count();
        turns.end_round();
        taken
    }

    #[test]
    fn while_too_many_come_a_round_has_fewer() {
        let turns = Turns::new(64, 2);
        assert_eq!([100; 5].map(|come| round(&turns, come)), [32, 16, 8, 4, 4]);
        // As many as there may be are not too many, though some are refused at first.
        assert_eq!([32; 5].map(|come| round(&turns, come)), [4, 8, 16, 32, 32]);
    }

    #[test]
    fn however_many_threads_share_each_has_a_few() {
        assert_eq!(round(&Turns::new(64, 64), 100), LEAST);
        assert_eq!(round(&Turns::new(64, 0), 100), 64);
    }

    #[tokio::test]
    async fn a_round_ends_behind_those_that_were_ready() {
        let turns = Arc::new(Turns::new(64, 2));
        let rounds = turns.clone();
        tokio::spawn(async move { rounds.rounds().await });
        tokio::task::yield_now().await;
        let call = || {
            let turns = turns.clone();
            tokio::spawn(async move { turns.take() })
        };
        let all: Vec<_> = (0..40).map(|_| call()).collect();
        let mut taken = 0;
        for one in all {
            taken += usize::from(one.await.unwrap());
        }
        assert_eq!(taken, 32);
        assert!(call().await.unwrap());
    }
}
