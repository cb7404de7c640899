//! Kills the server at random moments under load, again and again, and holds what is there afterwards against what was
//! answered: nothing acknowledged is lost, nothing single-use works twice, and nobody changes their mind. `docs/faults.md`
//! says what is checked.

mod fault;
mod history;
mod ledger;
mod options;
mod pulse;
mod worker;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use placet_ambient::Stopwatch;

use crate::faults::database::Database;
use crate::faults::dice::Dice;
use crate::faults::node::{Node, Place};
use crate::faults::relay::Relay;
use crate::faults::service::Service;
use fault::{Faults, Scene};
use history::Tally;
use options::{Kind, Options};
use pulse::Pulse;
use worker::Worker;

/// Those who ask, each on connections of its own.
const WORKERS: usize = 8;
/// From the beginning of a round to its fault.
const SOONEST: Duration = Duration::from_millis(20);
const LATEST: Duration = Duration::from_millis(1_000);
/// How long an answer may take of a server that lives: what a connection may be silent for, what connecting may take, and what
/// two processors need for all of this.
const BOUND: Duration = Duration::from_secs(24);

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let options = Options::parse(root, arguments)?;
    if let Some(why) = options.left_out() {
        println!("crash: LEFT OUT: {why}");
        return Ok(());
    }
    let directory = std::env::temp_dir().join(format!("placet-crash-{}", std::process::id()));
    let database = options.postgres.as_deref().map(Database::fresh).transpose()?;
    let (faults, url) = prepared(&options, database.as_ref())?;
    let place = Place::new(&options.binary, &directory, url.as_deref())?;
    let store = if database.is_some() { "PostgreSQL" } else { "the embedded store" };
    println!("crash: {} faults ({}) on {store}, seed {}", options.times, options.kind.name(), options.seed);
    crashed(&place, &options, &faults, database.as_ref()).map_err(|problem| {
        format!("seed {}: {problem}\nwhat is left of the server: {}", options.seed, directory.display())
    })?;
    std::fs::remove_dir_all(&directory).map_err(|e| e.to_string())?;
    database.map_or(Ok(()), Database::remove)
}

/// What will happen, and the URL by which the node has its database.
fn prepared(options: &Options, database: Option<&Database>) -> Result<(Faults, Option<String>), String> {
    let url = database.map(|database| database.url.clone());
    let Some(database) = database else { return Ok((Faults::Kills(None), url)) };
    Ok(match options.kind {
        Kind::Kills => (Faults::Kills(options.database.clone()), url),
        Kind::Network => {
            let relay = Relay::to(database.address()?)?;
            let url = database.through(relay.port);
            (Faults::Network(relay), Some(url))
        }
        Kind::Locks => (Faults::Locks, url),
        Kind::Serializable => (Faults::Locks, Some(database.serializable())),
        Kind::Disk => (options.disk()?, url),
    })
}

fn crashed(
    place: &Place,
    options: &Options,
    faults: &Faults,
    database: Option<&Database>,
) -> Result<(), String> {
    let token = place.found()?;
    let node = place.serve()?;
    let service = Service::furnish(&place.listen, &token)?;
    let pulse = Pulse::default();
    let worker = |n: usize| {
        let dice = Dice::new(options.seed, u64::try_from(n).unwrap_or(0) + 1);
        Worker::new(n, (&service, &place.listen), &pulse, dice)
    };
    let mut run = Run {
        place,
        faults,
        database,
        options,
        service: &service,
        dice: Dice::new(options.seed, 0),
        node: Some(node),
        workers: (0..WORKERS).map(worker).collect(),
        pulse: &pulse,
        away: Duration::ZERO,
    };
    run.all()
}

struct Run<'a> {
    place: &'a Place,
    faults: &'a Faults,
    database: Option<&'a Database>,
    options: &'a Options,
    service: &'a Service,
    dice: Dice,
    node: Option<Node>,
    workers: Vec<Worker<'a>>,
    pulse: &'a Pulse,
    /// The longest time from the end of a fault to a server that does its work.
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
        let mut scene = Scene {
            node: &mut node,
            service: self.service,
            address: &self.place.listen,
            database: self.database,
            dice: &self.dice,
        };
        self.pulse.begin();
        let happened = std::thread::scope(|scope| {
            for worker in &mut self.workers {
                scope.spawn(|| worker.work(round, &stop));
            }
            std::thread::sleep(moment);
            let happened = self.faults.happen(round, &mut scene);
            if let Ok(None) = happened {
                scene.node.kill();
            }
            stop.store(true, Ordering::Relaxed);
            self.pulse.end();
            happened
        });
        let (node, away) = match happened? {
            Some(away) => (node, away),
            None => self.started_again()?,
        };
        self.node = Some(node);
        self.away = self.away.max(away);
        self.database.map_or(Ok(()), |database| self.faults.settled(database))?;
        self.answered_in_time()
    }

    /// One time in eight the server is killed while it starts, too.
    fn started_again(&self) -> Result<(Node, Duration), String> {
        if self.dice.one_in(8) {
            let mut node = self.place.start()?;
            std::thread::sleep(self.dice.between(Duration::ZERO, Duration::from_millis(60)));
            node.kill();
        }
        let mut node = self.place.start()?;
        let away = node.ready()?;
        Ok((node, away))
    }

    /// Whatever its database does, a server that lives answers.
    fn answered_in_time(&self) -> Result<(), String> {
        let slowest = self.slowest();
        match slowest > BOUND {
            true => Err(format!("SLOW: an answer took {} ms", slowest.as_millis())),
            false => Ok(()),
        }
    }

    fn slowest(&self) -> Duration {
        self.workers.iter().map(|worker| worker.slowest).max().unwrap_or_default()
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
        if let Some(said) = self.database.and_then(|database| database.in_the_way().ok()) {
            println!("the database counts {said}");
        }
        println!(
            "{} faults in {} s; {grants} grants, of which none is lost; well again {} ms after a fault at most,
answered within {} ms, nothing committed for {} ms at most",
            self.options.times,
            elapsed.as_secs(),
            self.away.as_millis(),
            self.slowest().as_millis(),
            self.pulse.longest().as_millis(),
        );
    }
}
