//! Plays the scenes of many seeds, on every core; `cargo xtask simulate` builds and starts it.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use placet_testkit::simulation::{Tally, play};

/// Seeds after which a line tells how far it is.
const TOLD: u64 = 100_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match wanted(&arguments) {
        Ok((first, seeds)) => simulate(first, seeds),
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// The first seed, and how many.
fn wanted(arguments: &[String]) -> Result<(u64, u64), String> {
    let (mut first, mut seeds) = (0, 100_000);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("{pair:?}: expected a number behind it")) };
        let number = value.parse().map_err(|e| format!("{name} {value}: {e}"))?;
        match name.as_str() {
            "--first" => first = number,
            "--seeds" => seeds = number,
            _ => return Err(format!("{name} is neither --first nor --seeds")),
        }
    }
    Ok((first, seeds))
}

fn simulate(first: u64, seeds: u64) -> ExitCode {
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let total = Mutex::new(Tally::default());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let mut tally = Tally::default();
                while !failed.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= seeds {
                        break;
                    }
                    match play(first.wrapping_add(number)) {
                        Ok(played) => tally += played,
                        Err(why) => {
                            eprintln!("{why}");
                            failed.store(true, Ordering::Relaxed);
                        }
                    }
                    if (number + 1) % TOLD == 0 {
                        println!("{} seeds", number + 1);
                    }
                }
                *total.lock().unwrap_or_else(PoisonError::into_inner) += tally;
            });
        }
    });
    let played = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Tally { operations, failed: failures, granted, turns } = played;
    println!(
        "seeds from {first}: {operations} operations in {turns} turns, {granted} gave something, {failures} failed"
    );
    if failed.load(Ordering::Relaxed) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
