//! What happens to a node or to its database while it is asked.

use std::process::{Command, Stdio};
use std::time::Duration;

use placet_ambient::Stopwatch;

use crate::faults::database::Database;
use crate::faults::dice::Dice;
use crate::faults::disk::Disk;
use crate::faults::holder::Holder;
use crate::faults::node::{Node, READY, is_ready};
use crate::faults::relay::{Relay, Way};
use crate::faults::service::{Said, Service};
use crate::faults::wire::Connection;

/// Of so many faults of the network one is longer than a node waits for.
const LONG: usize = 16;
/// How long such a one takes.
const OUTLASTS: [Duration; 2] = [Duration::from_secs(17), Duration::from_secs(24)];
/// Who locks rows at the same time.
const HOLDERS: usize = 4;
/// How long a disk may be full before somebody is told so.
const TOLD: Duration = Duration::from_secs(30);

/// What a run is about.
pub(super) enum Faults {
    /// The server is killed; every other time a command restarts its database instead, if there is one.
    Kills(Option<String>),
    Network(Relay),
    /// Others lock rows.
    Locks,
    /// The disk of the database is full; a command starts a database that has ended for it.
    Full(Disk, String),
}

/// What is at hand while it happens.
pub(super) struct Scene<'a> {
    pub(super) node: &'a mut Node,
    pub(super) service: &'a Service,
    pub(super) address: &'a str,
    pub(super) database: Option<&'a Database>,
    pub(super) dice: &'a Dice,
}

impl Faults {
    /// One fault, from its beginning until the service has gone on by itself; how long it took for that. `None`: the server
    /// is to be killed.
    pub(super) fn happen(&self, round: usize, scene: &mut Scene<'_>) -> Result<Option<Duration>, String> {
        match self {
            Self::Kills(Some(command)) if round.is_multiple_of(2) => {
                commanded(command)?;
                scene.node.ready().map(Some)
            }
            Self::Kills(_) => Ok(None),
            Self::Network(relay) => {
                network(relay, round, scene.dice);
                scene.served().map(Some)
            }
            Self::Locks => {
                locks(scene)?;
                scene.served().map(Some)
            }
            Self::Full(disk, start) => full(disk, start, scene).map(Some),
        }
    }

    /// Waits until nothing of what was asked before can still be done.
    pub(super) fn settled(&self, database: &Database) -> Result<(), String> {
        let began = Stopwatch::start();
        if let Self::Network(relay) = self {
            while relay.leaving() > 0 {
                if began.elapsed() > READY {
                    return Err("a connection that the node has ended does not end".to_owned());
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        database.settled()
    }
}

impl Scene<'_> {
    /// Waits until something that has to be committed is done, and the server says that it is ready; how long that took.
    fn served(&mut self) -> Result<Duration, String> {
        let began = Stopwatch::start();
        while !self.commits() {
            if began.elapsed() > READY {
                return Err(format!("nothing is committed {READY:?} after the fault"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let served = began.elapsed();
        self.node.ready()?;
        Ok(served)
    }

    fn commits(&self) -> bool {
        let answer = Connection::to(self.address).exchange(&self.service.credentials());
        answer.is_ok_and(|answer| matches!(Said::of(&answer), Said::Yes(_)))
    }
}

/// One of the things that a network does.
fn network(relay: &Relay, round: usize, dice: &Dice) {
    let millis = |least, most| dice.between(Duration::from_millis(least), Duration::from_millis(most));
    let long = round.is_multiple_of(LONG);
    let way = match dice.below(if long { 2 } else { 5 }) {
        0 => Way::Silent,
        1 => Way::Mute,
        2 => Way::Slow(millis(5, 150)),
        3 => Way::Closed,
        _ => Way::Open,
    };
    relay.set(way);
    if matches!(way, Way::Closed | Way::Open) {
        relay.cut();
    }
    std::thread::sleep(if long { dice.between(OUTLASTS[0], OUTLASTS[1]) } else { millis(100, 2_500) });
    // Some of what was held never arrives.
    if dice.one_in(3) {
        relay.cut();
    }
    relay.set(Way::Open);
}

/// So many that lock rows, each held for less than a node waits for a row, and one time in four for more.
fn locks(scene: &Scene<'_>) -> Result<(), String> {
    let database = scene.database.ok_or("there is no database whose rows could be locked")?;
    let millis = |least, most| scene.dice.between(Duration::from_millis(least), Duration::from_millis(most));
    let holder = |_: usize| {
        let held = if scene.dice.one_in(4) { millis(2_100, 4_000) } else { millis(50, 1_800) };
        Holder::start(&database.url, scene.dice, millis(20, 400), held)
    };
    let holders: [_; HOLDERS] = std::array::from_fn(holder);
    holders.into_iter().try_for_each(|holder| holder?.ended())
}

/// No room, until the server has told so and for a while more.
fn full(disk: &Disk, start: &str, scene: &mut Scene<'_>) -> Result<Duration, String> {
    disk.fill()?;
    let database = scene.database.ok_or("there is no database whose disk could be full")?;
    // Either the tables find no room, or the log of the database, which ends it; then this is not answered.
    if scene.dice.one_in(3) {
        let _ = database.ask("SELECT pg_switch_wal()");
    }
    let told = told(scene);
    std::thread::sleep(scene.dice.between(Duration::ZERO, Duration::from_secs(2)));
    disk.free()?;
    told?;
    // One that cannot write its log ends, and is started by whoever looks after it.
    if database.ask("SELECT 1").is_err() {
        commanded(start)?;
    }
    scene.served()
}

fn told(scene: &Scene<'_>) -> Result<(), String> {
    let began = Stopwatch::start();
    while is_ready(scene.address) {
        if began.elapsed() > TOLD {
            return Err(format!("a disk has been full for {TOLD:?}, and the server says that it is ready"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn commanded(command: &str) -> Result<(), String> {
    let done = Command::new("sh").args(["-c", command]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match done {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command}: {status}")),
        Err(e) => Err(format!("{command}: {e}")),
    }
}
