//! A share of the simulation; `cargo xtask simulate` plays as much of it as one likes.

use placet_testkit::simulation::{Tally, pairs, play};

#[test]
fn whatever_the_order_the_answers_are_those_of_one_after_the_other() {
    let mut tally = Tally::default();
    let wrong: Vec<_> = (0..1500).filter_map(|seed| play(seed).map(|played| tally += played).err()).collect();
    assert!(
        wrong.is_empty(),
        "{} seeds:\n{}",
        wrong.len(),
        wrong.iter().take(3).cloned().collect::<Vec<_>>().join("\n")
    );
    // A simulation in which nothing happens proves nothing.
    assert!(tally.granted > 1500 && tally.failed > 500 && tally.turns > 20_000, "{tally:?}");
}

#[test]
fn a_seed_is_a_run_that_can_be_had_again() {
    for seed in 0..20 {
        assert_eq!(play(seed), play(seed));
    }
}

/// Between two there is no order that is not tried out.
#[test]
fn of_every_two_operations_at_once_the_answers_are_those_of_one_after_the_other() {
    let tally = pairs().unwrap_or_else(|why| panic!("{why}"));
    assert!(tally.operations > 10_000, "{tally:?}");
}
