//! Many callers at once on a store that lets others in between any two of its steps, and fails: whatever order a seed
//! brings about, the answers are those of some order in which one came after the other. The same seed is the same run.

mod callers;
mod chance;
mod clients;
mod grants;
mod history;
mod interleaved;
mod pairs;
mod requests;
mod stage;

use std::sync::Arc;

use callers::Callers;
use chance::Chance;
use history::{Entry, Outcome, order};
use interleaved::{Faults, Interleaved, Weather};
pub use pairs::pairs;
use stage::{Scene, Stage};

/// What a run has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub operations: usize,
    /// Of these, those that were answered with a failure.
    pub failed: usize,
    /// Of these, those that gave something: tokens, codes, tickets.
    pub granted: usize,
    /// How often one went on where another had been.
    pub turns: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.operations += other.operations;
        self.failed += other.failed;
        self.granted += other.granted;
        self.turns += other.turns;
    }
}

/// Plays the scene of a seed.
///
/// # Errors
///
/// The history that no order explains, as a text.
pub fn play(seed: u64) -> Result<Tally, String> {
    let mut chance = Chance::new(seed);
    let faults = Faults {
        reads: chance.of([0, 0, 50, 20]),
        commits: chance.of([0, 0, 20, 5]),
        answers: chance.of([0, 0, 20, 5]),
        conflicts: chance.of([0, 8, 3]),
    };
    let weather = Arc::new(Weather::new(Chance::new(!seed), faults));
    let stage = Stage::new(seed, &weather, |inner| Arc::new(Interleaved { inner, weather: weather.clone() }));
    let outcome = match chance.below(5) {
        0 => act(&stage, grants::Grant::of_code(&stage), &mut chance),
        1 => act(&stage, grants::Grant::of_device(&stage), &mut chance),
        2 => act(&stage, grants::Grant::of_backchannel(&stage), &mut chance),
        3 => act(&stage, clients::Client, &mut chance),
        _ => act(&stage, requests::Pushed::new(&stage), &mut chance),
    };
    outcome.map_err(|why| format!("seed {seed}: {why}"))
}

/// Callers who do something several times each, until all are done; then whoever looks sees what has become of it.
fn act<S: Scene>(stage: &Stage, scene: S, chance: &mut Chance) -> Result<Tally, String> {
    let callers = Callers::new(stage, &scene);
    let turns = callers.together(chance);
    callers.close();
    judged(&scene, &callers.into_history(), turns)
}

fn judged<S: Scene>(scene: &S, history: &[Entry<S::Op>], turns: usize) -> Result<Tally, String> {
    let count = |outcome| history.iter().filter(|e| e.answered.is_some_and(|(_, o)| o == outcome)).count();
    match order(scene, scene.start(), history) {
        Some(_) => Ok(Tally {
            operations: history.len(),
            failed: count(Outcome::Unknown),
            granted: count(Outcome::Granted),
            turns,
        }),
        None => Err(explained(history)),
    }
}

fn explained<O: std::fmt::Debug>(history: &[Entry<O>]) -> String {
    let lines = history.iter().enumerate().map(|(number, entry)| {
        let (until, outcome) = entry.answered.map_or((None, None), |(at, outcome)| (Some(at), Some(outcome)));
        let until = until.map_or_else(String::new, |at| at.to_string());
        let outcome = outcome.map_or_else(|| "not answered".to_owned(), |outcome| format!("{outcome:?}"));
        format!("  {number:2} [{:3}..{until:>3}] {:?} -> {outcome}", entry.called, entry.op)
    });
    format!("no order explains these answers:\n{}", lines.collect::<Vec<_>>().join("\n"))
}
