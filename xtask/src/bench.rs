//! What the release binary does on this machine: one run, every ratio from the same run.

pub(crate) mod discard;
pub(crate) mod echo;
mod load;
mod process;
mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use load::{Load, Measured, measure};
use process::Server;
use report::Report;
use serde_json::Value;

/// Connections of every measurement.
const CONNECTIONS: usize = 64;

struct Options {
    tokens: usize,
    seconds: Duration,
    write: bool,
}

impl Options {
    /// The length of one round.
    fn round(&self) -> Duration {
        self.seconds / u32::try_from(ROUNDS).unwrap_or(1)
    }

    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self { tokens: 1_000_000, seconds: Duration::from_secs(5), write: false };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut number =
                || words.next().and_then(|n| n.parse().ok()).ok_or(format!("{word}: expected a number"));
            match word.as_str() {
                "--write" => options.write = true,
                "--tokens" => options.tokens = usize::try_from(number()?).unwrap_or(1),
                "--seconds" => options.seconds = Duration::from_secs(number()?),
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
    let binary = release_binary(root)?;
    let directory = std::env::temp_dir().join(format!("placet-bench-{}", std::process::id()));
    let result = measured(&binary, &directory, &options);
    let _ = fs::remove_dir_all(&directory);
    let report = result?;
    print!("{}", report.text());
    if options.write {
        fs::write(root.join("docs/performance.md"), report.document()).map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// The load, the bare stack and the discarding server are part of what is measured.
fn again_optimised(root: &Path, arguments: &[String]) -> Result<(), String> {
    let mut command = Command::new("cargo");
    command.args(["run", "--release", "--quiet", "--package", "xtask", "--", "bench"]).args(arguments);
    match command.current_dir(root).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("the measurement has failed".to_owned()),
        Err(e) => Err(e.to_string()),
    }
}

#[expect(clippy::disallowed_methods, reason = "cargo says by its environment where it builds")]
fn release_binary(root: &Path) -> Result<PathBuf, String> {
    let arguments = ["build", "--release", "--quiet", "--package", "placet-server"];
    let built =
        Command::new("cargo").args(arguments).current_dir(root).status().map_err(|e| e.to_string())?;
    if !built.success() {
        return Err("the release binary does not build".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/placet"))
}

/// A client and the means to call the API about its service.
struct Subject {
    service: String,
    bearer: String,
    client: String,
    secret: String,
}

impl Subject {
    /// What `placet dev` has written down.
    fn read(directory: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(directory.join("env")).map_err(|e| e.to_string())?;
        let value = |name: &str| {
            let mut pairs = text.lines().filter_map(|line| line.split_once('='));
            pairs.find(|(n, _)| *n == name).map(|(_, v)| v.to_owned()).ok_or(format!("no {name}"))
        };
        Ok(Self {
            service: value("AUTHLETE_SERVICE_ID")?,
            bearer: value("AUTHLETE_API_TOKEN")?,
            client: value("DEMO_CLIENT_ID")?,
            secret: value("DEMO_CLIENT_SECRET")?,
        })
    }

    fn request(&self, path: &str, body: &str) -> Vec<u8> {
        load::request(&format!("/api/{}/{path}", self.service), &self.bearer, body)
    }

    fn issuance(&self) -> Vec<u8> {
        let (client, secret) = (&self.client, &self.secret);
        let body = format!(
            r#"{{"parameters":"grant_type=client_credentials&scope=orders:read","clientId":"{client}","clientSecret":"{secret}"}}"#
        );
        self.request("auth/token", &body)
    }

    fn introspection(&self, token: &str) -> Vec<u8> {
        self.request("auth/introspection", &format!(r#"{{"token":"{token}","scopes":["orders:read"]}}"#))
    }
}

fn measured(binary: &Path, directory: &Path, options: &Options) -> Result<Report, String> {
    let mut report = Report::default();

    let server = Server::dev(binary, directory)?;
    let subject = Subject::read(directory)?;
    report.idle_mib = server.resident_mib();
    let (tokens, answer) = fill(&server, &subject, options.tokens)?;
    report.tokens = tokens.len();
    let load = Load::same(subject.issuance());
    (report.issuance, report.issuance_ceiling) =
        beside_the_bare_stack(&server, &load, answer.len(), options)?;
    drop(server);

    let server = Server::serve(binary, directory)?;
    report.start_full = server.started_in;
    let requests: Vec<_> = tokens.iter().map(|token| subject.introspection(token)).collect();
    let answer = load::once(&server.address, requests.first().ok_or("no tokens")?)?;
    let load = Load { requests };
    (report.introspection, report.introspection_ceiling) =
        beside_the_bare_stack(&server, &load, answer.len(), options)?;
    report.loaded_mib = server.resident_mib();
    drop(server);

    let server = Server::discarding(directory)?;
    let rounds = (0..ROUNDS)
        .map(|_| measure(&server.address, &Load::same(subject.issuance()), CONNECTIONS, options.round()));
    report.discarding = median(rounds.collect::<Result<_, _>>()?);
    drop(server);

    let empty = directory.join("empty");
    let server = Server::serve(binary, &empty)?;
    report.start_empty = server.started_in;
    Ok(report)
}

/// Rounds of each measurement; the median one counts.
const ROUNDS: usize = 5;

/// A server, and the bare HTTP stack with the same requests and responses of the same size, in turns: what
/// else the machine does falls on both.
fn beside_the_bare_stack(
    server: &Server,
    load: &Load,
    response_bytes: usize,
    options: &Options,
) -> Result<(Measured, Measured), String> {
    let bare = Server::echo(response_bytes)?;
    let (mut of_server, mut of_bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_server.push(measure(&server.address, load, CONNECTIONS, options.round())?);
        of_bare.push(measure(&bare.address, load, CONNECTIONS, options.round())?);
    }
    Ok((median(of_server), median(of_bare)))
}

fn median(mut rounds: Vec<Measured>) -> Measured {
    rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    rounds.get(rounds.len() / 2).copied().unwrap_or_default()
}

/// Issues tokens until there are enough, and keeps them; also the body of one answer.
fn fill(server: &Server, subject: &Subject, wanted: usize) -> Result<(Vec<String>, Vec<u8>), String> {
    let bodies = load::collect(&server.address, &subject.issuance(), CONNECTIONS, wanted)?;
    let token = |body: &Vec<u8>| {
        let body: Value = serde_json::from_slice(body).ok()?;
        body["accessToken"].as_str().map(str::to_owned)
    };
    let tokens: Option<Vec<_>> = bodies.iter().map(token).collect();
    let last = bodies.into_iter().next_back().ok_or("no tokens")?;
    Ok((tokens.ok_or("an answer without a token")?, last))
}
