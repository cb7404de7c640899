//! What the measured build does on this machine: one run, every ratio from the same run.

mod ceilings;
mod chains;
mod credentials;
pub(crate) mod discard;
pub(crate) mod echo;
mod endpoints;
mod grants;
mod inspecting;
mod instructions;
pub(crate) mod load;
mod process;
mod report;
mod signatures;
mod signed;
mod stores;
pub(crate) mod subject;

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use load::{Conversation, Load, Measured};
use process::Server;
use report::Report;
use signatures::Work;
use subject::{Subject, member};

/// Connections of every measurement.
const CONNECTIONS: usize = 64;

struct Options {
    tokens: usize,
    seconds: Duration,
    write: bool,
    /// What is measured instead of the build of this checkout: an earlier one, to compare with.
    binary: Option<PathBuf>,
    /// A server on which databases can be made.
    postgres: Option<String>,
    /// What inspector and console cost, and nothing else.
    inspecting: bool,
}

impl Options {
    /// The length of one round.
    fn round(&self) -> Duration {
        self.seconds / u32::try_from(ROUNDS).unwrap_or(1)
    }

    fn parse(arguments: &[String]) -> Result<Self, String> {
        let seconds = Duration::from_secs(5);
        let (tokens, write, inspecting) = (1_000_000, false, false);
        let mut options = Self { tokens, seconds, write, binary: None, postgres: None, inspecting };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word}: expected a value"));
            let number = |text: &String| text.parse().map_err(|_| format!("{text}: expected a number"));
            match word.as_str() {
                "--write" => options.write = true,
                "--inspecting" => options.inspecting = true,
                "--binary" => options.binary = Some(value()?.into()),
                "--postgres" => options.postgres = Some(value()?.clone()),
                "--tokens" => options.tokens = usize::try_from(number(value()?)?).unwrap_or(1),
                "--seconds" => options.seconds = Duration::from_secs(number(value()?)?),
                other => return Err(format!("bench: there is no option {other}")),
            }
        }
        Ok(options)
    }
}

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    if cfg!(debug_assertions) {
        return again_optimised(root, arguments);
    }
    let binary = options.binary.clone().map_or_else(|| built(root, "measured"), Ok)?;
    let directory = std::env::temp_dir().join(format!("placet-bench-{}", std::process::id()));
    let signed = directory.join("signed");
    let mut report = Report::default();
    let inspecting = directory.join("inspecting");
    if options.inspecting {
        let result = inspecting::measured(&mut report, (&binary, &inspecting), &options);
        let _ = fs::remove_dir_all(&directory);
        return result.map(|()| print!("{}", report.text()));
    }
    let result = measured(&mut report, &binary, &directory, &options)
        .and_then(|unsigned| signed::measured(&mut report, (&binary, &signed), &unsigned, &options))
        .and_then(|()| grants::measured(&mut report, (&binary, &directory.join("grants")), &options))
        .and_then(|()| inspecting::measured(&mut report, (&binary, &inspecting), &options))
        .and_then(|()| endpoints::measured(&mut report, (&binary, &directory.join("endpoints")), &options))
        .and_then(|()| stores::measured(&mut report, (&binary, &directory), &options));
    let _ = fs::remove_dir_all(&directory);
    result?;
    print!("{}", report.text());
    if options.write {
        fs::write(root.join("docs/performance.md"), report.document()).map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// `cargo xtask instructions`.
pub(crate) fn instructions(root: &Path, arguments: &[String]) -> Result<(), String> {
    let binary = match arguments {
        [] => built(root, "measured")?,
        [word, path] if word == "--binary" => path.into(),
        _ => return Err("instructions: there is no option but --binary PATH".to_owned()),
    };
    let directory = std::env::temp_dir().join(format!("placet-instructions-{}", std::process::id()));
    let counted = instructions::run(&binary, &directory);
    let _ = fs::remove_dir_all(&directory);
    counted
}

/// The load, the bare stack and the discarding server are part of what is measured.
fn again_optimised(root: &Path, arguments: &[String]) -> Result<(), String> {
    let mut command = Command::new("cargo");
    command
        .args(["run", "--profile", "measured", "--quiet", "--package", "xtask", "--", "bench"])
        .args(arguments);
    match command.current_dir(root).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("the measurement has failed".to_owned()),
        Err(e) => Err(e.to_string()),
    }
}

/// The command of this checkout, built with a profile.
#[expect(clippy::disallowed_methods, reason = "cargo says by its environment where it builds")]
pub(crate) fn built(root: &Path, profile: &str) -> Result<PathBuf, String> {
    let arguments = ["build", "--profile", profile, "--quiet", "--package", "placet"];
    let built =
        Command::new("cargo").args(arguments).current_dir(root).status().map_err(|e| e.to_string())?;
    if !built.success() {
        return Err("the binary does not build".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join(if profile == "dev" { "debug" } else { profile }).join("placet"))
}

/// A value that has the form of none of our tokens, as a guess has.
const UNKNOWN: &str = "0123456789012345678901234567890123456789abc";

/// What requests without signatures allow.
struct Unsigned {
    issuance: Measured,
    introspection: Measured,
}

fn measured(
    report: &mut Report,
    binary: &Path,
    directory: &Path,
    options: &Options,
) -> Result<Unsigned, String> {
    let server = Server::dev(binary, directory)?;
    let subject = Subject::read(directory)?;
    let idle_mib = server.resident_mib();
    let (tokens, answer) = fill(&server, &subject, options.tokens)?;
    let load = Load::same(subject.issuance());
    let echo = Server::echo()?;
    let issuance = in_turns(&server, &echo, &load, &Bare::plain(answer.len(), subject.issuance()), options)?;
    drop(server);

    let server = Server::serve(binary, directory)?;
    let start_full = server.started_in;
    let requests: Vec<_> = tokens.iter().map(|token| subject.introspection(token)).collect();
    let first = requests.first().ok_or("no tokens")?.clone();
    let answer = load::once(&server.address, &first)?;
    let load = Load { requests };
    let introspection = in_turns(&server, &echo, &load, &Bare::plain(answer.len(), first), options)?;
    let loaded_mib = server.resident_mib();
    let unknown = rounds(&server, &Load::same(subject.introspection(UNKNOWN)), options)?;
    let page = server.measured(&Load::same(subject.page()), 1, options.round())?;
    drop(server);

    let server = Server::discarding(directory)?;
    let discarding = rounds(&server, &Load::same(subject.issuance()), options)?;
    drop(server);

    let server = Server::serve(binary, &directory.join("empty"))?;
    let start_empty = server.started_in;
    std::thread::sleep(SETTLED);
    let serve_mib = (server.resident_mib(), server.anonymous_mib());

    beside(report, &format!("introspection, {} live tokens", tokens.len()), &introspection, "0.6 or more");
    beside(report, "client_credentials, opaque, durable", &issuance, "");
    report.measurement("introspection, unknown values", &unknown);
    report.measurement("a page of five of all tokens, one after the other", &page);
    report.measurement("client_credentials, nothing stored", &discarding);
    report.ratio(
        "introspection of unknown values to that of live tokens",
        (&unknown, &introspection.0),
        "1 or more",
    );
    report.figure("a page of five of all tokens, p99", &format!("{:.2?}", page.p99), "within 20 ms");
    let durable = (&issuance.0, &discarding);
    report.ratio("durable issuance to issuance with nothing stored", durable, "0.5 or more");
    let idle = format!("{:.1}, of which {:.1} anonymous", serve_mib.0, serve_mib.1);
    report.figure("resident memory, idle, MiB", &idle, "under 30");
    report.figure("the same of `placet dev`, with all that belongs to it", &format!("{idle_mib:.1}"), "");
    report.figure("resident memory after introspection, MiB", &format!("{loaded_mib:.1}"), "");
    report.figure("ready, empty store", &format!("{start_empty:.0?}"), "within 200 ms");
    report.figure("ready, full store", &format!("{start_full:.0?}"), "");
    Ok(Unsigned { issuance: issuance.0, introspection: introspection.0 })
}

/// After so long a server that is asked nothing does nothing.
const SETTLED: Duration = Duration::from_secs(2);

/// Rounds of each measurement; the median one counts.
const ROUNDS: usize = 5;

/// The bare stack's part in a conversation: the same requests, answers of the same sizes, and signatures.
struct Bare {
    requests: Vec<Vec<u8>>,
}

impl Bare {
    /// What stands for requests whose answers had these sizes.
    fn new(exchanges: impl IntoIterator<Item = (Vec<u8>, usize, Option<Work>)>) -> Self {
        let requests = exchanges.into_iter().map(|(request, bytes, work)| {
            load::elsewhere(&request, &format!("/{bytes}/{}", work.map_or("-", Work::name)))
        });
        Self { requests: requests.collect() }
    }

    fn plain(bytes: usize, request: Vec<u8>) -> Self {
        Self::new([(request, bytes, None)])
    }
}

impl Conversation for Bare {
    fn steps(&self) -> usize {
        self.requests.len()
    }

    fn request(&self, _: usize, step: usize, _: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.requests.get(step).map(|request| Cow::Borrowed(request.as_slice()))
    }
}

/// A server, and the bare HTTP stack with the same requests and responses of the same size, in turns: what
/// else the machine does falls on both.
fn in_turns(
    server: &Server,
    echo: &Server,
    load: &dyn Conversation,
    bare: &Bare,
    options: &Options,
) -> Result<(Measured, Measured), String> {
    let (mut of_server, mut of_bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_server.push(server.measured(load, CONNECTIONS, options.round())?);
        of_bare.push(echo.measured(bare, CONNECTIONS, options.round())?);
    }
    Ok((median(of_server), median(of_bare)))
}

/// A request, and how long its answer was.
type Exchange = (Vec<u8>, usize);

/// One conversation: what was asked, and how long the answers were; and the last answer.
fn exchanges(server: &Server, conversation: &dyn Conversation) -> Result<(Vec<Exchange>, Vec<u8>), String> {
    let (mut exchanges, mut last) = (Vec::new(), Vec::new());
    for step in 0..conversation.steps() {
        let request =
            conversation.request(0, step, &last).ok_or("the conversation does not go on")?.into_owned();
        last = load::once(&server.address, &request)?;
        exchanges.push((request, last.len()));
    }
    Ok((exchanges, last))
}

/// A server by itself.
fn rounds(server: &Server, load: &dyn Conversation, options: &Options) -> Result<Measured, String> {
    let one = |_| server.measured(load, CONNECTIONS, options.round());
    Ok(median((0..ROUNDS).map(one).collect::<Result<_, _>>()?))
}

fn median(mut rounds: Vec<Measured>) -> Measured {
    rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    rounds.get(rounds.len() / 2).copied().unwrap_or_default()
}

/// Reports a measurement, that of the bare stack beside it, and their ratio.
fn beside(report: &mut Report, name: &str, (of_server, of_bare): &(Measured, Measured), aim: &str) {
    report.measurement(name, of_server);
    report.measurement("bare HTTP stack for it", of_bare);
    report.ratio(&format!("{name}: to the bare stack"), (of_server, of_bare), aim);
}

/// Issues tokens until there are enough, and keeps them; also the body of one answer.
fn fill(server: &Server, subject: &Subject, wanted: usize) -> Result<(Vec<String>, Vec<u8>), String> {
    let bodies = load::collect(&server.address, &subject.issuance(), CONNECTIONS, wanted)?;
    let token = |body: &Vec<u8>| member(body, "accessToken").map(str::to_owned);
    let tokens: Option<Vec<_>> = bodies.iter().map(token).collect();
    let last = bodies.into_iter().next_back().ok_or("no tokens")?;
    Ok((tokens.ok_or("an answer without a token")?, last))
}
