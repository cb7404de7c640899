//! The commands of `placet` that talk to a running server. They stand on the SDK, as any customer does: what they need
//! and the API lacks is lacking to everybody.

#![warn(missing_docs)]

pub mod connection;
pub mod document;
pub mod exit;
mod login;
pub mod output;
mod profile;
mod surroundings;
pub mod yaml;

use std::process::ExitCode;

use clap::Subcommand;

pub use connection::{Api, Connection, Target};
pub use exit::{Done, Exit, Failure};
pub use output::Output;
pub use surroundings::Surroundings;

/// The commands that talk to a running server.
#[derive(Subcommand)]
pub enum Command {
    /// Keep where a server is and a token for it, under a name.
    Login(login::Login),
    /// Forget a profile.
    Logout(login::Logout),
}

/// Carries a command out.
pub fn run(command: Command, surroundings: &Surroundings) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(carried_out(command, surroundings)),
        Err(e) => Err(Failure::from(e)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

async fn carried_out(command: Command, surroundings: &Surroundings) -> Done {
    match command {
        Command::Login(login) => login::login(&login, surroundings).await,
        Command::Logout(logout) => login::logout(&logout, surroundings),
    }
}
