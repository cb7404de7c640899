//! Asks for twice what the server can carry, and looks at what is accepted, at its memory, and at how soon it is well again.
//! `docs/faults.md` says what the bounds are, and why.

mod offer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use placet_ambient::Stopwatch;
use placet_server::config::Config;
use placet_serving::BACKLOG;

use crate::bench::load::{Load, measure};
use crate::faults::node::{Node, Place};
use crate::faults::service::{Said, Service};
use crate::faults::wire::Connection;
use offer::{Offer, offer};

/// Connections that find out what the server can carry.
const CONNECTIONS: usize = 256;
/// How long that takes.
const FINDING: Duration = Duration::from_secs(4);
/// The part of what it can carry that a server must accept that is asked for twice as much. To refuse connections costs
/// something too, and whoever asks sits on the same machine: a fifth was seen.
const LEAST: f64 = 0.05;
/// So many lines has the report.
const PARTS: u32 = 10;
/// Beyond that, memory has not settled: it is what bodies that are arriving may take in all.
const GROWTH_KIB: u64 = 64 * 1024;
/// A server that has shed is at once what it was; this is time enough for what it had accepted.
const RECOVERY: Duration = Duration::from_secs(5);
/// What a disk takes now and then that was idle a moment ago: far less than what anybody waits who waits behind others.
const DISK: Duration = Duration::from_millis(20);
/// So many answers in a row, as quick as without load, are no accident.
const IN_A_ROW: usize = 10;

struct Options {
    seconds: Duration,
    binary: PathBuf,
}

impl Options {
    fn parse(root: &Path, arguments: &[String]) -> Result<Self, String> {
        let (mut seconds, mut binary) = (Duration::from_secs(30), None);
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or(format!("{word}: expected a value"))?;
            match word.as_str() {
                "--seconds" => {
                    let number = value.parse().ok().filter(|number| *number > 0);
                    seconds = number.map(Duration::from_secs).ok_or(format!("{value}: expected a number"))?;
                }
                "--binary" => binary = Some(PathBuf::from(value)),
                other => return Err(format!("overload: there is no option {other}")),
            }
        }
        let binary = binary.map_or_else(|| crate::bench::built(root, "dev"), Ok)?;
        Ok(Self { seconds, binary })
    }
}

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let options = Options::parse(root, arguments)?;
    let directory = std::env::temp_dir().join(format!("placet-overload-{}", std::process::id()));
    let place = Place::new(&options.binary, &directory, None)?;
    let seen = overloaded(&place, options.seconds)
        .map_err(|problem| format!("{problem}\nwhat is left of the server: {}", directory.display()))?;
    std::fs::remove_dir_all(&directory).map_err(|e| e.to_string())?;
    print!("{}", seen.told());
    let problems = seen.problems();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// What was found.
struct Seen {
    /// Requests each second that the server can carry.
    carries: f64,
    seconds: Duration,
    /// How long 99 of 100 requests take when there are no others.
    unloaded: Duration,
    /// How many may wait in the server and at its door.
    taken: usize,
    offer: Offer,
    /// When, and how much memory there was, resident and anonymous, in KiB.
    memory: Vec<(Duration, (u64, u64))>,
    /// From the last request of too many until it was as quick as before; nothing if it never was.
    recovered: Option<Duration>,
}

fn overloaded(place: &Place, seconds: Duration) -> Result<Seen, String> {
    let token = place.found()?;
    let node = place.serve()?;
    let service = Service::furnish(&place.listen, &token)?;
    let load = Load::same(service.credentials());
    let unloaded = measure(&place.listen, &load, 1, FINDING / 4)?.p99;
    let carried = || measure(&place.listen, &load, CONNECTIONS, FINDING).map(|measured| measured.per_second);
    let before = carried()?;
    let request = service.credentials();
    let (offer, memory, recovered) = std::thread::scope(|scope| {
        let memory = scope.spawn(|| remembered(&node, seconds));
        let recovered = scope.spawn(|| {
            std::thread::sleep(seconds);
            recovered(&place.listen, &request, unloaded)
        });
        let offer = offer(&place.listen, &request, 2.0 * before, seconds)?;
        let memory = memory.join().map_err(|_| "memory could not be read".to_owned())?;
        let recovered = recovered.join().map_err(|_| "the server could not be asked".to_owned())?;
        Ok::<_, String>((offer, memory, recovered))
    })?;
    // What else the machine does may have become more.
    let carries = before.min(carried()?);
    let taken = Config::new(PathBuf::new()).serving.connections_per_address + BACKLOG as usize;
    Ok(Seen { carries, seconds, unloaded, taken, offer, memory, recovered })
}

fn remembered(node: &Node, seconds: Duration) -> Vec<(Duration, (u64, u64))> {
    let clock = Stopwatch::start();
    let mut memory = Vec::new();
    while clock.elapsed() < seconds {
        memory.push((clock.elapsed(), node.resident()));
        std::thread::sleep(Duration::from_millis(200));
    }
    memory
}

/// How long it takes until answers come as they did without load, twice the time and that of a disk granted for the noise of a
/// machine.
fn recovered(address: &str, request: &[u8], unloaded: Duration) -> Option<Duration> {
    let clock = Stopwatch::start();
    let mut connection = Connection::to(address);
    let (mut in_a_row, mut since) = (0, Duration::ZERO);
    while clock.elapsed() < 4 * RECOVERY {
        let began = clock.elapsed();
        let answer = connection.exchange(request).map(|answer| Said::of(&answer));
        let quick = clock.elapsed() - began <= 2 * unloaded + DISK;
        if !(quick && matches!(answer, Ok(Said::Yes(_)))) {
            (in_a_row, since) = (0, clock.elapsed());
        } else if in_a_row + 1 == IN_A_ROW {
            return Some(since);
        } else {
            in_a_row += 1;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

impl Seen {
    /// What was accepted of what came in a part of the time: how many, and how long half and 99 of 100 took at most.
    fn accepted(&self, from: Duration, to: Duration) -> (usize, Duration, Duration) {
        let within = self.offer.accepted.iter().filter(|(due, _)| (from..to).contains(due));
        let mut latencies: Vec<_> = within.map(|(_, took)| *took).collect();
        latencies.sort_unstable();
        let at = |part: usize| latencies.get(latencies.len() * part / 100).copied().unwrap_or_default();
        (latencies.len(), at(50), at(99))
    }

    /// How long 99 of 100 may take that are accepted at some rate (Little's law: who waits, divided by how many are answered
    /// each second), twice that, since they are not taken in their order. If more can wait, it is more.
    fn bound(&self, accepted: usize, within: Duration) -> Duration {
        let each = accepted.max(1) as f64 / within.as_secs_f64();
        self.unloaded + Duration::from_secs_f64(2.0 * self.taken as f64 / each)
    }

    /// The most memory in a part of the time.
    fn held(&self, from: Duration, to: Duration) -> (u64, u64) {
        let within = self.memory.iter().filter(|(at, _)| (from..to).contains(at));
        within.fold((0, 0), |(all, own), (_, (a, b))| (all.max(*a), own.max(*b)))
    }

    fn told(&self) -> String {
        let mut text = format!(
            "carries {:.0} each second; offered {:.0} each second for {} s\n\n\
             | until, s | accepted, each second | shed, each second | p50, ms | p99, ms | resident, MiB | of no file, MiB |\n\
             |---:|---:|---:|---:|---:|---:|---:|\n",
            self.carries,
            self.offer.offered as f64 / self.seconds.as_secs_f64(),
            self.seconds.as_secs(),
        );
        let part = self.seconds / PARTS;
        for n in 0..PARTS {
            let (from, to) = (part * n, part * (n + 1));
            let (accepted, p50, p99) = self.accepted(from, to);
            let shed = self.offer.shed.iter().filter(|due| (from..to).contains(*due)).count();
            let (all, own) = self.held(from, to);
            let each = |count: usize| count as f64 / part.as_secs_f64();
            text += &format!(
                "| {:.1} | {:.0} | {:.0} | {} | {} | {} | {} |\n",
                to.as_secs_f64(),
                each(accepted),
                each(shed),
                p50.as_millis(),
                p99.as_millis(),
                all / 1024,
                own / 1024,
            );
        }
        let (shed, hung_up) = (self.offer.shed.len(), self.offer.hung_up);
        text += &format!("of {shed} that were shed, {hung_up} lost their connection by it\n");
        for (what, count) in &self.offer.others {
            text += &format!("{count} others: {what}\n");
        }
        let half = self.seconds / 2;
        let (accepted, _, p99) = self.accepted(half, self.seconds);
        let recovered =
            self.recovered.map_or("never".to_owned(), |after| format!("after {} ms", after.as_millis()));
        text + &format!(
            "\nin the second half p99 of accepted is {} ms, and may be {} ms; without load it is {:.1} ms; well again {recovered}\n",
            p99.as_millis(),
            self.bound(accepted, half).as_millis(),
            self.unloaded.as_secs_f64() * 1000.0,
        )
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let (end, half) = (self.seconds, self.seconds / 2);
        let (accepted, _, p99) = self.accepted(half, end);
        let bound = self.bound(accepted, half);
        if p99 > bound {
            let (p99, bound) = (p99.as_millis(), bound.as_millis());
            problems.push(format!("p99 of accepted is {p99} ms, and may be {bound} ms"));
        }
        let (before, after) = (self.held(Duration::ZERO, end / 5).1, self.held(half, end).1);
        if after > before + GROWTH_KIB {
            problems.push(format!("memory grows from {} to {} MiB", before / 1024, after / 1024));
        }
        if (accepted as f64) < self.carries * half.as_secs_f64() * LEAST {
            problems.push("less than a twentieth of what it can carry is accepted".to_owned());
        }
        if self.recovered.is_none_or(|after| after > RECOVERY) {
            problems.push(format!("it is not well again after {RECOVERY:?}"));
        }
        problems
    }
}
