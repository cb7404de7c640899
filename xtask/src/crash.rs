//! Kills the server at random moments under load, again and again, and holds what is there afterwards against what was
//! answered: nothing acknowledged is lost, nothing single-use works twice, and nobody changes their mind. `docs/faults.md`
//! says what is checked.

mod history;
mod ledger;
mod worker;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use placet_ambient::{Entropy, Stopwatch};

use crate::faults::database::Database;
use crate::faults::dice::Dice;
use crate::faults::node::{Node, Place};
use crate::faults::service::Service;
use history::Tally;
use worker::Worker;

/// Those who ask, each on connections of its own.
const WORKERS: usize = 8;
/// From the beginning of a round to its fault.
const SOONEST: Duration = Duration::from_millis(20);
const LATEST: Duration = Duration::from_millis(1_000);
/// How long a database may still be doing what a server that is dead has sent to it.
const SETTLED: Duration = Duration::from_millis(300);

struct Options {
    times: usize,
    seed: u64,
    binary: PathBuf,
    postgres: Option<String>,
    database: Option<String>,
}

impl Options {
    fn parse(root: &Path, arguments: &[String]) -> Result<Self, String> {
        let seed = u64::from_le_bytes(Entropy::system().bytes()) % 1_000_000;
        let mut options = Self { times: 100, seed, binary: PathBuf::new(), postgres: None, database: None };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or(format!("{word}: expected a value"))?;
            let number = || value.parse().map_err(|_| format!("{value}: expected a number"));
            match word.as_str() {
                "--times" => options.times = usize::try_from(number()?).unwrap_or(usize::MAX),
                "--seed" => options.seed = number()?,
                "--binary" => options.binary = value.into(),
                "--postgres" => options.postgres = Some(value.clone()),
                "--database" => options.database = Some(value.clone()),
                other => return Err(format!("crash: there is no option {other}")),
            }
        }
        if options.database.is_some() && options.postgres.is_none() {
            return Err(
                "crash: --database restarts the database of --postgres, which is not given".to_owned()
            );
        }
        if options.binary.as_os_str().is_empty() {
            options.binary = crate::bench::built(root, "dev")?;
        }
        Ok(options)
    }
}

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let options = Options::parse(root, arguments)?;
    let directory = std::env::temp_dir().join(format!("placet-crash-{}", std::process::id()));
    let database = options.postgres.as_deref().map(Database::fresh).transpose()?;
    let place = Place::new(&options.binary, &directory, database.as_ref().map(|one| one.url.as_str()))?;
    let store = if database.is_some() { "PostgreSQL" } else { "the embedded store" };
    println!("crash: {} faults on {store}, seed {}", options.times, options.seed);
    crashed(&place, &options).map_err(|problem| {
        format!("seed {}: {problem}\nwhat is left of the server: {}", options.seed, directory.display())
    })?;
    std::fs::remove_dir_all(&directory).map_err(|e| e.to_string())?;
    database.map_or(Ok(()), Database::remove)
}

fn crashed(place: &Place, options: &Options) -> Result<(), String> {
    let token = place.found()?;
    let node = place.serve()?;
    let service = Service::furnish(&place.listen, &token)?;
    let worker = |n: usize| {
        let dice = Dice::new(options.seed, u64::try_from(n).unwrap_or(0) + 1);
        Worker::new(n, &service, &place.listen, dice)
    };
    let mut run = Run {
        place,
        options,
        dice: Dice::new(options.seed, 0),
        node: Some(node),
        workers: (0..WORKERS).map(worker).collect(),
        away: Duration::ZERO,
    };
    run.all()
}

struct Run<'a> {
    place: &'a Place,
    options: &'a Options,
    dice: Dice,
    node: Option<Node>,
    workers: Vec<Worker<'a>>,
    /// The longest time from a fault to a server that is ready.
    away: Duration,
}

impl Run<'_> {
    fn all(&mut self) -> Result<(), String> {
        let began = Stopwatch::start();
        for round in 1..=self.options.times {
            self.round(round).map_err(|problem| format!("round {round}: {problem}"))?;
            self.verified(round, false)?;
            if round.is_multiple_of(10) {
                self.say(round, began.elapsed());
            }
        }
        self.verified(self.options.times, true)?;
        self.report(began.elapsed());
        Ok(())
    }

    /// Load, and a fault at some moment of it.
    fn round(&mut self, round: usize) -> Result<(), String> {
        let stop = AtomicBool::new(false);
        let moment = self.dice.between(SOONEST, LATEST);
        let Some(mut node) = self.node.take() else { return Err("no server".to_owned()) };
        let restart = self.options.database.as_deref().filter(|_| round.is_multiple_of(2));
        let stays = std::thread::scope(|scope| {
            for worker in &mut self.workers {
                scope.spawn(|| worker.work(round, &stop));
            }
            std::thread::sleep(moment);
            let stays = match restart {
                Some(command) => restarted(command, &mut node).map(|away| Some((node, away))),
                None => {
                    node.kill();
                    Ok(None)
                }
            };
            stop.store(true, Ordering::Relaxed);
            stays
        });
        let (node, away) = match stays? {
            Some(stays) => stays,
            None => self.started_again()?,
        };
        self.node = Some(node);
        self.away = self.away.max(away);
        Ok(())
    }

    /// One time in eight the server is killed while it starts, too.
    fn started_again(&self) -> Result<(Node, Duration), String> {
        if self.dice.one_in(8) {
            let node = self.place.start()?;
            std::thread::sleep(self.dice.between(Duration::ZERO, Duration::from_millis(60)));
            node.kill();
        }
        let mut node = self.place.start()?;
        let away = node.ready()?;
        if self.place.postgres.is_some() {
            std::thread::sleep(SETTLED);
        }
        Ok((node, away))
    }

    fn verified(&mut self, round: usize, all: bool) -> Result<(), String> {
        std::thread::scope(|scope| {
            for worker in &mut self.workers {
                scope.spawn(move || worker.verify(round, all));
            }
        });
        let problems: Vec<_> =
            self.workers.iter().flat_map(|worker| worker.problems.iter().cloned()).collect();
        if problems.is_empty() {
            return Ok(());
        }
        let path = std::env::temp_dir().join(format!("placet-crash-{}.jsonl", self.options.seed));
        let lines: String = self.workers.iter().map(|worker| worker.history.lines()).collect();
        std::fs::write(&path, lines).map_err(|e| e.to_string())?;
        Err(format!("round {round}:\n{}\nthe history is in {}", problems.join("\n"), path.display()))
    }

    fn tallies(&self) -> (Tally, Tally) {
        let (mut load, mut checks) = (Tally::default(), Tally::default());
        for worker in &self.workers {
            load.add(&worker.load);
            checks.add(&worker.checks);
        }
        (load, checks)
    }

    fn say(&self, round: usize, elapsed: Duration) {
        let (load, checks) = self.tallies();
        let ([done, refused, unanswered], checked) = (load.total(), checks.total().iter().sum::<u64>());
        println!(
            "{round} faults, {} s: {} answered, {unanswered} not answered, {checked} checks, nothing lost",
            elapsed.as_secs(),
            done + refused,
        );
    }

    fn report(&self, elapsed: Duration) {
        let (load, checks) = self.tallies();
        let grants: usize = self.workers.iter().map(|worker| worker.grants.len()).sum();
        println!("\n{}\n{}", load.table("asked under load"), checks.table("asked afterwards"));
        println!(
            "{} faults in {} s; {grants} grants, of which none is lost; ready again within {} ms",
            self.options.times,
            elapsed.as_secs(),
            self.away.as_millis(),
        );
    }
}

/// Restarts the database, and waits until the server is ready by itself; how long that took.
fn restarted(command: &str, node: &mut Node) -> Result<Duration, String> {
    let done = Command::new("sh").args(["-c", command]).stdout(std::process::Stdio::null()).status();
    match done {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(format!("{command}: {status}")),
        Err(e) => return Err(format!("{command}: {e}")),
    }
    let away = node.ready()?;
    std::thread::sleep(SETTLED);
    Ok(away)
}
