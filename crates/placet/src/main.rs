//! The `placet` command.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use placet_authserver::Origin;
use placet_cli::Surroundings;
use placet_server::config::{Config, environment, user_data_directory};
use placet_server::keys::key_set;
use placet_server::listen::runtime;
use placet_server::observe::{LogFormat, start_logging};
use placet_server::serve::{Server, Sockets, StartError, open};

mod audit_log;
mod authserver;
mod backup;
mod console;
mod credential;
mod dev;
mod federation;
mod front;
mod inspect;
mod migrate;
mod rekey;

/// Fewer and cheaper than the system's where every request allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted OAuth 2.0 and OpenID Connect engine behind an HTTP API.
#[derive(Parser)]
#[command(name = "placet", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a server for a first try, with a demo service, clients and tokens.
    Dev(Box<Dev>),
    /// Start a server for production.
    Serve(Serve),
    /// Found an organization in a store that no server has open, and print its first token.
    FoundOrganization(FoundOrganization),
    /// Bring the tables of the store to the format of this release, or say what that would take; with --from, make a file of what
    /// another server has, for `placet import`.
    Migrate(Box<migrate::Migrate>),
    /// Run an authorization server, alone or as one of many processes.
    Authserver(placet_authserver::command::Options),
    /// Make private keys for a service, and print them as a JWK Set.
    GenerateKeys(GenerateKeys),
    /// Write the store to a file while it is served.
    Backup(backup::Backup),
    /// Put such a file in the place of a store that is not there.
    Restore(backup::Restore),
    /// Have the present master key wrap the keys of the store, and replace those that rows are sealed with, while it is served.
    Rekey(rekey::Rekey),
    /// Print a record of the store as a text, with what users and clients have said; for a file, that no server has open.
    Inspect(inspect::Inspect),
    /// Run an authority of an OpenID Federation: a trust anchor, or an intermediate, with the subordinates of a file.
    Federation(Box<federation::Federation>),
    /// Take the audit log of an organization out of a running server, or verify what was taken out.
    AuditLog(audit_log::AuditLog),
    /// Say that credentials count no more, not for now, or again.
    Credential(credential::Credential),
    /// Whatever talks to a running server by the SDK.
    #[command(flatten)]
    Client(placet_cli::Command),
}

#[derive(Args)]
struct Dev {
    /// The data directory [default: placet-dev in the user's data folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The address to listen on; port 0 picks a free one. By the name, as in localhost:7400, there are passkeys, which
    /// browsers make for no address.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7400")]
    listen: dev::Listen,
    /// Serve authorization server, resource server and playground over TLS, with certificates of a local authority.
    #[arg(long)]
    tls: bool,
    /// The address for TLS.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7443")]
    tls_listen: SocketAddr,
    /// The address for TLS with client certificates.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7444")]
    mtls_listen: SocketAddr,
    /// A folder with templates, style sheet and languages that go over the built-in ones.
    #[arg(long, value_name = "DIR")]
    theme: Option<PathBuf>,
    /// An origin that may be called although it is not public, such as https://suite.internal:8443; may be repeated.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// A PEM file of an authority that is trusted in such calls; may be repeated.
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Take the paths and credentials of Version 2 of the API too.
    #[arg(long)]
    version2: bool,
    /// A cipher suite of the TLS addresses, in place of the defaults; may be repeated.
    #[arg(long, value_name = "NAME", requires = "tls")]
    tls_suite: Vec<String>,
    /// A version of TLS, 1.2 or 1.3, in place of both; may be repeated.
    #[arg(long, value_name = "VERSION", requires = "tls")]
    tls_version: Vec<String>,
    /// A PEM file of an authority that vouches for certificates of clients, besides the local one; may be repeated.
    #[arg(long, value_name = "FILE", requires = "tls")]
    client_authority: Vec<PathBuf>,
    /// Take certificates of clients by their names, whoever has issued them: for suites that make their own.
    #[arg(long, requires = "tls", conflicts_with = "client_authority")]
    any_client_authority: bool,
}

#[derive(Args)]
struct Serve {
    /// The configuration file; environment variables go over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct FoundOrganization {
    /// The configuration file of the server; environment variables go over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The name of the organization.
    #[arg(long)]
    name: String,
}

#[derive(Args)]
struct GenerateKeys {
    /// What the keys are for: ES256, RS256, PS256, EdDSA, RSA-OAEP-256, ECDH-ES and their relatives.
    #[arg(value_name = "ALGORITHM", default_values = ["ES256", "RS256"])]
    algorithms: Vec<String>,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Dev(arguments) => run_dev(*arguments),
        Command::Serve(arguments) => run_serve(arguments),
        Command::FoundOrganization(arguments) => found_organization(&arguments),
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::GenerateKeys(arguments) => generate_keys(&arguments),
        Command::Backup(arguments) => backup::back_up(&arguments).map_err(|e| vec![e]),
        Command::Restore(arguments) => backup::restore(&arguments).map_err(|e| vec![e]),
        Command::Rekey(arguments) => rekey::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Authserver(options) => authserver::run(&options).map_err(|e| vec![e]),
        Command::Federation(arguments) => federation::run(&arguments).map_err(|e| vec![e]),
        Command::AuditLog(arguments) => return told(audit_log::run(arguments)),
        Command::Credential(arguments) => return told(credential::run(arguments)),
        Command::Client(command) => {
            return placet_cli::run(command, &surroundings(), <Cli as clap::CommandFactory>::command());
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("placet: {problem}"));
            ExitCode::FAILURE
        }
    }
}

/// What commands that call the API find here.
fn surroundings() -> Surroundings {
    Surroundings::new(environment())
}

fn told(done: placet_cli::Done) -> ExitCode {
    done.map_or_else(|failure| failure.tell(), |()| ExitCode::SUCCESS)
}

fn run_dev(arguments: Dev) -> Result<(), Vec<String>> {
    let directory = arguments.dir.or_else(|| Some(user_data_directory()?.join("placet-dev")));
    let directory =
        directory.ok_or_else(|| vec!["there is no home directory; name one with --dir".to_owned()])?;
    // What is printed is pasted elsewhere, where a relative path would mean something else.
    let directory = std::path::absolute(directory).map_err(|e| vec![e.to_string()])?;
    let (listen, version2) = (arguments.listen.address, arguments.version2);
    let mut config = Config { listen, version2, ..Config::new(directory) };
    // What is tried on one machine publishes its keys there.
    config.fetch.loopback = true;
    let origin =
        |text: &String| Origin::parse(text).ok_or_else(|| format!("--allow-origin: {text} is no origin"));
    config.fetch.origins =
        arguments.allow_origin.iter().map(origin).collect::<Result<_, _>>().map_err(|e| vec![e])?;
    config.fetch.trusted = arguments.trust;
    start_logging("warn", LogFormat::Text).map_err(|e| vec![e])?;
    let tls = arguments.tls.then_some((arguments.tls_listen, arguments.mtls_listen));
    let secured = dev::Secured {
        suites: arguments.tls_suite,
        versions: arguments.tls_version,
        client_authorities: arguments.client_authority,
        any_client_authority: arguments.any_client_authority,
    };
    let outgoing = config.fetch.clone();
    let by_name = arguments.listen.by_name;
    dev::run(&config, &dev::Options { by_name, tls, theme: arguments.theme, secured, outgoing }).map_err(one)
}

fn run_serve(arguments: Serve) -> Result<(), Vec<String>> {
    let config = Config::load(arguments.config.as_deref(), environment())?;
    let logging = start_logging(&config.log_level, config.log_format).map_err(|e| vec![e])?;
    let sockets = Sockets::bind(&config).map_err(one)?;
    let opened = at_once(open(&config))?.map_err(one)?;
    let console = console::of_server(&config, &opened, sockets.address).map_err(one)?;
    let server = Server::start(&config, opened, sockets, console).map_err(one)?;
    tracing::info!(address = %server.address(), "listening");
    let again = move || Config::load(arguments.config.as_deref(), environment());
    server.run(Some((logging, Box::new(again)))).map_err(one)
}

fn found_organization(arguments: &FoundOrganization) -> Result<(), Vec<String>> {
    let config = Config::load(arguments.config.as_deref(), environment())?;
    let opened = at_once(open(&config))?.map_err(one)?;
    let founded = at_once(opened.api.engine().found_organization(&arguments.name))?;
    let (organization, token) = founded.map_err(|e| vec![e.reason.result_message()])?;
    println!("organization {organization}");
    println!("token {token}");
    Ok(())
}

fn generate_keys(arguments: &GenerateKeys) -> Result<(), Vec<String>> {
    let set = key_set(&arguments.algorithms).map_err(|problem| vec![problem])?;
    println!("{set}");
    Ok(())
}

/// What is answered before anything serves.
fn at_once<T>(what: impl Future<Output = T>) -> Result<T, Vec<String>> {
    let runtime = runtime().map_err(|e| vec![e.to_string()])?;
    Ok(runtime.block_on(what))
}

fn one(problem: StartError) -> Vec<String> {
    vec![problem.to_string()]
}
