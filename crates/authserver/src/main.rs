//! The `placet-authserver` command: an authorization server in front of a placet or Authlete API.

use std::process::ExitCode;

use clap::Parser;
use placet_authserver::command::{Options, run};

/// An authorization server in front of a placet or Authlete API.
#[derive(Parser)]
#[command(name = "placet-authserver", version)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    // It stands on the SDK alone, and knows no database.
    let share =
        async |_| Err("`placet authserver` shares what it remembers, this command does not".to_owned());
    match run(&Cli::parse().options, share) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("placet-authserver: {problem}");
            ExitCode::FAILURE
        }
    }
}
